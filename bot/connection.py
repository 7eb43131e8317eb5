"""The bot's connection to Discord: login, session starts, gateway, and disconnection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Self

import discord

from bot.client import AtelierBot, sync_if_changed
from bot.discord_api.failures import DiscordRefusal, OddAnswer, judged
from bot.discord_api.message_sender import DiscordClock

log = logging.getLogger(__name__)

# Discord resets the token of a bot that starts more sessions than it has left.
FEW_SESSION_STARTS = 50
# Maximum seconds between two requests for the number while it is 0.
LIMIT_SECONDS = 600.0

# Seconds after which a cancelled connection that still runs is cancelled again.
CANCEL_SECONDS = 0.2

_LOGGERS = ("discord.client", "discord.shard")


@contextmanager
def what_discord_answers() -> Iterator[None]:
    """Context in which only discord.py parses answers: an answer that makes it fail does not come from Discord. Raises
    OddAnswer."""
    try:
        yield
    except (TypeError, LookupError, ValueError, AttributeError) as error:
        raise OddAnswer from error


class DiscordConnection:
    """Keeps the bot connected. Exiting disconnects, after all components that need Discord have been closed."""

    def __init__(self, bot: AtelierBot, token: str, clock: DiscordClock) -> None:
        self._bot = bot
        self._token = token
        self._clock = clock
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self._bot.outages)
        return self

    async def __aexit__(self, *_: object) -> None:
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self._bot.outages)
        # discord.py suppresses a cancellation while it starts another session (2.7.1, shard.py, `reidentify`).
        while self._running and not self._running.done():
            self._running.cancel()
            await asyncio.wait({self._running}, timeout=CANCEL_SECONDS)

    async def until_over(self, stop: asyncio.Event) -> None:
        """Connects, and returns when `stop` is set.

        Raises DiscordRefusal if Discord does not or no longer accept the bot, and any error of the `on_logged_in` hook.
        """
        self._running = asyncio.create_task(self._run(), name="discord")
        self._bot.connecting = self._running
        stopping = asyncio.create_task(stop.wait(), name="stop-signal")
        try:
            await asyncio.wait({stopping, self._running}, return_when=asyncio.FIRST_COMPLETED)
            if self._running.done():
                self._running.result()
        except discord.DiscordException as error:
            failure = judged(error)
            raise (failure if isinstance(failure, DiscordRefusal) else error) from error
        finally:
            stopping.cancel()

    async def _run(self) -> None:
        bot, persist = self._bot, self._bot.outages.persist
        await persist(self._log_in)
        self._clock.warn_if_skewed()
        await self._wait_for_session_start()
        await bot.load_extensions()
        await persist(lambda: sync_if_changed(bot.tree, bot.services.store))
        if bot.on_logged_in:
            await bot.on_logged_in()
        await bot.connect()

    async def _log_in(self) -> None:
        http = self._bot.http
        try:
            with what_discord_answers():
                await self._bot.login(self._token)
        except Exception:
            # discord.py opens a session per login; a failed login would leave it open.
            await http.close()
            http.connector = discord.utils.MISSING
            raise

    async def _find_gateway(self) -> discord.SessionStartLimits:
        with what_discord_answers():
            return await self._bot.find_gateway()

    async def _wait_for_session_start(self) -> None:
        """Waits until Discord allows one session start per shard."""
        waiting = False
        while True:
            limits = await self._bot.outages.persist(self._find_gateway)
            if limits.remaining >= (self._bot.shard_count or 1):
                break
            if not waiting:
                waiting = True
                log.warning(
                    "no session starts left at Discord (%d of %d): connecting in %s;"
                    " check what restarts the bot so often",
                    limits.remaining,
                    limits.total,
                    timedelta(seconds=round(limits.reset_after / 1000)),
                )
            await asyncio.sleep(min(limits.reset_after / 1000 + 1.0, LIMIT_SECONDS))
        if waiting:
            log.info("session starts are available again")
        elif limits.remaining < FEW_SESSION_STARTS:
            log.warning(
                "only %d of %d session starts left until the limit resets: check what restarts the bot",
                limits.remaining,
                limits.total,
            )
