"""Prompts that a model wrote for one user, stored so that the buttons below them work after a restart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from storage.records import Request
from storage.user_records import DraftFile


class PromptSource(StrEnum):
    """What the prompts were made from. The stored values stay readable."""

    PROMPT = "prompt"
    """Another prompt, which was improved."""
    IMAGE = "image"
    """An image, which was described."""
    RECORDING = "recording"
    """Speech, which was written down in its own language."""
    FOREIGN_RECORDING = "foreign_recording"
    """Speech, which was translated into English."""
    MESSAGE = "message"
    """The text of a message."""


@dataclass(frozen=True, slots=True)
class OfferedPrompts:
    """Prompts for one user. `created_at` is in unix seconds.

    A chosen prompt is sent as `request` with that prompt, with `files` attached and the aspect ratio `aspect`. The
    prompt of `request` itself is the original one, if there was one. `inputs` are the files from which the prompts were
    made, the most likely one first: with them a model can be asked again. `english`: the prompts were asked for in
    English. `task_id`: the task whose image was described.

    `token` is set while a model is asked: the token of the interaction of `application_id` that shows so, in the
    language of `locale`. Discord accepts it for 15 minutes.
    """

    id: str
    user_id: int
    source: PromptSource
    request: Request
    prompts: tuple[str, ...]
    created_at: float
    aspect: str | None = None
    files: Sequence[DraftFile] = ()
    inputs: Sequence[DraftFile] = ()
    english: bool = False
    task_id: str | None = None
    application_id: int = 0
    token: str | None = field(default=None, repr=False)
    locale: str | None = None


class OfferedPromptsTable(Protocol):
    """The prompts offered to users. Only the user for whom they were made can read them."""

    async def save(self, offered: OfferedPrompts) -> None:
        """Stores prompts, and replaces those with the same id."""

    async def get(self, offer_id: str, user_id: int) -> OfferedPrompts | None:
        """Returns the prompts if they belong to this user."""

    async def on_their_way(self) -> list[OfferedPrompts]:
        """Returns the prompts that a model was asked for without an answer so far."""

    async def forget(self, before: float, *, limit: int) -> int:
        """Deletes at most `limit` rows created before `before`. Returns their number."""
