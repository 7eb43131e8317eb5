"""`atelier doctor`: checks everything that the settings name, with one output line per check."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial

import aiohttp
import discord
from aiohttp import web

from bot.app import midjourney_client, point_discord_at, service_session
from bot.connection import what_discord_answers
from bot.discord_api.failures import Outage, judged
from bot.discord_api.message_sender import DiscordClock
from bot.discord_api.outages import FAILURES
from bot.engines.errors import EngineError, UnknownTask
from bot.platform_checks import PlatformChecks, Skipped, Trouble
from bot.settings import Settings
from bot.web.server import serve
from storage import DatabaseInUse, StorageError, open_store

CHECK_SECONDS = 30.0


async def examine(settings: Settings) -> int:
    """Runs all checks and prints one line for each. Returns 1 if any check failed, otherwise 0."""
    discord_checks, platform_checks = _Discord(settings), PlatformChecks(settings)
    checks: list[tuple[str, Callable[[], Awaitable[str]]]] = [
        ("settings", partial(_settings, settings)),
        ("Discord", discord_checks.log_in),
        ("gateway", discord_checks.gateway),
        ("clock", discord_checks.clock),
        ("database", partial(_database, settings)),
        ("image API", partial(_image_api, settings)),
        ("engines file", platform_checks.engines_file),
        ("platform", platform_checks.platform),
        ("engines", platform_checks.engines),
        ("callbacks", partial(_callbacks, settings)),
    ]
    failed = False
    for name, check in checks:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                print(f"ok    {name}: {await check()}")
        except Skipped as reason:
            print(f"skip  {name}: {reason}")
        except Trouble as trouble:
            failed = True
            print(f"FAIL  {name}: {trouble}")
        except TimeoutError:
            failed = True
            print(f"FAIL  {name}: no answer within {CHECK_SECONDS:g} seconds")
        sys.stdout.flush()
    return int(failed)


async def _settings(settings: Settings) -> str:
    has_key = settings.mj_api_key.get_secret_value() or settings.mj_api_url is None
    return "complete" if has_key else "complete (MJ_API_KEY is empty)"


class _Discord:
    """The checks that need Discord: one login provides the data for all of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clock = DiscordClock()
        self._gateway: str | None = None
        self._limits: discord.SessionStartLimits | None = None

    async def log_in(self) -> str:
        """Logs in and requests the gateway's URL. Starts no session."""
        url, proxies = self._settings.discord_api_url, self._settings.outgoing
        point_discord_at(url)
        intents, trace, proxy = discord.Intents.none(), self._clock.trace(), proxies.proxy_for(url)
        try:
            async with discord.Client(intents=intents, http_trace=trace, proxy=proxy) as client:
                with what_discord_answers():
                    await client.login(self._settings.discord_token.get_secret_value())
                    _, self._gateway, limits = await client.http.get_bot_gateway()
                self._limits = discord.SessionStartLimits(**limits)
                return f"logged in as {client.user}, {proxies.described(url)}"
        except FAILURES as error:
            failure = judged(error)
            if failure is None:
                raise Trouble(f"Discord answered with an error ({type(error).__name__})") from error
            text = failure.text if isinstance(failure, Outage) else str(failure)
            raise Trouble(f"{text} (DISCORD_API_URL is {url}, reached {proxies.described(url)})") from error

    async def gateway(self) -> str:
        """Connects to the gateway and waits for its first message."""
        if self._gateway is None or self._limits is None:
            raise Skipped("cannot be checked while Discord is unavailable")
        proxy = self._settings.outgoing.proxy_for(self._settings.discord_api_url)
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(f"{self._gateway}?v=10&encoding=json", proxy=proxy) as socket,
            ):
                greeting = await socket.receive()
        except (aiohttp.ClientError, OSError) as error:
            raise Trouble(
                f"the gateway cannot be reached ({type(error).__name__}): check firewall and proxy"
            ) from error
        if greeting.type is not aiohttp.WSMsgType.TEXT:
            raise Trouble(f"the gateway closed the connection (code {socket.close_code})")
        left = f"{self._limits.remaining} of {self._limits.total} session starts left"
        if not self._limits.remaining:
            raise Trouble(f"{left}: the bot waits until the limit resets; check what restarts it so often")
        return f"reachable; {left}"

    async def clock(self) -> str:
        """Compares this machine's clock with Discord's."""
        if not self._clock.is_set:
            raise Skipped("cannot be checked while Discord is unreachable")
        if self._clock.correction():
            raise Trouble(f"{self._clock.described()}: set it with NTP; until then the bot uses Discord's clock")
        return self._clock.described()


async def _database(settings: Settings) -> str:
    try:
        async with open_store(settings.database_url) as store:
            await store.key_values.put("doctor", secrets.token_hex(4))
            return "readable and writable"
    except DatabaseInUse:
        return "in use by a running bot"
    except StorageError as error:
        raise Trouble(f"cannot open DATABASE_URL: {error}") from error


async def _image_api(settings: Settings) -> str:
    if settings.mj_api_url is None:
        raise Skipped("MJ_API_URL is empty: no Midjourney")
    async with service_session(settings, settings.mj_api_url) as session:
        client = midjourney_client(session, settings, settings.mj_api_url)
        try:
            await client.fetch("1")
        except UnknownTask:
            pass  # the expected answer for a task that does not exist
        except EngineError as error:
            raise Trouble(f"MJ_API_URL, MJ_API_KEY, MJ_AUTH: {error}") from error
        return f"reachable, accepts the key, {settings.outgoing.described(settings.mj_api_url)}"


async def _callbacks(settings: Settings) -> str:
    if settings.public_url is None:
        return "PUBLIC_URL is empty: the bot polls instead"
    proof = secrets.token_hex(16)

    async def prove(_: web.Request) -> web.Response:
        return web.Response(text=proof)

    app = web.Application()
    app.router.add_get(f"/{proof}", prove)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(serve(app, settings.web_host, settings.web_port))
        except OSError:
            return await _through_running_bot(settings)
        if await _fetched(settings, f"/{proof}") != proof:
            raise Trouble("PUBLIC_URL leads to another program")
    return "PUBLIC_URL leads here"


async def _through_running_bot(settings: Settings) -> str:
    """Checks the case that the port is in use: the bot itself uses it if its health endpoint is reachable from
    outside."""
    if '"store"' not in await _fetched(settings, "/healthz"):
        raise Trouble("another program uses WEB_PORT, or PUBLIC_URL leads to one")
    return "PUBLIC_URL leads to the running bot"


async def _fetched(settings: Settings, path: str) -> str:
    url = f"{settings.public_url}{path}"
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.get(url, proxy=settings.outgoing.proxy_for(url)) as response,
        ):
            return await response.text()
    except (aiohttp.ClientError, OSError) as error:
        raise Trouble(f"PUBLIC_URL does not lead here ({type(error).__name__})") from error
