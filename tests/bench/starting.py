"""How long a start takes and how much memory it needs, with few and with many stored messages."""

from __future__ import annotations

import dataclasses
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from playground.driver import Environment
from tests.bench.filling import fill
from tests.bench.loads import scenario
from tests.bench.process import cpu_seconds, megabytes
from tests.bench.programs import ATELIER, BARE, Program
from tests.bench.tables import Table

STORED = (100_000, 1_000_000)
RUNS = 7


@dataclass(frozen=True)
class Start:
    """One start: seconds until Discord knows the bot, of the clock and of CPU, and megabytes of resident memory."""

    seconds: float
    cpu: float
    megabytes: float


async def measure(programs: Sequence[Program]) -> Mapping[str, Start]:
    """Medians by name: every program with an empty database, and Atelier on databases of these sizes, in turn."""
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as temporary:
        folder = Path(temporary)
        places = {program.name: (program, folder / f"of-{number}") for number, program in enumerate(programs)}
        for count in STORED:
            places[f"{ATELIER.name}, {count:,} stored messages"] = (ATELIER, folder / f"with-{count}")
        for _, place in places.values():
            place.mkdir()
        for count in STORED:
            await fill(folder / f"with-{count}" / "atelier.db", count)
        starts: dict[str, list[Start]] = {name: [] for name in places}
        for _ in range(RUNS):
            for name, (program, place) in places.items():
                starts[name].append(await _start(place, program))
    return {name: _median(runs) for name, runs in starts.items()}


async def _start(folder: Path, program: Program) -> Start:
    async with Environment(folder, scenario(program)) as env:
        began = time.monotonic()
        await env.start_bot()
        return Start(time.monotonic() - began, cpu_seconds(env.bot.pid), megabytes(env.bot.pid))


def _median(runs: Sequence[Start]) -> Start:
    return Start(*(statistics.median(values) for values in zip(*map(dataclasses.astuple, runs), strict=True)))


def table(starts: Mapping[str, Start]) -> Table:
    """Ratios are against the bare bot."""
    base = starts[BARE.name]
    rows = [
        [
            name,
            f"{start.seconds:.2f} s",
            f"{start.cpu:.2f} s",
            f"{start.cpu / base.cpu:.2f}",
            f"{start.megabytes:.1f} MB",
            f"{start.megabytes / base.megabytes:.2f}",
        ]
        for name, start in starts.items()
    ]
    return Table("start", [f"start ({RUNS} runs, medians)", "time to ready", "CPU", "×", "memory", "×"], rows)
