"""Being told that a result is there: a reply that mentions its asker alone, once, and only where it is wanted."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from playground.discord import Channel, Message
from playground.discord.options import OptionValue
from playground.driver import Scene, World
from tests.support.panels import choose, drawn, panel_of
from tests.support.pictures import png
from tests.support.worlds import MakeWorld, task_id_of

NOTIFY = 3
READY = "Your result is ready"


def told(world: World, where: Channel | None = None) -> list[Message]:
    """The messages that mention somebody, oldest first."""
    return [each for each in world.discord.messages(where or world.studio) if each.mentions and not each.deleted]


def waiting(world: World) -> int:
    """How many people are still to be told."""
    with closing(sqlite3.connect(f"file:{world.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM notifications").fetchone()[0])


async def all_told(world: World) -> None:
    await world.until(lambda: waiting(world) == 0)


def pinged(message: Message) -> list[str]:
    return [user.name for user in message.mentions]


async def asked_while_held(world: World, prompt: str, **options: str) -> Message:
    """A card whose result does not come before `world.images.release()`."""
    world.images.hold()
    asked = await world.slash("imagine", {"prompt": prompt, **options})
    card = await world.until(lambda: next((each for each in asked.messages if prompt in each.text), None))
    assert card is not None
    return card


async def finish(world: World, card: Message) -> None:
    world.images.release()
    await world.until(lambda: any(not file.filename.startswith("preview") for file in card.attachments))
    await all_told(world)


async def test_a_result_that_comes_at_once_mentions_no_one(world: World) -> None:
    (card,) = await drawn(world, "a fox")
    await world.person("ada").say(world.studio, "that was quick")
    await all_told(world)
    card = await asked_while_held(world, "an owl")
    await world.person("ada").say(world.studio, "is it there?")
    await finish(world, card)
    assert told(world) == []


async def test_the_asker_is_mentioned_below_the_card_when_others_have_written_since(world: World) -> None:
    card = await asked_while_held(world, "a fox")
    await world.person("bob").say(world.studio, "nice weather")
    await finish(world, card)
    (reply,) = told(world)
    assert (reply.reference_id, pinged(reply)) == (card.id, ["ada"])
    assert READY in reply.text


async def test_somebody_elses_pictures_count_as_written_and_ones_own_do_not(world: World) -> None:
    card = await asked_while_held(world, "a fox")
    await world.slash("imagine", {"prompt": "another of mine"})
    await finish(world, card)
    assert told(world) == []
    card = await asked_while_held(world, "an owl")
    await world.slash("imagine", {"prompt": "a boat"}, by="bob")
    await finish(world, card)
    assert [pinged(each) for each in told(world)] == [["ada"]]


async def test_a_message_that_was_deleted_meanwhile_does_not_count(world: World) -> None:
    card = await asked_while_held(world, "a fox")
    bob = world.person("bob")
    await bob.delete(await bob.say(world.studio, "wrong channel"))
    await finish(world, card)
    assert told(world) == []


async def test_where_the_history_is_closed_the_last_message_tells(world: World) -> None:
    world.discord.set_bot_permission(world.studio, read_message_history=False)
    await drawn(world, "a fox")
    await all_told(world)
    assert told(world) == []
    card = await asked_while_held(world, "an owl")
    await world.person("bob").say(world.studio, "nice weather")
    await finish(world, card)
    # Discord takes no reply there, so the message leads to the card by a link.
    (message,) = told(world)
    assert (message.reference_id, pinged(message)) == (None, ["ada"])
    assert str(card.id) in message.text


async def test_what_took_longer_than_a_minute_is_told_once_though_the_bot_was_killed(world: World) -> None:
    card = await asked_while_held(world, "a fox")
    await world.kill_bot()
    with closing(sqlite3.connect(world.folder / "atelier.db")) as connection, connection:
        connection.execute("UPDATE tasks SET created_at = created_at - 61")
    await world.start_bot()
    with world.discord.hold(r"/channels/\d+/messages$", method="POST") as held:
        world.images.release()
        await world.until(lambda: held.waiting)
        await world.kill_bot()
    assert [pinged(each) for each in told(world)] == [["ada"]]
    await world.start_bot()
    await all_told(world)
    (reply,) = told(world)
    assert (reply.reference_id, pinged(reply)) == (card.id, ["ada"])


async def test_a_result_that_came_while_the_bot_was_down_is_told_after_its_start(world: World) -> None:
    card = await asked_while_held(world, "a fox", notify="always")
    await world.kill_bot()
    world.images.release()
    await world.start_bot()
    await world.until(lambda: told(world))
    await all_told(world)
    assert [each.reference_id for each in told(world)] == [card.id]


async def test_a_reply_whose_answer_is_lost_is_not_sent_twice(world: World) -> None:
    world.discord.lose_next("POST", r"/channels/\d+/messages$")
    asked = await world.slash("imagine", {"prompt": "a fox", "notify": "always"})
    await world.result_of(asked)
    await world.until(lambda: told(world))
    await all_told(world)
    assert len(told(world)) == 1


async def test_the_setting_holds_for_every_command_and_the_command_wins(world: World) -> None:
    panel = await panel_of(world, await world.slash("settings"))
    await choose(world, panel, NOTIFY, "always")
    (grid,) = await drawn(world, "a fox")
    await world.until(lambda: told(world))
    single = await world.result_of(await world.press(grid, "U2"))
    await world.until(lambda: len(told(world)) == 2)
    assert [each.reference_id for each in told(world)] == [grid.id, single.id]
    await world.result_of(await world.slash("imagine", {"prompt": "an owl", "notify": "never"}))
    await choose(world, panel, NOTIFY, "never")
    card = await asked_while_held(world, "a boat")
    await world.person("bob").say(world.studio, "nice weather")
    await finish(world, card)
    assert len(told(world)) == 2
    card = await asked_while_held(world, "a cat", notify="auto")
    await world.person("bob").say(world.studio, "still nice")
    await finish(world, card)
    assert told(world)[-1].reference_id == card.id


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("blend", {"image1": png("a.png"), "image2": png("b.png", "red")}),
        ("describe", {"image": png("a.png")}),
        ("swap", {"source": png("a.png"), "target": png("b.png", "red")}),
        ("edit", {"prompt": "a hat", "image": png("a.png")}),
        ("retexture", {"prompt": "as a woodcut", "image": png("a.png")}),
        ("video", {"prompt": "it waves", "image": png("a.png")}),
    ],
)
async def test_every_command_that_makes_something_takes_the_choice(
    make_world: MakeWorld, command: str, options: dict[str, OptionValue]
) -> None:
    world = await make_world(Scene("trueai"))
    card = await world.result_of(await world.slash(command, {**options, "notify": "always"}))
    await world.until(lambda: told(world))
    assert [(each.reference_id, pinged(each)) for each in told(world)] == [(card.id, ["ada"])]
    await choose(world, await panel_of(world, await world.slash("settings")), NOTIFY, "always")
    await world.result_of(await world.slash(command, {**options, "notify": "never"}))
    (owl,) = await drawn(world, "an owl")
    await world.until(lambda: len(told(world)) == 2)
    await all_told(world)
    assert [each.reference_id for each in told(world)] == [card.id, owl.id]


@pytest.mark.parametrize("forged", ["<@{bob}> @everyone <@&{guild}> a fox", "a fox <@!{bob}> @here", "`<@{bob}>` fox"])
async def test_a_forged_prompt_mentions_no_one_else(world: World, forged: str) -> None:
    prompt = forged.format(bob=world.person("bob").user.id, guild=world.studio.guild_id)
    await world.result_of(await world.slash("imagine", {"prompt": prompt, "notify": "always"}))
    await world.until(lambda: told(world))
    assert [pinged(each) for each in told(world)] == [["ada"]]
    assert not [each for each in told(world) if each.mention_everyone or each.mention_roles]


async def test_a_failure_is_told_too(world: World) -> None:
    world.images.fail_task("the drawing machine broke")
    await world.result_of(await world.slash("imagine", {"prompt": "a fox", "notify": "always"}))
    await world.until(lambda: told(world))
    assert "failed" in told(world)[0].text


def in_direct_messages(world: World) -> Channel:
    return world.discord.dm(world.person("ada"))


def where_the_bot_is_no_member(world: World) -> Channel:
    ada = world.person("ada")
    world.discord.install_for_user(ada)
    guild = world.discord.add_guild("Elsewhere", world.person("eve"), ada, with_bot=False)
    return world.discord.add_channel(guild, "lounge")


def where_the_bot_may_not_write(world: World) -> Channel:
    world.discord.set_bot_permission(world.studio, send_messages=False)
    return world.studio


Place = Callable[[World], Channel]


@pytest.mark.parametrize("place", [in_direct_messages, where_the_bot_is_no_member, where_the_bot_may_not_write])
async def test_the_asker_is_told_wherever_they_asked(world: World, place: Place) -> None:
    where = place(world)
    asked = await world.slash("imagine", {"prompt": "a fox", "notify": "always"}, where=where)
    await world.result_of(asked)
    await world.until(lambda: told(world, where))
    await all_told(world)
    assert [pinged(each) for each in told(world, where)] == [["ada"]]


async def test_a_card_that_was_deleted_is_not_replied_to(world: World) -> None:
    card = await asked_while_held(world, "a fox", notify="always")
    await world.person("mod").delete(card)
    world.images.release()
    await world.until(lambda: all(task.status.final for task in world.images.tasks.values()))
    (owl,) = await drawn(world, "an owl")
    assert told(world) == []
    assert task_id_of(owl)
