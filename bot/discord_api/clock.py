"""Discord's clock, learnt from its answers: what it says of times is compared with it, never with this machine's.

Between two answers it goes on by the monotonic clock, so setting this machine's clock does not move it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp

log = logging.getLogger(__name__)

# A `Date` header tells whole seconds, and an answer is under way for a while.
RESOLUTION = 1.0
WARN_SECONDS = 30.0


class DiscordClock:
    """Seconds since 1970 by Discord's clock; by this machine's until Discord has answered."""

    def __init__(
        self, *, host: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._host = host
        self._monotonic = monotonic
        self._ahead_of_monotonic: float | None = None
        self._warned = False

    def now(self) -> float:
        """The time by Discord's clock."""
        if self._ahead_of_monotonic is None:
            return self._host()
        return self._monotonic() + self._ahead_of_monotonic

    @property
    def is_set(self) -> bool:
        """Has Discord told the time?"""
        return self._ahead_of_monotonic is not None

    @property
    def skew(self) -> float:
        """Seconds by which this machine's clock is ahead of Discord's; 0 until Discord has answered."""
        return self._host() - self.now()

    @property
    def correction(self) -> float:
        """Seconds to take off times of this machine's clock; 0 while the two agree well enough for people."""
        return self.skew if abs(self.skew) > WARN_SECONDS else 0.0

    def dated(self, header: str) -> None:
        """Takes the `Date` header of an answer that has just come."""
        try:
            told = parsedate_to_datetime(header).timestamp()
        except (ValueError, OverflowError):
            return
        # What is known more exactly than the header tells stays.
        if self._ahead_of_monotonic is None or not told - RESOLUTION <= self.now() <= told + 2 * RESOLUTION:
            self._ahead_of_monotonic = told + RESOLUTION / 2 - self._monotonic()

    def at_least(self, moment: float) -> None:
        """Takes a moment that has passed by Discord's clock, such as that of a snowflake which has just come."""
        if moment > self.now():
            self._ahead_of_monotonic = moment - self._monotonic()

    def warn_if_skewed(self) -> None:
        """Logs once if this machine's clock is wrong by more than half a minute."""
        if abs(self.skew) > WARN_SECONDS and not self._warned:
            self._warned = True
            log.warning("%s; using Discord's clock instead. Set this machine's clock with NTP", self.described())

    def described(self) -> str:
        """How this machine's clock differs, in words."""
        if abs(self.skew) <= WARN_SECONDS:
            return "this machine's clock agrees with Discord's"
        way = "ahead of" if self.skew > 0 else "behind"
        return f"this machine's clock is {timedelta(seconds=round(abs(self.skew)))} {way} Discord's"

    def trace(self) -> aiohttp.TraceConfig:
        """Reads the date of every answer of a session that is opened with this."""
        config = aiohttp.TraceConfig()

        async def ended(_: aiohttp.ClientSession, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
            if "Date" in end.response.headers:
                self.dated(end.response.headers["Date"])

        config.on_request_end.append(ended)
        return config
