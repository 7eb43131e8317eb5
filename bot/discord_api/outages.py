"""Waits for Discord: repeats attempts with growing pauses, and logs one line at the start of an outage and one at its
end."""

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

# Seconds without a response after which the log reports it, while the attempt continues.
SILENT_SECONDS = 15.0

FAILURES = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError, OddAnswer)
_SILENT = Outage("Discord does not answer")


class Outages(logging.Filter):
    """Repeats attempts that fail during an outage of Discord.

    As a filter of discord.py's loggers, it suppresses the traceback of each of discord.py's own attempts.
    """

    def __init__(self, *, silent_seconds: float = SILENT_SECONDS) -> None:
        super().__init__()
        self._silent_seconds = silent_seconds
        self._since: float | None = None
        self._said: set[str] = set()

    async def persist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Returns the result of the first successful attempt. Raises DiscordRefusal, and any exception that is not an
        outage."""
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
            # Jitter: bots behind one IP address must not all reconnect at the same moment.
            await asyncio.sleep(pause * random.uniform(1.0, 1.25))  # noqa: S311 - no secret

    def began(self, outage: Outage) -> None:
        """Records an outage; a reason that was not logged yet is logged."""
        if self._since is None:
            self._since = time.monotonic()
        if outage.text not in self._said:
            self._said.add(outage.text)
            log.warning("%s; the bot keeps trying", outage.text)

    def over(self) -> None:
        """Records the end of an outage; logged if there was one."""
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
        """Whether to show this log line of discord.py. `began` and `over` report its reconnection attempts instead."""
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
