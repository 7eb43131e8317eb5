"""What comes twice is sent once: a double click, Discord's own second delivery, a window confirmed again."""

from __future__ import annotations

import asyncio

import pytest

from playground.discord import Message
from playground.driver import Scene, World, public_messages
from tests.support.worlds import MakeWorld, captions

# Longer than the moment within which two presses are a double click.
LATER = 1.6


@pytest.fixture
async def grid(world: World) -> Message:
    return await world.result_of(await world.slash("imagine", {"prompt": "a paper boat"}))


async def test_a_double_click_is_one_submit_and_a_later_press_a_new_one(world: World, grid: Message) -> None:
    first, second = await asyncio.gather(world.press(grid, "V1"), world.press(grid, "V1"))
    await world.until(lambda: public_messages(first) or public_messages(second))
    await asyncio.sleep(LATER)
    assert len(public_messages(first)) + len(public_messages(second)) == 1
    assert len(world.images.submits) == 2
    await world.result_of(await world.press(grid, "V1"))
    assert len(world.images.submits) == 3


async def test_the_same_button_pressed_by_two_people_is_two_submits(world: World, grid: Message) -> None:
    presses = await asyncio.gather(world.press(grid, "V1"), world.press(grid, "V1", by="bob"))
    for press in presses:
        await world.result_of(press)
    assert len(world.images.submits) == 3


async def test_a_double_click_on_try_again_is_one_submit(world: World) -> None:
    world.images.fail_task("no reason at all")
    failed = await world.result_of(await world.slash("imagine", {"prompt": "a brass owl"}))
    presses = await asyncio.gather(world.press(failed, "Try again"), world.press(failed, "Try again"))
    await world.until(lambda: [message for press in presses for message in public_messages(press)])
    await asyncio.sleep(LATER)
    assert len(world.images.submits) == 2


@pytest.mark.parametrize("when", ["at once", "after the result"])
async def test_an_interaction_delivered_twice_is_one_submit(world: World, grid: Message, when: str) -> None:
    pressed = await world.person("ada").press(grid, grid.button("U1")["custom_id"])
    if when == "after the result":
        await world.result_of(await pressed.answered())
    world.discord.redeliver(pressed)
    await world.result_of(pressed)
    await world.until(lambda: any("delivered twice" in line for line in world.bot.lines))
    assert [message.ephemeral for message in pressed.messages] == [False]
    assert len(world.images.submits) == 2


async def test_a_command_delivered_twice_is_one_submit_and_keeps_its_message(world: World) -> None:
    asked = await world.person("ada").slash(world.studio, "imagine", {"prompt": "a tin robot"})
    world.discord.redeliver(asked)
    assert captions(await world.result_of(asked))
    assert [message.deleted for message in asked.messages] == [False]
    assert len(world.images.submits) == 1


async def test_an_interaction_delivered_again_to_a_bot_that_was_restarted_is_one_submit(
    world: World, grid: Message
) -> None:
    pressed = await world.press(grid, "U1")
    await world.until(lambda: len(world.images.submits) == 2)
    await world.kill_bot()
    await world.start_bot()
    world.discord.redeliver(pressed)
    assert captions(await world.result_of(pressed))
    assert len(world.images.submits) == 2


async def test_a_window_delivered_twice_is_confirmed_once(make_world: MakeWorld) -> None:
    world = await make_world(Scene())
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a lighthouse"}))
    single = await world.result_of(await world.press(grid, "U1"))
    before = len(world.images.submits)
    opened = await world.press(single, "Custom Zoom")
    submitted = await world.person("ada").submit_modal(opened, {"prompt": "a lighthouse --zoom 1.7"})
    world.discord.redeliver(submitted)
    await world.result_of(submitted)
    endpoints = [submit.endpoint for submit in world.images.submits[before:]]
    assert endpoints == ["submit/action", "submit/modal"]


async def test_a_window_whose_bot_was_killed_while_it_was_confirmed_is_confirmed_once(make_world: MakeWorld) -> None:
    world = await make_world(Scene())
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a lighthouse"}))
    single = await world.result_of(await world.press(grid, "U1"))
    opened = await world.press(single, "Custom Zoom")
    for endpoint in ("submit/action", "submit/modal"):
        sent = [submit.endpoint for submit in world.images.submits].count(endpoint)
        with world.images.hold_requests(endpoint):
            submitted = await world.submit_modal(opened, {"prompt": "a lighthouse --zoom 1.7"})
            await world.until(
                lambda endpoint=endpoint, sent=sent: (  # type: ignore[misc] # bound at once
                    [submit.endpoint for submit in world.images.submits].count(endpoint) > sent
                )
            )
            await world.kill_bot()
        await world.start_bot()
        assert captions(await world.result_of(submitted))
        opened = await world.press(single, "Custom Zoom", by="ada")
    states = [(submit.state, submit.endpoint) for submit in world.images.submits]
    assert len(states) == len(set(states))
