"""What a press costs: until it is acknowledged, until it is submitted, and of the processor."""

from __future__ import annotations

import asyncio
import dataclasses
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playground.bot_process import PROGRAM
from playground.discord import Interaction, Limits, Message
from playground.driver import Environment, Scenario, is_finished, public_messages
from playground.images.pace import Pace
from tests.bench.process import cpu_seconds
from tests.bench.tables import percentile, show

BARE = ("-m", "tests.bench.bare")
PRESSES = 200
# So many a second: more than a large server's members press, and less than what fills a core.
SECONDS_BETWEEN = 0.1
PEOPLE = 25


@dataclass(frozen=True)
class Cost:
    """Seconds of each press."""

    acknowledged: list[float]
    submitted: list[float]
    cpu: float


def scenario(program: tuple[str, ...], *, poll_interval: float = 0.5, side: int = 256) -> Scenario:
    """The same environment for both: no limits of Discord's, no callbacks, so that both have to ask."""
    return Scenario(
        pace=dataclasses.replace(Pace.quick(), side=side),
        limits=Limits.off(),
        callbacks=False,
        poll_interval=poll_interval,
        settings={"LOG_LEVEL": "WARNING", "MJ_PROFILE": "plus"},
        program=program,
    )


async def measure() -> None:
    """Prints the table."""
    costs = {}
    for name, program in (("bare discord.py bot", BARE), ("Atelier", PROGRAM)):
        with tempfile.TemporaryDirectory(prefix="atelier-bench-") as folder:
            async with Environment(Path(folder), scenario(program)) as env:
                costs[name] = await _pressed(env)
    base = costs["bare discord.py bot"]
    rows = [
        [
            name,
            *_against(statistics.median(cost.acknowledged), statistics.median(base.acknowledged)),
            *_against(percentile(cost.acknowledged, 99), percentile(base.acknowledged, 99)),
            *_against(statistics.median(cost.submitted), statistics.median(base.submitted)),
            *_against(cost.cpu, base.cpu),
        ]
        for name, cost in costs.items()
    ]
    heads = [
        f"{PRESSES} presses",
        "acknowledged, median",
        "×",
        "p99",
        "×",
        "submitted, median",
        "×",
        "CPU a press",
        "×",
    ]
    show(heads, rows)


async def _pressed(env: Environment) -> Cost:
    engine = env.images.service.queue
    engine.slots, engine.queue_limit = 500, 10_000
    await env.start_bot()
    guild = env.discord.state.guild_of(env.studio)
    if guild is None:
        raise RuntimeError("the studio is in no server")
    people = [env.discord.add_person(f"member{number}", guild).user.name for number in range(PEOPLE)]
    grid = await _grid(env)
    used = cpu_seconds(env.bot.pid)
    presses = []
    for number in range(PRESSES):
        button = grid.buttons[number // PEOPLE % 8]
        presses.append(await env.person(people[number % PEOPLE]).press(grid, button["custom_id"]))
        await asyncio.sleep(SECONDS_BETWEEN)
    await env.until(lambda: all(any(map(_has_picture, public_messages(press))) for press in presses), timeout=60)
    used = cpu_seconds(env.bot.pid) - used
    sent = [submit.at for submit in env.images.submits if submit.endpoint == "submit/action"]
    return Cost([_acknowledged(press) for press in presses], _delays(presses, sent), used / PRESSES)


def _acknowledged(press: Interaction) -> float:
    if press.acknowledged_at is None:
        raise RuntimeError("a press was not acknowledged")
    return press.acknowledged_at


def _delays(presses: list[Interaction], sent: list[float]) -> list[float]:
    # At this pace submits come in the order of the presses.
    return [at - press.created_at for press, at in zip(presses, sorted(sent), strict=True)]


async def _grid(env: Environment) -> Message:
    asked = await env.slash("imagine", {"prompt": "a paper boat"})
    return await env.until(lambda: next(filter(is_finished, public_messages(asked)), None)) or asked.messages[0]


def _has_picture(message: Message) -> bool:
    return any(not attachment.filename.startswith("preview") for attachment in message.attachments)


def _against(value: float, base: float) -> list[str]:
    return [f"{value * 1000:.1f} ms", f"{value / base:.2f}"]
