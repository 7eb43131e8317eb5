"""Stopping: nothing new is taken, what is on its way settles, everything is written down, and the exit code says so."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest

from playground.discord import Interaction, Message
from playground.driver import Environment
from tests.support.environments import captions, task_id_of

Use = Callable[[Environment, Message], Awaitable[Interaction]]


def outcomes(env: Environment) -> list[str]:
    """What the journal says of all presses, oldest first."""
    with closing(sqlite3.connect(f"file:{env.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        return [row[0] for row in connection.execute("SELECT outcome FROM presses ORDER BY created_at")]


@pytest.fixture
async def grid(env: Environment) -> Message:
    return await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))


async def told_to_stop(env: Environment, number: signal.Signals = signal.SIGTERM) -> None:
    """The bot has been told to stop and has taken note."""
    os.kill(env.bot.pid, number)
    await env.bot.logged("stopping")


async def use_button(env: Environment, grid: Message) -> Interaction:
    return await env.press(grid, "U2", by="bob")


async def use_command(env: Environment, grid: Message) -> Interaction:
    return await env.slash("imagine", {"prompt": "too late"}, by="bob")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_bot_with_nothing_to_do_stops_at_once_and_well(env: Environment, number: signal.Signals) -> None:
    os.kill(env.bot.pid, number)
    assert await env.bot.wait(5) == 0


@pytest.mark.parametrize("use", [use_button, use_command])
async def test_what_comes_while_it_stops_is_refused_in_private_and_nothing_is_sent(
    env: Environment, grid: Message, use: Use
) -> None:
    with env.images.hold_requests("submit/"):
        pressed = await env.press(grid, "U1")
        await env.until(lambda: len(env.images.submits) == 2)
        await told_to_stop(env)
        late = await use(env, grid)
        assert "restarting" in await env.private_answer(late)
        assert [message.ephemeral for message in late.messages] == [True]
    assert await env.bot.wait(15) == 0
    assert len(env.images.submits) == 2
    assert outcomes(env) == ["taken", "taken"]
    await env.start_bot()
    assert captions(await env.result_of(pressed))
    await env.result_of(await use(env, grid))
    assert len(env.images.submits) == 3


async def test_a_window_that_comes_while_it_stops_is_refused_and_can_be_sent_again(
    env: Environment, grid: Message
) -> None:
    single = await env.result_of(await env.press(grid, "U1"))
    opened = await env.press(single, "Custom Zoom", by="bob")
    before = len(env.images.submits)
    with env.images.hold_requests("submit/"):
        await env.press(grid, "U3")
        await env.until(lambda: len(env.images.submits) == before + 1)
        await told_to_stop(env)
        submitted = await env.submit_modal(opened, {"prompt": "a paper boat --zoom 1.5"})
        assert "restarting" in await env.private_answer(submitted)
    assert await env.bot.wait(15) == 0
    assert len(env.images.submits) == before + 1


async def test_a_press_that_was_acknowledged_when_the_bot_was_told_to_stop_is_answered(
    env: Environment, grid: Message
) -> None:
    with env.discord.hold("/callback") as acknowledgements:
        pressed = await env.person("bob").press(grid, grid.button("U2")["custom_id"])
        await env.until(lambda: acknowledgements.waiting == 1)
        await told_to_stop(env)
    assert "restarting" in await env.private_answer(pressed)
    assert await env.bot.wait(15) == 0
    assert len(env.images.submits) == 1


async def test_who_waits_for_a_slow_answer_is_told_that_the_bot_restarts(env: Environment, grid: Message) -> None:
    with env.images.hold_requests("image-seed"):
        asked = await env.slash("seed", {"task": task_id_of(grid)})
        await env.until(lambda: any("image-seed" in request.path for request in env.images.requests))
        os.kill(env.bot.pid, signal.SIGTERM)
        assert "restarting" in await env.private_answer(asked)
        assert await env.bot.wait(15) == 0


async def test_an_answer_that_comes_while_the_bot_stops_is_saved(env: Environment, grid: Message) -> None:
    with env.images.hold_requests("submit/"):
        pressed = await env.press(grid, "V1")
        await env.until(lambda: len(env.images.submits) == 2)
        await told_to_stop(env)
    assert await env.bot.wait(15) == 0
    assert outcomes(env) == ["taken", "taken"]
    await env.start_bot()
    assert captions(await env.result_of(pressed))
    assert len(env.images.submits) == 2


async def test_an_answer_that_does_not_come_within_the_bound_is_looked_for_after_the_restart(
    env: Environment, grid: Message
) -> None:
    with env.images.hold_requests("submit/"):
        pressed = await env.press(grid, "V1")
        await env.until(lambda: len(env.images.submits) == 2)
        os.kill(env.bot.pid, signal.SIGTERM)
        assert await env.bot.wait(10) == 0
    assert outcomes(env) == ["taken", "unsettled"]
    await env.start_bot()
    assert captions(await env.result_of(pressed))
    assert len(env.images.submits) == 2


async def test_a_second_signal_ends_it_at_once(env: Environment, grid: Message) -> None:
    with env.images.hold_requests("submit/"):
        pressed = await env.press(grid, "V2")
        await env.until(lambda: len(env.images.submits) == 2)
        await told_to_stop(env)
        os.kill(env.bot.pid, signal.SIGTERM)
        assert await env.bot.wait(1.5) == 128 + signal.SIGTERM
    await env.start_bot()
    await env.result_of(pressed)
    assert len(env.images.submits) == 2


async def test_a_bot_that_cannot_reach_discord_can_be_stopped_as_well(env: Environment) -> None:
    env.discord.gateway.drop()
    env.discord.fail_next("GET", "/gateway", status=500, times=1000)
    await asyncio.sleep(0.1)
    os.kill(env.bot.pid, signal.SIGTERM)
    assert await env.bot.wait(10) == 0
