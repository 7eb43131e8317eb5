"""A store on a file of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import Store, open_store
from tests.support.storing import AddTask, task_adder


@pytest.fixture
def database_path(tmp_path: Path) -> Path:
    return tmp_path / "atelier.db"


@pytest.fixture
async def store(database_path: Path) -> AsyncIterator[Store]:
    async with open_store(f"sqlite:///{database_path}") as store:
        yield store


@pytest.fixture
def add_task(store: Store) -> AddTask:
    return task_adder(store)
