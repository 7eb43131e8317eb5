"""The switches of the page: the bot's process, how both services behave, and faults on request."""

import asyncio
import dataclasses
from typing import Any

from playground.discord import ClientRefused, Json
from playground.driver import Environment
from playground.images import Pace
from playground.images.faults import Fault
from playground.images.profiles import PROFILES
from playground.platform import MEANINGS
from playground.platform import Fault as PlatformFault

# The requests that create a task.
SUBMITS = r"^(submit/|insight-face/)"
SPEEDS = {
    "quick": Pace(queue=0.1, step=0.12, steps=8),
    "lively": Pace(),
    "slow": Pace(queue=5.0, step=3.0, steps=9),
}
MAX_COUNT = 100
PLATFORM_FAULTS = [*(fault for fault in PlatformFault if fault is not PlatformFault.CLOSE_UNREAD), *MEANINGS]


class Switches:
    """Sets one switch at a time, so that two pages do not start the bot twice."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._images = env.images
        self._platform = env.platform
        self._held = False
        self._lock = asyncio.Lock()

    def state(self) -> Json:
        """The value of each."""
        # The size of the images and the relay's lag belong to the scene; the rest is the speed.
        now = dataclasses.replace(self._images.pace, side=Pace.side, sync=Pace.sync)
        return {
            "profile": self._images.profile,
            "speed": next((name for name, pace in SPEEDS.items() if pace == now), None),
            "slots": self._images.service.queue.slots,
            "queue": self._images.service.queue.queue_limit,
            "held": self._held,
            "remix": self._images.options.remix,
            "platform": self._platform.profile if self._env.scenario.platform else None,
            "platform_faults": PLATFORM_FAULTS,
        }

    async def set(self, name: str, value: Any) -> Json:
        """What to tell the person under `said`, and the state. ClientRefused for what cannot be set."""
        try:
            async with self._lock:
                said = await self._set_bot(value) if name == "bot" else self._set(name, value)
        except (ValueError, KeyError, TypeError):
            raise ClientRefused("There is no such switch, or no such value of it.") from None
        except RuntimeError as error:
            raise ClientRefused(str(error)) from error
        return {"said": said, **self.state()}

    async def _set_bot(self, value: object) -> str:
        running = self._env.bot.running
        match value:
            case "start" if not running:
                await self._env.start_bot()
                return "The bot is back."
            case "stop" if running:
                await self._env.stop_bot()
                return "The bot was stopped."
            case "kill" if running:
                await self._env.kill_bot()
                return "The bot was killed."
        raise ValueError(value)

    def _set(self, name: str, value: Any) -> str | None:
        """What to tell the person, if anything. ValueError or KeyError for a wrong name or value."""
        match name:
            case "profile":
                self._images.switch_profile(str(value))
                return (
                    f"The image service speaks as {value} from now on. A bot that is started again knows that at once."
                )
            case "speed":
                self._images.pace = dataclasses.replace(SPEEDS[value], side=self._images.pace.side)
            case "slots" if 1 <= int(value) <= MAX_COUNT:
                self._images.service.queue.slots = int(value)
            case "queue" if 0 <= int(value) <= MAX_COUNT:
                self._images.service.queue.queue_limit = int(value)
            case "hold":
                self._held = bool(value)
                (self._images.hold if self._held else self._images.release)()
            case "remix":
                self._images.options.remix = bool(value)
            case "platform":
                self._platform.switch_profile(str(value))
                return f"The platform answers as {value} from now on."
            case _:
                return self._inject(name, value)
        return None

    def _inject(self, name: str, value: Any) -> str:
        """Makes the next thing of its kind go wrong."""
        match name:
            case "fail_task" if str(value).strip():
                self._images.fail_task(str(value).strip(), at=40)
                return "The next task fails half-way."
            case "stall_task":
                self._images.stall_next()
                return "The next task makes no progress."
            case "lose_answer":
                self._images.fail_next(SUBMITS, Fault.DROP, accepted=True)
                return "The next submit is carried out, but its answer gets lost."
            case "refuse_next":
                code = PROFILES[self._images.profile].full_code
                self._images.fail_next(SUBMITS, f"code_{code}")
                return f"The next submit is refused with code {code}."
            case "platform_fault" if value in PLATFORM_FAULTS:
                self._platform.fail_next("/v1/(?!models)", value)
                return f"The next call of the platform goes wrong: {value}."
            case "drop_gateway":
                self._env.discord.gateway.drop()
                return "The gateway was dropped; the bot has to resume."
        raise ValueError(name)
