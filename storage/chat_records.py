"""Records of conversations with chat models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class TurnState(StrEnum):
    """How far the answer of a turn is. Every state but RUNNING is an end; a turn that is repeated runs again."""

    RUNNING = "running"
    COMPLETE = "complete"
    CUT = "cut"
    """The answer is incomplete."""
    FAILED = "failed"
    REFUSED = "refused"
    STOPPED = "stopped"
    """By a person. The answer may have been billed."""
    INTERRUPTED = "interrupted"
    """The program ended while the answer came. It may have been billed."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation. It belongs to the channel in which it began, and `owner_id` began it. `locale` is the language of
    its messages."""

    id: str
    owner_id: int
    guild_id: int | None
    channel_id: int | None
    model: str
    locale: str


@dataclass(frozen=True, slots=True)
class ChatImage:
    """An image that came with a prompt. `url` is its link at Discord, which expires."""

    media_type: str
    data: bytes = field(repr=False)
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TurnMessage:
    """The message that shows a turn. `message_id` is None until Discord has returned it; `token` is the interaction
    token, valid until `token_ends_at` (unix seconds). `upload_limit` is in bytes."""

    application_id: int
    message_id: int | None
    token: str | None = field(repr=False)
    token_ends_at: float
    upload_limit: int


@dataclass(frozen=True, slots=True)
class TurnEnd:
    """How a turn ended, and its answer. `image_urls` are the images of the answer, as far as they have a URL.

    `answer` is for people, `raw_text` for the model. The error is that of a UserError, "" if there is none.
    """

    state: TurnState
    answer: str = ""
    raw_text: str = field(default="", repr=False)
    image_urls: Sequence[str] = field(default=(), repr=False)
    error_code: str = ""
    error_params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """A prompt and its answer. `number` counts from 1 within the conversation, `parent` is the turn that it continues.

    `source_id` is the message of the person that the turn answers, if it is none of the bot's. `shown`: the message
    shows `end`. While the turn runs, `end` holds what has been stored of the answer, or the answer of the last time.
    """

    conversation_id: str
    number: int
    parent: int | None
    user_id: int
    prompt: str
    message: TurnMessage
    end: TurnEnd = TurnEnd(TurnState.RUNNING)
    source_id: int | None = None
    shown: bool = False

    @property
    def key(self) -> str:
        """A short name of the turn, which is unique."""
        return f"{self.conversation_id}:{self.number}"

    @property
    def running(self) -> bool:
        """Whether the answer has not ended."""
        return self.end.state is TurnState.RUNNING
