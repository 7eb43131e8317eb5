"""Delivery under faults, with the real bot: the end is shown, or the asker is told where it can be."""

from __future__ import annotations

import base64
import dataclasses
import io

import pytest
from PIL import Image

from bot.discord_errors import REMEDIES, Remedy
from playground.discord import Limits, Message
from playground.discord.interactions import InteractionFailed
from playground.driver import Scene, World, is_finished, public_messages
from playground.images.faults import Fault
from playground.images.files import PictureUrls
from playground.images.pace import Pace
from tests.support.worlds import MakeWorld, captions, picture_of

GRID = ["U1", "U2", "U3", "U4", "Reroll", "V1", "V2", "V3", "V4"]


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


@pytest.mark.parametrize("code", [10015, 10062, 40094, 50027])
async def test_however_discord_tells_that_the_token_has_ended_the_channel_serves(
    make_world: MakeWorld, code: int
) -> None:
    world = await make_world(Scene(limits=Limits.off(token=0.5, ended=code)))
    world.images.hold()
    asked = await world.slash("imagine", {"prompt": "a slow boat"})
    await world.until(lambda: "asked" in asked.messages[0].text)
    await world.until(lambda: world.discord.world.now().timestamp() - asked.messages[0].created_at.timestamp() > 0.6)
    world.images.release()
    assert captions(await world.result_of(asked)) == GRID
    refused = [each for each in world.discord.requests if each.error and each.error["code"] == code]
    assert len(refused) == 1


async def test_an_asker_who_shares_no_server_any_more_is_given_up_after_one_try(make_world: MakeWorld) -> None:
    world = await make_world(Scene(limits=Limits.off(token=0.5)))
    world.images.hold()
    asked = await world.slash("imagine", {"prompt": "a boat that sails away"})
    await world.until(lambda: "asked" in asked.messages[0].text)
    world.discord.set_bot_permission(world.studio, view_channel=False)
    world.discord.leave(world.discord.guild("Atelier"), world.person("ada"))
    await world.until(lambda: world.discord.world.now().timestamp() - asked.messages[0].created_at.timestamp() > 0.6)
    world.images.release()
    await world.until(lambda: any("code 50278" in line for line in world.bot.lines))
    await world.stop_bot()
    await world.start_bot()
    other = await world.slash(
        "imagine", {"prompt": "a boat that stays"}, by="bob", where=world.discord.channel("lounge")
    )
    await world.result_of(other)
    refused = [each for each in world.discord.requests if each.error and each.error["code"] == 50278]
    assert len(refused) == 1


async def test_an_asker_who_takes_no_pictures_directly_gets_the_card_without_and_is_told(make_world: MakeWorld) -> None:
    world = await make_world(Scene(limits=Limits.off(token=0.5)))
    world.images.hold()
    asked = await world.slash("imagine", {"prompt": "a shy boat"})
    await world.until(lambda: "asked" in asked.messages[0].text)
    world.discord.set_bot_permission(world.studio, view_channel=False)
    world.discord.close_dms_to_pictures(world.person("ada"))
    await world.until(lambda: world.discord.world.now().timestamp() - asked.messages[0].created_at.timestamp() > 0.6)
    world.images.release()
    (direct,) = await world.until(lambda: direct_messages(world))
    assert "Discord doesn't accept the image here" in direct.text
    assert captions(direct) == GRID


async def test_where_a_word_is_blocked_the_card_comes_without_the_words(world: World) -> None:
    ada = world.person("ada")
    world.discord.install_for_user(ada)
    guild = world.discord.add_guild("Elsewhere", world.person("eve"), ada, with_bot=False)
    lounge = world.discord.add_channel(guild, "lounge")
    world.discord.block_word(guild, "Leviathan")
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a leviathan at dawn"}, where=lounge))
    assert "leviathan" not in grid.text
    assert "blocks some words here" in grid.text
    assert grid.attachments
    assert not any(attachment.description for attachment in grid.attachments)
    assert captions(grid) == GRID
    single = await world.result_of(await world.press(grid, "U1"))
    assert "leviathan" not in single.text


async def test_in_an_archived_thread_the_end_comes_as_a_new_message(make_world: MakeWorld) -> None:
    world = await make_world(Scene(limits=Limits.off(token=0.5)))
    thread = world.discord.add_thread(world.studio, "boats", world.person("ada"), private=False)
    world.images.hold()
    asked = await world.slash("imagine", {"prompt": "a forgotten boat"}, where=thread)
    await world.until(lambda: "asked" in asked.messages[0].text)
    world.discord.archive(thread)
    await world.until(lambda: world.discord.world.now().timestamp() - asked.messages[0].created_at.timestamp() > 0.6)
    world.images.release()
    await world.until(lambda: any(captions(each) == GRID for each in world.discord.messages(thread)))
    assert direct_messages(world) == []


