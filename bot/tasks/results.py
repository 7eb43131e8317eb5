"""The results of submits, what is typed in a modal, and the acknowledgment of an interaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from storage import Task


@dataclass(frozen=True, slots=True)
class ModalInput:
    """A user's input in a modal: the prompt, for a region the mask as PNG, and the aspect ratio. A modal that asks for
    something else than a prompt has none."""

    prompt: str = ""
    mask: bytes | None = field(default=None, repr=False)
    aspect: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The service accepted the request; the task's message shows its progress.

    `prompt_unused`: the user typed a prompt in a modal, but the service did not ask for one.
    """

    task: Task
    prompt_unused: bool = False


@dataclass(frozen=True, slots=True)
class Queued:
    """The request is journaled and waits in the bot's own queue; the task's message shows its progress."""

    task: Task


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """The request was sent and no answer arrived; the task's message shows this and what follows."""

    task: Task


@dataclass(frozen=True, slots=True)
class NotPersisted:
    """The service accepted the request, but the store cannot save that yet; the message follows when it can."""

    task: Task


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The service added the image to its favorites; this creates no task."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same interaction, or the same button within a double click's time: nothing was sent a second time."""


@dataclass(frozen=True, slots=True)
class NotAcknowledged:
    """The interaction could not be acknowledged, so its user was told that it failed: nothing was sent."""


SubmitResult = Accepted | Queued | OutcomeUnknown | NotPersisted | Acknowledged | Duplicate | NotAcknowledged
"""The result of a submit that was not refused; a refused one raises UserError."""


class Acknowledgement(Protocol):
    """The acknowledgment of an interaction, which may be under way."""

    async def succeeded(self) -> bool:
        """Waits until the interaction is acknowledged. Returns False if it could not be."""
        ...

    async def written(self) -> None:
        """Waits until its request has been written. No other I/O may begin before."""
        ...

    def call_when_done(self, work: Callable[[], None]) -> None:
        """Calls `work` soon after the attempt has ended, unless it had ended before."""
        ...


class _AcknowledgedBefore:
    """The interaction was acknowledged before the request was made."""

    async def succeeded(self) -> bool:
        return True

    async def written(self) -> None:
        """Does not wait."""

    def call_when_done(self, work: Callable[[], None]) -> None:
        """Does nothing."""


ACKNOWLEDGED_BEFORE: Acknowledgement = _AcknowledgedBefore()
