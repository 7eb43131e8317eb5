"""What it costs to show thousands of running tasks: memory above the idle bot's, tasks of the loop, processor."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playground.driver import Environment
from playground.images.tasks import Status
from tests.bench.loads import scenario
from tests.bench.process import cpu_seconds, megabytes, peak_megabytes
from tests.bench.programs import ATELIER, Program, probed
from tests.bench.tables import Table

TASKS = int(os.environ.get("BENCH_TASKS", "5000"))
INTERVAL = 4.0
WATCHED_SECONDS = 60.0
AT_ONCE = 20
# More of one person's would wait in the bot.
A_PERSON = 4


@dataclass(frozen=True)
class Cost:
    """Of one bot: how many tasks run; megabytes when idle, when all cards stand, and while they move; the peak; tasks
    of its loop while they move, share of a core, and edits made."""

    running: int
    idle: float
    asked: float
    moving: float
    peak: float
    background: int
    core: float
    edits: int


async def measure(programs: Sequence[Program] = (ATELIER,)) -> Table:
    """One row a program."""
    rows = []
    for program in programs:
        cost = await _shown(TASKS, program)
        rows.append(
            [
                program.name,
                f"{cost.running:,}",
                f"{cost.idle:.0f} MB",
                f"+{cost.asked - cost.idle:.0f} MB",
                f"+{cost.moving - cost.idle:.0f} MB",
                f"{cost.peak:.0f} MB",
                f"{cost.background:,}",
                f"{cost.core:.1%}",
                f"{cost.edits / WATCHED_SECONDS:.1f}",
            ]
        )
    heads = ["running", "idle", "all asked", "all move", "peak", "background tasks", "of a core", "edits a second"]
    return Table("delivering", [f"{TASKS:,} /imagine", *heads], rows)


async def _shown(count: int, program: Program) -> Cost:
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        probe = Path(folder) / "probe.json"
        plan = scenario(probed(program, probe), poll_interval=INTERVAL)
        async with Environment(Path(folder), plan) as env:
            engine = env.images.service.queue
            engine.slots, engine.queue_limit = 2 * count, 2 * count
            await env.start_bot()
            env.images.hold()
            await asyncio.sleep(INTERVAL)
            idle = megabytes(env.bot.pid)
            await _ask(env, count)
            await asyncio.sleep(2 * INTERVAL)
            running = len(env.images.submits)
            asked = megabytes(env.bot.pid)
            mover = asyncio.create_task(_move(env))
            await asyncio.sleep(3 * INTERVAL)
            edits = _edits(env)
            used, began, moving, background = cpu_seconds(env.bot.pid), time.monotonic(), 0.0, 0
            while time.monotonic() - began < WATCHED_SECONDS:
                await asyncio.sleep(1)
                moving = max(moving, megabytes(env.bot.pid))
                background = max(background, json.loads(probe.read_text(encoding="ascii"))["tasks"])
            used = (cpu_seconds(env.bot.pid) - used) / (time.monotonic() - began)
            mover.cancel()
            peak = peak_megabytes(env.bot.pid)
            return Cost(running, idle, asked, moving, peak, background, used, _edits(env) - edits)


async def _ask(env: Environment, count: int) -> None:
    places = asyncio.Semaphore(AT_ONCE)
    guild = env.discord.state.guild_of(env.studio)
    if guild is None:
        raise RuntimeError("the studio is in no server")
    people = [env.discord.add_person(f"m{each}", guild).user.name for each in range(-(-count // A_PERSON))]

    async def ask(number: int) -> None:
        async with places:
            prompt = f"a paper boat number {number} on a quiet river at dawn, mist, soft light"
            used = await env.person(people[number % len(people)]).slash(env.studio, "imagine", {"prompt": prompt})
            await used.answered(120.0)
            async with asyncio.timeout(120.0):
                while any(message.loading and not message.deleted for message in used.messages):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)

    await asyncio.gather(*map(ask, range(count)))


async def _move(env: Environment) -> None:
    """A tenth of the tasks moves every second."""
    turn, tasks = 0, list(env.images.service.tasks.values())
    while True:
        for task in tasks[turn % 10 :: 10]:
            task.status, task.progress = Status.IN_PROGRESS, min(99, (task.progress or 0) + 1)
        turn += 1
        await asyncio.sleep(1)


def _edits(env: Environment) -> int:
    return sum(each.method == "PATCH" for each in env.discord.requests)
