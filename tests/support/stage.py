"""Delivery before a local Discord: a client that is logged in, a store, a picture host, and messages to bring."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import discord
import pytest

from bot.discord_api.message_sender import MessageSender
from bot.engines.midjourney import MidjourneyClient, MidjourneyEngine
from bot.engines.registry import EngineRegistry
from bot.media import ImageDownloader
from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.submit_progress import LivePreviews
from bot.ui.cards.card_attachments import AttachmentBuilder, ResultImages
from bot.ui.delivery.worker import Delivery
from playground.discord import Channel, Limits, LocalDiscord, Message
from storage import (
    Action,
    NewMessage,
    NewTask,
    Request,
    Route,
    Store,
    Task,
    TaskResult,
    TaskState,
    TaskUpdate,
    open_store,
)
from tests.support.picture_host import HereResolver, PictureHost, picture_host

PATIENCE = 20.0
# The delivery's pauses between tries, short.
IMPATIENT = (0.01,) * 6


@dataclass
class Stage:
    """What a test of the delivery holds in its hands."""

    local: LocalDiscord
    store: Store
    client: discord.Client
    delivery: Delivery
    background: TaskSupervisor
    pictures: PictureHost
    fetcher: ImageDownloader
    previews: LivePreviews
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def studio(self) -> Channel:
        """The channel in which things happen."""
        return self.local.channel("studio")

    async def task(self, prompt: str = "a paper boat", *, owner: str = "ada") -> Task:
        """A task that the image API has taken."""
        new = NewTask(
            id=f"task{next(self.numbers)}",
            parent_id=None,
            owner_id=self.local.person(owner).user.id,
            guild_id=self.studio.guild_id,
            channel_id=self.studio.id,
            request=Request(Action.IMAGINE, prompt=prompt),
            callback_token="t",
        )
        await self.store.tasks.add(new, time.time())
        return await self.moved(new.id, TaskUpdate(TaskState.PENDING, upstream_id=f"up-{new.id}"), tell=False)

    async def moved(self, task_id: str, change: TaskUpdate, *, tell: bool = True) -> Task:
        """The task after news, which the delivery hears of."""
        task = await self.store.tasks.move(task_id, change, time.time())
        assert task is not None
        if tell:
            self.delivery.task_changed(task)
        return task

    async def progress(self, task: Task, percent: int) -> Task:
        """The task has got so far."""
        return await self.moved(task.id, TaskUpdate(TaskState.RUNNING, progress=percent))

    async def success(self, task: Task, *urls: str) -> Task:
        """The task is finished."""
        result = TaskResult(image_url=urls[0] if len(urls) == 1 else None, image_urls=urls if len(urls) > 1 else ())
        return await self.moved(task.id, TaskUpdate(TaskState.SUCCESS, progress=100, result=result))

    async def row(self, task: Task, *, upload_limit: int = 10_000_000) -> int:
        """A message that is to show a task in the studio, reached through the channel; its row."""
        return await self.store.messages.add(
            task.id,
            NewMessage(
                route=Route.CHANNEL,
                user_id=task.owner_id,
                application_id=self.local.state.application_id,
                guild_id=task.guild_id,
                channel_id=task.channel_id,
                token=None,
                token_ends_at=0.0,
                upload_limit=upload_limit,
                locale=None,
            ),
        )

    async def shown(self, task: Task, *, upload_limit: int = 10_000_000) -> Message:
        """The message of a task, once it stands."""
        row_id = await self.row(task, upload_limit=upload_limit)
        await self.delivery.force_update(task.id)
        await self.done()
        row = await self.store.messages.get(row_id)
        assert row is not None
        assert row.message_id is not None
        return self.local.state.messages[row.message_id]

    async def done(self, seconds: float = PATIENCE) -> None:
        """Waits until the delivery has nothing to do."""
        await self.background.drain(seconds)
        assert not len(self.background)

    async def until(self, seen: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Waits until something is so at the local Discord."""
        await self.local.until(seen, seconds)

    def edits(self, message: Message) -> int:
        """How often a message was edited."""
        return len(message.revisions) - 1

    def asked(self, method: str, part: str) -> int:
        """How many requests of a kind the delivery has made."""
        return sum(each.method == method and part in each.path for each in self.local.requests)


@asynccontextmanager
async def open_stage(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, limits: Limits | None = None, progress_seconds: float = 0.02
) -> AsyncIterator[Stage]:
    """A stage, while within."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(f"sqlite:///{folder / 'atelier.db'}"))
        local = await stack.enter_async_context(LocalDiscord(limits=limits or Limits.off(), guild_name="Atelier"))
        monkeypatch.setattr(discord.http.Route, "BASE", local.api_url)
        pictures = await stack.enter_async_context(picture_host())
        client = await stack.enter_async_context(discord.Client(intents=discord.Intents.none(), max_messages=None))
        await client.login(local.bot_token)
        fetcher = await stack.enter_async_context(
            ImageDownloader(allow_private=True, trusted_hosts=[], resolver=HereResolver(), pause_seconds=0.001)
        )
        background = await stack.enter_async_context(TaskSupervisor("test"))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        # Delivery reads only the buttons, so the service is never asked.
        engine = MidjourneyEngine(MidjourneyClient(session, "http://127.0.0.1:9", key=""))
        images, previews = ResultImages(fetcher, thumbnails=store.thumbnails), LivePreviews()
        delivery = Delivery(
            store,
            MessageSender(client),
            AttachmentBuilder(fetcher, images, store.thumbnails, previews),
            background,
            engines=EngineRegistry([engine]),
            progress_seconds=progress_seconds,
            patience=IMPATIENT,
        )
        yield Stage(local, store, client, delivery, background, pictures, fetcher, previews)
        await asyncio.sleep(0)
