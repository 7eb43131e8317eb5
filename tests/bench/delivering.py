"""What it costs to show thousands of running tasks: memory above the idle bot's, tasks of the loop, processor."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playground.discord import Limits
from playground.driver import World
from playground.images.tasks import Status
from tests.bench.pressing import scene
from tests.bench.process import cpu_seconds, megabytes, peak_megabytes
from tests.bench.tables import show

TASKS = int(os.environ.get("BENCH_TASKS", "5000"))
INTERVAL = 4.0
WATCHED_SECONDS = 60.0
AT_ONCE = 20
# More of one person's would wait in the bot.
A_PERSON = 4
PROBED = ("-m", "tests.bench.probed")
# To compare: the folder of another version of the program.
OTHER_VERSION = os.environ.get("OTHER_VERSION")


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


async def measure() -> None:
    """Prints the table."""
    versions: dict[str, dict[str, str]] = {"this version": {}}
    if OTHER_VERSION:
        versions = {"other version": {"PYTHONPATH": OTHER_VERSION}, **versions}
    rows = []
    for name, settings in versions.items():
        cost = await _shown(TASKS, settings)
        rows.append(
            [
                name,
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
    show([f"{TASKS:,} /imagine", *heads], rows)


async def _shown(count: int, settings: dict[str, str]) -> Cost:
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        probe = Path(folder) / "probe.json"
        plan = scene(PROBED, poll_interval=INTERVAL)
        plan = dataclasses.replace(
            plan,
            limits=Limits.off(acknowledge=60.0),  # what a busy machine cannot keep up with is not measured here
            settings={**plan.settings, "PROBE_FILE": str(probe), **settings},
        )
        async with World(Path(folder), plan) as world:
            engine = world.images.service.queue
            engine.slots, engine.queue_limit = 2 * count, 2 * count
            await world.start_bot()
            world.images.hold()
            await asyncio.sleep(INTERVAL)
            idle = megabytes(world.bot.pid)
            await _ask(world, count)
            await asyncio.sleep(2 * INTERVAL)
            running = len(world.images.submits)
            asked = megabytes(world.bot.pid)
            mover = asyncio.create_task(_move(world))
            await asyncio.sleep(3 * INTERVAL)
            edits = _edits(world)
            used, began, moving, background = cpu_seconds(world.bot.pid), time.monotonic(), 0.0, 0
            while time.monotonic() - began < WATCHED_SECONDS:
                await asyncio.sleep(1)
                moving = max(moving, megabytes(world.bot.pid))
                background = max(background, json.loads(probe.read_text(encoding="ascii"))["tasks"])
            used = (cpu_seconds(world.bot.pid) - used) / (time.monotonic() - began)
            mover.cancel()
            peak = peak_megabytes(world.bot.pid)
            return Cost(running, idle, asked, moving, peak, background, used, _edits(world) - edits)


async def _ask(world: World, count: int) -> None:
    places = asyncio.Semaphore(AT_ONCE)
    guild = world.discord.world.guild_of(world.studio)
    if guild is None:
        raise RuntimeError("the studio is in no server")
    people = [world.discord.add_person(f"m{each}", guild).user.name for each in range(-(-count // A_PERSON))]

    async def ask(number: int) -> None:
        async with places:
            prompt = f"a paper boat number {number} on a quiet river at dawn, mist, soft light"
            used = await world.person(people[number % len(people)]).slash(world.studio, "imagine", {"prompt": prompt})
            await used.answered(120.0)
            async with asyncio.timeout(120.0):
                while any(message.loading and not message.deleted for message in used.messages):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)

    await asyncio.gather(*map(ask, range(count)))


async def _move(world: World) -> None:
    """A tenth of the tasks moves every second."""
    turn, tasks = 0, list(world.images.service.tasks.values())
    while True:
        for task in tasks[turn % 10 :: 10]:
            task.status, task.progress = Status.IN_PROGRESS, min(99, (task.progress or 0) + 1)
        turn += 1
        await asyncio.sleep(1)


def _edits(world: World) -> int:
    return sum(each.method == "PATCH" for each in world.discord.requests)


if __name__ == "__main__":
    asyncio.run(measure())
