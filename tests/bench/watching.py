"""What it costs to follow thousands of running tasks: processor, memory, and how long the event loop is held up."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.driver import Environment
from playground.images.tasks import Kind, Status
from playground.images.tasks import Task as RemoteTask
from storage import Action, Request, TaskResult, open_store
from tests.bench.loads import scenario
from tests.bench.process import cpu_seconds, megabytes
from tests.bench.programs import ATELIER, probed
from tests.bench.tables import Table

TASKS = 5_000
INTERVAL = 4.0
WATCHED_SECONDS = 40.0
FIRST_ID = 1_760_000_000_000_000


@dataclass(frozen=True)
class Cost:
    """Of one bot: share of a core, resident megabytes, the loop's longest turn in seconds of processor time, and how
    often each task was asked about."""

    core: float
    megabytes: float
    longest_turn: float
    asked: float


class CountedTasks(dict[str, RemoteTask]):
    """The image service's tasks, counting how often one is looked up."""

    looked_up = 0

    def get(self, key: str, default: Any = None) -> Any:
        """As a dict's."""
        self.looked_up += 1
        return super().get(key, default)


async def measure() -> Table:
    """Atelier alone."""
    idle = await _watched(0, moving=False)
    still = await _watched(TASKS, moving=False)
    moving = await _watched(TASKS, moving=True)
    rows = [
        [
            name,
            f"{cost.core:.1%}",
            f"{cost.megabytes:.0f} MB",
            f"{cost.longest_turn * 1000:.0f} ms",
            f"{WATCHED_SECONDS / cost.asked:.1f} s" if cost.asked else "–",
        ]
        for name, cost in (
            ("none", idle),
            (f"{TASKS:,}, none of which moves", still),
            (f"{TASKS:,}, a tenth of which moves every second", moving),
        )
    ]
    heads = [f"running tasks, asked about every {INTERVAL:g} s", "of a core", "memory", "longest turn", "really every"]
    return Table("watching", heads, rows)


async def _watched(count: int, *, moving: bool) -> Cost:
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        probe = Path(folder) / "probe.json"
        plan = scenario(probed(ATELIER, probe), poll_interval=INTERVAL)
        async with Environment(Path(folder), plan) as env:
            await fill(Path(folder) / "atelier.db", count)
            tasks = list(_remote(count))
            counted = env.images.service.tasks = CountedTasks((task.id, task) for task in tasks)
            await env.start_bot()
            await asyncio.sleep(3 * INTERVAL)
            probe.unlink(missing_ok=True)
            mover = asyncio.create_task(_move(tasks if moving else []))
            used, began, counted.looked_up = cpu_seconds(env.bot.pid), time.monotonic(), 0
            worst, memory = 0.0, 0.0
            while time.monotonic() - began < WATCHED_SECONDS:
                await asyncio.sleep(1)
                memory = max(memory, megabytes(env.bot.pid))
                if probe.exists():
                    worst = max(worst, json.loads(probe.read_text(encoding="ascii"))["busy"])
            used = (cpu_seconds(env.bot.pid) - used) / (time.monotonic() - began)
            mover.cancel()
            return Cost(used, memory, worst, counted.looked_up / count if count else 0.0)


async def fill(path: Path, count: int) -> None:
    """Makes a database of the newest version with this many running tasks that no message shows."""
    async with open_store(f"sqlite:///{path}"):
        pass
    with sqlite3.connect(path) as connection:
        connection.executemany(
            "INSERT INTO tasks (id, upstream_id, owner_id, guild_id, channel_id, action, prompt, request, state,"
            " progress, result, buttons, callback_hash, created_at, progressed_at, version)"
            " VALUES (?, ?, 7, 1, 2, 'imagine', ?, ?, 'running', 0, ?, '[]', x'00', ?, ?, 3)",
            _rows(count),
        )
    connection.close()


def _rows(count: int) -> Iterator[tuple[Any, ...]]:
    result, now = json.dumps(dataclasses.asdict(TaskResult())), time.time()
    for number in range(count):
        request = json.dumps(dataclasses.asdict(Request(Action.IMAGINE, prompt=_prompt(number))))
        yield (f"t{number:09}", str(FIRST_ID + number), _prompt(number), request, result, now + number / count, now)


def _remote(count: int) -> Iterator[RemoteTask]:
    for number in range(count):
        prompt = _prompt(number)
        yield RemoteTask(
            str(FIRST_ID + number),
            Kind.IMAGINE,
            prompt=prompt,
            final_prompt=prompt,
            description=f"/imagine {prompt}",
            status=Status.IN_PROGRESS,
            progress=0,
        )


def _prompt(number: int) -> str:
    return f"a paper boat number {number} on a quiet river at dawn, mist, soft light --ar 3:2 --v 7"


async def _move(tasks: list[RemoteTask]) -> None:
    turn = 0
    while tasks:
        for task in tasks[turn % 10 :: 10]:
            task.progress = min(99, (task.progress or 0) + 7)
        turn += 1
        await asyncio.sleep(1)
