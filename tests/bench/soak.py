"""`make soak`: some minutes of a busy server. Nothing may grow, and nothing may hold the event loop up.

Ends with exit code 1 when memory, descriptors or background tasks grow, or something blocks the loop.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playground.discord import Limits, Message
from playground.driver import Environment, Scenario
from playground.images import Pace
from tests.bench.process import descriptors, megabytes
from tests.bench.tables import show

MINUTES = float(os.environ.get("SOAK_MINUTES", "4"))
AT_ONCE = 6
PEOPLE = ("ada", "bob", "owner", "mod")
SAMPLE_SECONDS = 1.0
# Seconds. Longer than this, and everybody else's acknowledgement waits visibly.
BLOCKED = 0.05
# From the second third to the last: what still grows then grows for ever.
GROWN_MEGABYTES, GROWN_DESCRIPTORS, GROWN_TASKS = 5.0, 10, 15


@dataclass(frozen=True)
class Sample:
    """The bot at one moment: memory, open files, tasks of its loop; longest wait and work between two beats, and
    longest collection of garbage."""

    megabytes: float
    descriptors: int
    tasks: int
    waited: float
    busy: float
    collected: float


async def main() -> int:
    """Runs and judges; the exit code."""
    with tempfile.TemporaryDirectory(prefix="atelier-soak-") as folder:
        probe = Path(folder) / "probe.json"
        scenario = Scenario(
            pace=dataclasses.replace(Pace.quick(), step=0.3),
            limits=Limits(),
            settings={"PROBE_FILE": str(probe), "LOG_LEVEL": "WARNING", "MJ_PROFILE": "plus"},
            program=("-m", "tests.bench.probed"),
        )
        async with Environment(Path(folder), scenario) as env:
            env.images.service.queue.slots, env.images.service.queue.queue_limit = 50, 1_000
            await env.start_bot()
            await env.until(probe.exists)
            probe.unlink()  # a start may take its time
            until = time.monotonic() + MINUTES * 60
            sampling = asyncio.create_task(_sample(env, probe, until))
            made = await asyncio.gather(*(_member(env, number, until) for number in range(AT_ONCE)))
            samples = await sampling
            code = await env.stop_bot()
    return _judge(samples, sum(made), code)


async def _member(env: Environment, number: int, until: float) -> int:
    """Somebody who starts pictures and presses their buttons all the time; how many came of it."""
    made = 0
    name = PEOPLE[number % len(PEOPLE)]
    while time.monotonic() < until:
        grid = await env.result_of(await env.slash("imagine", {"prompt": f"boat {number}"}, by=name), 120)
        made += 1
        for caption in ("U1", "V2", "🔄"):
            made += len(await _pressed(env, grid, caption, name))
    return made


async def _pressed(env: Environment, grid: Message, caption: str, name: str) -> list[Message]:
    return [await env.result_of(await env.press(grid, caption, by=name), 120)]


async def _sample(env: Environment, probe: Path, until: float) -> list[Sample]:
    samples = []
    while time.monotonic() < until:
        await asyncio.sleep(SAMPLE_SECONDS)
        if probe.exists():
            beat = json.loads(probe.read_text(encoding="ascii"))
            pid = env.bot.pid
            samples.append(Sample(megabytes=megabytes(pid), descriptors=descriptors(pid), **beat))
    return samples


def _judge(samples: list[Sample], made: int, code: int) -> int:
    third = len(samples) // 3
    parts = (samples[:third], samples[third : 2 * third], samples[2 * third :])
    rows = []
    grown = []
    for name, limit in (
        ("megabytes", GROWN_MEGABYTES),
        ("descriptors", GROWN_DESCRIPTORS),
        ("tasks", GROWN_TASKS),
    ):
        medians = [statistics.median(getattr(sample, name) for sample in part) for part in parts]
        grown += [name] if medians[2] - medians[1] > limit else []
        rows.append([name, *(f"{median:.1f}" for median in medians)])
    show([f"{made} tasks in {MINUTES:g} minutes", "first third", "second", "last"], rows)
    worst = max(sample.busy for sample in samples)
    waited = max(sample.waited for sample in samples)
    collected = max(sample.collected for sample in samples)
    print(f"\nWorst turn of the event loop: {worst * 1000:.0f} ms of work, {waited * 1000:.0f} ms by the clock.")
    print(f"Worst collection of garbage: {collected * 1000:.0f} ms.")
    if worst > BLOCKED:
        grown.append(f"the loop was blocked for {worst * 1000:.0f} ms")
    if code:
        grown.append(f"it ended with {code}")
    print("; ".join(grown) or "Nothing grew.")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