async def test_a_command_in_a_locked_thread_sends_nothing_and_logs_one_line(make_world: MakeWorld) -> None:
    world = await make_world(Scene(limits=Limits.off(acknowledge=1.0)))
    thread = world.discord.add_thread(world.studio, "boats", world.person("ada"), private=False)
    world.discord.archive(thread, locked=True)
    asked = await world.person("ada").slash(thread, "imagine", {"prompt": "a boat behind a lock"})
    with pytest.raises(InteractionFailed):
        await asked.answered()
    lines = await world.until(lambda: [line for line in world.bot.lines if str(asked.id) in line])
    assert len(lines) == 1
    assert "cannot be answered where it was used" in lines[0]
    assert world.images.submits == []


async def test_whatever_code_the_first_answer_meets_nothing_is_sent_and_one_line_tells(make_world: MakeWorld) -> None:
    world = await make_world(Scene(limits=Limits.off(acknowledge=0.5)))
    where_used = {code for code, remedy in REMEDIES.items() if remedy in (Remedy.OTHER_PLACE, Remedy.NEW_MESSAGE)}
    for code in (*where_used, 10062, 40060):
        world.discord.fail_next("POST", "/callback", status=400, code=code)
        asked = await world.person("ada").slash(world.studio, "imagine", {"prompt": "a boat never sent"})
        with pytest.raises(InteractionFailed):
            await asked.answered()
        assert len([line for line in world.bot.lines if str(asked.id) in line]) == 1, code
    assert world.images.submits == []


async def test_a_late_private_refusal_says_which_command_it_answers(world: World) -> None:
    asked = await world.slash("imagine", {"prompt": "a forbiddenword owl on a *very* long branch"})
    text = await world.private_answer(asked)
    assert text.startswith("**/imagine** a forbiddenword owl on a \\*very\\* long branch\n")
    assert public_messages(asked) == []
    quick = await world.slash("imagine", {"prompt": "   "})
    assert not (await world.private_answer(quick)).startswith("**/imagine**")


async def test_a_late_refusal_of_a_menu_names_the_menu(world: World) -> None:
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a fox"}))
    world.images.fail_next("submit/describe", Fault.CODE_3)
    asked = await (await world.person("ada").context_menu(grid, "Describe")).answered()
    assert (await world.private_answer(asked)).startswith("**Describe**\n")


async def test_a_region_is_painted_on_the_picture_of_the_card_when_the_services_own_is_gone(
    make_world: MakeWorld,
) -> None:
    world = await make_world(Scene(callbacks=False))
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a tin robot"}))
    single = await world.result_of(await world.press(grid, "U2"))
    world.images.service.urls = PictureUrls(world.images.service.urls.base)
    opened = await world.press(single, "Vary (Region)")
    assert opened.payload["message"]["attachments"] == []
    await world.result_of(await world.submit_modal(opened, {"prompt": "a tin robot with a hat", "area": ["left"]}))
    mask = base64.b64decode(world.images.submits[-1].body["maskBase64"].partition(",")[2])
    assert Image.open(io.BytesIO(mask)).size == picture_of(single).size


@pytest.mark.parametrize("emoji", ["🇽🇽", "👍‍👍", "🏴\U000e0078\U000e0079\U000e007f"], ids=["flag", "joined", "tags"])
async def test_one_emoji_that_discord_does_not_know_costs_the_card_its_emoji_alone(
    world: World, monkeypatch: pytest.MonkeyPatch, emoji: str
) -> None:
    odd = [("MJ::JOB::upsample::1::{job}", "U1", emoji), ("MJ::JOB::reroll::0::{job}::SOLO", "", "🔄")]
    monkeypatch.setattr(
        "playground.images.buttons._grid", lambda job: [(key.format(job=job), *rest) for key, *rest in odd]
    )
    grid = await world.result_of(await world.slash("imagine", {"prompt": "a boat under a strange flag"}))
    assert [button.get("emoji") for button in grid.buttons] == [None, None]
    assert captions(grid)[0] == "U1"
    assert grid.attachments
    assert "doesn't accept an emoji of these buttons" in grid.text
    assert captions(await world.result_of(await world.press(grid, "U1")))


async def test_a_card_whose_edits_always_fail_comes_as_a_new_message(make_world: MakeWorld) -> None:
    world = await make_world(Scene(limits=Limits.off(token=0.5)))
    world.images.hold()
    asked = await world.slash("imagine", {"prompt": "a boat that nobody can repaint"})
    await world.until(lambda: "asked" in asked.messages[0].text)
    (card,) = asked.messages
    await world.until(lambda: world.discord.world.now().timestamp() - card.created_at.timestamp() > 0.6)
    # In the channel, and with a status after which discord.py itself does not try again for half a minute.
    page = "<html>unknown error</html>"
    world.discord.fail_next("PATCH", f"/channels/.*/{card.id}$", status=520, times=1000, page=page)
    world.images.release()
    (new,) = await world.until(lambda: [each for each in world.discord.messages(world.studio) if each is not card])
    await world.until(lambda: is_finished(new))
    assert captions(new) == GRID
    assert captions(await world.result_of(await world.press(new, "U1")))
