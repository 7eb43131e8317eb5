"""The machine, and what watches it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from bot.tasks.journal import RecoveryLoop
from bot.tasks.poller import TaskPoller
from storage import Task, TaskState
from tests.support.machine import Machine, running_machine

INTERVAL = 0.03
PATIENCE = 10.0


class Reaches(Protocol):
    """Waits until a task has come to a state."""

    async def __call__(self, task: Task, *states: TaskState) -> Task: ...


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    async with running_machine(tmp_path) as machine:
        yield machine


@pytest.fixture
def reaches(machine: Machine) -> Reaches:
    return reaching(machine)


def reaching(machine: Machine) -> Reaches:
    """A `Reaches` for this machine: looks at every news of a task."""
    news = asyncio.Event()
    machine.events.subscribe(lambda _: news.set())

    async def reaches(task: Task, *states: TaskState) -> Task:
        async with asyncio.timeout(PATIENCE):
            while True:
                news.clear()
                now = await machine.now(task)
                if now.state in states:
                    return now
                await news.wait()

    return reaches


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Something that runs until cancelled, while within; it must not have ended by itself."""
    task = asyncio.create_task(work)
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def watcher_of(machine: Machine, clock: Callable[[], float] | None = None) -> TaskPoller:
    """A watcher that hears of every change."""
    clock = clock or machine.clock
    watcher = TaskPoller(
        machine.store, machine.engines.default, machine.service.updates, interval=INTERVAL, clock=clock, wall=clock
    )
    machine.events.subscribe(watcher.task_changed)
    return watcher


def recovery_of(machine: Machine, *, clock: Callable[[], float] | None = None, **seconds: float) -> RecoveryLoop:
    """A recovery in a hurry."""
    return RecoveryLoop(
        machine.store,
        machine.service.submissions.in_flight,
        machine.service.recovery.search,
        round_seconds=INTERVAL,
        clock=clock or machine.clock,
        **seconds,
    )


async def until(seen: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Waits until something is so."""
    async with asyncio.timeout(seconds):
        while not seen():  # noqa: ASYNC110 - what is waited for tells nobody of itself
            await asyncio.sleep(0.005)
