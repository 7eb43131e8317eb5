"""The host's clock is set while the bot runs: presses are told apart by Discord's clock, and nothing stands still."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from playground.discord import Message
from playground.driver import Scene, World, is_finished, public_messages
from playground.images.pace import Pace

HOUR = 3_600.0
# Longer than the moment within which two presses are a double click.
LATER = 1.7


@dataclass
class Host:
    """A world whose bot runs on a clock that can be set."""

    world: World
    file: Path

    def set_clock(self, step: float) -> None:
        """From now on the bot's host is so many seconds off."""
        part = self.file.with_suffix(".part")
        part.write_text(str(step), encoding="ascii")
        part.replace(self.file)


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Host]:
    file = tmp_path / "step"
    file.write_text("0", encoding="ascii")
    scene = Scene(
        pace=dataclasses.replace(Pace.quick(), side=64),
        settings={"CLOCK_FILE": str(file), "LOST_AFTER": "1"},
        program=("-m", "tests.support.stepped"),
    )
    async with World(tmp_path, scene) as world:
        await world.start_bot()
        yield Host(world, file)
        assert await world.stop_bot() == 0
        assert "Traceback" not in "\n".join(world.bot.lines)


def pictures(world: World) -> list[Message]:
    """The messages that show the end of their task in a picture."""
    return [message for message in world.discord.messages(world.studio) if is_finished(message) and message.attachments]


def says(world: World, words: str) -> list[Message]:
    """The messages that say this."""
    return [message for message in world.discord.messages(world.studio) if words in message.text]


@pytest.mark.parametrize("step", [-HOUR, HOUR])
async def test_the_same_button_pressed_again_later_is_a_new_request(host: Host, step: float) -> None:
    world = host.world
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a boat"}))
    await world.result_of(await world.press(grid, "V1"))
    host.set_clock(step)
    await asyncio.sleep(LATER)
    await world.press(grid, "V1")
    await world.until(lambda: len(world.images.submits) == 3)
    await world.until(lambda: len(pictures(world)) == 3)


@pytest.mark.parametrize("step", [-HOUR, HOUR])
async def test_a_double_click_is_one_request_though_the_clock_was_set_between(host: Host, step: float) -> None:
    world = host.world
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a boat"}))
    first = await world.press(grid, "V1")
    await world.until(lambda: len(world.images.submits) == 2)
    host.set_clock(step)
    second = await world.press(grid, "V1")
    assert second.created_at - first.created_at < LATER
    await world.until(lambda: len(pictures(world)) == 2)
    assert not public_messages(second)
    assert len(world.images.submits) == 2


@pytest.mark.parametrize("step", [-HOUR, HOUR])
async def test_try_again_later_is_a_new_request_and_a_double_click_on_it_is_one(host: Host, step: float) -> None:
    world = host.world
    for _ in range(2):
        world.images.fail_task("no reason at all")
    failed = await world.result_of(await world.slash("imagine", {"prompt": "a boat"}))
    await world.result_of(await world.press(failed, "Try again"))
    host.set_clock(step)
    await asyncio.sleep(LATER)
    await asyncio.gather(world.press(failed, "Try again"), world.press(failed, "Try again"))
    await world.until(lambda: len(world.images.submits) >= 3)
    await world.until(lambda: pictures(world))
    assert len(world.images.submits) == 3


@pytest.mark.parametrize("step", [-HOUR, HOUR])
async def test_a_task_that_runs_meanwhile_comes_to_its_end_and_a_lost_one_is_found_to_be_so(
    host: Host, step: float
) -> None:
    world = host.world
    world.images.hold()
    await world.slash("imagine", {"prompt": "a boat"})
    polls = world.images.polls
    await world.until(lambda: world.images.polls > polls)
    world.images.fail_next("submit/imagine", "drop")
    await world.slash("imagine", {"prompt": "an owl"})
    await world.until(lambda: says(world, "is looking for the task"))
    host.set_clock(step)
    polls = world.images.polls
    await world.until(lambda: world.images.polls > polls + 2)
    assert not says(world, "No progress")
    await world.until(lambda: says(world, "couldn't confirm"))
    world.images.release()
    await world.until(lambda: len(pictures(world)) == 1)
