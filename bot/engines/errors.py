"""Errors of image engines.

    EngineError
    ├── NotSent          the request certainly did not reach the service
    │   └── Unsuitable   the engine cannot carry it out, whatever the service would answer
    ├── AnswerLost       a request that changes something was sent; its outcome is unknown
    │   └── AnswerTooLarge  the answer exceeds the size limit
    ├── Unavailable      a read got no usable answer in all its attempts
    │   └── Unusable     the service answered, but the answer is too large, not JSON, or of another shape
    ├── Unreadable       a body does not match docs/image-api.md (raised by the parsers only)
    └── ServiceRefused   the service refused the request
        ├── AuthFailed   it does not accept the key
        ├── RateLimited  it is too busy: its queue is full, or its rate limiter responded
        ├── NotOffered   it lacks the capability: no such endpoint, no such button, no channel for the model
        └── UnknownTask  it does not know the task

Only NotSent and ServiceRefused mean that a submit was certainly not accepted. This package never repeats a submit
after AnswerLost. The client converts Unreadable to AnswerLost or Unavailable; only callers that parse a body from
elsewhere, such as a callback, receive Unreadable.
"""

from __future__ import annotations

from enum import StrEnum

# HTTP status codes for a path that the service does not have (docs/image-api.md#http-status).
NOT_ROUTED = (404, 405, 501)


class RefusalKind(StrEnum):
    """Why the service refused. Each kind has its own text for users."""

    BANNED_PROMPT = "banned_prompt"
    QUEUE_FULL = "queue_full"
    NO_ACCOUNT = "no_account"
    UNKNOWN_TASK = "unknown_task"
    WRONG_STATE = "wrong_state"
    UNSUPPORTED_BUTTON = "unsupported_button"
    ACCOUNT_GONE = "account_gone"
    """The account that made an image is gone, and no button of that image works any longer."""
    NOT_OFFERED = "not_offered"
    INVALID = "invalid"
    LIMIT_REACHED = "limit_reached"
    SATURATED = "saturated"
    NO_CREDIT = "no_credit"
    AUTH = "auth"
    SERVICE_FAULT = "service_fault"


class EngineError(Exception):
    """Base class of all errors of engines."""


class NotSent(EngineError):
    """The request certainly did not reach the service: it was rejected locally, or no connection was established."""


class Limitation(StrEnum):
    """Why an engine cannot carry out a request. Each has its own text for users."""

    NO_INPUTS = "engine_takes_no_images"
    TOO_MANY_INPUTS = "engine_takes_fewer_images"
    PROMPT_CHARACTERS = "engine_prompt_too_long"
    PROMPT_BYTES = "engine_prompt_too_many_bytes"
    QUALITY = "engine_lacks_quality"
    NO_QUALITIES = "engine_lacks_qualities"
    COUNT = "engine_makes_fewer_images"
    TRANSPARENCY = "engine_lacks_transparency"
    FLAGS = "engine_uses_flags"
    UNREADABLE_INPUT = "engine_cannot_read_image"
    NO_LINK = "engine_needs_link"


class Unsuitable(NotSent):
    """The engine cannot carry out the request. `params` are the values of the limitation's text."""

    def __init__(self, limitation: Limitation, **params: str) -> None:
        self.limitation = limitation
        self.params = params
        super().__init__(limitation, params)


class AnswerLost(EngineError):
    """The request was sent and its outcome is unknown; the service may have accepted it."""


class AnswerTooLarge(AnswerLost):
    """The body of the answer exceeds the limit and was not read completely."""


class Unavailable(EngineError):
    """A read failed in all its attempts."""


class Unusable(Unavailable):
    """The service answered a read, so it is running, but the answer cannot be used."""


class Unreadable(EngineError):
    """A body that docs/image-api.md does not describe."""


class ServiceRefused(EngineError):
    """The service refused the request.

    `description` is the service's text, stripped, often Chinese and often empty. `code` is the result code of the
    envelope (docs/image-api.md#result-codes). `retry_after` is in seconds, if the answer contained it. `banned_word` is
    the word that caused the refusal of a prompt.
    """

    def __init__(
        self,
        kind: RefusalKind,
        description: str = "",
        *,
        code: int | None = None,
        http_status: int = 0,
        banned_word: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.kind = kind
        self.description = description.strip()
        self.code = code
        self.http_status = http_status
        self.banned_word = banned_word
        self.retry_after = retry_after
        super().__init__(kind, self.description)

    def __str__(self) -> str:
        where = ", ".join(
            word
            for word in (
                f"HTTP {self.http_status}" if self.http_status else "",
                f"code {self.code}" if self.code is not None else "",
            )
            if word
        )
        text = f"{self.kind.value}{f' ({where})' if where else ''}"
        return f"{text}: {self.description}" if self.description else text


class AuthFailed(ServiceRefused):
    """The service does not accept the key."""


class RateLimited(ServiceRefused):
    """The service is too busy: HTTP 429, a full queue (code 23) or saturation (code 30)."""


class NotOffered(ServiceRefused):
    """The service does not support this request, or not for this button."""

    @property
    def not_routed(self) -> bool:
        """Whether the service answered that the path does not exist."""
        return self.http_status in NOT_ROUTED

    @property
    def absent(self) -> bool:
        """Whether the path does not exist, or is known not to exist (then no request was sent)."""
        return self.not_routed or not self.http_status


class UnknownTask(ServiceRefused):
    """The service does not know the task, or does not return it for this key."""
