"""How long a start takes and how much memory it needs, with few and with many stored messages."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playground.driver import World
from tests.bench.filling import fill

STORED = (0, 100_000)
RUNS = 5


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
            starts.setdefault("bare discord.py client", []).append(await _bare(Path(folder)))
            for count, place in databases.items():
                starts.setdefault(f"Atelier, {count:,} stored messages", []).append(await _atelier(place))
    _print(starts)


async def _atelier(folder: Path) -> Start:
    async with World(folder) as world:
        began = time.monotonic()
        await world.start_bot()
        return Start(time.monotonic() - began, _resident(world.bot.pid))


async def _bare(folder: Path) -> Start:
    async with World(folder) as world:
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.bench.bare", env={**world.settings(), "PYTHONPATH": str(Path.cwd())}
        )
        try:
            await world.discord.bot_ready(30)
            return Start(time.monotonic() - began, _resident(process.pid))
        finally:
            process.kill()
            await process.wait()


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def _print(starts: dict[str, list[Start]]) -> None:
    base = next(iter(starts.values()))
    seconds = statistics.median(start.seconds for start in base)
    megabytes = statistics.median(start.megabytes for start in base)
    print(f"\n| start ({RUNS} runs each, medians) | time to ready | ratio | memory at start | ratio |")
    print("|---|---|---|---|---|")
    for name, runs in starts.items():
        time_to_ready = statistics.median(start.seconds for start in runs)
        memory = statistics.median(start.megabytes for start in runs)
        print(
            f"| {name} | {time_to_ready:.2f} s | {time_to_ready / seconds:.2f} "
            f"| {memory:.1f} MB | {memory / megabytes:.2f} |"
        )
