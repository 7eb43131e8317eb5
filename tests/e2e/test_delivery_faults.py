"""Delivery under faults, with the real bot: the end is shown, or the asker is told where it can be."""

from __future__ import annotations

import base64
import dataclasses
import io

import pytest
from PIL import Image

from bot.discord_api.errors import REMEDIES, Remedy
from playground.discord import InteractionFailed, Limits, Message
from playground.driver import Environment, Scenario, is_finished, public_messages
from playground.images import Pace
from playground.images.faults import Fault
from playground.images.files import PictureUrls
from tests.support.environments import MakeEnvironment, captions, picture_of
from tests.support.pictures import png

GRID = ["U1", "U2", "U3", "U4", "Reroll", "V1", "V2", "V3", "V4"]


def direct_messages(env: Environment, name: str = "ada") -> list[Message]:
    return env.discord.messages(env.discord.dm(env.person(name)))


async def test_after_the_token_has_ended_the_channel_serves(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(limits=Limits.off(token=0.5)))
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "a slow boat"})
    await env.until(lambda: "for <@" in asked.messages[0].text)
    await env.until(lambda: env.discord.state.now().timestamp() - asked.messages[0].created_at.timestamp() > 0.6)
    env.images.release()
    grid = await env.result_of(asked)
    assert captions(grid) == GRID
    # The token is found dead once, not before every edit.
    dead = [each for each in env.discord.requests if each.status == 401]
    assert len(dead) == 1


async def test_without_token_and_without_channel_the_result_goes_to_the_asker_with_live_buttons(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(Scenario(limits=Limits.off(token=0.5)))
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "a hidden boat"})
    await env.until(lambda: "for <@" in asked.messages[0].text)
    env.discord.set_bot_permission(env.studio, view_channel=False)
    await env.until(lambda: env.discord.state.now().timestamp() - asked.messages[0].created_at.timestamp() > 0.6)
    env.images.release()
    await env.until(lambda: direct_messages(env))
    (direct,) = direct_messages(env)
    assert captions(direct) == GRID
    assert direct.attachments
    assert "Sent to you directly" in direct.text
    single = await env.result_of(await env.press(direct, "U2"))
    assert captions(single)


async def test_a_message_that_people_deleted_stays_deleted(env: Environment) -> None:
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "an unwanted boat"})
    await env.until(lambda: "for <@" in asked.messages[0].text)
    env.discord.delete_message(asked.messages[0])
    env.images.release()
    await env.bot.logged("the message was deleted")
    assert direct_messages(env) == []
    assert [each for each in env.discord.messages(env.studio) if not each.deleted] == []


async def test_a_channel_that_is_gone_sends_its_results_to_the_askers(env: Environment) -> None:
    env.images.hold()
    lounge = env.discord.channel("lounge")
    asked = await env.slash("imagine", {"prompt": "a homeless boat"}, where=lounge)
    other = await env.slash("imagine", {"prompt": "a boat with a home"}, by="bob")
    await env.until(lambda: "for <@" in asked.messages[0].text)
    env.discord.delete_channel(lounge)
    env.images.release()
    assert captions(await env.result_of(other)) == GRID
    await env.until(lambda: direct_messages(env))
    assert captions(direct_messages(env)[0]) == GRID


async def test_discord_failing_for_a_moment_loses_nothing(env: Environment) -> None:
    env.discord.fail_next("PATCH", "webhooks", status=502, times=2)
    env.discord.lose_next("PATCH", "webhooks", times=1)
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a stubborn boat"}), timeout=30.0)
    assert captions(grid) == GRID


async def test_a_lost_answer_to_a_new_message_makes_no_second_one(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a boat told of once"}))
    env.discord.lose_next("POST", "webhooks", when="after")
    await env.result_of(await env.press(grid, "V1"))
    assert len(env.discord.messages(env.studio)) == 2


async def test_callbacks_that_are_lost_are_made_good_by_polling(env: Environment) -> None:
    env.images.callbacks.lose = 1000
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a quiet boat"}))
    assert captions(grid) == GRID


async def test_callbacks_make_polls_few(make_env: MakeEnvironment) -> None:
    pace = dataclasses.replace(Pace.quick(), step=0.15, steps=8)
    env = await make_env(Scenario(pace=pace, poll_interval=0.1))
    await env.result_of(await env.slash("imagine", {"prompt": "a boat that tells"}))
    told = [each for each in env.images.requests if "list-by-condition" in each.path]
    silent = await make_env(Scenario(pace=pace, poll_interval=0.1, callbacks=False))
    await silent.result_of(await silent.slash("imagine", {"prompt": "a boat that is asked"}))
    asked = [each for each in silent.images.requests if "list-by-condition" in each.path]
    assert len(told) < len(asked) / 2


@pytest.mark.parametrize("code", [10015, 10062, 40094, 50027])
async def test_however_discord_tells_that_the_token_has_ended_the_channel_serves(
    make_env: MakeEnvironment, code: int
) -> None:
    env = await make_env(Scenario(limits=Limits.off(token=0.5, expired_code=code)))
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "a slow boat"})
    await env.until(lambda: "for <@" in asked.messages[0].text)
    await env.until(lambda: env.discord.state.now().timestamp() - asked.messages[0].created_at.timestamp() > 0.6)
    env.images.release()
    assert captions(await env.result_of(asked)) == GRID
    refused = [each for each in env.discord.requests if each.error and each.error["code"] == code]
    assert len(refused) == 1


