"""The text by which an image is found: its prompts and its descriptions, without flags and links."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.tasks.prompt import parse
from storage import Task, TaskState

# Characters of a text. Embedding models take at least 512 tokens, and what an image shows stands at the beginning.
LONGEST_TEXT = 2_000
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)


def has_image(task: Task) -> bool:
    """Whether the task has an image or a video as its result."""
    result = task.result
    shown = result.image_url or result.image_urls or result.videos or result.inline
    return task.state is TaskState.SUCCESS and task.deleted_at is None and bool(shown) and not result.acknowledged


def text_of(task: Task) -> str:
    """The text of a task's image; empty if nothing is said about it."""
    kept: list[str] = []
    for part in _parts(task):
        text = " ".join(_LINK.sub(" ", part).split())
        # Image services return the typed prompt as the final one, often with more flags, which are not here.
        if text and not any(text.casefold() in earlier.casefold() for earlier in kept):
            kept.append(text)
    return "\n".join(kept)[:LONGEST_TEXT].strip()


def _parts(task: Task) -> Iterator[str]:
    yield parse(task.request.prompt).words
    yield parse(task.request.window_prompt or "").words
    yield parse(task.result.final_prompt).words
    yield task.result.text or ""
    yield from task.result.lines
    yield from task.result.alts
