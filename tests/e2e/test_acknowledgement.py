"""The acknowledgement waits for nothing: not for the database, not for the image service. Submits wait for it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest

from bot.tasks.fair_queue import PER_PERSON
from playground.discord import Interaction, Message
from playground.driver import Environment
from tests.support.environments import captions
from tests.support.journal import written

HELD_SECONDS = 5.0
AT_ONCE = 1.0
# A window may wait one second for the prompt that it proposes.
MODAL = AT_ONCE + 1.0
CALLBACK = r"/interactions/\d+/[^/]+/callback"
EXPIRED, ACKNOWLEDGED = 10062, 40060  # Discord's "Unknown interaction", "Interaction has already been acknowledged"


@asynccontextmanager
async def database_and_image_service_held(env: Environment) -> AsyncIterator[None]:
    """Nobody can write to the database, and no request to the image service is answered, for five seconds."""
    with closing(sqlite3.connect(env.folder / "atelier.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with env.images.hold_requests(".*"):
            try:
                yield
                await asyncio.sleep(HELD_SECONDS)
            finally:
                connection.execute("ROLLBACK")


@pytest.fixture
async def single(env: Environment) -> Message:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a tin robot"}))
    return await env.result_of(await env.press(grid, "U1"))


async def test_presses_and_commands_are_acknowledged_at_once_while_everything_hangs(
    env: Environment, single: Message
) -> None:
    async with database_and_image_service_held(env):
        pressed = await env.press(single, "Zoom Out 2x")
        asked = await env.slash("imagine", {"prompt": "a second robot"})
        modal = await env.press(single, "Custom Zoom", by="bob")
    assert pressed.acknowledged_at is not None
    assert pressed.acknowledged_at < AT_ONCE
    assert asked.acknowledged_at is not None
    assert asked.acknowledged_at < AT_ONCE
    assert modal.modal is not None
    assert modal.acknowledged_at is not None
    assert modal.acknowledged_at < MODAL
    # Nothing of it is lost once both answer again.
    assert captions(await env.result_of(pressed))[0] == "U1"
    assert captions(await env.result_of(asked))[0] == "U1"
    assert [submit.endpoint for submit in env.images.submits].count("submit/action") == 2


async def pressed_while_held(env: Environment, message: Message, caption: str) -> Interaction:
    """A press that is in the journal, though Discord has not answered its acknowledgement."""
    press = await env.person("ada").press(message, message.button(caption)["custom_id"])
    await env.until(lambda: press.id in written(env.folder))
    return press


def submits(env: Environment) -> int:
    return [submit.endpoint for submit in env.images.submits].count("submit/action")


async def test_a_press_is_saved_while_its_acknowledgement_is_under_way_and_sent_after_it(
    env: Environment, single: Message
) -> None:
    before = submits(env)
    with env.discord.hold(CALLBACK, method="POST") as held:
        press = await pressed_while_held(env, single, "Zoom Out 2x")
        await env.until(lambda: held.waiting == 1)
        assert submits(env) == before
    await env.result_of(await press.answered())
    assert submits(env) == before + 1


@pytest.mark.parametrize(("status", "code"), [(404, EXPIRED), (400, ACKNOWLEDGED), (403, 50001)])
async def test_a_press_that_cannot_be_acknowledged_is_not_sent_and_can_be_made_again(
    env: Environment, single: Message, status: int, code: int
) -> None:
    before = submits(env)
    with env.discord.hold(CALLBACK, method="POST", when="before"):
        env.discord.fail_next("POST", CALLBACK, status=status, code=code)
        press = await pressed_while_held(env, single, "Zoom Out 2x")
    await env.until(lambda: written(env.folder)[press.id].outcome == "refused")
    assert written(env.folder)[press.id].state == "refused"
    # Within the time of a double click, of which a press that was not sent is none.
    await env.result_of(await env.press(single, "Zoom Out 2x"))
    assert submits(env) == before + 1
    assert [message for message in press.messages if not message.ephemeral] == []


async def test_the_second_half_of_a_double_click_counts_if_the_first_is_not_acknowledged(
    env: Environment, single: Message
) -> None:
    before = submits(env)
    with env.discord.hold(CALLBACK, method="POST", when="before") as held:
        env.discord.fail_next("POST", CALLBACK, status=404, code=EXPIRED)
        first = await pressed_while_held(env, single, "Zoom Out 2x")
        second = await env.person("ada").press(single, single.button("Zoom Out 2x")["custom_id"])
        await env.until(lambda: held.waiting == 2)
    await env.result_of(second)
    assert submits(env) == before + 1
    assert written(env.folder)[first.id].outcome == "refused"


async def test_a_press_that_has_to_wait_in_the_queue_is_saved_after_its_acknowledgement(
    env: Environment, single: Message
) -> None:
    env.images.hold()
    before = submits(env) + PER_PERSON
    for caption in ("Zoom Out 2x", "Zoom Out 1.5x", "⬅️", "➡️"):
        await env.press(single, caption)
    await env.until(lambda: submits(env) == before)
    with env.discord.hold(CALLBACK, method="POST", when="before") as held:
        env.discord.fail_next("POST", CALLBACK, status=404, code=EXPIRED)
        press = await env.person("ada").press(single, single.button("⬆️")["custom_id"])
        await env.until(lambda: held.waiting)
        assert press.id not in written(env.folder)
    again = await env.press(single, "⬆️")
    await env.until(lambda: again.id in written(env.folder))
    assert press.id not in written(env.folder)
    env.images.release()
    await env.result_of(again)
    assert submits(env) == before + 1
