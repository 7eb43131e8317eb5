"""The inputs and results of the task service."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from bot.tasks.policy import AccessLookup, Actor, unknown_access
from storage import NewMessage, Route, Task

# Discord's "Receiving and Responding to Interactions": tokens are valid for 15 minutes. The margin keeps a request in
# flight from failing when the token expires.
TOKEN_SECONDS = 15 * 60 - 15


@dataclass(frozen=True, slots=True)
class InteractionContext:
    """The interaction that makes a request: its user, its location, and how its response is sent. Times are unix
    seconds.

    `message_id` is the interaction's own message if that is to show the task; otherwise a new message is created.
    `access` and `owns_bot` are those of an `Actor`.
    `by_channel`: the new message is posted in the channel, because through the token it would reply to an ephemeral
    message.
    `shown` are the URLs of the images on the message whose button was pressed, valid now.
    `locale` is the user's language, `guild_locale` the server's preferred language, None outside servers.
    """

    interaction_id: int
    application_id: int
    user_id: int
    guild_id: int | None
    channel_id: int | None
    token: str = field(repr=False)
    created_at: float
    upload_limit: int
    locale: str
    guild_locale: str | None = None
    message_id: int | None = None
    access: AccessLookup = field(default=unknown_access, repr=False)
    owns_bot: bool = False
    by_channel: bool = False
    shown: tuple[str, ...] = field(default=(), repr=False)

    @property
    def actor(self) -> Actor:
        """The user as an `Actor`, for permission checks."""
        return Actor(self.user_id, self.guild_id, self.channel_id, self.access, self.owns_bot)

    @property
    def card_locale(self) -> str:
        """The language of messages that everyone in the channel sees."""
        return self.guild_locale or self.locale

    def message(self) -> NewMessage:
        """The message that will show the task."""
        return NewMessage(
            route=Route.FOLLOWUP if self.message_id is None else Route.ORIGINAL,
            user_id=self.user_id,
            application_id=self.application_id,
            guild_id=self.guild_id,
            channel_id=self.channel_id,
            message_id=self.message_id,
            token=None if self.by_channel else self.token,
            token_ends_at=self.created_at + TOKEN_SECONDS,
            upload_limit=self.upload_limit,
            locale=self.card_locale,
        )

    def showing_in(self, message_id: int) -> InteractionContext:
        """The same context, with the response in this message."""
        return dataclasses.replace(self, message_id=message_id)


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

    def call_when_done(self, work: Callable[[], None]) -> None:
        """Calls `work` soon after the attempt has ended, unless it had ended before."""
        ...


class _AcknowledgedBefore:
    """The interaction was acknowledged before the request was made."""

    async def succeeded(self) -> bool:
        return True

    def call_when_done(self, work: Callable[[], None]) -> None:
        """Does nothing."""


ACKNOWLEDGED_BEFORE: Acknowledgement = _AcknowledgedBefore()


_LETTERS = b"23456789abcdefghjkmnpqrstvwxyz"
# The letter of each byte.
_LETTER_OF_BYTE = bytes(_LETTERS[byte % len(_LETTERS)] for byte in range(256))


def new_task_id() -> str:
    """A random id of ten letters and digits (48 bits), without characters that are easily confused."""
    return secrets.token_bytes(10).translate(_LETTER_OF_BYTE).decode()


def new_nonce() -> str:
    """The nonce that is sent to the service as `state` and returned by it (at most 255 characters:
    docs/image-api.md#common-fields)."""
    return secrets.token_hex(12)


def new_callback_token() -> str:
    """The secret part of a task's callback URL."""
    return secrets.token_urlsafe(24)
