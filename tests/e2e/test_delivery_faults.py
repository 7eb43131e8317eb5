"""Delivery under faults, with the real bot: the end is shown, or the asker is told where it can be."""

from __future__ import annotations

import dataclasses

from playground.discord import Limits, Message
from playground.driver import Scene, World
from playground.images.pace import Pace
from tests.support.worlds import MakeWorld, captions

GRID = ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]


def direct_messages(world: World, name: str = "ada") -> list[Message]:
    return world.discord.messages(world.discord.dm(world.person(name)))


async def test_after_the_token_has_ended_the_channel_serves(make_world: MakeWorld) -> None:
    world = await make_world(Scene(limits=Limits.off(token=0.5)))
    world.images.hold()
    asked = await world.slash("imagine", {"prompt": "a slow boat"})
    await world.until(lambda: "asked" in asked.messages[0].text)
    await world.until(lambda: world.discord.world.now().timestamp() - asked.messages[0].created_at.timestamp() > 0.6)
    world.images.release()
    grid = await world.result_of(asked)
    assert captions(grid) == GRID
    # The token is found dead once, not before every edit.
    dead = [each for each in world.discord.requests if each.status == 401]
    assert len(dead) == 1


async def test_without_token_and_without_channel_the_result_goes_to_the_asker_with_live_buttons(
    make_world: MakeWorld,
) -> None:
    world = await make_world(Scene(limits=Limits.off(token=0.5)))
    world.images.hold()
    asked = await world.slash("imagine", {"prompt": "a hidden boat"})
    await world.until(lambda: "asked" in asked.messages[0].text)
    world.discord.set_bot_permission(world.studio, view_channel=False)
    await world.until(lambda: world.discord.world.now().timestamp() - asked.messages[0].created_at.timestamp() > 0.6)
    world.images.release()
    await world.until(lambda: direct_messages(world))
    (direct,) = direct_messages(world)
    assert captions(direct) == GRID
    assert direct.attachments
    assert "Sent to you directly" in direct.text
    single = await world.result_of(await world.press(direct, "U2"))
    assert captions(single)


async def test_a_message_that_people_deleted_stays_deleted(world: World) -> None:
    world.images.hold()
    asked = await world.slash("imagine", {"prompt": "an unwanted boat"})
    await world.until(lambda: "asked" in asked.messages[0].text)
    world.discord.delete_message(asked.messages[0])
    world.images.release()
    await world.until(lambda: any("people have deleted it" in line for line in world.bot.lines))
    assert direct_messages(world) == []
    assert [each for each in world.discord.messages(world.studio) if not each.deleted] == []


async def test_a_channel_that_is_gone_sends_its_results_to_the_askers(world: World) -> None:
    world.images.hold()
    lounge = world.discord.channel("lounge")
    asked = await world.slash("imagine", {"prompt": "a homeless boat"}, where=lounge)
    other = await world.slash("imagine", {"prompt": "a boat with a home"}, by="bob")
    await world.until(lambda: "asked" in asked.messages[0].text)
    world.discord.delete_channel(lounge)
    world.images.release()
    assert captions(await world.result_of(other)) == GRID
    await world.until(lambda: direct_messages(world))
    assert captions(direct_messages(world)[0]) == GRID


async def test_discord_failing_for_a_moment_loses_nothing(world: World) -> None:
    world.discord.fail_next("PATCH", "webhooks", status=502, times=2)
    world.discord.lose_next("PATCH", "webhooks", times=1)
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a stubborn boat"}), timeout=30.0)
    assert captions(grid) == GRID


async def test_a_lost_answer_to_a_new_message_makes_no_second_one(world: World) -> None:
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a boat told of once"}))
    world.discord.lose_next("POST", "webhooks", when="after")
    await world.result_of(await world.press(grid, "V1"))
    assert len(world.discord.messages(world.studio)) == 2


async def test_callbacks_that_are_lost_are_made_good_by_polling(world: World) -> None:
    world.images.lose_callbacks(1000)
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a quiet boat"}))
    assert captions(grid) == GRID


async def test_callbacks_make_polls_few(make_world: MakeWorld) -> None:
    pace = dataclasses.replace(Pace.quick(), step=0.15, steps=8)
    world = await make_world(Scene(pace=pace, poll_interval=0.1))
    await world.result_of(await world.slash("imagine", {"prompt": "a boat that tells"}))
    told = [each for each in world.images.requests if "list-by-condition" in each.path]
    silent = await make_world(Scene(pace=pace, poll_interval=0.1, callbacks=False))
    await silent.result_of(await silent.slash("imagine", {"prompt": "a boat that is asked"}))
    asked = [each for each in silent.images.requests if "list-by-condition" in each.path]
    assert len(told) < len(asked) / 2
