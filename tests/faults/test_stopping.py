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
from playground.driver import World
from tests.support.worlds import captions, task_id_of

Use = Callable[[World, Message], Awaitable[Interaction]]


def outcomes(world: World) -> list[str]:
    """What the journal says of all presses, oldest first."""
    with closing(sqlite3.connect(f"file:{world.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        return [row[0] for row in connection.execute("SELECT outcome FROM presses ORDER BY created_at")]


@pytest.fixture
async def grid(world: World) -> Message:
    return await world.result_of(await world.slash("imagine", {"prompt": "a paper boat"}))


async def told_to_stop(world: World, number: signal.Signals = signal.SIGTERM) -> None:
    """The bot has been told to stop and has taken note."""
    os.kill(world.bot.pid, number)
    await world.until(lambda: any("stopping" in line for line in world.bot.lines))


async def use_button(world: World, grid: Message) -> Interaction:
    return await world.press(grid, "U2", by="bob")


async def use_command(world: World, grid: Message) -> Interaction:
    return await world.slash("imagine", {"prompt": "too late"}, by="bob")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_bot_with_nothing_to_do_stops_at_once_and_well(world: World, number: signal.Signals) -> None:
    os.kill(world.bot.pid, number)
    assert await world.bot.wait(5) == 0


@pytest.mark.parametrize("use", [use_button, use_command])
async def test_what_comes_while_it_stops_is_refused_in_private_and_nothing_is_sent(
    world: World, grid: Message, use: Use
) -> None:
    with world.images.hold_requests("submit/"):
        pressed = await world.press(grid, "U1")
        await world.until(lambda: len(world.images.submits) == 2)
        await told_to_stop(world)
        late = await use(world, grid)
        assert "restarting" in await world.private_answer(late)
        assert [message.ephemeral for message in late.messages] == [True]
    assert await world.bot.wait(15) == 0
    assert len(world.images.submits) == 2
    assert outcomes(world) == ["taken", "taken"]
    await world.start_bot()
    assert captions(await world.result_of(pressed))
    await world.result_of(await use(world, grid))
    assert len(world.images.submits) == 3


async def test_a_window_that_comes_while_it_stops_is_refused_and_can_be_sent_again(world: World, grid: Message) -> None:
    single = await world.result_of(await world.press(grid, "U1"))
    opened = await world.press(single, "Custom Zoom", by="bob")
    before = len(world.images.submits)
    with world.images.hold_requests("submit/"):
        await world.press(grid, "U3")
        await world.until(lambda: len(world.images.submits) == before + 1)
        await told_to_stop(world)
        submitted = await world.submit_modal(opened, {"prompt": "a paper boat --zoom 1.5"})
        assert "restarting" in await world.private_answer(submitted)
    assert await world.bot.wait(15) == 0
    assert len(world.images.submits) == before + 1


async def test_a_press_that_was_acknowledged_when_the_bot_was_told_to_stop_is_answered(
    world: World, grid: Message
) -> None:
    with world.discord.hold("/callback") as acknowledgements:
        pressed = await world.person("bob").press(grid, grid.button("U2")["custom_id"])
        await world.until(lambda: acknowledgements.waiting == 1)
        await told_to_stop(world)
    assert "restarting" in await world.private_answer(pressed)
    assert await world.bot.wait(15) == 0
    assert len(world.images.submits) == 1


async def test_who_waits_for_a_slow_answer_is_told_that_the_bot_restarts(world: World, grid: Message) -> None:
    with world.images.hold_requests("image-seed"):
        asked = await world.slash("seed", {"task": task_id_of(grid)})
        await world.until(lambda: any("image-seed" in request.path for request in world.images.requests))
        os.kill(world.bot.pid, signal.SIGTERM)
        assert "restarting" in await world.private_answer(asked)
        assert await world.bot.wait(15) == 0


async def test_an_answer_that_does_not_come_within_the_bound_is_looked_for_after_the_restart(
    world: World, grid: Message
) -> None:
    with world.images.hold_requests("submit/"):
        pressed = await world.press(grid, "V1")
        await world.until(lambda: len(world.images.submits) == 2)
        os.kill(world.bot.pid, signal.SIGTERM)
        assert await world.bot.wait(10) == 0
    assert outcomes(world) == ["taken", "unsettled"]
    await world.start_bot()
    assert captions(await world.result_of(pressed))
    assert len(world.images.submits) == 2


async def test_a_second_signal_ends_it_at_once(world: World, grid: Message) -> None:
    with world.images.hold_requests("submit/"):
        pressed = await world.press(grid, "V2")
        await world.until(lambda: len(world.images.submits) == 2)
        await told_to_stop(world)
        os.kill(world.bot.pid, signal.SIGTERM)
        assert await world.bot.wait(1.5) == 128 + signal.SIGTERM
    await world.start_bot()
    await world.result_of(pressed)
    assert len(world.images.submits) == 2


async def test_a_bot_that_cannot_reach_discord_can_be_stopped_as_well(world: World) -> None:
    world.discord.drop_gateway()
    world.discord.fail_next("GET", "/gateway", status=500, times=1000)
    await asyncio.sleep(0.1)
    os.kill(world.bot.pid, signal.SIGTERM)
    assert await world.bot.wait(10) == 0
