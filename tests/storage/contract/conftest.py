"""Every implementation of the storage, each on an empty database, and a second process that uses the same one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from storage import Store
from storage.ports import DatabaseEngine
from storage.sqlite.engine import SqliteEngine
from tests.support.storing import AddTask, task_adder

OpenEngine = Callable[[], AbstractAsyncContextManager[DatabaseEngine]]
Implementation = Callable[[Path], OpenEngine]


def sqlite(folder: Path) -> OpenEngine:
    @asynccontextmanager
    async def opened() -> AsyncIterator[DatabaseEngine]:
        engine = await SqliteEngine.open(folder / "contract.db")
        try:
            yield engine
        finally:
            await engine.close()

    return opened


IMPLEMENTATIONS: Mapping[str, Implementation] = {"sqlite": sqlite}


@pytest.fixture(params=IMPLEMENTATIONS)
def open_engine(request: pytest.FixtureRequest, tmp_path: Path) -> OpenEngine:
    """Opens the database of this test; again after it was closed."""
    return IMPLEMENTATIONS[request.param](tmp_path)


@pytest.fixture
async def engine(open_engine: OpenEngine) -> AsyncIterator[DatabaseEngine]:
    async with open_engine() as engine:
        yield engine


@pytest.fixture
def store(engine: DatabaseEngine) -> Store:
    return Store(engine)


@pytest.fixture
def stranger(engine: DatabaseEngine) -> Store:
    """Another process with a memory of its own."""
    return Store(engine)


@pytest.fixture
def add_task(store: Store) -> AddTask:
    return task_adder(store)
