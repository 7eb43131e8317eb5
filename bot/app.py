"""The composition root: creates and connects all components. They are closed in reverse order of opening, by one exit
stack."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
import discord
from yarl import URL

from bot.cleanup import Cleanup
from bot.client import AtelierBot
from bot.connection import DiscordConnection
from bot.discord_api.attachment_refresh import file_hosts, refresh_links
from bot.discord_api.message_sender import DiscordClock, MessageSender
from bot.engines.base import ImageEngine
from bot.engines.midjourney import Capabilities, MidjourneyClient, MidjourneyEngine
from bot.engines.midjourney.detection import keep_profile_current
from bot.engines.registry import EngineFactory, EngineRegistry
from bot.exit_codes import PortUnavailable
from bot.media import ImageDownloader, image_pool
from bot.net.untrusted_data import endpoint_of, hide_hosts
from bot.runtime.byte_budget import ByteBudget
from bot.runtime.supervisor import TaskSupervisor
from bot.search.image_search import ImageSearch, make_search
from bot.settings import DISCORD_API_URL, Settings
from bot.stop_signal import stop_signal
from bot.tasks.callbacks import CallbackHandler
from bot.tasks.fair_queue import QueuePositions
from bot.tasks.journal import RecoveryLoop, callback_url
from bot.tasks.poller import TaskPoller
from bot.tasks.requests import AttachmentLinks, DiscordUnreachable
from bot.tasks.service import PICTURE_BYTES, TaskService
from bot.tasks.submit_progress import LivePreviews
from bot.tasks.task_images import TaskImages
from bot.tasks.task_updates import TaskEvents
from bot.ui.cards.card_attachments import AttachmentBuilder, ResultImages
from bot.ui.cards.result_thumbnails import ResultThumbnails
from bot.ui.components.markdown import correct_times_by
from bot.ui.delivery.posted_images import PostedImages
from bot.ui.delivery.removals import Removals
from bot.ui.delivery.worker import Delivery
from bot.ui.inputs.image_attachments import Attachments, attachment_session
from bot.ui.language.interrupted_offers import show_interrupted
from bot.ui.notifications.notifier import Notifier
from bot.ui.services import Services
from bot.ui.workflows.mask_editor_link import after_mask_submit
from bot.web.client_address import TrustedProxies
from bot.web.server import WebServer, serve
from storage import Store, TaskId, open_store

if TYPE_CHECKING:
    from bot.platform.service import Platform
    from bot.platform_setup import PlatformSetup
    from bot.web.mask_editor import MaskEditor

log = logging.getLogger(__name__)

# Time limits during shutdown: for submits in flight, for interaction responses, and for message updates. What does not
# end in time continues at the next start.
SETTLE_SECONDS = 6.0
ANSWER_SECONDS = 1.0
SHOW_SECONDS = 2.0


async def run(settings: Settings, *, engines: Sequence[EngineFactory] = ()) -> None:
    """Runs the bot until it receives a stop signal. `engines` are those in addition to Midjourney.

    Raises the errors with which a start can fail: StorageError, OSError (port in use), DiscordRefusal.
    """
    point_discord_at(settings.discord_api_url)
    stop = stop_signal()
    async with AsyncExitStack() as stack:
        stack.callback(image_pool.close)
        hide_hosts([service.host for service in map(endpoint_of, _service_urls(settings)) if service])
        base = await _open_base(settings, stack, engines)
        await _run_bot(base, stack, stop)
    log.info("stopped")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Base:
    """The components that need no connection to Discord, and the supervisors of background tasks."""

    settings: Settings
    store: Store
    midjourney: MidjourneyClient | None
    platform_setup: PlatformSetup | None
    engines: EngineRegistry
    fetcher: ImageDownloader
    attachments: Attachments
    budget: ByteBudget
    posted: PostedImages
    images: ResultImages
    clock: DiscordClock
    events: TaskEvents = field(default_factory=TaskEvents)
    previews: LivePreviews = field(default_factory=LivePreviews)
    submits: TaskSupervisor = field(default_factory=lambda: TaskSupervisor("submits", grace_seconds=SETTLE_SECONDS))
    shows: TaskSupervisor = field(default_factory=lambda: TaskSupervisor("shows", grace_seconds=SHOW_SECONDS))
    work: TaskSupervisor = field(default_factory=lambda: TaskSupervisor("work"))
    chats: TaskSupervisor = field(default_factory=lambda: TaskSupervisor("chats"))

    @property
    def platform(self) -> Platform | None:
        """The platform; None if it is switched off."""
        return self.platform_setup.platform if self.platform_setup else None


async def _open_base(settings: Settings, stack: AsyncExitStack, more: Sequence[EngineFactory]) -> _Base:
    store = await stack.enter_async_context(open_store(settings.database_url))
    midjourney = await _open_midjourney(settings, stack)
    fetcher = await stack.enter_async_context(picture_fetcher(settings))
    budget, clock = ByteBudget(PICTURE_BYTES), DiscordClock()
    attachments = Attachments(await stack.enter_async_context(attachment_session()), budget)
    correct_times_by(clock.correction)
    platform = await _open_platform(settings, store, stack)
    providers = [platform.engines()] if platform else []
    fixed = [MidjourneyEngine(midjourney)] if midjourney else []
    engines = EngineRegistry([*fixed, *(await _engines(stack, more))], providers)
    posted = PostedImages(store)
    images = ResultImages(fetcher, engines.fetch, thumbnails=store.thumbnails, posted=posted.of)
    return _Base(settings, store, midjourney, platform, engines, fetcher, attachments, budget, posted, images, clock)


async def _open_midjourney(settings: Settings, stack: AsyncExitStack) -> MidjourneyClient | None:
    """The client of the image API; None if there is no image service."""
    if settings.mj_api_url is None:
        return None
    session = await stack.enter_async_context(service_session(settings, settings.mj_api_url))
    return midjourney_client(session, settings, settings.mj_api_url)


async def _open_platform(settings: Settings, store: Store, stack: AsyncExitStack) -> PlatformSetup | None:
    """The platform's other models; None if they are switched off."""
    if settings.platform is None:
        return None
    from bot.platform_setup import PlatformSetup  # noqa: PLC0415 - a hundred modules that no other bot needs

    session = await stack.enter_async_context(service_session(settings, settings.platform[0]))
    return await PlatformSetup.open(session, *settings.platform, settings, store)


