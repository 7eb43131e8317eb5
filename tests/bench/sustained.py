"""How many presses a second one process holds: the rate rises until acknowledgements or images come late."""

from __future__ import annotations

import asyncio
import dataclasses
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playground.discord import Interaction
from playground.driver import Environment
from tests.bench.loads import SHORT, Crowd, has_image, shown, started
from tests.bench.pressing import RUNS, acknowledgement
from tests.bench.process import cpu_seconds
from tests.bench.programs import Program
from tests.bench.tables import Table, percentile

SECONDS, SETTLE = 4.0, 1.0
STEP = 1.12
FIRST = 0.6
"""The first rate, as a part of what the processor time of a press alone would allow."""
ACKNOWLEDGED = 1.0
"""Limit of the 99th percentile, in seconds."""
LATE = 3.0
"""Limit in seconds from the last press of a rate to the last image. A backlog that grows exceeds it."""
BUTTONS = 160


@dataclass(frozen=True)
class Stage:
    """One rate: presses a second, 99th percentile until acknowledged, and seconds after the last press until all
    images were shown; share of a core that the bot and the playground took."""

    rate: float
    acknowledged: float
    late: float
    core: float
    playground: float

    @property
    def held(self) -> bool:
        """Whether the bot kept up."""
        return self.acknowledged < ACKNOWLEDGED and self.late < LATE


Ramp = Sequence[Stage]


def held(ramp: Ramp) -> float:
    """The highest rate before the first that was not held; 0 if none was."""
    rate = 0.0
    for stage in ramp:
        if not stage.held:
            break
        rate = stage.rate
    return rate


async def measure(programs: Mapping[Program, float]) -> Mapping[str, Sequence[Ramp]]:
    """`programs` and the seconds of CPU that a press of each takes. By the names, one ramp a run."""
    ramps: dict[str, list[Ramp]] = {program.name: [] for program in programs}
    for _ in range(RUNS):
        for program, cpu in programs.items():
            ramps[program.name].append(await _ramp(program, FIRST / cpu))
    return ramps


async def _ramp(program: Program, rate: float) -> Ramp:
    stages: list[Stage] = []
    async with started(program, SHORT) as env:
        crowd = Crowd(env)
        await crowd.prepare(BUTTONS)
        while not stages or stages[-1].held:
            stages.append(await _stage(env, crowd, rate))
            rate *= STEP
    return stages
