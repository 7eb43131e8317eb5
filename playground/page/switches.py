"""The switches beside the conversation: the bot's process, the image API's manners, and faults on request."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web

from playground.discord.records import Json
from playground.driver import World
from playground.images.faults import Fault
from playground.images.pace import Pace
from playground.images.profiles import PROFILES

# The requests that make a task; their answer is what a press waits for.
SUBMITS = r"^(submit/|insight-face/)"
SPEEDS = {
    "quick": Pace(queue=0.1, step=0.12, steps=8),
    "lively": Pace.lively(),
    "slow": Pace(queue=5.0, step=3.0, steps=9),
}
MOST = 100


class WrongSwitch(Exception):
    """There is no such switch, or it cannot be set so."""


class Switches:
    """Turns switches one after another, so that two pages do not start the bot twice."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._held = False
        self._turning = asyncio.Lock()
        self._turns: dict[str, Callable[[Any], Awaitable[str | None]]] = {
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
        """Where they stand."""
        images = self._world.images
        # The pictures' size belongs to the scene; the speed is what is left.
        now = dataclasses.replace(images.pace, side=Pace().side, sync=Pace().sync)
        speed = next((name for name, pace in SPEEDS.items() if dataclasses.replace(pace, side=now.side) == now), None)
        return {
            "profile": images.profile,
            "speed": speed,
            "slots": images.service.queue.slots,
            "queue": images.service.queue.queue_limit,
            "held": self._held,
            "remix": images.options.remix,
        }

    async def serve(self, request: web.Request) -> web.Response:
        """`POST /api/switch {"name": …, "value": …}`. 422 with `refused` for what cannot be turned so."""
        try:
            body = json.loads(await request.text())
            turn = self._turns[body["name"]]
        except (ValueError, KeyError, TypeError):
            return _refused("There is no such switch.")
        try:
            async with self._turning:
                said = await turn(body.get("value"))
        except (WrongSwitch, RuntimeError) as refusal:
            return _refused(str(refusal))
        return web.json_response({"said": said, **self.state()})

    # the bot and Discord

    async def _bot(self, value: Any) -> str | None:
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
        raise WrongSwitch("The bot is not in a state for that.")

    async def _drop_gateway(self, value: Any) -> str | None:
        self._world.discord.drop_gateway()
        return "The gateway was dropped; the bot has to resume."

    # the image API

    async def _profile(self, value: Any) -> str | None:
        if value not in PROFILES:
            raise WrongSwitch(f"There is no profile {value}.")
        self._world.images.switch_profile(value)
        return f"The image API speaks as {value} from now on. A bot that is started again knows that at once."

    async def _speed(self, value: Any) -> str | None:
        if value not in SPEEDS:
            raise WrongSwitch(f"There is no speed {value}.")
        side = self._world.images.pace.side
        self._world.images.pace = dataclasses.replace(SPEEDS[value], side=side)
        return None

    async def _slots(self, value: Any) -> str | None:
        self._world.images.service.queue.slots = _count(value, least=1)
        return None

    async def _queue(self, value: Any) -> str | None:
        self._world.images.service.queue.queue_limit = _count(value, least=0)
        return None

    async def _hold(self, value: Any) -> str | None:
        self._held = bool(value)
        if self._held:
            self._world.images.hold()
        else:
            self._world.images.release()
        return None

    async def _remix(self, value: Any) -> str | None:
        self._world.images.options.remix = bool(value)
        return None

    # faults

    async def _fail_task(self, value: Any) -> str | None:
        reason = str(value or "").strip()
        if not reason:
            raise WrongSwitch("Say with which words it is to fail.")
        self._world.images.fail_task(reason, at=40)
        return "The next task fails half-way."

    async def _stall_task(self, value: Any) -> str | None:
        self._world.images.stall_next()
        return "The next task never gets on."

    async def _lose_answer(self, value: Any) -> str | None:
        self._world.images.fail_next(SUBMITS, Fault.DROP, accepted=True)
        return "The next submit is carried out, but its answer gets lost."

    async def _refuse_next(self, value: Any) -> str | None:
        code = PROFILES[self._world.images.profile].full_code
        self._world.images.fail_next(SUBMITS, f"code_{code}")
        return f"The next submit is refused with code {code}."


def _count(value: Any, *, least: int) -> int:
    text = str(value)
    if not text.isdecimal() or not least <= int(text) <= MOST:
        raise WrongSwitch(f"A number from {least} to {MOST}, not {value}.")
    return int(text)


def _refused(reason: str) -> web.Response:
    return web.json_response({"refused": reason}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
