"""Chat models that make images, in Discord: progress on the card, buttons that never expire, what is sent and how
often."""

from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import closing
from typing import Any

import aiohttp
import pytest

from playground.discord import Message
from playground.driver import Environment, Scenario
from playground.platform import Fault, Pace, Reply
from tests.support.environments import MakeEnvironment, captions
from tests.support.pictures import png, png_bytes

CHAT = "/v1/chat/completions"
# Slow enough for a progress edit, which follows the first one after two seconds.
PACE = Pace(part=0.005, step=0.8, steps=4, side=192)


@pytest.fixture
async def env(make_env: MakeEnvironment) -> Environment:
    return await make_env(Scenario(platform="clean", platform_pace=PACE))


def messages(env: Environment) -> list[list[dict[str, Any]]]:
    """The conversations that were sent, in order."""
    return [request.body["messages"] for request in env.platform.calls_of(CHAT)]


def names_of(message: Message) -> list[str]:
    """What kind of files a card has: previews, or results."""
    return [attachment.filename.partition("-")[0] for attachment in message.attachments]


def buttons_of(message: Message) -> list[str]:
    """The captions of the engine's own buttons, without those that every card has."""
    ids = [button.get("custom_id") or "" for button in message.buttons]
    return [caption for caption, name in zip(captions(message), ids, strict=True) if name.startswith("mj:")]


