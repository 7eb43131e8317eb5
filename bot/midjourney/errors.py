"""What can go wrong at the image API's border.

    MidjourneyError
    ├── NotSent          the request surely never reached the service
    ├── AnswerLost       a request that changes something was sent; its outcome is unknown
    │   └── AnswerTooLarge  its answer came and is larger than what is read
    ├── Unavailable      a read brought no usable answer, after all its retries
    │   └── Unusable     an answer came and cannot be read: too large, no JSON, or of another shape
    ├── Unreadable       a body is not as docs/image-api.md describes (raised by the parsers alone)
    └── ServiceRefused   the service answered no
        ├── AuthFailed   it does not accept the key
        ├── RateLimited  it is too busy: its queue is full or its rate limiter said so
        ├── NotOffered   it lacks the capability: no such endpoint, no such button, no channel for the model
        └── UnknownTask  it does not know the task

Only NotSent and ServiceRefused say that a submit surely did not take; this package never sends AnswerLost again. The
client raises every class but Unreadable, which it turns into AnswerLost or Unavailable; that one is for whoever reads
a body that came in another way, such as a callback's.
"""

from __future__ import annotations

from enum import StrEnum

# How services answer a path that they do not have (docs/image-api.md#http-status).
NOT_ROUTED = (404, 405, 501)


class RefusalKind(StrEnum):
    """Why the service said no, in kinds that lead to different words for people."""

    BANNED_PROMPT = "banned_prompt"
    QUEUE_FULL = "queue_full"
    NO_ACCOUNT = "no_account"
    UNKNOWN_TASK = "unknown_task"
    WRONG_STATE = "wrong_state"
    UNSUPPORTED_BUTTON = "unsupported_button"
    NOT_OFFERED = "not_offered"
    INVALID = "invalid"
    LIMIT_REACHED = "limit_reached"
    SATURATED = "saturated"
    NO_CREDIT = "no_credit"
    AUTH = "auth"
    SERVICE_FAULT = "service_fault"


class MidjourneyError(Exception):
    """Anything that the image API's border raises."""


class NotSent(MidjourneyError):
    """The request surely never reached the service: it was refused here, or no connection came about."""


class AnswerLost(MidjourneyError):
    """The request was sent and nobody knows what became of it; it may have been taken."""


class AnswerTooLarge(AnswerLost):
    """An answer came whose body is larger than the limit, so it was not read to its end."""


class Unavailable(MidjourneyError):
    """A read failed for good."""


class Unusable(Unavailable):
    """A read was answered, so the service works, but nobody can read what it said."""


class Unreadable(MidjourneyError):
    """A body that docs/image-api.md does not describe."""


class ServiceRefused(MidjourneyError):
    """The service answered no.

    `description` is its own text, stripped, often Chinese and often empty; `code` the envelope's result code
    (docs/image-api.md#result-codes); `retry_after` seconds, where the answer named them;
    `banned_word` the word that a refused prompt was refused for.
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
    """The service is too busy just now: HTTP 429, or a full queue (codes 23 and 30)."""


class NotOffered(ServiceRefused):
    """The service cannot do this at all, or not for this button."""

    @property
    def not_routed(self) -> bool:
        """Did it answer that there is no such path?"""
        return self.http_status in NOT_ROUTED

    @property
    def absent(self) -> bool:
        """Is the path not there, or known not to be (then the service was not asked), whatever else might be?"""
        return self.not_routed or not self.http_status


class UnknownTask(ServiceRefused):
    """The service does not know the task, or not with this key."""
