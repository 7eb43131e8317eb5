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
from playground.driver import Scene, World
from playground.images.pace import Pace
from tests.support.worlds import MakeWorld, captions, colours

PACE = replace(Pace.quick(), side=64)
PRESSED = 1
SECONDARY = 2
# How Discord refuses the token of an interaction: as unknown or ended in several ways, or for a message not its own.
REFUSALS = [(404, 10008), (401, 50027), (404, 10015), (404, 10062), (400, 40094)]


async def card_of(world: World) -> Message:
    """The card of a single picture."""
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a tin robot"}))
    return await world.result_of(await world.press(grid, "U2"))


async def link_of(world: World, pressed: Interaction) -> str:
    urls = await world.until(lambda: [each["url"] for m in pressed.messages for each in m.buttons if "url" in each])
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


def gone(world: World, message: Message) -> bool:
    """Has the bot given the message up?"""
    return stored(world, message) == [(1, None)]


def stored(world: World, message: Message) -> list[tuple[int, str | None]]:
    """Whether the bot has given a message up, and the token it keeps; empty where it does not know the message yet."""
    with closing(sqlite3.connect(f"file:{world.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT gone, token FROM messages WHERE message_id = ?", (message.id,)).fetchall()


def new_results(world: World, before: list[Message]) -> list[Message]:
    """The results that have come into the channel since."""
    return [
        each for each in world.discord.messages(world.studio) if each not in before and captions(each)[:1] == ["U1"]
    ]


async def test_a_painted_region_marks_its_card_and_the_result_replies_to_it(make_world: MakeWorld) -> None:
    world = await make_world(Scene(pace=PACE))
    card = await card_of(world)
    pressed = await world.press(card, "Vary (Region)")
    assert pressed.callback_type == 6
    await repaint(await link_of(world, pressed))
    result = await world.result_of(pressed)
    assert result.reference_id == card.id
    await world.until(lambda: colours(card)["Vary (Region)"] == PRESSED)
    # The card goes on: a press on it afterwards is marked as well, and so is a second region.
    assert colours(card)["Vary (Subtle)"] == SECONDARY
    subtle = await world.press(card, "Vary (Subtle)")
    await world.until(lambda: colours(card)["Vary (Subtle)"] == PRESSED)
    assert (await world.result_of(subtle)).reference_id == card.id
    again = await world.press(card, "Vary (Region)", by="bob")
    await repaint(await link_of(world, again))
    assert (await world.result_of(again)).reference_id == card.id
    assert not gone(world, card)


async def test_areas_picked_under_the_private_message_lead_to_a_reply_to_the_card(make_world: MakeWorld) -> None:
    world = await make_world(Scene(pace=PACE))
    card = await card_of(world)
    pressed = await world.press(card, "Vary (Region)")
    await link_of(world, pressed)
    before = world.discord.messages(world.studio)
    opened = await world.press(pressed.messages[0], "Pick areas instead")
    await world.submit_modal(opened, {"prompt": "a red hat", "area": ["left"]})
    (result,) = await world.until(lambda: new_results(world, before))
    assert result.reference_id == card.id
    assert not result.mentions


async def test_where_the_bot_may_not_read_the_history_the_result_comes_without_a_reply(make_world: MakeWorld) -> None:
    world = await make_world(Scene(pace=PACE))
    card = await card_of(world)
    pressed = await world.press(card, "Vary (Region)")
    await link_of(world, pressed)
    before = world.discord.messages(world.studio)
    world.discord.set_bot_permission(world.studio, read_message_history=False)
    opened = await world.press(pressed.messages[0], "Pick areas instead")
    await world.submit_modal(opened, {"prompt": "a red hat", "area": ["left"]})
    (result,) = await world.until(lambda: new_results(world, before))
    assert result.reference_id is None
    assert result.attachments


async def test_a_region_that_is_sent_after_the_token_has_ended_replies_to_the_card(make_world: MakeWorld) -> None:
    world = await make_world(Scene(pace=PACE, limits=Limits.off(token=2.0)))
    card = await card_of(world)
    pressed = await world.press(card, "Vary (Region)")
    url = await link_of(world, pressed)
    await world.until(lambda: world.discord.world.now().timestamp() - pressed.messages[0].created_at.timestamp() > 2.1)
    before = world.discord.messages(world.studio)
    await repaint(url)
    (result,) = await world.until(lambda: new_results(world, before))
    assert result.reference_id == card.id
    await world.until(lambda: colours(card)["Vary (Region)"] == PRESSED)


@pytest.mark.parametrize(("status", "code"), REFUSALS)
async def test_the_refusal_of_a_lent_token_gives_no_card_up(make_world: MakeWorld, status: int, code: int) -> None:
    world = await make_world(Scene(pace=PACE))
    card = await card_of(world)
    world.discord.fail_next("PATCH", rf"/webhooks/.*/messages/{card.id}$", status=status, code=code, times=50)
    await world.press(card, "Vary (Subtle)")
    await world.until(lambda: colours(card)["Vary (Subtle)"] == PRESSED)
    assert not gone(world, card)
    refused = [each for each in world.discord.requests if each.status == status and each.path.endswith(str(card.id))]
    assert len(refused) == 1
    # The token is forgotten once it was refused.
    await world.until(lambda: stored(world, card) == [(0, None)])


async def test_a_card_that_was_deleted_stays_given_up_though_a_press_lent_it_a_token(make_world: MakeWorld) -> None:
    world = await make_world(Scene(pace=PACE))
    card = await card_of(world)
    with world.discord.hold(rf"/webhooks/.*/messages/{card.id}$", method="PATCH", when="before") as held:
        pressed = await world.press(card, "Vary (Subtle)")
        await world.until(lambda: held.waiting)
        world.discord.delete_message(card)
    await world.until(lambda: gone(world, card))
    assert any("the message was deleted" in line for line in world.bot.lines)
    await world.result_of(pressed)
    assert world.discord.messages(world.discord.dm(world.person("ada"))) == []


async def test_a_result_that_was_deleted_is_given_up_by_its_own_token(make_world: MakeWorld) -> None:
    world = await make_world(Scene(pace=PACE))
    card = await card_of(world)
    world.images.hold()
    pressed = await world.press(card, "Vary (Subtle)")
    (running,) = await world.until(lambda: [each for each in pressed.messages if not each.ephemeral])
    await world.until(lambda: stored(world, running))
    world.discord.delete_message(running)
    world.images.release()
    await world.until(lambda: gone(world, running))
    assert not gone(world, card)
    assert world.discord.messages(world.discord.dm(world.person("ada"))) == []


async def test_where_the_bot_is_no_member_the_press_reaches_its_card_and_the_result_replies_to_it(
    make_world: MakeWorld,
) -> None:
    world = await make_world(Scene(pace=PACE))
    world.discord.install_for_user(world.person("ada"))
    world.discord.remove_bot(world.discord.guild("Atelier"))
    card = await card_of(world)
    pressed = await world.press(card, "Vary (Region)")
    await repaint(await link_of(world, pressed))
    assert (await world.result_of(pressed)).reference_id == card.id
    await world.until(lambda: colours(card)["Vary (Region)"] == PRESSED)