async def _engines(stack: AsyncExitStack, more: Sequence[EngineFactory]) -> list[ImageEngine]:
    if not more:
        return []
    session = await stack.enter_async_context(aiohttp.ClientSession())
    return [factory(session) for factory in more]


async def _run_bot(base: _Base, stack: AsyncExitStack, stop: asyncio.Event) -> None:
    settings = base.settings
    links = AttachmentLinks(
        lambda ended: _refresh(bot, ended),
        base.clock.now,
        file_hosts(settings.discord_api_url),
        time_is_known=lambda: base.clock.is_set,
    )
    task_images = TaskImages(base.images, base.fetcher, links, base.budget, posted=base.posted.of)
    service = TaskService(
        base.store,
        base.engines,
        base.events,
        base.submits,
        links=links,
        callback_url=callback_url(settings.public_url),
        budget=base.budget,
        previews=base.previews,
        images=task_images,
        clock=base.store.ownership.now,
    )
    bot = AtelierBot(
        lambda bot: _services(base, bot, service, links, task_images),
        base.clock,
        proxy=settings.outgoing.proxy_for(settings.discord_api_url),
        receives_messages=base.platform is not None,
    )
    base.posted.use(bot)
    await stack.enter_async_context(bot)
    connection = await stack.enter_async_context(
        DiscordConnection(bot, settings.discord_token.get_secret_value(), base.clock)
    )
    await _open_work(base, stack, bot, service)
    await _until_stopped(connection, bot, service, stop)


async def _open_work(base: _Base, stack: AsyncExitStack, bot: AtelierBot, service: TaskService) -> None:
    """Opens everything that does not need the connection to Discord."""
    await _open_in_order(stack, bot, base)
    pollers = _pollers(base, service)
    callbacks = CallbackHandler(base.store, base.engines, service, heard=partial(_heard, pollers))
    await _open_site(stack, base, bot, callbacks)
    await service.resume_queue()
    _start_work(base, service, pollers, bot.services.search)
    bot.on_logged_in = partial(_take_up, base, bot)


