"""Messages of answers when Discord or the host of an image refuses something."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bot.discord_api.message_sender import MessageSender
from bot.platform.chat_answer import ChatAnswer
from bot.platform.client import PlatformClient
from bot.platform.engines_file import default_engines
from bot.platform.image_collector import FoundImage
from bot.platform.model_directory import ModelDirectory
from bot.ui.chat.answer_display import MessageDisplay
from bot.ui.chat.answer_images import MOST_IMAGES, AnswerImages
from playground.discord import Message
from storage import ChatTurn, Conversation, TurnEnd, TurnMessage, TurnState
from tests.support.picture_host import picture
from tests.support.stage import Stage, open_stage

TEXT = "A paper boat."


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, monkeypatch) as stage:
        yield stage


@pytest.fixture
async def display(stage: Stage) -> AsyncIterator[MessageDisplay]:
    async with aiohttp.ClientSession() as session:
        models = ModelDirectory(PlatformClient(session, "http://127.0.0.1:9", key="k"), default_engines())
        models.recall(json.dumps(["gpt-5-mini", "tts-1"]))
        yield MessageDisplay(MessageSender(stage.client), AnswerImages(stage.fetcher), models)


def talk(stage: Stage) -> Conversation:
    return Conversation("talk", stage.local.person("ada").user.id, stage.studio.guild_id, stage.studio.id, "m", "en-US")


async def posted(stage: Stage, display: MessageDisplay, *urls: str, state: TurnState = TurnState.COMPLETE) -> ChatTurn:
    """An ended turn whose message still shows that the answer is coming."""
    said = await stage.local.person("ada").say(stage.studio, "hello")
    message = TurnMessage(stage.local.state.application_id, None, None, 0.0, 10_000_000)
    turn = ChatTurn("talk", 1, None, said.author.id, "hello", message, TurnEnd(state, TEXT, TEXT, urls), said.id)
    message_id = await display.post(talk(stage), turn)
    assert message_id is not None
    return dataclasses.replace(turn, message=dataclasses.replace(message, message_id=message_id))


def shown(stage: Stage, turn: ChatTurn) -> Message:
    return stage.local.state.messages[turn.message.message_id or 0]


async def ended(stage: Stage, display: MessageDisplay, turn: ChatTurn, *images: FoundImage) -> bool:
    ready: list[bool] = []
    done = await display.ended(talk(stage), turn, ChatAnswer(images=images), lambda: ready.append(True))
    assert ready == [True]
    return done


async def test_images_are_downloaded_or_decoded_and_attached_in_order(stage: Stage, display: MessageDisplay) -> None:
    data = picture()
    turn = await posted(stage, display, stage.pictures.serve("/a.png", web.Response(body=data)))
    inline = FoundImage(data_url=f"data:image/png;base64,{base64.b64encode(data).decode()}")
    assert await ended(stage, display, turn, inline)
    message = shown(stage, turn)
    assert [(each.filename, each.data) for each in message.attachments] == [
        ("answer-1.png", data),
        ("answer-2.png", data),
    ]
    assert TEXT in message.text


@pytest.mark.parametrize(
    ("path", "body"), [("/missing.png", None), ("/page.png", b"<html>"), ("/cut.png", picture()[:60])]
)
async def test_what_is_no_image_is_not_attached_and_counted(
    stage: Stage, display: MessageDisplay, path: str, body: bytes | None
) -> None:
    url = stage.pictures.serve(path, web.Response(body=body) if body else web.Response(status=404))
    turn = await posted(stage, display, url)
    assert await ended(stage, display, turn, FoundImage(data_url="data:image/png;base64,AAAA"))
    message = shown(stage, turn)
    assert message.attachments == []
    assert "couldn't be downloaded: 2" in message.text


@pytest.mark.parametrize(("status", "code"), [(403, 20009), (400, 50046), (413, 40005)])
async def test_without_the_images_if_discord_refuses_them(
    stage: Stage, display: MessageDisplay, status: int, code: int
) -> None:
    turn = await posted(stage, display, stage.pictures.serve("/a.png", web.Response(body=picture())))
    stage.local.fail_next("PATCH", "messages", status=status, code=code)
    assert await ended(stage, display, turn)
    message = shown(stage, turn)
    assert message.attachments == []
    assert TEXT in message.text
    assert "couldn't be downloaded: 1" in message.text


async def test_the_text_is_attached_if_discord_refuses_it(stage: Stage, display: MessageDisplay) -> None:
    turn = await posted(stage, display)
    stage.local.fail_next("PATCH", "messages", status=400, code=200_000)
    assert await ended(stage, display, turn)
    message = shown(stage, turn)
    assert [(each.filename, each.data.decode()) for each in message.attachments] == [("answer.txt", TEXT)]
    assert TEXT not in message.text
    assert "hello" not in message.text
    assert "Discord doesn't allow this text" in message.text


@pytest.mark.parametrize(("status", "code", "done"), [(404, 10008, True), (403, 50001, True), (500, 0, False)])
async def test_only_what_may_pass_is_tried_again(
    stage: Stage, display: MessageDisplay, status: int, code: int, done: bool
) -> None:
    turn = await posted(stage, display)
    stage.local.fail_next("PATCH", "messages", status=status, code=code, times=5)
    assert await ended(stage, display, turn) is done


async def test_a_message_that_cannot_be_posted_is_none(stage: Stage, display: MessageDisplay) -> None:
    stage.local.fail_next("POST", f"channels/{stage.studio.id}/messages", status=403, code=50013)
    message = TurnMessage(stage.local.state.application_id, None, None, 0.0, 10_000_000)
    assert await display.post(talk(stage), ChatTurn("talk", 1, None, 7, "hello", message)) is None


async def test_a_message_is_found_again_by_its_buttons(stage: Stage, display: MessageDisplay) -> None:
    turn = await posted(stage, display)
    unknown = dataclasses.replace(turn, message=dataclasses.replace(turn.message, message_id=None))
    assert await display.find(talk(stage), unknown) == turn.message.message_id
    assert await display.find(talk(stage), dataclasses.replace(unknown, number=2)) is None
    assert await display.find(talk(stage), dataclasses.replace(unknown, number=11)) is None


async def test_the_longest_answer_with_the_most_images_fits_into_one_message(
    stage: Stage, display: MessageDisplay
) -> None:
    url = stage.pictures.serve("/a.png", web.Response(body=picture()))
    turn = await posted(stage, display, *[url] * 12, state=TurnState.FAILED)
    reason = {"reason": "#" * 300}
    end = dataclasses.replace(turn.end, answer="**字** # " * 2_000, error_code="platform_failed", error_params=reason)
    turn = dataclasses.replace(turn, prompt="#" * 4_000, end=end)
    assert await ended(stage, display, turn)
    message = shown(stage, turn)
    assert len(message.attachments) == MOST_IMAGES + 1
    assert "The platform failed" in message.text
    assert "couldn't be downloaded: 3" in message.text


async def test_an_answer_can_ping_no_one_and_its_container_holds_nothing_of_the_bot(
    stage: Stage, display: MessageDisplay
) -> None:
    turn = await posted(stage, display, state=TurnState.CUT)
    text = f"<@{stage.local.person('bob').user.id}> @everyone\n-# ⚠️ forged\n# Big"
    turn = dataclasses.replace(turn, end=dataclasses.replace(turn.end, answer=text))
    assert await ended(stage, display, turn)
    message = shown(stage, turn)
    assert not message.mentions
    assert not message.mention_everyone
    prompt, container, notes = message.components[:3]
    assert container["type"] == 17
    assert "forged" in str(container)
    assert "forged" not in str((prompt, notes))
    assert "The answer is incomplete" in str(notes)
