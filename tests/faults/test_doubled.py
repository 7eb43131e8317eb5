"""What comes twice is sent once: a double click, Discord's own second delivery, a window confirmed again."""

from __future__ import annotations

import asyncio

import pytest

from playground.discord import Message
from playground.driver import Environment, Scenario, public_messages
from tests.support.environments import MakeEnvironment, captions

# Longer than the moment within which two presses are a double click.
LATER = 1.6


@pytest.fixture
async def grid(env: Environment) -> Message:
    return await env.result_of(await env.slash("imagine", {"prompt": "a paper boat"}))


async def test_a_double_click_is_one_submit_and_a_later_press_a_new_one(env: Environment, grid: Message) -> None:
    first, second = await asyncio.gather(env.press(grid, "V1"), env.press(grid, "V1"))
    await env.until(lambda: public_messages(first) or public_messages(second))
    await asyncio.sleep(LATER)
    assert len(public_messages(first)) + len(public_messages(second)) == 1
    assert len(env.images.submits) == 2
    await env.result_of(await env.press(grid, "V1"))
    assert len(env.images.submits) == 3


async def test_the_same_button_pressed_by_two_people_is_two_submits(env: Environment, grid: Message) -> None:
    presses = await asyncio.gather(env.press(grid, "V1"), env.press(grid, "V1", by="bob"))
    for press in presses:
        await env.result_of(press)
    assert len(env.images.submits) == 3


async def test_a_double_click_on_try_again_is_one_submit(env: Environment) -> None:
    env.images.fail_task("no reason at all")
    failed = await env.result_of(await env.slash("imagine", {"prompt": "a brass owl"}))
    presses = await asyncio.gather(env.press(failed, "Try again"), env.press(failed, "Try again"))
    await env.until(lambda: [message for press in presses for message in public_messages(press)])
    await asyncio.sleep(LATER)
    assert len(env.images.submits) == 2


@pytest.mark.parametrize("when", ["at once", "after the result"])
async def test_an_interaction_delivered_twice_is_one_submit(env: Environment, grid: Message, when: str) -> None:
    pressed = await env.person("ada").press(grid, grid.button("U1")["custom_id"])
    if when == "after the result":
        await env.result_of(await pressed.answered())
    env.discord.redeliver(pressed)
    await env.result_of(pressed)
    await env.bot.logged("delivered twice")
    assert [message.ephemeral for message in pressed.messages] == [False]
    assert len(env.images.submits) == 2


async def test_a_command_delivered_twice_is_one_submit_and_keeps_its_message(env: Environment) -> None:
    asked = await env.person("ada").slash(env.studio, "imagine", {"prompt": "a tin robot"})
    env.discord.redeliver(asked)
    assert captions(await env.result_of(asked))
    assert [message.deleted for message in asked.messages] == [False]
    assert len(env.images.submits) == 1


async def test_an_interaction_delivered_again_to_a_bot_that_was_restarted_is_one_submit(
    env: Environment, grid: Message
) -> None:
    pressed = await env.press(grid, "U1")
    await env.until(lambda: len(env.images.submits) == 2)
    await env.kill_bot()
    await env.start_bot()
    env.discord.redeliver(pressed)
    assert captions(await env.result_of(pressed))
    assert len(env.images.submits) == 2


async def test_a_window_delivered_twice_is_confirmed_once(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario())
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a lighthouse"}))
    single = await env.result_of(await env.press(grid, "U1"))
    before = len(env.images.submits)
    opened = await env.press(single, "Custom Zoom")
    submitted = await env.person("ada").submit_modal(opened, {"prompt": "a lighthouse --zoom 1.7"})
    env.discord.redeliver(submitted)
    await env.result_of(submitted)
    endpoints = [submit.endpoint for submit in env.images.submits[before:]]
    assert endpoints == ["submit/action", "submit/modal"]


async def test_a_window_whose_bot_was_killed_while_it_was_confirmed_is_confirmed_once(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(Scenario())
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a lighthouse"}))
    single = await env.result_of(await env.press(grid, "U1"))
    opened = await env.press(single, "Custom Zoom")
    for endpoint in ("submit/action", "submit/modal"):
        sent = [submit.endpoint for submit in env.images.submits].count(endpoint)
        with env.images.hold_requests(endpoint):
            submitted = await env.submit_modal(opened, {"prompt": "a lighthouse --zoom 1.7"})
            await env.until(
                lambda endpoint=endpoint, sent=sent: (  # type: ignore[misc] # bound at once
                    [submit.endpoint for submit in env.images.submits].count(endpoint) > sent
                )
            )
            await env.kill_bot()
        await env.start_bot()
        assert captions(await env.result_of(submitted))
        opened = await env.press(single, "Custom Zoom", by="ada")
    states = [(submit.state, submit.endpoint) for submit in env.images.submits]
    assert len(states) == len(set(states))
