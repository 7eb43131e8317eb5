"""A store, a platform with an embeddings model, and the search between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot.platform.service import Platform, open_platform
from bot.search.embedder import Embedder
from bot.search.image_search import ImageSearch
from bot.search.indexer import ImageIndexer, IndexerTiming
from bot.tasks.policy import Policy
from storage import Action, NewTask, Request, Store, Task, TaskResult, TaskState, TaskUpdate, open_store
from tests.support.embedding_service import EmbeddingService

ADA, GUILD, CHANNEL = 7, 1, 2
QUICK = IndexerTiming(
    collect=0.01, idle=0.05, pause=0.0, between_reads=0.0, first_failure=0.01, last_failure=0.05, texts=4
)


@dataclass
class Bench:
    """The parts of a search. `restarted` makes them again, as after a restart of the program."""

    store: Store
    service: EmbeddingService
    platform: Platform
    embedder: Embedder
    indexer: ImageIndexer
    search: ImageSearch
    ended: asyncio.Event

    async def finished(self, task_id: str, prompt: str, *, owner: int = ADA, parent: str | None = None) -> Task:
        """A finished task with an image."""
        request = Request(Action.IMAGINE, prompt=prompt)
        await self.store.tasks.add(NewTask(task_id, parent, owner, GUILD, CHANNEL, request, "secret"), 1000.0)
        result = TaskResult(image_url="https://images.example.org/a.png")
        task = await self.store.tasks.move(task_id, TaskUpdate(TaskState.SUCCESS, result=result), 1001.0)
        assert task
        return task

    async def refreshed(self) -> None:
        """Reads the list of models again."""
        await self.platform.models.refresh()


async def made(store: Store, service: EmbeddingService, session: aiohttp.ClientSession) -> Bench:
    platform = await open_platform(session, service.url, SecretStr("key"), None, store.key_values)
    await platform.models.refresh()
    embedder = Embedder(platform, store.key_values)
    ended = asyncio.Event()
    indexer = ImageIndexer(store, embedder, ended, QUICK)
    search = ImageSearch(store, Policy(store), embedder, indexer)
    return Bench(store, service, platform, embedder, indexer, search, ended)


@pytest.fixture
async def service() -> AsyncIterator[EmbeddingService]:
    async with EmbeddingService() as service:
        yield service


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(f"sqlite:///{tmp_path / 'atelier.db'}") as store:
        yield store


@pytest.fixture
async def bench(store: Store, service: EmbeddingService, session: aiohttp.ClientSession) -> Bench:
    return await made(store, service, session)
