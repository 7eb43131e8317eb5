"""What running tasks cost: questions to the image service, and memory."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playground.driver import Environment
from tests.bench.loads import scenario
from tests.bench.process import megabytes
from tests.bench.programs import ATELIER, BARE, Program
from tests.bench.tables import Table

RUNNING = (1, 100, 1_000)
# A task of a minute, asked about every four seconds, is asked about fifteen times; here a part of that is watched.
INTERVAL = 4.0
WATCHED_SECONDS = 12.0
TASK_SECONDS = 60.0
AT_ONCE = 20
# More of one person's would wait in the bot.
A_PERSON = 4


@dataclass(frozen=True)
class Load:
    """With so many running tasks: questions a task in its minute, and kilobytes of memory a task."""

    polls: float
    kilobytes: float


async def measure() -> Table:
    """With so many running tasks, the bare bot and Atelier."""
    rows = []
    for count in RUNNING:
        bare, atelier = [await _load(program, count) for program in (BARE, ATELIER)]
        memory = [f"{load.kilobytes:.0f} kB" if count >= 100 else "–" for load in (bare, atelier)]
        rows.append(
            [f"{count:,}", f"{bare.polls:.3f}", f"{atelier.polls:.3f}", f"{atelier.polls / bare.polls:.4f}", *memory]
        )
    heads = ["running tasks", "polls a finished task, bare", "Atelier", "×", "memory a task, bare", "Atelier"]
    return Table("running", heads, rows)


async def _load(program: Program, count: int) -> Load:
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        async with Environment(Path(folder), scenario(program, poll_interval=INTERVAL)) as env:
            engine = env.images.service.queue
            engine.slots, engine.queue_limit = 2_000, 10_000
            await env.start_bot()
            env.images.hold()
            before = megabytes(env.bot.pid)
            places = asyncio.Semaphore(AT_ONCE)
            guild = env.discord.state.guild_of(env.studio)
            if guild is None:
                raise RuntimeError("the studio is in no server")
            people = [env.discord.add_person(f"m{each}", guild).user.name for each in range(-(-count // A_PERSON))]

            async def ask(number: int) -> None:
                async with places:
                    await env.slash("imagine", {"prompt": f"boat {number}"}, by=people[number % len(people)])

            await asyncio.gather(*map(ask, range(count)))
            await env.until(lambda: len(env.images.submits) == count, timeout=60)
            await asyncio.sleep(INTERVAL)
            polls = env.images.polls
            await asyncio.sleep(WATCHED_SECONDS)
            polls = env.images.polls - polls
            return Load(
                polls / count * TASK_SECONDS / WATCHED_SECONDS, (megabytes(env.bot.pid) - before) * 1024 / count
            )