async def test_an_asker_who_shares_no_server_any_more_is_given_up_after_one_try(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(limits=Limits.off(token=0.5)))
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "a boat that sails away"})
    await env.until(lambda: "for <@" in asked.messages[0].text)
    env.discord.set_bot_permission(env.studio, view_channel=False)
    env.discord.leave(env.discord.guild("Atelier"), env.person("ada"))
    await env.until(lambda: env.discord.state.now().timestamp() - asked.messages[0].created_at.timestamp() > 0.6)
    env.images.release()
    await env.bot.logged("code 50278")
    await env.stop_bot()
    await env.start_bot()
    other = await env.slash("imagine", {"prompt": "a boat that stays"}, by="bob", where=env.discord.channel("lounge"))
    await env.result_of(other)
    refused = [each for each in env.discord.requests if each.error and each.error["code"] == 50278]
    assert len(refused) == 1


async def test_an_asker_who_takes_no_pictures_directly_gets_the_card_without_and_is_told(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(Scenario(limits=Limits.off(token=0.5)))
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "a shy boat"})
    await env.until(lambda: "for <@" in asked.messages[0].text)
    env.discord.set_bot_permission(env.studio, view_channel=False)
    env.person("ada").user.accepts_dm_files = False
    await env.until(lambda: env.discord.state.now().timestamp() - asked.messages[0].created_at.timestamp() > 0.6)
    env.images.release()
    (direct,) = await env.until(lambda: direct_messages(env))
    assert "Discord doesn't accept the image here" in direct.text
    assert captions(direct) == GRID


async def test_where_a_word_is_blocked_the_card_comes_without_the_words(env: Environment) -> None:
    ada = env.person("ada")
    env.discord.install_for_user(ada)
    guild = env.discord.add_guild("Elsewhere", env.person("eve"), ada, with_bot=False)
    lounge = env.discord.add_channel(guild, "lounge")
    guild.blocked_words.add("Leviathan")
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a leviathan at dawn"}, where=lounge))
    assert "leviathan" not in grid.text
    assert "blocks some words here" in grid.text
    assert grid.attachments
    assert not any(attachment.description for attachment in grid.attachments)
    assert captions(grid) == GRID
    single = await env.result_of(await env.press(grid, "U1"))
    assert "leviathan" not in single.text


async def test_in_an_archived_thread_the_end_comes_as_a_new_message(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(limits=Limits.off(token=0.5)))
    thread = env.discord.add_thread(env.studio, "boats", env.person("ada"), private=False)
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "a forgotten boat"}, where=thread)
    await env.until(lambda: "for <@" in asked.messages[0].text)
    env.discord.archive(thread)
    await env.until(lambda: env.discord.state.now().timestamp() - asked.messages[0].created_at.timestamp() > 0.6)
    env.images.release()
    await env.until(lambda: any(captions(each) == GRID for each in env.discord.messages(thread)))
    assert direct_messages(env) == []


async def test_a_command_in_a_locked_thread_sends_nothing_and_logs_one_line(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(limits=Limits.off(acknowledge=1.0)))
    thread = env.discord.add_thread(env.studio, "boats", env.person("ada"), private=False)
    env.discord.archive(thread, locked=True)
    asked = await env.person("ada").slash(thread, "imagine", {"prompt": "a boat behind a lock"})
    with pytest.raises(InteractionFailed):
        await asked.answered()
    assert "cannot answer in its channel" in await env.bot.logged(str(asked.id))
    assert len([line for line in env.bot.lines if str(asked.id) in line]) == 1
    assert env.images.submits == []


