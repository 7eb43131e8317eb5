"""Faults of Discord: one submit a press, one message a task, and a bot that lives on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from playground.discord import Message
from playground.discord.interactions import InteractionFailed
from playground.driver import World, public_messages
from tests.support.worlds import captions


@pytest.fixture
async def grid(world: World) -> Message:
    return await world.result_of(await world.slash("imagine", {"prompt": "a paper boat"}))


FOLLOW_UPS: dict[str, Callable[[World], None]] = {
    "server errors": lambda world: world.discord.fail_next("POST", "/webhooks/", status=502, times=2),
    "rate limits": lambda world: world.discord.fail_next("POST", "/webhooks/", status=429, times=2, retry_after=0.2),
    "a request cut off": lambda world: world.discord.lose_next("POST", "/webhooks/", when="before"),
    "an answer cut off": lambda world: world.discord.lose_next("POST", "/webhooks/", when="after"),
    "a late answer": lambda world: world.discord.delay_next("POST", "/webhooks/", 1.0),
}


@pytest.mark.parametrize("fault", FOLLOW_UPS)
async def test_a_press_leads_to_one_message_though_discord_does_not_take_it_well(
    world: World, grid: Message, fault: str
) -> None:
    FOLLOW_UPS[fault](world)
    pressed = await world.press(grid, "U1")
    single = await world.result_of(pressed, timeout=40)
    assert captions(single)
    task = single.text.split("`")[1]
    shown = [each for each in world.discord.messages(world.studio) if f"`{task}`" in each.text and not each.deleted]
    assert shown == [single]
    assert len(world.images.submits) == 2


@pytest.mark.parametrize("status", [429, 500])
async def test_an_acknowledgement_that_discord_refuses_at_first_is_given_all_the_same(
    world: World, grid: Message, status: int
) -> None:
    world.discord.fail_next("POST", "/interactions/", status=status, retry_after=0.2)
    await world.result_of(await world.press(grid, "U1"))
    assert len(world.images.submits) == 2


async def test_an_acknowledgement_that_comes_too_late_sends_nothing(world: World, grid: Message) -> None:
    world.discord.delay_next("POST", "/interactions/", 3.5, when="before")
    with pytest.raises(InteractionFailed):
        await world.press(grid, "U1")
    await world.until(lambda: any("was not acknowledged in time" in line for line in world.bot.lines))
    assert len(world.images.submits) == 1
    await world.result_of(await world.press(grid, "U1"))


GATEWAY: dict[str, Callable[[World], None]] = {
    "cut off, to be resumed": lambda world: world.discord.drop_gateway(resumable=True),
    "cut off for good": lambda world: world.discord.drop_gateway(resumable=False),
    "asked to reconnect": lambda world: world.discord.ask_to_reconnect(),
    "told that the session is invalid": lambda world: world.discord.invalidate_session(),
}


@pytest.mark.parametrize("fault", GATEWAY)
async def test_a_task_comes_to_its_end_and_buttons_work_though_the_gateway_breaks(
    world: World, grid: Message, fault: str
) -> None:
    world.images.hold()
    pressed = await world.press(grid, "U1")
    await world.until(lambda: public_messages(pressed))
    sessions = world.discord.identified + world.discord.resumed
    GATEWAY[fault](world)
    world.images.release()
    single = await world.result_of(pressed)
    await world.until(lambda: world.discord.identified + world.discord.resumed > sessions, timeout=30)
    await world.discord.bot_ready()
    assert captions(await world.result_of(await world.press(single, "Zoom Out 2x")))
    assert len(world.images.submits) == 3


async def test_a_late_ready_keeps_nothing_from_being_finished(world: World, grid: Message) -> None:
    world.images.hold()
    pressed = await world.press(grid, "U1")
    await world.until(lambda: public_messages(pressed))
    await world.kill_bot()
    world.discord.delay_ready(3.0)
    world.images.release()
    starting = asyncio.create_task(world.start_bot())
    assert captions(await world.result_of(pressed))
    await starting
    assert len(world.images.submits) == 2
