"""`make bench`: measures, prints the tables, and with --write puts them into docs/performance.md."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import (
    attaching,
    bodies,
    counts,
    delivering,
    pressing,
    queries,
    report,
    running,
    searching,
    starting,
    sustained,
    watching,
)
from tests.bench.document import DOCUMENT, PLOT, replaced
from tests.bench.loads import LOADS
from tests.bench.plot import svg
from tests.bench.programs import ATELIER, BARE, FAIR, Program, atelier_of
from tests.bench.tables import Table


@dataclass
class Run:
    """The Ateliers that are compared, what was measured of them, and the plot of it."""

    ateliers: Sequence[Program]
    found: report.Report = field(default_factory=report.Report)
    plot: str | None = None

    @property
    def programs(self) -> Sequence[Program]:
        """All that press."""
        return (BARE, FAIR, *self.ateliers)


async def _press(run: Run) -> Sequence[Table]:
    run.found.pressing = {load.name: await pressing.measure(run.programs, load) for load in LOADS}
    return [pressing.table(load, run.found.pressing[load.name]) for load in LOADS]


async def _counts(run: Run) -> Sequence[Table]:
    run.found.counts = {
        each.name: {load.name: await counts.measure(each, load) for load in LOADS} for each in run.ateliers
    }
    return [counts.table(run.found.counts)]


async def _sustained(run: Run) -> Sequence[Table]:
    run.found.ramps = await sustained.measure(run.ateliers)
    return [sustained.table(run.found.ramps)]


async def _start(run: Run) -> Sequence[Table]:
    run.found.starts = await starting.measure(run.programs)
    return [starting.table(run.found.starts)]


async def _summary(run: Run) -> Sequence[Table]:
    run.plot = svg(run.found)
    return [report.table(run.found)]


async def _queries(_: Run) -> Sequence[Table]:
    return await queries.measure()


async def _searching(_: Run) -> Sequence[Table]:
    return await searching.measure()


async def _delivering(run: Run) -> Sequence[Table]:
    return [await delivering.measure(run.ateliers)]


def _alone(measure: Callable[[], Awaitable[Table]]) -> Callable[[Run], Awaitable[Sequence[Table]]]:
    """A part that measures this version only."""

    async def part(_: Run) -> Sequence[Table]:
        return [await measure()]

    return part


SUMMED_UP = {"press": _press, "counts": _counts, "sustained": _sustained, "start": _start}
FURTHER = {
    "searching": _searching,
    "running": _alone(running.measure),
    "watching": _alone(watching.measure),
    "delivering": _delivering,
    "bodies": _alone(bodies.measure),
    "attaching": _alone(attaching.measure),
}
PARTS = {**SUMMED_UP, "queries": _queries, **FURTHER}


def main() -> None:
    """Reads the arguments and measures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    usual = [name for name in PARTS if name not in FURTHER]
    parser.add_argument("part", nargs="*", help=f"{', '.join(PARTS)}, all; without any: {', '.join(usual)}")
    parser.add_argument(
        "--bot-from", type=Path, action="append", default=[], metavar="CHECKOUT", help="compare with it"
    )
    parser.add_argument("--write", action="store_true", help="put the tables and the plot into docs/performance.md")
    given = parser.parse_args()
    parts = list(PARTS) if "all" in given.part else given.part or usual
    if unknown := set(parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    run = Run((ATELIER, *map(atelier_of, given.bot_from)))
    blocks = asyncio.run(measure(run, parts))
    if given.write:
        text = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(replaced(text, blocks), encoding="utf-8")
        if run.plot:
            PLOT.write_text(run.plot, encoding="utf-8")


def checkout(path: str) -> Path:
    """The folder of another version of Atelier."""
    if not (Path(path) / "bot" / "__main__.py").exists():
        raise argparse.ArgumentTypeError(f"there is no bot in {path}")
    return Path(path).resolve()


async def measure(run: Run, parts: Sequence[str]) -> Mapping[str, str]:
    """Measures these parts and prints their tables, which are returned by their names."""
    blocks, before, began = {}, os.getloadavg()[0], time.monotonic()
    steps = [PARTS[name] for name in parts] + ([_summary] if set(SUMMED_UP) <= set(parts) else [])
    for step in steps:
        for table in await step(run):
            blocks[table.name] = table.markdown()
            print(f"\n{table.name}\n\n{table.markdown()}", flush=True)
    minutes = (time.monotonic() - began) / 60
    blocks["machine"] = (
        f"Python {platform.python_version()}, {os.cpu_count()} processors; load average {before:.1f} before the run,"
        f" {os.getloadavg()[0]:.1f} after its {minutes:.0f} minutes."
    )
    print(f"\n{blocks['machine']}")
    return blocks


if __name__ == "__main__":
    main()
