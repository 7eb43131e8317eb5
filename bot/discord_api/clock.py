"""Discord's clock, learned from its responses: times set by Discord are compared with it, never with this machine's
clock.

Between two responses it advances with the monotonic clock, so setting this machine's clock does not affect it.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp

log = logging.getLogger(__name__)

# A `Date` header has a resolution of one second, and a response takes some time to arrive.
RESOLUTION = 1.0
WARN_SECONDS = 30.0


class DiscordClock:
    """Unix seconds by Discord's clock; by this machine's clock until Discord has responded."""

    def __init__(
        self, *, host: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._host = host
        self._monotonic = monotonic
        self._ahead_of_monotonic: float | None = None
        self._warned = False

    def now(self) -> float:
        """The current time by Discord's clock."""
        if self._ahead_of_monotonic is None:
            return self._host()
        return self._monotonic() + self._ahead_of_monotonic

    @property
    def is_set(self) -> bool:
        """Whether Discord's time is known."""
        return self._ahead_of_monotonic is not None

    @property
    def skew(self) -> float:
        """Seconds by which this machine's clock is ahead of Discord's; 0 until Discord has responded."""
        return self._host() - self.now()

    def correction(self) -> float:
        """Seconds to subtract from times of this machine's clock; 0 while the difference is small enough for
        display."""
        return self.skew if abs(self.skew) > WARN_SECONDS else 0.0

    def dated(self, header: str) -> None:
        """Updates the clock from the `Date` header of a response that has just arrived."""
        try:
            told = _seconds_of(header)
        except (ValueError, OverflowError):
            return
        # Keep the current value if it agrees with the header, because it may be more precise.
        if self._ahead_of_monotonic is None or not told - RESOLUTION <= self.now() <= told + 2 * RESOLUTION:
            self._ahead_of_monotonic = told + RESOLUTION / 2 - self._monotonic()

    def at_least(self, moment: float) -> None:
        """Updates the clock from a time that has passed by Discord's clock, such as that of a snowflake that has just
        arrived."""
        if moment > self.now():
            self._ahead_of_monotonic = moment - self._monotonic()

    def warn_if_skewed(self) -> None:
        """Logs once if this machine's clock is wrong by more than `WARN_SECONDS`."""
        if abs(self.skew) > WARN_SECONDS and not self._warned:
            self._warned = True
            log.warning("%s; using Discord's clock instead. Set this machine's clock with NTP", self.described())

    def described(self) -> str:
        """The difference of this machine's clock, as text."""
        if abs(self.skew) <= WARN_SECONDS:
            return "this machine's clock agrees with Discord's"
        way = "ahead of" if self.skew > 0 else "behind"
        return f"this machine's clock is {timedelta(seconds=round(abs(self.skew)))} {way} Discord's"

    def trace(self) -> aiohttp.TraceConfig:
        """A trace configuration with which a session reads the date of every response."""
        config = aiohttp.TraceConfig()

        async def ended(_: aiohttp.ClientSession, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
            if "Date" in end.response.headers:
                self.dated(end.response.headers["Date"])

        config.on_request_end.append(ended)
        return config


@functools.lru_cache(maxsize=2)  # all responses of one second have the same header
def _seconds_of(header: str) -> float:
    return parsedate_to_datetime(header).timestamp()