def completion_of(text: str) -> str:
    """A whole answer of a chat model."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return json.dumps({"choices": [choice]})


async def test_an_image_of_a_chat_model_shows_its_progress_and_is_edited_in_the_same_conversation(
    env: Environment,
) -> None:
    asked = await env.slash("imagine", {"prompt": "a paper boat --ar 16:9", "engine": "gpt-4o-image"})
    await env.until(lambda: any("▰" in message.text and "%" in message.text for message in asked.messages))
    card = await env.result_of(asked)
    assert len(card.attachments) == 1
    assert buttons_of(card) == ["Vary", "Edit", "Again", "Ratio"]
    [first] = messages(env)
    assert first == [{"role": "user", "content": "a paper boat, aspect ratio 16:9"}]
    await env.stop_bot()
    await env.start_bot()
    opened = await env.press(card, "Edit")
    edited = await env.result_of(await env.submit_modal(opened, {"prompt": "make it night"}))
    assert len(edited.attachments) == 1
    question, answer, change = messages(env)[1]
    assert question == first[0]
    assert answer["role"] == "assistant"
    assert "![" in answer["content"]
    link, _, words = change["content"].partition(" ")
    assert f"/{card.attachments[0].filename}?ex=" in link
    assert words == "make it night, aspect ratio 16:9"


async def test_the_grid_of_mj_chat_is_pressed_also_after_a_restart(env: Environment) -> None:
    asked = await env.slash("imagine", {"prompt": "a paper boat --ar 3:2", "engine": "mj-chat"})
    await env.until(lambda: any("▰" in message.text and "%" in message.text for message in asked.messages))
    await env.until(lambda: any(names_of(message)[:1] == ["preview"] for message in asked.messages))
    grid = await env.result_of(asked)
    assert buttons_of(grid) == ["U1", "U2", "U3", "U4", "Reroll", "V1", "V2", "V3", "V4"]
    assert messages(env) == [[{"role": "user", "content": "a paper boat --ar 3:2"}]]
    single = await env.result_of(await env.press(grid, "U2"))
    assert buttons_of(single) == [
        "Upscale (Subtle)",
        "Upscale (Creative)",
        "Vary (Subtle)",
        "Vary (Strong)",
        "Zoom Out 2x",
    ]
    await env.stop_bot()
    await env.start_bot()
    await env.result_of(await env.press(grid, "V1"))
    _, second, third = messages(env)
    for conversation, label, job in ((second, "U2", "upsample::2"), (third, "V1", "variation::1")):
        question, answer, press = conversation
        assert question["content"] == "a paper boat --ar 3:2"
        assert "|U2|2|MJ::JOB::upsample::2::" in answer["content"]
        assert press["content"].startswith(f"{label}: custom_id MJ::JOB::{job}::")
    assert env.images.submits == []


async def test_a_kill_while_the_answer_arrives_is_told_and_nothing_is_sent_twice(env: Environment) -> None:
    asked = await env.slash("imagine", {"prompt": "a paper boat", "engine": "gpt-4o-image"})
    await env.until(lambda: any("▰" in message.text and "%" in message.text for message in asked.messages))
    env.platform.hold(CHAT)
    await env.kill_bot()
    await env.platform.release()
    await env.start_bot()
    card = await env.result_of(asked)
    assert "billed" in card.text
    assert captions(card)[:2] == ["Try again", "Edit prompt"]
    assert len(messages(env)) == 1
    again = await env.result_of(await env.press(card, "Try again"))
    assert len(again.attachments) == 1
    assert messages(env)[0] == messages(env)[1]


async def test_a_stream_that_breaks_off_may_have_been_billed(env: Environment) -> None:
    env.platform.fail_next(CHAT, Fault.CUT)
    card = await env.result_of(await env.slash("imagine", {"prompt": "a paper boat", "engine": "gpt-4o-image"}))
    assert "billed" in card.text
    assert captions(card)[:2] == ["Try again", "Edit prompt"]
    assert card.attachments == []
    assert len(messages(env)) == 1


async def test_a_press_that_breaks_off_is_tried_again_only_by_a_person(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a paper boat", "engine": "mj-chat"}))
    env.platform.fail_next(CHAT, Fault.CUT)
    lost = await env.result_of(await env.press(grid, "U3"))
    assert "billed" in lost.text
    assert len(messages(env)) == 2
    single = await env.result_of(await env.press(lost, "Try again"))
    assert buttons_of(single)[0] == "Upscale (Subtle)"
    assert messages(env)[1] == messages(env)[2]


async def test_an_attached_image_is_sent_as_a_link_that_is_refreshed_for_a_later_press(env: Environment) -> None:
    asked = await env.slash("imagine", {"prompt": "as a drawing", "engine": "gpt-4o-image", "image1": png("a.png")})
    card = await env.result_of(asked)
    link, _, words = messages(env)[0][0]["content"].partition(" ")
    assert "/a.png?ex=" in link
    assert words == "as a drawing"
    await env.stop_bot()
    expired = f"{link.partition('?')[0]}?ex=66000000&is=65000000&hm={'0' * 64}&"
    with closing(sqlite3.connect(env.folder / "atelier.db")) as database, database:
        assert database.execute("UPDATE inputs SET url = ?", (expired,)).rowcount == 1
    await env.start_bot()
    await env.result_of(await env.press(card, "Again"))
    renewed, _, words = messages(env)[1][0]["content"].partition(" ")
    assert words == "as a drawing"
    assert renewed != expired
    async with aiohttp.ClientSession() as session, session.get(renewed) as file:
        assert await file.read() == png("a.png").data


async def test_what_a_model_says_beside_its_image_formats_and_mentions_nothing(env: Environment) -> None:
    image = base64.b64encode(png_bytes()).decode()
    said = (
        f"For **you**, <@1100000000000000103> @everyone: [more](https://a.example) ![x](data:image/png;base64,{image})"
    )
    env.platform.fail_next(CHAT, Reply(200, completion_of(said)))
    card = await env.result_of(await env.slash("imagine", {"prompt": "a boat", "engine": "gemini-2.5-flash-image"}))
    assert [attachment.data for attachment in card.attachments] == [png_bytes()]
    assert r"For \*\*you\*\*" in card.text
    assert card.text.count("<@1100000000000000103>") == 1  # the small print
    assert "[more](" not in card.text
    assert "base64" not in str([revision.payload for revision in card.revisions])


async def test_an_account_that_is_gone_is_named_as_the_reason(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a paper boat", "engine": "mj-chat"}))
    env.platform.state.jobs.clear()
    refused = await env.private_answer(await env.press(grid, "U1"))
    assert "account that made this image is gone" in refused
    assert len(messages(env)) == 2


async def test_a_refusal_in_prose_is_the_reason_on_the_card_and_formats_nothing(env: Environment) -> None:
    said = "I can't draw **that**, @everyone. See [the rules](https://rules.example/a.html)."
    env.platform.fail_next(CHAT, Reply(200, completion_of(said)))
    card = await env.result_of(await env.slash("imagine", {"prompt": "a paper boat", "engine": "gpt-4-all"}))
    assert r"I can't draw \*\*that\*\*" in card.text
    assert "[the rules](https" not in card.text
    assert card.attachments == []
    assert len(messages(env)) == 1


async def test_an_image_as_data_is_edited_as_data_and_appears_in_no_text(env: Environment) -> None:
    card = await env.result_of(
        await env.slash("imagine", {"prompt": "a paper boat", "engine": "gemini-2.5-flash-image"})
    )
    assert "Here is the picture" in card.text
    edited = await env.result_of(await env.submit_modal(await env.press(card, "Edit"), {"prompt": "make it night"}))
    assert len(edited.attachments) == 1
    [message] = messages(env)[1]
    image, words = message["content"]
    assert image["image_url"]["url"].startswith("data:image/")
    assert words == {"type": "text", "text": "make it night"}
    posted = "".join(str(revision.payload) for each in (card, edited) for revision in each.revisions)
    assert "base64" not in posted + "\n".join(env.bot.lines)


async def test_a_model_that_reads_no_images_says_so_before_anything_is_sent(env: Environment) -> None:
    asked = await env.slash("imagine", {"prompt": "a paper boat", "engine": "stable-diffusion", "image1": png("a.png")})
    assert "can't start from images" in await env.private_answer(asked)
    assert messages(env) == []


@pytest.mark.parametrize("profile", ["one-api", "new-api", "reverse"])
async def test_every_kind_of_platform_makes_images_through_chat(make_env: MakeEnvironment, profile: str) -> None:
    env = await make_env(Scenario(platform=profile))
    for engine in ("gpt-4-all", "stable-diffusion", "gemini-2.5-flash-image", "mj-chat"):
        card = await env.result_of(await env.slash("imagine", {"prompt": "a brass owl", "engine": engine}))
        assert len(card.attachments) == 1, engine
        assert sum(request.model == engine for request in env.platform.requests) == 1, engine
        if engine == "mj-chat":
            pressed = await env.result_of(await env.press(card, "V2"))
        elif "Edit" in captions(card):
            opened = await env.press(card, "Edit")
            pressed = await env.result_of(await env.submit_modal(opened, {"prompt": "make it red"}))
        else:
            pressed = await env.result_of(await env.press(card, "Again"))
        assert len(pressed.attachments) == 1, engine
    assert "base64" not in "\n".join(env.bot.lines)


# What people are told about each kind of success that is none.
TOLD = {
    Fault.CUT: "billed",
    Fault.DONE_EARLY: "billed",
    Fault.CLOSE: "billed",
    Fault.DELTA_ERROR: "billed",
    Fault.ERROR_CHUNK: "billed",
    Fault.ERROR_EVENT: "billed",
    Fault.REFUSED_TEXT: "billed",
    Fault.NO_RESULT: "billed",
    Fault.FAILED_TEXT: "timed out",
}


async def test_every_success_that_is_none_ends_on_a_card_that_can_be_tried_again(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(Scenario(platform="clean"))
    for number, (fault, told) in enumerate(TOLD.items()):
        prompt = f"owl number {number}"
        env.platform.fail_next(CHAT, fault)
        card = await env.result_of(await env.slash("imagine", {"prompt": prompt, "engine": "gpt-4-all"}))
        assert told in card.text, fault
        assert captions(card)[:2] == ["Try again", "Edit prompt"], fault
        assert len([each for each in messages(env) if each[-1]["content"] == prompt]) == 1, fault
