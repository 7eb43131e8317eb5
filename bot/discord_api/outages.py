"""Waiting for Discord: attempts are repeated with growing pauses, and the log has one line when it begins and one when
it is over."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import discord

from bot.discord_api.failures import DiscordRefusal, OddAnswer, Outage, judged

log = logging.getLogger(__name__)

T = TypeVar("T")

# Seconds without an answer after which the log says so, though the attempt goes on.
SILENT_SECONDS = 15.0

FAILURES = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError, OddAnswer)
_SILENT = Outage("Discord does not answer")


class Outages(logging.Filter):
    """Repeats what fails while Discord is away.

    As a filter of discord.py's loggers it keeps out the traceback that each of discord.py's own attempts writes.
    """

    def __init__(self, *, silent_seconds: float = SILENT_SECONDS) -> None:
        super().__init__()
        self._silent_seconds = silent_seconds
        self._since: float | None = None
        self._said: set[str] = set()

    async def persist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """The result of the first attempt that succeeds. Raises DiscordRefusal, and whatever is no outage."""
        failures = 0
        while True:
            try:
                result = await self._attempted(attempt)
            except FAILURES as error:
                failure = judged(error)
                if failure is None:
                    raise
                if isinstance(failure, DiscordRefusal):
                    raise failure from error
                self.began(failure)
                pause = min(failure.pause * 2**failures, failure.longest)
                failures = min(failures + 1, 20)
            else:
                self.over()
                return result
            # Not all bots behind one address come back in the same moment.
            await asyncio.sleep(pause * random.uniform(1.0, 1.25))  # noqa: S311 - no secret

    def began(self, outage: Outage) -> None:
        """Discord is away; a reason that was not named yet is logged."""
        if self._since is None:
            self._since = time.monotonic()
        if outage.text not in self._said:
            self._said.add(outage.text)
            log.warning("%s; the bot keeps trying", outage.text)

    def over(self) -> None:
        """Discord is there; logged if it was away."""
        if self._since is not None:
            log.info("connected to Discord again after %.0f s", time.monotonic() - self._since)
        self._since = None
        self._said.clear()

    async def _attempted(self, attempt: Callable[[], Awaitable[T]]) -> T:
        running = asyncio.ensure_future(attempt())
        try:
            done, _ = await asyncio.wait({running}, timeout=self._silent_seconds)
            if not done:
                self.began(_SILENT)
            return await running
        finally:
            if not running.done():
                running.cancel()
                await asyncio.wait({running})

    def filter(self, record: logging.LogRecord) -> bool:
        """Is this line of discord.py worth showing? Its attempts to reconnect are told by `began` and `over`."""
        if record.msg == "logging in using static token":
            return False
        if not str(record.msg).startswith(("Attempting a reconnect", "Failed to connect for shard_id")):
            return True
        error = record.exc_info[1] if record.exc_info else None
        failure = judged(error) if error else None
        if isinstance(failure, Outage):
            self.began(failure)
            return False
        return failure is None