def _pollers(base: _Base, service: TaskService) -> Sequence[TaskPoller]:
    """A poller for each engine whose tasks are polled, and one for all engines of the platform."""
    interval = base.settings.poll_interval
    pollers = [
        TaskPoller(base.store, engine, service.updates, interval=interval)
        for engine in base.engines
        if not engine.answers_with_result
    ]
    if base.platform_setup:
        reader = base.platform_setup.task_reader()
        pollers.append(TaskPoller(base.store, reader, service.updates, interval=interval, polls=reader.reads))
    for poller in pollers:
        base.events.subscribe(poller.task_changed)
    return pollers


def _heard(pollers: Sequence[TaskPoller], task_id: TaskId) -> None:
    for poller in pollers:
        poller.heard(task_id)


def _start_work(base: _Base, service: TaskService, pollers: Sequence[TaskPoller], search: ImageSearch) -> None:
    """Starts the background tasks. They also run while Discord is unreachable; after the login the messages are
    updated."""
    settings, store = base.settings, base.store
    base.work.start(service.submissions.held.positions.run(), "queue")
    for engine in base.engines:
        if not engine.answers_with_result:
            base.work.start(QueuePositions(store, engine, service.updates.move_all).run(), f"positions-{engine.name}")
    for poller in pollers:
        base.work.start(poller.run(), f"poller-{poller.name}")
    recovery = RecoveryLoop(
        store, service.submissions.in_flight, service.recovery.search, search_seconds=settings.lost_after
    )
    base.work.start(recovery.run(), "recovery")
    base.work.start(Cleanup(store, input_days=settings.input_retention_days).run(), "cleanup")
    base.work.start(search.run(), "image index")
    if base.platform:
        base.work.start(base.platform.models.run(), "platform models")
    if base.midjourney and settings.profile is None:
        base.work.start(keep_profile_current(base.midjourney), "profile")


def _services(
    base: _Base, bot: AtelierBot, service: TaskService, links: AttachmentLinks, task_images: TaskImages
) -> Services:
    store, fetcher, images, setup = base.store, base.fetcher, base.images, base.platform_setup
    attachment_builder = AttachmentBuilder(fetcher, images, store.thumbnails, base.previews)
    sender = MessageSender(bot, now=base.clock.now)
    notifier = Notifier(store, bot, sender, base.shows)
    models = base.platform.models if base.platform else None
    delivery = Delivery(store, sender, attachment_builder, base.shows, engines=base.engines, models=models)
    delivery.on_end_shown(notifier.end_shown)
    if setup:
        delivery.on_end_shown(setup.alt_texts(store, images, base.work, delivery.force_update).end_shown)
    return Services(
        store=store,
        engines=base.engines,
        platform=base.platform,
        service=service,
        delivery=delivery,
        attachment_builder=attachment_builder,
        result_images=images,
        thumbnails=ResultThumbnails(fetcher, images, store, base.work, links.current),
        fetcher=fetcher,
        attachments=base.attachments,
        notifier=notifier,
        links=links,
        removals=Removals(store, bot, base.work, removing=sender.posts.forget),
        task_images=task_images,
        search=make_search(store, base.platform, service.policy, base.events),
        mask_editor=_mask_editor(base, bot, delivery, service, task_images),
        chats=setup.chats(store, base.chats, sender, fetcher, links) if setup else None,
        speech=setup.speech() if setup else None,
        writing=setup.writing() if setup else None,
    )


def _mask_editor(
    base: _Base, bot: AtelierBot, delivery: Delivery, service: TaskService, images: TaskImages
) -> MaskEditor | None:
    """The region editor; None if the bot has no public URL."""
    if not (public_url := base.settings.public_url):
        return None
    from bot.web.mask_editor import MaskEditor  # noqa: PLC0415 - a bot without a public URL does not need its pages

    after = after_mask_submit(bot, delivery, base.clock)
    return MaskEditor(base.store, service, base.fetcher, images, base.shows, public_url, after_submit=after)


async def _until_stopped(
    connection: DiscordConnection, bot: AtelierBot, service: TaskService, stop: asyncio.Event
) -> None:
    """Stays connected until a stop signal arrives or the connection fails permanently; then stops accepting work."""
    try:
        await connection.until_over(stop)
    finally:
        log.info("stopping: no new work is accepted, pending requests may finish")
        bot.begin_shutdown()
        service.close()


