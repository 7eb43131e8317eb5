"""The host's clock is set while the bot runs: presses are told apart by Discord's clock, and nothing stands still."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from playground.discord import Message
from playground.driver import Environment, Scenario, is_finished, public_messages
from playground.images import Pace

HOUR = 3_600.0
# Longer than the moment within which two presses are a double click.
LATER = 1.7


@dataclass
class Host:
    """An environment whose bot runs on a clock that can be set."""

    env: Environment
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
    scenario = Scenario(
        pace=dataclasses.replace(Pace.quick(), side=64),
        settings={"CLOCK_FILE": str(file), "LOST_AFTER": "1"},
        program=("-m", "tests.support.stepped"),
    )
    async with Environment(tmp_path, scenario) as env:
        await env.start_bot()
        yield Host(env, file)
        assert await env.stop_bot() == 0
        assert "Traceback" not in "\n".join(env.bot.lines)


def pictures(env: Environment) -> list[Message]:
    """The messages that show the end of their task in a picture."""
    return [message for message in env.discord.messages(env.studio) if is_finished(message) and message.attachments]


def says(env: Environment, words: str) -> list[Message]:
    """The messages that say this."""
    return [message for message in env.discord.messages(env.studio) if words in message.text]


@pytest.mark.parametrize("step", [-HOUR, HOUR])
async def test_the_same_button_pressed_again_later_is_a_new_request(host: Host, step: float) -> None:
    env = host.env
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a boat"}))
    await env.result_of(await env.press(grid, "V1"))
    host.set_clock(step)
    await asyncio.sleep(LATER)
    await env.press(grid, "V1")
    await env.until(lambda: len(env.images.submits) == 3)
    await env.until(lambda: len(pictures(env)) == 3)


@pytest.mark.parametrize("step", [-HOUR, HOUR])
async def test_a_double_click_is_one_request_though_the_clock_was_set_between(host: Host, step: float) -> None:
    env = host.env
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a boat"}))
    first = await env.press(grid, "V1")
    await env.until(lambda: len(env.images.submits) == 2)
    host.set_clock(step)
    second = await env.press(grid, "V1")
    assert second.created_at - first.created_at < LATER
    await env.until(lambda: len(pictures(env)) == 2)
    assert not public_messages(second)
    assert len(env.images.submits) == 2


@pytest.mark.parametrize("step", [-HOUR, HOUR])
async def test_try_again_later_is_a_new_request_and_a_double_click_on_it_is_one(host: Host, step: float) -> None:
    env = host.env
    for _ in range(2):
        env.images.fail_task("no reason at all")
    failed = await env.result_of(await env.slash("imagine", {"prompt": "a boat"}))
    await env.result_of(await env.press(failed, "Try again"))
    host.set_clock(step)
    await asyncio.sleep(LATER)
    await asyncio.gather(env.press(failed, "Try again"), env.press(failed, "Try again"))
    await env.until(lambda: len(env.images.submits) >= 3)
    await env.until(lambda: pictures(env))
    assert len(env.images.submits) == 3


@pytest.mark.parametrize("step", [-HOUR, HOUR])
async def test_a_task_that_runs_meanwhile_comes_to_its_end_and_a_lost_one_is_found_to_be_so(
    host: Host, step: float
) -> None:
    env = host.env
    env.images.hold()
    await env.slash("imagine", {"prompt": "a boat"})
    polls = env.images.polls
    await env.until(lambda: env.images.polls > polls)
    env.images.fail_next("submit/imagine", "drop")
    await env.slash("imagine", {"prompt": "an owl"})
    await env.until(lambda: says(env, "is looking for the task"))
    host.set_clock(step)
    polls = env.images.polls
    await env.until(lambda: env.images.polls > polls + 2)
    assert not says(env, "No progress")
    await env.until(lambda: says(env, "couldn't confirm"))
    env.images.release()
    await env.until(lambda: len(pictures(env)) == 1)
