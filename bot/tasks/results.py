"""What is asked of the task service, and what it answers."""

from __future__ import annotations

import dataclasses
import secrets
from dataclasses import dataclass, field

from bot.tasks.actor import AccessLookup, Actor, unknown_access
from storage import NewMessage, Route, Task

# Discord's "Receiving and Responding to Interactions": tokens are valid for 15 minutes. A little less is used, so that
# a request that is under way when the token ends is not lost.
TOKEN_SECONDS = 15 * 60 - 15


@dataclass(frozen=True, slots=True)
class InteractionContext:
    """The interaction that asks: who, where, and how its answer is reached. Times are unix seconds.

    `message_id` is the interaction's own message when that is to show the task; otherwise a new message is made.
    `access` and `owns_bot` are those of a `Actor`.
    `by_channel`: that is posted in the channel, because through the token it would reply to a private message.
    `locale` is the language of whoever asks, `guild_locale` the preferred one of the server, None outside of one.
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

    @property
    def actor(self) -> Actor:
        """Whoever asks, as somebody who may see some tasks and others not."""
        return Actor(self.user_id, self.guild_id, self.channel_id, self.access, self.owns_bot)

    @property
    def card_locale(self) -> str:
        """The language of messages that everybody in the channel sees."""
        return self.guild_locale or self.locale

    def message(self) -> NewMessage:
        """The message that is to show what comes of it."""
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
        """The same, with the answer in this message."""
        return dataclasses.replace(self, message_id=message_id)


@dataclass(frozen=True, slots=True)
class ModalInput:
    """What a person gave in a window: the prompt, and for a region the mask as PNG."""

    prompt: str
    mask: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The service took it; the task's message shows the rest.

    `prompt_unused`: a prompt was written into a window, and the service asked for none.
    """

    task: Task
    prompt_unused: bool = False


@dataclass(frozen=True, slots=True)
class Queued:
    """It is journalled and waits in the bot's own queue; the task's message shows the rest."""

    task: Task


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """It was sent and no answer came; the task's message says so and what follows."""

    task: Task


@dataclass(frozen=True, slots=True)
class NotPersisted:
    """The service took it, but that cannot be written down yet; its message comes when it can."""

    task: Task


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The service keeps the picture among its favorites; no task comes of that."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same interaction, or the same button within a moment: nothing was sent a second time."""


SubmitResult = Accepted | Queued | OutcomeUnknown | NotPersisted | Acknowledged | Duplicate
"""What became of a submit that was not refused; a refused one raises UserError."""

_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"


def new_task_id() -> str:
    """Ten letters and digits that nobody guesses (49 bits) and that can be read aloud."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(10))


def new_nonce() -> str:
    """What goes to the service as `state` and comes back (at most 255 characters: docs/image-api.md#common-fields)."""
    return secrets.token_hex(12)


def new_callback_token() -> str:
    """The secret part of a task's callback address."""
    return secrets.token_urlsafe(24)
