"""Being told that a result is there: a reply that mentions its asker alone, once, and only where it is wanted."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Literal

import pytest

from playground.discord import Channel, Message, OptionValue
from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment, task_id_of
from tests.support.panels import choose, drawn, panel_of
from tests.support.pictures import png

NOTIFY = 3
READY = "Your result is ready"


def told(env: Environment, where: Channel | None = None) -> list[Message]:
    """The messages that mention somebody, oldest first."""
    return [each for each in env.discord.messages(where or env.studio) if each.mentions and not each.deleted]


def waiting(env: Environment) -> int:
    """How many people are still to be told."""
    with closing(sqlite3.connect(f"file:{env.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM notifications").fetchone()[0])


async def all_told(env: Environment) -> None:
    await env.until(lambda: waiting(env) == 0)


def pinged(message: Message) -> list[str]:
    return [user.name for user in message.mentions]


async def asked_while_held(env: Environment, prompt: str, **options: str) -> Message:
    """A card whose result does not come before `env.images.release()`."""
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": prompt, **options})
    card = await env.until(lambda: next((each for each in asked.messages if prompt in each.text), None))
    assert card is not None
    return card


async def finish(env: Environment, card: Message) -> None:
    env.images.release()
    await env.until(lambda: any(not file.filename.startswith("preview") for file in card.attachments))
    await all_told(env)


async def test_a_result_that_comes_at_once_mentions_no_one(env: Environment) -> None:
    (card,) = await drawn(env, "a fox")
    await env.person("ada").say(env.studio, "that was quick")
    await all_told(env)
    card = await asked_while_held(env, "an owl")
    await env.person("ada").say(env.studio, "is it there?")
    await finish(env, card)
    assert told(env) == []


async def test_the_asker_is_mentioned_below_the_card_when_others_have_written_since(env: Environment) -> None:
    card = await asked_while_held(env, "a fox")
    await env.person("bob").say(env.studio, "nice weather")
    before = len(env.discord.requests)
    await finish(env, card)
    (reply,) = told(env)
    reads = [each.path for each in env.discord.requests[before:] if each.method == "GET" and "/channels/" in each.path]
    assert len(reads) == 1
    assert (reply.reference_id, pinged(reply)) == (card.id, ["ada"])
    assert READY in reply.text


async def test_somebody_elses_pictures_count_as_written_and_ones_own_do_not(env: Environment) -> None:
    card = await asked_while_held(env, "a fox")
    await env.slash("imagine", {"prompt": "another of mine"})
    await finish(env, card)
    assert told(env) == []
    card = await asked_while_held(env, "an owl")
    await env.slash("imagine", {"prompt": "a boat"}, by="bob")
    await finish(env, card)
    assert [pinged(each) for each in told(env)] == [["ada"]]


async def test_what_the_bot_posted_for_somebody_else_is_known_without_reading_the_channel(env: Environment) -> None:
    card = await asked_while_held(env, "a fox")
    other = await env.slash("imagine", {"prompt": "a boat", "notify": "never"}, by="bob")
    await env.until(lambda: other.messages)
    before = len(env.discord.requests)
    await finish(env, card)
    assert [pinged(each) for each in told(env)] == [["ada"]]
    assert not [
        each.path for each in env.discord.requests[before:] if each.method == "GET" and "/channels/" in each.path
    ]


async def test_a_message_that_was_deleted_meanwhile_does_not_count(env: Environment) -> None:
    card = await asked_while_held(env, "a fox")
    bob = env.person("bob")
    await bob.delete(await bob.say(env.studio, "wrong channel"))
    await finish(env, card)
    assert told(env) == []


async def test_where_the_history_is_closed_the_last_message_tells(env: Environment) -> None:
    env.discord.set_bot_permission(env.studio, read_message_history=False)
    await drawn(env, "a fox")
    await all_told(env)
    assert told(env) == []
    card = await asked_while_held(env, "an owl")
    await env.person("bob").say(env.studio, "nice weather")
    await finish(env, card)
    # Discord takes no reply there, so the message leads to the card by a link.
    (message,) = told(env)
    assert (message.reference_id, pinged(message)) == (None, ["ada"])
    assert str(card.id) in message.text


async def test_what_took_longer_than_a_minute_is_told_once_though_the_bot_was_killed(env: Environment) -> None:
    card = await asked_while_held(env, "a fox")
    await env.kill_bot()
    with closing(sqlite3.connect(env.folder / "atelier.db")) as connection, connection:
        connection.execute("UPDATE tasks SET created_at = created_at - 61")
    await env.start_bot()
    with env.discord.hold(r"/channels/\d+/messages$", method="POST") as held:
        env.images.release()
        await env.until(lambda: held.waiting)
        await env.kill_bot()
    assert [pinged(each) for each in told(env)] == [["ada"]]
    await env.start_bot()
    await all_told(env)
    (reply,) = told(env)
    assert (reply.reference_id, pinged(reply)) == (card.id, ["ada"])


async def test_a_result_that_came_while_the_bot_was_down_is_told_after_its_start(env: Environment) -> None:
    card = await asked_while_held(env, "a fox", notify="always")
    await env.kill_bot()
    env.images.release()
    await env.start_bot()
    await env.until(lambda: told(env))
    await all_told(env)
    assert [each.reference_id for each in told(env)] == [card.id]


async def test_a_reply_whose_answer_is_lost_is_not_sent_twice(env: Environment) -> None:
    env.discord.lose_next("POST", r"/channels/\d+/messages$")
    asked = await env.slash("imagine", {"prompt": "a fox", "notify": "always"})
    await env.result_of(asked)
    await env.until(lambda: told(env))
    await all_told(env)
    assert len(told(env)) == 1


def covered(env: Environment) -> Counter[int]:
    """How often a notification replies or links to each card."""
    found: Counter[int] = Counter()
    for message in told(env):
        links = {int(each) for each in re.findall(r"/channels/\d+/\d+/(\d+)", message.text)}
        found.update(links | ({message.reference_id} if message.reference_id else set()))
    return found


@pytest.mark.parametrize("when", ["before", "after"])
async def test_results_that_wait_together_are_each_told_once_though_the_bot_was_killed(
    env: Environment, when: Literal["before", "after"]
) -> None:
    first = await asked_while_held(env, "a fox", notify="always")
    with env.discord.hold(r"/channels/\d+/messages$", method="POST", when=when) as held:
        env.images.release()
        await env.until(lambda: held.waiting)
        later = [await env.result_of(await env.slash("imagine", {"prompt": n, "notify": "always"})) for n in "12"]
        of_bob = await env.result_of(await env.slash("imagine", {"prompt": "a boat", "notify": "always"}, by="bob"))
        await env.until(lambda: waiting(env) == 4)
        await env.kill_bot()
    await env.start_bot()
    await all_told(env)
    assert covered(env) == {card.id: 1 for card in (first, *later, of_bob)}
    assert [pinged(each) for each in told(env)].count(["bob"]) == 1
    assert len(told(env)) <= 3


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_message_about_several_results_is_not_lost_or_sent_twice_after_a_kill(
    env: Environment, when: Literal["before", "after"]
) -> None:
    posts = r"/channels/\d+/messages$"
    with ExitStack() as second:
        with env.discord.hold(posts, method="POST") as held:
            first = await asked_while_held(env, "a fox", notify="always")
            env.images.release()
            await env.until(lambda: held.waiting)
            later = [await env.result_of(await env.slash("imagine", {"prompt": n, "notify": "always"})) for n in "12"]
            await env.until(lambda: waiting(env) == 3)
            several = second.enter_context(env.discord.hold(posts, method="POST", when=when))
        await env.until(lambda: several.waiting and waiting(env) == 2)
        await env.kill_bot()
    await env.start_bot()
    await all_told(env)
    assert covered(env) == {card.id: 1 for card in (first, *later)}
    assert len(told(env)) == 2


async def test_the_setting_holds_for_every_command_and_the_command_wins(env: Environment) -> None:
    panel = await panel_of(env, await env.slash("settings"))
    await choose(env, panel, NOTIFY, "always")
    (grid,) = await drawn(env, "a fox")
    await env.until(lambda: told(env))
    single = await env.result_of(await env.press(grid, "U2"))
    await env.until(lambda: len(told(env)) == 2)
    assert [each.reference_id for each in told(env)] == [grid.id, single.id]
    await env.result_of(await env.slash("imagine", {"prompt": "an owl", "notify": "never"}))
    await choose(env, panel, NOTIFY, "never")
    card = await asked_while_held(env, "a boat")
    await env.person("bob").say(env.studio, "nice weather")
    await finish(env, card)
    assert len(told(env)) == 2
    card = await asked_while_held(env, "a cat", notify="auto")
    await env.person("bob").say(env.studio, "still nice")
    await finish(env, card)
    assert told(env)[-1].reference_id == card.id


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
    make_env: MakeEnvironment, command: str, options: dict[str, OptionValue]
) -> None:
    env = await make_env(Scenario("trueai"))
    card = await env.result_of(await env.slash(command, {**options, "notify": "always"}))
    await env.until(lambda: told(env))
    assert [(each.reference_id, pinged(each)) for each in told(env)] == [(card.id, ["ada"])]
    await choose(env, await panel_of(env, await env.slash("settings")), NOTIFY, "always")
    await env.result_of(await env.slash(command, {**options, "notify": "never"}))
    (owl,) = await drawn(env, "an owl")
    await env.until(lambda: len(told(env)) == 2)
    await all_told(env)
    assert [each.reference_id for each in told(env)] == [card.id, owl.id]


@pytest.mark.parametrize("forged", ["<@{bob}> @everyone <@&{guild}> a fox", "a fox <@!{bob}> @here", "`<@{bob}>` fox"])
async def test_a_forged_prompt_mentions_no_one_else(env: Environment, forged: str) -> None:
    prompt = forged.format(bob=env.person("bob").user.id, guild=env.studio.guild_id)
    await env.result_of(await env.slash("imagine", {"prompt": prompt, "notify": "always"}))
    await env.until(lambda: told(env))
    assert [pinged(each) for each in told(env)] == [["ada"]]
    assert not [each for each in told(env) if each.mention_everyone or each.mention_roles]


async def test_a_failure_is_told_too(env: Environment) -> None:
    env.images.fail_task("the drawing machine broke")
    await env.result_of(await env.slash("imagine", {"prompt": "a fox", "notify": "always"}))
    await env.until(lambda: told(env))
    assert "failed" in told(env)[0].text


def in_direct_messages(env: Environment) -> Channel:
    return env.discord.dm(env.person("ada"))


def where_the_bot_is_no_member(env: Environment) -> Channel:
    ada = env.person("ada")
    env.discord.install_for_user(ada)
    guild = env.discord.add_guild("Elsewhere", env.person("eve"), ada, with_bot=False)
    return env.discord.add_channel(guild, "lounge")


def where_the_bot_may_not_write(env: Environment) -> Channel:
    env.discord.set_bot_permission(env.studio, send_messages=False)
    return env.studio


Place = Callable[[Environment], Channel]


@pytest.mark.parametrize("place", [in_direct_messages, where_the_bot_is_no_member, where_the_bot_may_not_write])
async def test_the_asker_is_told_wherever_they_asked(env: Environment, place: Place) -> None:
    where = place(env)
    asked = await env.slash("imagine", {"prompt": "a fox", "notify": "always"}, where=where)
    await env.result_of(asked)
    await env.until(lambda: told(env, where))
    await all_told(env)
    assert [pinged(each) for each in told(env, where)] == [["ada"]]


async def test_a_card_that_was_deleted_is_not_replied_to(env: Environment) -> None:
    card = await asked_while_held(env, "a fox", notify="always")
    await env.person("mod").delete(card)
    env.images.release()
    await env.until(lambda: all(task.status.final for task in env.images.tasks.values()))
    (owl,) = await drawn(env, "an owl")
    assert told(env) == []
    assert task_id_of(owl)
