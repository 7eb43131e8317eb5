"""`POST /api/switch`: the bot's process, the image API's behaviour, and faults on request."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from playground.discord.records import Json
from playground.driver import World
from playground.images.faults import Fault
from playground.images.pace import Pace
from playground.images.profiles import PROFILES
from playground.page.page_api import refused

# The requests that create a task.
SUBMITS = r"^(submit/|insight-face/)"
SPEEDS = {
    "quick": Pace(queue=0.1, step=0.12, steps=8),
    "lively": Pace.lively(),
    "slow": Pace(queue=5.0, step=3.0, steps=9),
}
MAX_COUNT = 100


class SwitchError(Exception):
    """There is no such switch, or no such value of it."""


class Switches:
    """Sets one switch at a time, so that two pages do not start the bot twice."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._images = world.images
        self._held = False
        self._lock = asyncio.Lock()
        self._setters: dict[str, Callable[[Any], Awaitable[str | None]]] = {
            "bot": self._bot,
            "drop_gateway": self._drop_gateway,
            "profile": self._profile,
            "speed": self._speed,
            "slots": self._slots,
            "queue": self._queue,
            "hold": self._hold,
            "remix": self._remix,
            "fail_task": self._fail_task,
            "stall_task": self._stall_task,
            "lose_answer": self._lose_answer,
            "refuse_next": self._refuse_next,
        }

    def state(self) -> Json:
        """The value of each."""
        # The size of the pictures and the relay's lag belong to the scene; the rest is the speed.
        now = dataclasses.replace(self._images.pace, side=Pace.side, sync=Pace.sync)
        return {
            "profile": self._images.profile,
            "speed": next((name for name, pace in SPEEDS.items() if pace == now), None),
            "slots": self._images.studio.engine.slots,
            "queue": self._images.studio.engine.queue_limit,
            "held": self._held,
            "remix": self._images.options.remix,
        }

    async def serve(self, request: web.Request) -> web.Response:
        """`{"name": …, "value": …}` → `{"said": …}` and the state; 422 with `refused` for what cannot be set."""
        try:
            body = json.loads(await request.text())
            setter = self._setters[body["name"]]
        except (ValueError, KeyError, TypeError):
            return refused("There is no such switch.")
        try:
            async with self._lock:
                said = await setter(body.get("value"))
        except (SwitchError, RuntimeError) as error:
            return refused(str(error))
        return web.json_response({"said": said, **self.state()})

    # the bot and Discord

    async def _bot(self, value: Any) -> str:
        match value:
            case "start" if not self._world.bot.running:
                await self._world.start_bot()
                return "The bot is back."
            case "stop" if self._world.bot.running:
                await self._world.stop_bot()
                return "The bot was stopped."
            case "kill" if self._world.bot.running:
                await self._world.kill_bot()
                return "The bot was killed."
        raise SwitchError("The bot is not in a state for that.")

    async def _drop_gateway(self, value: Any) -> str:
        self._world.discord.drop_gateway()
        return "The gateway was dropped; the bot has to resume."

    # the image API

    async def _profile(self, value: Any) -> str:
        if value not in PROFILES:
            raise SwitchError(f"There is no profile {value}.")
        self._images.switch_profile(value)
        return f"The image API speaks as {value} from now on. A bot that is started again knows that at once."

    async def _speed(self, value: Any) -> None:
        if value not in SPEEDS:
            raise SwitchError(f"There is no speed {value}.")
        self._images.pace = dataclasses.replace(SPEEDS[value], side=self._images.pace.side)

    async def _slots(self, value: Any) -> None:
        self._images.studio.engine.slots = _count(value, least=1)

    async def _queue(self, value: Any) -> None:
        self._images.studio.engine.queue_limit = _count(value, least=0)

    async def _hold(self, value: Any) -> None:
        self._held = bool(value)
        if self._held:
            self._images.hold()
        else:
            self._images.release()

    async def _remix(self, value: Any) -> None:
        self._images.options.remix = bool(value)

    # faults

    async def _fail_task(self, value: Any) -> str:
        reason = str(value or "").strip()
        if not reason:
            raise SwitchError("Enter the reason with which it is to fail.")
        self._images.fail_task(reason, at=40)
        return "The next task fails half-way."

    async def _stall_task(self, value: Any) -> str:
        self._images.stall_next()
        return "The next task makes no progress."

    async def _lose_answer(self, value: Any) -> str:
        self._images.fail_next(SUBMITS, Fault.DROP, accepted=True)
        return "The next submit is carried out, but its answer gets lost."

    async def _refuse_next(self, value: Any) -> str:
        code = PROFILES[self._images.profile].full_code
        self._images.fail_next(SUBMITS, f"code_{code}")
        return f"The next submit is refused with code {code}."


def _count(value: Any, *, least: int) -> int:
    text = str(value)
    if not text.isdecimal() or not least <= int(text) <= MAX_COUNT:
        raise SwitchError(f"A number from {least} to {MAX_COUNT}, not {value}.")
    return int(text)
