"""How many presses a second one process holds: the rate rises until acknowledgements or images come late."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playground.driver import Environment
from tests.bench.loads import SHORT, Crowd, shown, started
from tests.bench.pressing import acknowledgement
from tests.bench.process import cpu_seconds
from tests.bench.programs import Program
from tests.bench.tables import Table, milliseconds, percentile

RUNS = 3
# Of each rate.
SECONDS = 4.0
STEP = 1.12
PATIENCE = 20.0
EASY = 8.0
"""The first rate; it tells how much processor time a press takes."""
FIRST = 0.5
"""The second rate, as a part of what that time would allow."""
ACKNOWLEDGED = 1.0
"""Limit of the 99th percentile, in seconds."""
LATE = 3.0
"""Limit in seconds from the last press of a rate to the last image. A backlog that grows exceeds it."""
BUTTONS = 160
SATURATED = 0.85
"""Of a core: the most that the playground may take."""
PUNCTUAL = 0.9
"""Of the planned rate: the least that the people must reach."""


@dataclass(frozen=True)
class Stage:
    """One rate: presses a second as planned and as made, 99th percentile until acknowledged, seconds after the last
    press until all images were shown, seconds of CPU a press, and the share of a core that the playground took."""

    planned: float
    rate: float
    acknowledged: float
    late: float
    cpu: float
    playground: float

    @property
    def held(self) -> bool:
        """Whether the bot kept up."""
        return self.acknowledged < ACKNOWLEDGED and self.late < LATE

    @property
    def limited(self) -> bool:
        """Whether the playground may be what is slow."""
        return self.playground > SATURATED or self.rate < PUNCTUAL * self.planned


Ramp = Sequence[Stage]


def held(ramp: Ramp) -> float:
    """The highest rate before the first that was not held; 0 if none was."""
    rate = 0.0
    for stage in ramp:
        if not stage.held:
            break
        rate = stage.rate
    return rate


async def measure(programs: Sequence[Program]) -> Mapping[str, Sequence[Ramp]]:
    """By the programs' names, one ramp a run."""
    ramps: dict[str, list[Ramp]] = {program.name: [] for program in programs}
    for _ in range(RUNS):
        for program in programs:
            ramps[program.name].append(await _ramp(program))
    return ramps


async def _ramp(program: Program) -> Ramp:
    async with started(program, SHORT) as env:
        crowd = Crowd(env)
        await crowd.prepare(BUTTONS)
        stages = [await _stage(env, crowd, EASY)]
        rate = FIRST / stages[0].cpu
        while stages[-1].held and not stages[-1].limited:
            stages.append(await _twice(env, crowd, rate))
            rate *= STEP
    return stages


async def _twice(env: Environment, crowd: Crowd, rate: float) -> Stage:
    """A rate that was not held is tried again: another program may have had the processors for a moment."""
    stage = await _stage(env, crowd, rate)
    return stage if stage.held else await _stage(env, crowd, rate)


async def _stage(env: Environment, crowd: Crowd, rate: float) -> Stage:
    used, own, began = cpu_seconds(env.bot.pid), time.process_time(), time.monotonic()
    presses = await crowd.press(round(rate * SECONDS), rate)
    seconds = time.monotonic() - began
    own = (time.process_time() - own) / seconds
    try:
        await shown(presses, PATIENCE)
        late = time.monotonic() - began - seconds
    except TimeoutError:
        late = float("inf")
    used = (cpu_seconds(env.bot.pid) - used) / len(presses)
    acknowledged = percentile([acknowledgement(press.acknowledged_at) for press in presses], 99)
    return Stage(rate, len(presses) / seconds, acknowledged, late, used, own)


def median_run(ramps: Sequence[Ramp]) -> Ramp:
    """The run that held the median rate."""
    return sorted(ramps, key=held)[len(ramps) // 2]


def shown_rate(ramps: Sequence[Ramp]) -> str:
    """The median run's rate; with "≥" if the playground itself was the limit."""
    ramp = median_run(ramps)
    return f"{'≥ ' if ramp[-1].limited else ''}{held(ramp):.0f}"


def table(ramps: Mapping[str, Sequence[Ramp]]) -> Table:
    """One row a program."""
    rows = []
    for name, runs in ramps.items():
        ramp = median_run(runs)
        last = [stage for stage in ramp if stage.held][-1:] or ramp[:1]
        rows += [
            [
                name,
                " ".join(f"{held(run):.0f}" for run in sorted(runs, key=held)),
                shown_rate(runs),
                milliseconds(stage.acknowledged),
                f"{stage.late:.1f} s",
                milliseconds(stage.cpu),
                f"{stage.playground:.0%}",
            ]
            for stage in last
        ]
    heads = ["presses a second held", "each run", "median", "acknowledged, p99", "last image after"]
    return Table("sustained", [*heads, "CPU a press", "of a core, the playground"], rows)
