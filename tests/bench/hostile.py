"""The second part of `make soak`: a hostile member, a hostile address and an odd service beside ordinary members.

First the ordinary members are alone; then the others begin. Ends with exit code 1 when the ordinary ones are
acknowledged or served later than they should be, when memory grows, or when the bot does not live through it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playground.discord import ClientRefused, Interaction, InteractionFailed, Limits, Message, UploadedFile
from playground.driver import Environment, Scenario, is_finished, public_messages
from playground.images import Pace
from tests.bench.attaching import large_picture
from tests.bench.intruder import Intruder
from tests.bench.process import megabytes
from tests.bench.tables import percentile, show

MINUTES = float(os.environ.get("SOAK_MINUTES", "4"))
QUIET_PART = 0.25
ORDINARY = ("bob", "mod", "owner", "carol", "dave", "erin")
HOSTILE = "ada"
SLOTS = 16
# Seconds between two requests of the same kind.
FLOOD, PRESSES, TYPING, ATTACHING, ODD = 0.3, 0.5, 0.2, 8.0, 10.0
# Requests of the hostile member that wait at the same time; more would tell nothing new, and end long after the run.
FLOOD_AT_ONCE = 300
ACKNOWLEDGED_P99, RESULT_RATIO, PEAK_MEGABYTES, GROWN_MEGABYTES = 0.25, 1.5, 500.0, 40.0
# While the playground itself stands still for longer than this, nothing is learned about the bot.
STANDSTILL = 0.05
BEAT = 0.01
LARGE_TEXT = 1_000_000
PATIENCE = 120.0

Deed = Callable[[], Coroutine[Any, Any, object]]


@dataclass
class Times:
    """What ordinary members went through, in seconds."""

    acknowledged: list[float] = field(default_factory=list)
    results: list[float] = field(default_factory=list)


@dataclass
class Run:
    """What is known of a run."""

    env: Environment
    standstills: list[tuple[float, float]] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    asked: list[Interaction] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def stood_still(self, since: float) -> bool:
        """Did the playground stand still at any time since then?"""
        return self.standstill(since) > 0.0

    def standstill(self, since: float) -> float:
        """Seconds for which the playground stood still since then."""
        return sum(end - max(begin, since) for begin, end in self.standstills if end > since)


async def main() -> int:
    """Runs and judges; the exit code."""
    with tempfile.TemporaryDirectory(prefix="atelier-hostile-") as folder:
        scenario = Scenario(
            pace=dataclasses.replace(Pace.quick(), step=0.8, side=64),
            limits=Limits(),
            settings={"LOG_LEVEL": "ERROR", "MJ_PROFILE": "plus"},
        )
        async with Environment(Path(folder), scenario) as env:
            engine = env.images.service.queue
            engine.slots, engine.queue_limit = SLOTS, 10_000
            await env.start_bot()
            run = Run(env)
            quiet, attacked = await _both(run, Path(folder))
            log = "\n".join(env.bot.lines)
            code = await env.stop_bot()
    if code:
        run.failures.append(f"the bot ended with {code}")
    if "Traceback" in log:
        run.failures.append("the bot logged a traceback:\n" + log[log.index("Traceback") :][:3_000])
    return _judge(run, quiet, attacked)


async def _both(run: Run, folder: Path) -> tuple[Times, Times]:
    guild = run.env.discord.state.guild_of(run.env.studio)
    if guild is None:
        raise RuntimeError("the studio is in no server")
    for name in ORDINARY[3:]:
        run.env.discord.add_person(name, guild)
    picture = await asyncio.to_thread(large_picture, folder, "noise.png")
    watching = [asyncio.create_task(_watch_the_playground(run)), asyncio.create_task(_watch_memory(run))]
    try:
        quiet = await _live(run, MINUTES * 60 * QUIET_PART)
        attacks = [asyncio.create_task(attack) for attack in _attacks(run, picture)]
        try:
            attacked = await _live(run, MINUTES * 60 * (1 - QUIET_PART))
        finally:
            for attack in attacks:
                attack.cancel()
            ended = await asyncio.gather(*attacks, return_exceptions=True)
        run.failures += [f"an attack broke off: {each!r}" for each in ended if isinstance(each, Exception)]
    finally:
        for watch in watching:
            watch.cancel()
    return quiet, attacked


# the ordinary


async def _live(run: Run, seconds: float) -> Times:
    """The ordinary members do what they do, for so long."""
    times, until = Times(), time.monotonic() + seconds

    async def member(number: int, name: str) -> None:
        await asyncio.sleep(number * 0.5)
        while time.monotonic() < until:
            try:
                grid = await _timed(
                    run, times, await run.env.slash("imagine", {"prompt": f"a boat of {name}"}, by=name)
                )
                await asyncio.sleep(0.5)
                await _timed(run, times, await run.env.press(grid, "U1", by=name))
            except (TimeoutError, KeyError) as error:
                run.failures.append(f"{name} had no result: {str(error).splitlines()[0]}")
            await asyncio.sleep(1.0)

    await asyncio.gather(*(member(number, name) for number, name in enumerate(ORDINARY)))
    return times


async def _timed(run: Run, times: Times, interaction: Interaction) -> Message:
    if interaction.acknowledged_at is not None and not run.stood_still(interaction.created_at):
        times.acknowledged.append(interaction.acknowledged_at)
    message = await run.env.result_of(interaction, PATIENCE)
    took = time.monotonic() - interaction.created_at
    times.results.append(took - run.standstill(interaction.created_at))
    return message


# the others


def _attacks(run: Run, picture: UploadedFile) -> list[Coroutine[Any, Any, None]]:
    env = run.env
    person = env.person(HOSTILE)
    intruder = Intruder(env.web_port)

    async def flood() -> None:
        run.asked = [each for each in run.asked if not any(map(is_finished, public_messages(each)))]
        if len(run.asked) < FLOOD_AT_ONCE:
            run.asked.append(await person.slash(env.studio, "imagine", {"prompt": f"flood {time.monotonic()}"}))

    async def attach() -> None:
        options = {f"image{number}": picture for number in range(1, 5)}
        await person.slash(env.studio, "imagine", {"prompt": "large", **options})

    async def press() -> None:
        grid = next((each for each in env.discord.messages(env.studio)[::-1] if _is_grid(each)), None)
        if grid:
            await person.press(grid, grid.button("V1")["custom_id"])

    async def type_on() -> None:
        await person.autocomplete(env.studio, "cancel", {"task": "flood"}, focused="task")

    async def odd() -> None:
        # Never one of the ordinary members' own.
        waiting = [task for task in env.images.service.queue.waiting if task.prompt.startswith("flood")]
        for task in waiting[:1]:
            task.prompt = "巨" * LARGE_TEXT
        env.images.fail_next("task/list-by-condition", ("garbage", "wrong_types", "empty")[int(time.monotonic()) % 3])

    return [
        _again(flood, FLOOD),
        _again(attach, ATTACHING),
        _again(press, PRESSES),
        _again(type_on, TYPING),
        _again(odd, ODD),
        intruder.run(run.failures),
    ]


def _is_grid(message: Message) -> bool:
    return is_finished(message) and any(button.get("label") == "V1" for button in message.buttons)


async def _again(deed: Deed, seconds: float) -> None:
    """Does something again and again; how the bot answers is not waited for longer than that."""
    while True:
        try:
            async with asyncio.timeout(PATIENCE):
                await deed()
        except (TimeoutError, ClientRefused, InteractionFailed):
            pass
        await asyncio.sleep(seconds)


# the measurement


async def _watch_the_playground(run: Run) -> None:
    last = time.monotonic()
    while True:
        await asyncio.sleep(BEAT)
        now = time.monotonic()
        if now - last > BEAT + STANDSTILL:
            run.standstills.append((last, now))
        last = now


async def _watch_memory(run: Run) -> None:
    while True:
        run.memory.append(megabytes(run.env.bot.pid))
        await asyncio.sleep(0.5)


def _judge(run: Run, quiet: Times, attacked: Times) -> int:
    failures = list(dict.fromkeys(run.failures))
    if not all((quiet.acknowledged, quiet.results, attacked.acknowledged, attacked.results)):
        failures.append("too few samples: let it run for longer")
        print("\n".join(failures))
        return 1
    rows = [_row(name, times) for name, times in (("alone", quiet), ("beside the hostile", attacked))]
    show(["ordinary members", "results", "acknowledged, median", "p99", "result, median", "p90"], rows)
    ratio = statistics.median(attacked.results) / statistics.median(quiet.results)
    p99 = percentile(attacked.acknowledged, 99)
    third = len(run.memory) // 3
    grown = statistics.median(run.memory[-third:]) - statistics.median(run.memory[third : 2 * third])
    peak = max(run.memory)
    print(
        f"\nResults took {ratio:.2f} times as long. Memory: at most {peak:.0f} MB, {grown:+.0f} MB in the last third."
    )
    stood = sum(end - begin for begin, end in run.standstills)
    print(f"The playground itself stood still for {stood:.1f} s in all, which are left out.")
    if p99 > ACKNOWLEDGED_P99:
        failures.append(f"acknowledgements took {p99 * 1000:.0f} ms (p99)")
    if ratio > RESULT_RATIO:
        failures.append(f"results took {ratio:.2f} times as long")
    if peak > PEAK_MEGABYTES or grown > GROWN_MEGABYTES:
        failures.append(f"memory: at most {peak:.0f} MB, {grown:+.0f} MB in the last third")
    print("; ".join(failures) or "The ordinary members noticed nothing.")
    return 1 if failures else 0


def _row(name: str, times: Times) -> list[str]:
    return [
        name,
        str(len(times.results)),
        f"{statistics.median(times.acknowledged) * 1000:.0f} ms",
        f"{percentile(times.acknowledged, 99) * 1000:.0f} ms",
        f"{statistics.median(times.results):.2f} s",
        f"{percentile(times.results, 90):.2f} s",
    ]


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