async def _refresh(bot: AtelierBot, links: Sequence[str]) -> Mapping[str, str]:
    if bot.user is None:
        raise DiscordUnreachable("the bot has not logged in yet")
    return await refresh_links(bot.http, links)


async def _open_in_order(stack: AsyncExitStack, bot: AtelierBot, base: _Base) -> None:
    """Opens the supervisors so that on exit, in reverse order, submits settle first, then responses are sent, then
    messages are updated."""
    await stack.enter_async_context(bot.answers)
    await stack.enter_async_context(base.shows)
    await stack.enter_async_context(base.work)
    await stack.enter_async_context(base.chats)
    # Responses may change messages, so they are drained first. Later interactions still get the restart notice.
    stack.push_async_callback(bot.answers.drain, ANSWER_SECONDS)
    await stack.enter_async_context(base.submits)


async def _open_site(stack: AsyncExitStack, base: _Base, bot: AtelierBot, callbacks: CallbackHandler) -> None:
    settings, proxies = base.settings, TrustedProxies(base.settings.proxies)
    site = WebServer(base.store, callbacks, base.work, healthy=bot.is_ready, proxies=proxies).app()
    if bot.services.mask_editor:
        from bot.web.mask_editor import MaskEditorRoutes  # noqa: PLC0415 - as in `_mask_editor`

        MaskEditorRoutes(bot.services.mask_editor).add_to(site)
    try:
        port = await stack.enter_async_context(serve(site, settings.web_host, settings.web_port, proxies=proxies))
    except OSError as error:
        raise PortUnavailable(error.strerror or str(error)) from error
    log.info("web server on http://%s:%d", settings.web_host, port)


async def _take_up(base: _Base, bot: AtelierBot) -> None:
    """Resumes the work that an earlier run of the program left unfinished."""
    await base.store.messages.forget_tokens(base.clock.now())
    await base.store.mask_editor_links.forget_ended(time.time())
    # Subscribed only now: a message may have been sent before a crash, and `resume` determines which ones to look for.
    base.events.subscribe(bot.services.delivery.task_changed)
    await bot.services.delivery.resume()
    await bot.services.notifier.resume()
    bot.answers.start(bot.services.removals.resume(), "removals")
    if base.platform_setup:
        await base.platform_setup.start_chats(bot, base.attachments)
    # Read before people can begin others.
    interrupted = await base.store.offered_prompts.on_their_way()
    bot.answers.start(show_interrupted(base.store, bot, interrupted, base.clock.now()), "interrupted-offers")
    # Objects loaded so far are permanent. Without this, every full collection traverses them and blocks the event loop.
    gc.collect()
    gc.freeze()


def point_discord_at(api_url: str) -> None:
    """Makes discord.py use this API base URL. Discord's API returns the gateway's URL, so the gateway follows."""
    discord.http.Route.BASE = api_url
    if api_url != DISCORD_API_URL:
        discord.Asset.BASE = str(URL(api_url).origin())  # host of stickers
    # The bot does not use voice, so no warning about missing voice libraries is needed.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def midjourney_client(session: aiohttp.ClientSession, settings: Settings, base_url: str) -> MidjourneyClient:
    """The client of the image API at this URL, built from the settings."""
    return MidjourneyClient(
        session,
        base_url,
        key=settings.mj_api_key,
        auth=settings.mj_auth,
        capabilities=Capabilities.of(settings.profile or "unknown", settings.quirks),
    )


def service_session(settings: Settings, base_url: str) -> aiohttp.ClientSession:
    """An HTTP session used only for the service at this URL, through its proxy."""
    return aiohttp.ClientSession(proxy=settings.outgoing.proxy_for(base_url))


def _service_urls(settings: Settings) -> Sequence[str]:
    """The base URLs of the services that generate images."""
    return [url for url in (settings.mj_api_url, settings.platform and settings.platform[0]) if url]


def picture_fetcher(settings: Settings) -> ImageDownloader:
    """The image downloader, built from the settings."""
    # Attachments come from Discord's host, which may be a local one.
    chosen = map(endpoint_of, (settings.discord_api_url, *_service_urls(settings)))
    trusted = [endpoint for endpoint in chosen if endpoint]
    return ImageDownloader(
        allow_private=settings.allow_private_image_hosts,
        trusted_hosts=trusted,
        proxy_for=settings.outgoing.proxy_for if settings.outgoing.configured else None,
    )
