"""People who press buttons at an even rate, and the environment in which each compared program serves them."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playground.discord import Interaction, Limits, Message
from playground.driver import Environment, Scenario, is_finished, public_messages
from playground.images import Pace
from tests.bench.photos import photo_files
from tests.bench.programs import Program

PEOPLE, CHANNELS = 40, 8
# Of a grid's: four upscales and four variations.
BUTTONS = 8
PATIENCE = 90.0


@dataclass(frozen=True)
class Load:
    """`presses` of one run, `rate` of them a second. `runs`: so many that the medians of two measurements agree."""

    name: str
    presses: int
    rate: float
    pace: Pace
    runs: int = 3


# The bots ask every half second, so few of these tasks are ever seen while they run.
SHORT = Load("short", 100, 10.0, Pace(queue=0.05, step=0.25, steps=1, sync=0.1, side=256), runs=7)
LONG = Load("long", 30, 2.0, Pace(queue=0.05, step=0.8, steps=8, sync=0.1, side=1_024))
LOADS = (SHORT, LONG)


@dataclass(frozen=True)
class Button:
    """One button of a grid."""

    message: Message
    custom_id: str


def scenario(program: Program, pace: Pace = SHORT.pace, *, poll_interval: float = 0.5) -> Scenario:
    """The same environment for all programs: no limits of Discord's, no callbacks, so that all have to poll."""
    return Scenario(
        pace=pace,
        limits=Limits.off(acknowledge=60.0),
        callbacks=False,
        poll_interval=poll_interval,
        settings={"LOG_LEVEL": "WARNING", "MJ_PROFILE": "plus", **program.settings},
        program=program.arguments,
    )


@asynccontextmanager
async def started(program: Program, load: Load, folder: Path | None = None) -> AsyncIterator[Environment]:
    """The running program. `folder` is where it works; none: a temporary one."""
    with tempfile.TemporaryDirectory(prefix="atelier-bench-") as temporary:
        async with Environment(folder or Path(temporary), scenario(program, load.pace)) as env:
            service = env.images.service
            service.queue.slots, service.queue.queue_limit = 2_000, 10_000
            service.rendered = photo_files(load.pace.side)  # type: ignore[method-assign] # in place of its drawings
            await env.start_bot()
            yield env


class Crowd:
    """People of one server, who press the buttons of grids in several channels."""

    def __init__(self, env: Environment) -> None:
        guild = env.discord.state.guild_of(env.studio)
        if guild is None:
            raise RuntimeError("the studio is in no server")
        self._env = env
        self._people = [env.discord.add_person(f"member{number}", guild) for number in range(PEOPLE)]
        self._channels = [env.discord.add_channel(guild, f"studio-{number}") for number in range(CHANNELS)]
        self._buttons: list[Button] = []
        self._pressed = 0

    async def prepare(self, presses: int) -> None:
        """Makes grids with this many buttons."""
        grids = await asyncio.gather(*map(self._grid, range(-(-presses // BUTTONS))))
        self._buttons = [Button(grid, each["custom_id"]) for grid in grids for each in grid.buttons[:BUTTONS]]

    async def _grid(self, number: int) -> Message:
        channel, name = self._channels[number % CHANNELS], self._people[number % PEOPLE].user.name
        asked = await self._env.slash("imagine", {"prompt": f"a paper boat {number}"}, by=name, where=channel)
        return await self._env.result_of(asked, PATIENCE)

    async def press(self, presses: int, rate: float) -> Sequence[Interaction]:
        """Presses button after button, and begins again with other people after the last; returns at once then."""
        made, began = [], time.monotonic()
        for number in range(presses):
            await asyncio.sleep(began + number / rate - time.monotonic())
            round_, index = divmod(self._pressed, len(self._buttons))
            button, person = self._buttons[index], self._people[(index + round_) % PEOPLE]
            made.append(await person.press(button.message, button.custom_id))
            self._pressed += 1
        return made


async def shown(presses: Sequence[Interaction], patience: float = PATIENCE) -> None:
    """Waits until each press has its image. Raises TimeoutError."""
    waiting = deque(presses)
    async with asyncio.timeout(patience):
        while waiting:
            if has_image(waiting[0]):
                waiting.popleft()
            else:
                await asyncio.sleep(0.05)


def has_image(press: Interaction) -> bool:
    """Whether a message of the press shows its task's end."""
    return any(map(is_finished, public_messages(press)))
