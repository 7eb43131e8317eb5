"""`atelier doctor`: tries everything that the settings name, one line each."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
import discord
from aiohttp import web

from bot.app import midjourney_client, point_discord_at
from bot.midjourney import MidjourneyError, UnknownTask
from bot.settings import Settings
from bot.web.server import serving
from storage import DatabaseInUse, StorageError, opened

CHECK_SECONDS = 30.0


class Trouble(Exception):
    """A check failed; the text says why and what to do."""


async def examine(settings: Settings) -> int:
    """Runs all checks and prints a line for each; 1 if any failed."""
    checks: list[tuple[str, Callable[[Settings], Awaitable[str]]]] = [
        ("settings", _settings),
        ("Discord", _discord),
        ("database", _database),
        ("image API", _image_api),
        ("callbacks", _callbacks),
    ]
    failed = False
    for name, check in checks:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                print(f"ok    {name}: {await check(settings)}")
        except Trouble as trouble:
            failed = True
            print(f"FAIL  {name}: {trouble}")
        except TimeoutError:
            failed = True
            print(f"FAIL  {name}: no answer within {CHECK_SECONDS:g} seconds")
        sys.stdout.flush()
    return int(failed)


async def _settings(settings: Settings) -> str:
    return "all there" if settings.mj_api_key.get_secret_value() else "all there (MJ_API_KEY is empty)"


async def _discord(settings: Settings) -> str:
    point_discord_at(settings.discord_api_url)
    try:
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(settings.discord_token.get_secret_value())
            return f"logged in as {client.user}"
    except discord.LoginFailure as error:
        raise Trouble("DISCORD_TOKEN is refused: copy it anew from the developer portal") from error
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise Trouble(f"DISCORD_API_URL cannot be reached: {error}") from error


async def _database(settings: Settings) -> str:
    try:
        async with opened(settings.database_url) as store:
            await store.notes.put("doctor", secrets.token_hex(4))
            return "can be read and written"
    except DatabaseInUse:
        return "in use by a running bot"
    except StorageError as error:
        raise Trouble(f"DATABASE_URL cannot be used: {error}") from error


async def _image_api(settings: Settings) -> str:
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        client = midjourney_client(session, settings)
        try:
            await client.fetch("1")
        except UnknownTask:
            pass  # the right answer to a task that does not exist
        except MidjourneyError as error:
            raise Trouble(f"MJ_API_URL, MJ_API_KEY, MJ_AUTH: {error}") from error
        return "answers and accepts the key"


async def _callbacks(settings: Settings) -> str:
    if settings.public_url is None:
        return "PUBLIC_URL is empty: polling serves"
    proof = secrets.token_hex(16)

    async def prove(_: web.Request) -> web.Response:
        return web.Response(text=proof)

    app = web.Application()
    app.router.add_get(f"/{proof}", prove)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(serving(app, settings.web_host, settings.web_port))
        except OSError:
            return await _through_running_bot(settings)
        if await _fetched(f"{settings.public_url}/{proof}") != proof:
            raise Trouble("PUBLIC_URL leads to another program than this one")
    return "PUBLIC_URL leads here"


async def _through_running_bot(settings: Settings) -> str:
    """The port is taken: by the bot itself, if its health can be seen from outside."""
    if '"store"' not in await _fetched(f"{settings.public_url}/healthz"):
        raise Trouble("WEB_PORT is taken by another program, or PUBLIC_URL leads to one")
    return "PUBLIC_URL leads to the running bot"


async def _fetched(url: str) -> str:
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return await response.text()
    except (aiohttp.ClientError, OSError) as error:
        raise Trouble(f"PUBLIC_URL does not lead here: {error}") from error
