"""Statements, commits and thread hops a press, counted inside the real bot."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Mapping
from pathlib import Path

from playground.driver import Environment
from tests.bench.loads import Crowd, Load, shown, started
from tests.bench.programs import Program, counted
from tests.bench.tables import Table

COLUMNS = {
    "statements": "SQL statements",
    "transactions": "transactions that changed rows",
    "full_commits": "with fsync",
    "thread_hops": "thread hops",
    "pool_jobs": "jobs of thread pools",
}

Counted = Mapping[str, float]
"""The fields of `Counts`, a press."""


async def measure(program: Program, load: Load) -> Counted:
    """One run: counts hardly vary."""
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
        report = Path(folder) / "counts.json"
        async with started(counted(program, report), load) as env:
            crowd = Crowd(env)
            await crowd.prepare(load.presses)
            before = await _counts(env, report)
            await shown(await crowd.press(load.presses, load.rate))
            after = await _counts(env, report)
    return {name: (after[name] - before[name]) / load.presses for name in after}


async def _counts(env: Environment, report: Path) -> Mapping[str, int]:
    report.unlink(missing_ok=True)
    os.kill(env.bot.pid, signal.SIGUSR1)
    await env.until(report.exists)
    found: dict[str, int] = json.loads(report.read_text(encoding="ascii"))
    return found


def table(found: Mapping[str, Mapping[str, Counted]]) -> Table:
    """One row a program and load. `found`: by the program's name, then the load's."""
    rows = [
        [f"{program}, {load}", *(f"{counts[column]:.1f}" for column in COLUMNS)]
        for program, loads in found.items()
        for load, counts in loads.items()
    ]
    return Table("counts", ["a press", *COLUMNS.values()], rows)