async def test_whatever_code_the_first_answer_meets_nothing_is_sent_and_one_line_tells(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(Scenario(limits=Limits.off(acknowledge=0.5)))
    where_used = {code for code, remedy in REMEDIES.items() if remedy in (Remedy.OTHER_PLACE, Remedy.NEW_MESSAGE)}
    for code in (*where_used, 10062, 40060):
        env.discord.fail_next("POST", "/callback", status=400, code=code)
        asked = await env.person("ada").slash(env.studio, "imagine", {"prompt": "a boat never sent"})
        with pytest.raises(InteractionFailed):
            await asked.answered()
        await env.bot.logged(str(asked.id))
        assert len([line for line in env.bot.lines if str(asked.id) in line]) == 1, code
    assert env.images.submits == []


@pytest.mark.parametrize("command", ["imagine", "shorten"])
async def test_a_late_private_refusal_says_which_command_it_answers_and_the_prompt_once(
    env: Environment, command: str
) -> None:
    asked = await env.slash(command, {"prompt": "a forbiddenword owl on a *very* long branch"})
    text = await env.private_answer(asked)
    assert text.startswith(f"**/{command}**\n")
    assert text.count("owl on a \\*very\\* long branch") == 1
    assert public_messages(asked) == []


async def test_a_late_private_refusal_without_a_draft_says_what_was_typed(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario("trueai", settings={"MJ_PROFILE": "trueai"}))
    env.images.fail_next("submit/describe", Fault.CODE_3)
    asked = await env.slash("describe", {"link": "https://files.example.org/boat.png"})
    assert (await env.private_answer(asked)).startswith("**/describe** https")


async def test_a_quick_private_refusal_needs_no_heading(env: Environment) -> None:
    quick = await env.slash("imagine", {"prompt": "   "})
    assert not (await env.private_answer(quick)).startswith("**/imagine**")


async def test_a_late_refusal_without_words_names_the_menu_or_the_command(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    env.images.fail_next("submit/describe", Fault.CODE_3)
    asked = await (await env.person("ada").context_menu(grid, "Describe")).answered()
    assert (await env.private_answer(asked)).startswith("**Describe**\n")
    env.images.fail_next("submit/blend", Fault.CODE_4)
    blend = await env.slash("blend", {"image1": png("a.png"), "image2": png("b.png", "gold")})
    assert (await env.private_answer(blend)).startswith("**/blend**\n")


async def test_a_region_is_painted_on_the_picture_of_the_card_when_the_services_own_is_gone(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(Scenario(callbacks=False))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a tin robot"}))
    single = await env.result_of(await env.press(grid, "U2"))
    env.images.service.urls = PictureUrls(env.images.service.urls.base)
    opened = await env.press(single, "Vary (Region)")
    assert opened.payload["message"]["attachments"] == []
    await env.result_of(await env.submit_modal(opened, {"prompt": "a tin robot with a hat", "area": ["left"]}))
    mask = base64.b64decode(env.images.submits[-1].body["maskBase64"].partition(",")[2])
    assert Image.open(io.BytesIO(mask)).size == picture_of(single).size


@pytest.mark.parametrize("emoji", ["🇽🇽", "👍‍👍", "🏴\U000e0078\U000e0079\U000e007f"], ids=["flag", "joined", "tags"])
async def test_one_emoji_that_discord_does_not_know_costs_the_card_its_emoji_alone(
    env: Environment, monkeypatch: pytest.MonkeyPatch, emoji: str
) -> None:
    odd = [("MJ::JOB::upsample::1::{job}", "U1", emoji), ("MJ::JOB::reroll::0::{job}::SOLO", "", "🔄")]
    monkeypatch.setattr(
        "playground.images.buttons._grid", lambda job: [(key.format(job=job), *rest) for key, *rest in odd]
    )
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a boat under a strange flag"}))
    assert [button.get("emoji") for button in grid.buttons] == [None, None]
    assert captions(grid)[0] == "U1"
    assert grid.attachments
    assert "doesn't accept one of the button emoji" in grid.text
    assert captions(await env.result_of(await env.press(grid, "U1")))


async def test_a_card_whose_edits_always_fail_comes_as_a_new_message(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(limits=Limits.off(token=0.5)))
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "a boat that nobody can repaint"})
    await env.until(lambda: "for <@" in asked.messages[0].text)
    (card,) = asked.messages
    await env.until(lambda: env.discord.state.now().timestamp() - card.created_at.timestamp() > 0.6)
    # In the channel, and with a status after which discord.py itself does not try again for half a minute.
    page = "<html>unknown error</html>"
    env.discord.fail_next("PATCH", f"/channels/.*/{card.id}$", status=520, times=1000, page=page)
    env.images.release()
    (new,) = await env.until(lambda: [each for each in env.discord.messages(env.studio) if each is not card])
    await env.until(lambda: is_finished(new))
    assert captions(new) == GRID
    assert captions(await env.result_of(await env.press(new, "U1")))
