"""What a press costs: processor time, the wait until it is acknowledged, and until it is submitted."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playground.driver import Environment
from tests.bench.loads import Crowd, Load, shown, started
from tests.bench.process import cpu_seconds, kept_apart
from tests.bench.programs import BARE, FAIR, Program
from tests.bench.tables import Table, milliseconds, percentile


@dataclass(frozen=True)
class Cost:
    """Of one run: seconds of CPU a press, and of each press until it was acknowledged and until it was submitted."""

    cpu: float
    acknowledged: Sequence[float]
    submitted: Sequence[float]


@dataclass(frozen=True)
class Costs:
    """Of all runs of one program."""

    runs: Sequence[Cost]

    @property
    def cpu(self) -> float:
        """The median run's CPU a press."""
        return statistics.median(run.cpu for run in self.runs)

    @property
    def submitted(self) -> float:
        """The median run's median."""
        return statistics.median(statistics.median(run.submitted) for run in self.runs)

    @property
    def acknowledged(self) -> Sequence[float]:
        """Of every press."""
        return [seconds for run in self.runs for seconds in run.acknowledged]


async def measure(programs: Sequence[Program], load: Load) -> Mapping[str, Costs]:
    """By the programs' names. They take turns, so that each has its share of what else the machine does."""
    runs: dict[str, list[Cost]] = {program.name: [] for program in programs}
    for _ in range(load.runs):
        for program in programs:
            async with started(program, load) as env:
                with kept_apart(env.bot.pid):
                    runs[program.name].append(await _cost(env, load))
    return {name: Costs(found) for name, found in runs.items()}


async def _cost(env: Environment, load: Load) -> Cost:
    crowd = Crowd(env)
    await crowd.prepare(load.presses)
    used, before = cpu_seconds(env.bot.pid), len(env.images.submits)
    presses = await crowd.press(load.presses, load.rate)
    await shown(presses)
    used = cpu_seconds(env.bot.pid) - used
    # At this rate submits come in the order of the presses.
    sent = sorted(submit.at for submit in env.images.submits[before:])
    return Cost(
        used / load.presses,
        [acknowledgement(press.acknowledged_at) for press in presses],
        [at - press.created_at for press, at in zip(presses, sent, strict=True)],
    )


def acknowledgement(seconds: float | None) -> float:
    """Infinite for a press that was not acknowledged."""
    return float("inf") if seconds is None else seconds


def table(load: Load, costs: Mapping[str, Costs]) -> Table:
    """One row a program."""
    bare, fair = costs[BARE.name], costs[FAIR.name]
    rows = [
        [
            name,
            milliseconds(each.cpu),
            f"{each.cpu / bare.cpu:.2f}",
            f"{each.cpu / fair.cpu:.2f}",
            milliseconds(statistics.median(each.acknowledged)),
            milliseconds(percentile(each.acknowledged, 99)),
            milliseconds(each.submitted),
            f"{each.submitted / bare.submitted:.2f}",
        ]
        for name, each in costs.items()
    ]
    heads = [f"{load.runs} × {load.presses} {load.name} presses", "CPU a press", "× bare", "× fair"]
    return Table(load.name, [*heads, "acknowledged, median", "p99", "submitted, median", "× bare"], rows)
