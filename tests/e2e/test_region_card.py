"""The card from which a region is painted stays alive, and the result replies to it; so does every card whose press
lends it a token that Discord then refuses."""

from __future__ import annotations

import base64
import io
import sqlite3
from contextlib import closing
from dataclasses import replace

import aiohttp
import pytest
from PIL import Image

from playground.discord import Interaction, Limits, Message
from playground.driver import Environment, Scenario
from playground.images import Pace
from tests.support.environments import MakeEnvironment, captions, colours

PACE = replace(Pace.quick(), side=64)
PRESSED = 1
SECONDARY = 2
# How Discord refuses the token of an interaction: as unknown or ended in several ways, or for a message not its own.
REFUSALS = [(404, 10008), (401, 50027), (404, 10015), (404, 10062), (400, 40094)]


async def card_of(env: Environment) -> Message:
    """The card of a single picture."""
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a tin robot"}))
    return await env.result_of(await env.press(grid, "U2"))


async def link_of(env: Environment, pressed: Interaction) -> str:
    urls = await env.until(lambda: [each["url"] for m in pressed.messages for each in m.buttons if "url" in each])
    return str(urls[0])


def white(size: tuple[int, int]) -> str:
    buffer = io.BytesIO()
    Image.new("L", size, 255).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


async def repaint(url: str) -> None:
    """Follows a link and sends a mask, as its page does."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), raise_for_status=True) as session:
        await session.post(f"{url}/open", json={})
        async with session.get(f"{url}/picture") as answer:
            size = Image.open(io.BytesIO(await answer.read())).size
        await session.post(f"{url}/mask", json={"prompt": "a red hat", "mask": white(size)})


def gone(env: Environment, message: Message) -> bool:
    """Has the bot given the message up?"""
    return stored(env, message) == [(1, None)]


def stored(env: Environment, message: Message) -> list[tuple[int, str | None]]:
    """Whether the bot has given a message up, and the token it keeps; empty where it does not know the message yet."""
    with closing(sqlite3.connect(f"file:{env.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT gone, token FROM messages WHERE message_id = ?", (message.id,)).fetchall()


def new_results(env: Environment, before: list[Message]) -> list[Message]:
    """The results that have come into the channel since."""
    return [each for each in env.discord.messages(env.studio) if each not in before and captions(each)[:1] == ["U1"]]


async def test_a_painted_region_marks_its_card_and_the_result_replies_to_it(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(pace=PACE))
    card = await card_of(env)
    pressed = await env.press(card, "Vary (Region)")
    assert pressed.callback_type == 6
    await repaint(await link_of(env, pressed))
    result = await env.result_of(pressed)
    assert result.reference_id == card.id
    await env.until(lambda: colours(card)["Vary (Region)"] == PRESSED)
    # The card goes on: a press on it afterwards is marked as well, and so is a second region.
    assert colours(card)["Vary (Subtle)"] == SECONDARY
    subtle = await env.press(card, "Vary (Subtle)")
    await env.until(lambda: colours(card)["Vary (Subtle)"] == PRESSED)
    assert (await env.result_of(subtle)).reference_id == card.id
    again = await env.press(card, "Vary (Region)", by="bob")
    await repaint(await link_of(env, again))
    assert (await env.result_of(again)).reference_id == card.id
    assert not gone(env, card)


async def test_areas_picked_under_the_private_message_lead_to_a_reply_to_the_card(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(pace=PACE))
    card = await card_of(env)
    pressed = await env.press(card, "Vary (Region)")
    await link_of(env, pressed)
    before = env.discord.messages(env.studio)
    opened = await env.press(pressed.messages[0], "Pick areas instead")
    await env.submit_modal(opened, {"prompt": "a red hat", "area": ["left"]})
    (result,) = await env.until(lambda: new_results(env, before))
    assert result.reference_id == card.id
    assert not result.mentions


async def test_where_the_bot_may_not_read_the_history_the_result_comes_without_a_reply(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(Scenario(pace=PACE))
    card = await card_of(env)
    pressed = await env.press(card, "Vary (Region)")
    await link_of(env, pressed)
    before = env.discord.messages(env.studio)
    env.discord.set_bot_permission(env.studio, read_message_history=False)
    opened = await env.press(pressed.messages[0], "Pick areas instead")
    await env.submit_modal(opened, {"prompt": "a red hat", "area": ["left"]})
    (result,) = await env.until(lambda: new_results(env, before))
    assert result.reference_id is None
    assert result.attachments


async def test_a_region_that_is_sent_after_the_token_has_ended_replies_to_the_card(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(pace=PACE, limits=Limits.off(token=2.0)))
    card = await card_of(env)
    pressed = await env.press(card, "Vary (Region)")
    url = await link_of(env, pressed)
    await env.until(lambda: env.discord.state.now().timestamp() - pressed.messages[0].created_at.timestamp() > 2.1)
    before = env.discord.messages(env.studio)
    await repaint(url)
    (result,) = await env.until(lambda: new_results(env, before))
    assert result.reference_id == card.id
    await env.until(lambda: colours(card)["Vary (Region)"] == PRESSED)


@pytest.mark.parametrize(("status", "code"), REFUSALS)
async def test_the_refusal_of_a_lent_token_gives_no_card_up(make_env: MakeEnvironment, status: int, code: int) -> None:
    env = await make_env(Scenario(pace=PACE))
    card = await card_of(env)
    env.discord.fail_next("PATCH", rf"/webhooks/.*/messages/{card.id}$", status=status, code=code, times=50)
    await env.press(card, "Vary (Subtle)")
    await env.until(lambda: colours(card)["Vary (Subtle)"] == PRESSED)
    assert not gone(env, card)
    refused = [each for each in env.discord.requests if each.status == status and each.path.endswith(str(card.id))]
    assert len(refused) == 1
    # The token is forgotten once it was refused.
    await env.until(lambda: stored(env, card) == [(0, None)])


async def test_a_card_that_was_deleted_stays_given_up_though_a_press_lent_it_a_token(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(pace=PACE))
    card = await card_of(env)
    with env.discord.hold(rf"/webhooks/.*/messages/{card.id}$", method="PATCH", when="before") as held:
        pressed = await env.press(card, "Vary (Subtle)")
        await env.until(lambda: held.waiting)
        env.discord.delete_message(card)
    await env.until(lambda: gone(env, card))
    await env.bot.logged("the message was deleted")
    await env.result_of(pressed)
    assert env.discord.messages(env.discord.dm(env.person("ada"))) == []


async def test_a_result_that_was_deleted_is_given_up_by_its_own_token(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(pace=PACE))
    card = await card_of(env)
    env.images.hold()
    pressed = await env.press(card, "Vary (Subtle)")
    (running,) = await env.until(lambda: [each for each in pressed.messages if not each.ephemeral])
    await env.until(lambda: stored(env, running))
    env.discord.delete_message(running)
    env.images.release()
    await env.until(lambda: gone(env, running))
    assert not gone(env, card)
    assert env.discord.messages(env.discord.dm(env.person("ada"))) == []


async def test_where_the_bot_is_no_member_the_press_reaches_its_card_and_the_result_replies_to_it(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(Scenario(pace=PACE))
    env.discord.install_for_user(env.person("ada"))
    env.discord.remove_bot(env.discord.guild("Atelier"))
    card = await card_of(env)
    pressed = await env.press(card, "Vary (Region)")
    await repaint(await link_of(env, pressed))
    assert (await env.result_of(pressed)).reference_id == card.id
    await env.until(lambda: colours(card)["Vary (Region)"] == PRESSED)
