"""The composition root: what is opened first is closed last, and closing is written nowhere else."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import aiohttp
import discord

from bot.background import Background
from bot.client import AtelierBot
from bot.midjourney import Capabilities, MidjourneyClient
from bot.parts import Parts
from bot.pictures import PictureFetcher
from bot.settings import Settings
from bot.tasks.events import TaskEvents
from bot.tasks.hearing import Hearing
from bot.tasks.recovery import Recovery
from bot.tasks.service import TaskService
from bot.tasks.watcher import Watcher
from bot.ui.delivery import Delivery
from bot.ui.exhibits import Exhibitor
from bot.ui.reach import Reach
from bot.web.server import WebServer, hook_address, serving
from storage import Store, opened

log = logging.getLogger(__name__)

# How long requests that are on their way may take to settle when the bot is stopped.
SETTLE_SECONDS = 10.0
MAX_DETECTION_WAIT = 600.0


async def run(settings: Settings) -> None:
    """Runs the bot until it is told to stop.

    Raises what a start can fail with: StorageError, OSError (port taken), discord.LoginFailure.
    """
    point_discord_at(settings.discord_api_url)
    stop = stop_signal()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(opened(settings.database_url))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        fetcher = await stack.enter_async_context(picture_fetcher(settings))
        midjourney = midjourney_client(session, settings)
        await _run_bot(settings, stack, store, midjourney, fetcher, stop)
    log.info("stopped")


async def _run_bot(
    settings: Settings,
    stack: AsyncExitStack,
    store: Store,
    midjourney: MidjourneyClient,
    fetcher: PictureFetcher,
    stop: asyncio.Event,
) -> None:
    events = TaskEvents()
    submits = Background("submits", patience=SETTLE_SECONDS)
    work = Background("work")
    service = TaskService(store, midjourney, events, submits, hook_address=hook_address(settings.public_url))
    watcher = Watcher(store, midjourney, service, interval=settings.poll_interval)
    recovery = Recovery(store, midjourney, service)

    def parts(bot: AtelierBot) -> Parts:
        delivery = Delivery(store, Reach(bot), Exhibitor(fetcher), work)
        return Parts(store, midjourney, service, delivery, fetcher)

    bot = await stack.enter_async_context(AtelierBot(parts))
    await stack.enter_async_context(work)
    await stack.enter_async_context(submits)
    events.subscribe(bot.parts.delivery.task_changed)
    events.subscribe(watcher.task_changed)
    web = WebServer(store, Hearing(store, midjourney, service), work, healthy=bot.is_ready)
    port = await stack.enter_async_context(serving(web.app(), settings.web_host, settings.web_port))
    log.info("web server on http://%s:%d", settings.web_host, port)

    async def take_up() -> None:
        await store.messages.forget_tokens(time.time())
        await bot.parts.delivery.resume()
        work.start(watcher.run(), "watcher")
        work.start(recovery.run(), "recovery")
        if settings.mj_profile == "auto":
            work.start(find_out_dialect(midjourney), "dialect")

    bot.on_logged_in = take_up
    await _until_stopped(bot, settings.discord_token.get_secret_value(), stop)


async def _until_stopped(bot: AtelierBot, token: str, stop: asyncio.Event) -> None:
    stopping = asyncio.create_task(stop.wait(), name="stop-signal")
    running = asyncio.create_task(bot.start(token), name="discord")
    try:
        await asyncio.wait({stopping, running}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
    finally:
        stopping.cancel()
        running.cancel()
        await asyncio.gather(stopping, running, return_exceptions=True)


def point_discord_at(api_url: str) -> None:
    """Has discord.py speak to another host than Discord's; the gateway's address comes from there too."""
    discord.http.Route.BASE = api_url
    # No voice here, so its missing libraries are nothing to warn of.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def midjourney_client(session: aiohttp.ClientSession, settings: Settings) -> MidjourneyClient:
    """The image API's client that the settings describe."""
    return MidjourneyClient(
        session,
        settings.mj_api_url,
        key=settings.mj_api_key,
        auth=settings.mj_auth,
        capabilities=Capabilities.of("unknown" if settings.mj_profile == "auto" else settings.mj_profile),
    )


async def find_out_dialect(midjourney: MidjourneyClient) -> None:
    """Asks the service until it answers, ever less often; until then everything is assumed to be there."""
    wait = 5.0
    while (profile := await midjourney.detect()) is None:
        await asyncio.sleep(wait)
        wait = min(wait * 2, MAX_DETECTION_WAIT)
    log.info("the image service speaks the dialect %s", profile.name)


def picture_fetcher(settings: Settings) -> PictureFetcher:
    """The downloader of pictures that the settings describe."""
    host = urlsplit(settings.mj_api_url).hostname
    return PictureFetcher(allow_private=settings.allow_private_image_hosts, trusted_hosts=[host] if host else [])


def stop_signal() -> asyncio.Event:
    """Set by the first SIGINT or SIGTERM; discord.py's own `run` knows SIGINT only."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
