"""The names of the files attached to a card, which say what each of them is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SOURCE = "source"
PREVIEW = "preview"


@dataclass(frozen=True, slots=True)
class SortedFiles:
    """A card's files by what they are: pictures and clips of its task, pictures that it was made from, other files."""

    media: Sequence[str]
    sources: Sequence[str]
    others: Sequence[str]


def sorted_files(names: Sequence[str]) -> SortedFiles:
    """The files of these names, in the same order."""
    sources = [name for name in names if name.startswith(SOURCE)]
    others = [name for name in names if name.endswith(".txt")]
    media = [name for name in names if name not in sources and name not in others]
    return SortedFiles(media, sources, others)


def result_there(names: Sequence[str]) -> bool:
    """Is the result of a finished task among these files?"""
    return any(not name.startswith((SOURCE, PREVIEW)) for name in names)


def source_name(task_id: str, number: int) -> str:
    """The name of a picture that a task was made from, counted from 1."""
    return f"{SOURCE}-{task_id}-{number}.jpg"
