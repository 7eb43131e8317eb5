"""How long a start takes and how much memory it needs, with few and with many stored messages."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playground.bot_process import PROGRAM
from playground.driver import Environment
from tests.bench.filling import fill
from tests.bench.pressing import BARE, scenario
from tests.bench.process import megabytes
from tests.bench.tables import show

STORED = (0, 100_000, 1_000_000)
RUNS = 3


@dataclass(frozen=True)
class Start:
    """One start: seconds until Discord knows the bot, and megabytes of resident memory then."""

    seconds: float
    megabytes: float


async def measure() -> None:
    """Prints a table: a bare discord.py client, and Atelier on databases of these sizes, in turn."""
    starts: dict[str, list[Start]] = {}
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        databases = {count: Path(folder) / f"with-{count}" for count in STORED}
        for count, place in databases.items():
            place.mkdir()
            await fill(place / "atelier.db", count)
        for _ in range(RUNS):
            starts.setdefault("bare discord.py bot", []).append(await _start(Path(folder), BARE))
            for count, place in databases.items():
                starts.setdefault(f"Atelier, {count:,} stored messages", []).append(await _start(place, PROGRAM))
    _print(starts)


async def _start(folder: Path, program: tuple[str, ...]) -> Start:
    async with Environment(folder, scenario(program)) as env:
        began = time.monotonic()
        await env.start_bot()
        return Start(time.monotonic() - began, megabytes(env.bot.pid))


def _print(starts: dict[str, list[Start]]) -> None:
    base = next(iter(starts.values()))
    seconds = statistics.median(start.seconds for start in base)
    memory = statistics.median(start.megabytes for start in base)
    rows = []
    for name, runs in starts.items():
        took = statistics.median(start.seconds for start in runs)
        held = statistics.median(start.megabytes for start in runs)
        rows.append([name, f"{took:.2f} s", f"{took / seconds:.2f}", f"{held:.1f} MB", f"{held / memory:.2f}"])
    show([f"start ({RUNS} runs each, medians)", "time to ready", "×", "memory at start", "×"], rows)
