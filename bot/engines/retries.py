"""Repeats reads: requests that change nothing and cost nothing, with limits on attempts and time."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

from bot.engines.errors import (
    AnswerLost,
    AnswerTooLarge,
    EngineError,
    NotSent,
    RateLimited,
    ServiceRefused,
    Unavailable,
    Unreadable,
    Unusable,
)

log = logging.getLogger(__name__)

MAX_PAUSE = 8.0

T = TypeVar("T")


class RetryLimits(NamedTuple):
    """Limits of one read in seconds: `each` bounds an attempt, `total` all `attempts` together. `backoff` is the first
    pause between two attempts; later ones are longer, up to MAX_PAUSE or to what the service requests."""

    each: float
    total: float
    attempts: int
    backoff: float


async def retried(what: str, once: Callable[[float], Awaitable[T]], limits: RetryLimits) -> T:
    """Calls `once` with the seconds it has until it succeeds. Errors that another attempt cannot change are raised at
    once: refusals, except RateLimited, and AnswerTooLarge.

    Raises ServiceRefused, or Unavailable (Unusable) after the last attempt.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + limits.total
    for attempt in itertools.count(1):
        try:
            return await once(min(limits.each, max(end - clock(), 0.01)))
        except (NotSent, AnswerLost, Unavailable, Unreadable, RateLimited) as error:
            pause = _pause(attempt, error, limits.backoff)
            last = attempt >= limits.attempts or isinstance(error, AnswerTooLarge)
            if last or clock() + pause >= end:
                raise _for_good(error, what) from error
            log.debug("%s: %s; retrying in %.1f s", what, error, pause)
        await asyncio.sleep(pause)
    raise AssertionError("the attempts never end")


def _pause(attempt: int, error: EngineError, first: float) -> float:
    backoff = min(first * float(2 ** (attempt - 1)), MAX_PAUSE)
    # Random jitter, so that many clients do not retry at the same time.
    pause = backoff * (0.5 + random.random() / 2)  # noqa: S311 - no secret
    requested = error.retry_after if isinstance(error, ServiceRefused) else None
    return max(pause, requested or 0.0)


def _for_good(error: EngineError, what: str) -> EngineError:
    if isinstance(error, RateLimited | Unavailable):
        return error
    kind = Unusable if isinstance(error, AnswerTooLarge | Unreadable) else Unavailable
    return kind(f"{what}: {error}")
