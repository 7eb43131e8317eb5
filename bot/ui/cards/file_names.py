"""The file names of a card's attachments, which encode what each file is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SOURCE = "source"
PREVIEW = "preview"


@dataclass(frozen=True, slots=True)
class SortedFiles:
    """A card's files by type: images and videos of the result, source images, other files."""

    media: Sequence[str]
    sources: Sequence[str]
    others: Sequence[str]


def sorted_files(names: Sequence[str]) -> SortedFiles:
    """Groups these file names by type and keeps their order."""
    sources = [name for name in names if name.startswith(SOURCE)]
    others = [name for name in names if name.endswith(".txt")]
    media = [name for name in names if name not in sources and name not in others]
    return SortedFiles(media, sources, others)


def result_there(names: Sequence[str]) -> bool:
    """Whether the result of a finished task is among these files."""
    return any(not name.startswith((SOURCE, PREVIEW)) for name in names)


def source_name(task_id: str, number: int) -> str:
    """The file name of a task's source image; `number` counts from 1."""
    return f"{SOURCE}-{task_id}-{number}.jpg"
