"""Every code of the table on every call that brings a message: nothing tried for ever, nothing lost in silence."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import discord
import pytest
from aiohttp import web

from bot.discord_api.errors import REMEDIES, MessagePart, Remedy
from bot.tasks.policy import TOKEN_SECONDS
from playground.discord import Message
from storage import StoredButton, Task, TaskResult, TaskState, TaskUpdate
from tests.support.picture_host import picture
from tests.support.stage import IMPATIENT, Stage, open_stage

UNKNOWN_CODE = 99_999
CODES = (*sorted(REMEDIES), UNKNOWN_CODE)
NOTES = {
    MessagePart.EMOJI: "one of the button emoji",
    MessagePart.BUTTONS: "the buttons of this message",
    MessagePart.PICTURES: "accept the image here",
    MessagePart.WORDS: "Discord blocks some words here",
}
PARTS = {
    Remedy.WITHOUT_EMOJI: MessagePart.EMOJI,
    Remedy.WITHOUT_PICTURES: MessagePart.PICTURES,
    Remedy.WITHOUT_WORDS: MessagePart.WORDS,
}
CALLS = (
    "create follow-up",
    "edit by its token",
    "edit by a lent token",
    "create in channel",
    "edit in channel",
    "open direct messages",
    "create direct message",
)
# The first try, the retries, and one for each part that is left out.
MOST = 1 + len(IMPATIENT) + len(MessagePart)


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, monkeypatch) as stage:
        yield stage


def status_of(code: int) -> int:
    if 10_000 < code < 11_000:
        return 404
    return {40005: 413, 50027: 401}.get(code, 403 if 50_000 < code < 50_030 or code > 90_000 else 400)


async def end(stage: Stage, task: Task) -> None:
    """The task is finished, with a picture and buttons."""
    url = stage.pictures.serve("/a.png", web.Response(body=picture()))
    buttons = (StoredButton("MJ::JOB::upsample::1::x", "U1"), StoredButton("MJ::JOB::reroll::0::x", "", "🔄"))
    await stage.moved(
        task.id, TaskUpdate(TaskState.SUCCESS, progress=100, result=TaskResult(image_url=url), buttons=buttons)
    )


async def prepared(stage: Stage, call: str, number: int) -> tuple[Task, str, str]:
    """A running task whose end leads to that call, which is the method and the pattern."""
    owner = stage.local.add_person(f"member{number}", stage.local.guild("Atelier")).user.name
    task = await stage.task(owner=owner)
    if call in ("create in channel", "open direct messages", "create direct message"):
        await stage.row(task)
        dm = stage.local.dm(stage.local.person(owner))
        path = {
            "create in channel": f"channels/{stage.studio.id}/messages$",
            "open direct messages": "users/@me/channels",
            "create direct message": f"channels/{dm.id}/messages$",
        }[call]
        return task, "POST", path
    if call == "create follow-up":
        await stage.store.messages.refresh_token(await stage.row(task), f"token{number}", time.time() + TOKEN_SECONDS)
        return task, "POST", f"webhooks/.*/token{number}"
    message = await stage.shown(task)
    if call == "edit in channel":
        return task, "PATCH", f"channels/.*/{message.id}$"
    made_at = message.created_at.timestamp()
    (row,) = await stage.store.messages.for_task(task.id)
    ends_at = made_at + TOKEN_SECONDS - (1.0 if call == "edit by its token" else -5.0)
    await stage.store.messages.refresh_token(row.id, f"token{number}", ends_at)
    return task, "PATCH", f"webhooks/.*/{message.id}$"


def shown_in(stage: Stage, task: Task) -> list[Message]:
    """Where the end of a task is shown, to anybody."""
    return [
        each
        for each in stage.local.state.messages.values()
        if f"`{task.id}`" in each.text and "▱" not in each.text and "⏳" not in each.text and not each.deleted
    ]


async def fail(stage: Stage, call: str, number: int, code: int, *, times: int) -> tuple[Task, int]:
    """Ends a task while a call fails with a code; the task, and how often the call was made."""
    task, method, path = await prepared(stage, call, number)
    before = len(stage.local.requests)
    stage.local.fail_next(method, path, status=status_of(code), code=code, times=times)
    await end(stage, task)
    await stage.done()
    stage.local.faults.clear()
    made = [each for each in stage.local.requests[before:] if each.error and each.error["code"] == code]
    return task, len(made)


@pytest.mark.parametrize("call", CALLS)
async def test_what_is_refused_each_time_is_shown_elsewhere_or_given_up_with_a_line(
    stage: Stage, caplog: pytest.LogCaptureFixture, call: str
) -> None:
    if "direct message" in call:
        stage.local.set_bot_permission(stage.studio, view_channel=False)
    for number, code in enumerate(CODES):
        caplog.clear()
        task, made = await fail(stage, call, number, code, times=1000)
        assert 1 <= made <= MOST, (call, code, made)
        behind = [row for row in await stage.store.messages.unfinished() if row.task_id == task.id]
        retried = REMEDIES.get(code) is Remedy.RETRY
        assert retried or not behind, (call, code)
        assert len(shown_in(stage, task)) <= 1, (call, code)
        lines = [line for line in caplog.messages if "giving up" in line]
        lines += [
            line
            for line in caplog.messages
            if "cannot be sent a direct message" in line or "not updated for now" in line
        ]
        assert len(lines) == (0 if shown_in(stage, task) else 1), (call, code, caplog.messages)


@pytest.mark.parametrize("call", CALLS)
async def test_what_is_refused_once_is_shown_unless_nobody_wants_it(stage: Stage, call: str) -> None:
    if "direct message" in call:
        stage.local.set_bot_permission(stage.studio, view_channel=False)
    for number, code in enumerate(CODES):
        task, _ = await fail(stage, call, number, code, times=1)
        remedy = REMEDIES.get(code, Remedy.FEW_TRIES)
        shown = shown_in(stage, task)
        if not shown:
            assert remedy in (Remedy.DELETED, Remedy.UNREACHABLE) or "direct message" in call, (call, code)
            assert call != "edit by a lent token", code
            continue
        (message,) = shown
        if remedy in PARTS and call != "open direct messages":
            assert NOTES[PARTS[remedy]] in message.text, (call, code)
        assert (remedy is Remedy.WITHOUT_PICTURES) == (not message.attachments), (call, code)
        assert ("a paper boat" in message.text) == (remedy is not Remedy.WITHOUT_WORDS or "open" in call), (call, code)


async def test_a_card_comes_without_the_emoji_that_discord_does_not_know(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    buttons = (StoredButton("MJ::JOB::upsample::1::x", "U1", "🇽🇽"), StoredButton("MJ::JOB::reroll::0::x", "", "👍‍👍"))
    await stage.moved(task.id, TaskUpdate(TaskState.SUCCESS, progress=100, buttons=buttons))
    await stage.done()
    assert [button.get("emoji") for button in message.buttons] == [None, None]
    assert message.buttons[0]["label"] == "U1"
    assert message.buttons[1]["label"]
    assert NOTES[MessagePart.EMOJI] in message.text
    assert stage.asked("PATCH", str(message.id)) == 2


@pytest.fixture
def impatient_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py's own pauses between its tries (half a minute in all after a 500), left out."""

    async def at_once(_: float) -> None:
        pass

    monkeypatch.setattr(discord.http, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": at_once}))


# The status, and how often discord.py itself sends a request that is answered with it.
@pytest.mark.usefixtures("impatient_client")
@pytest.mark.parametrize(("status", "tries"), [(500, 5), (502, 5), (504, 5), (520, 1), (503, 1)])
async def test_a_message_whose_edits_always_fail_becomes_a_new_one(stage: Stage, status: int, tries: int) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    stage.local.fail_next("PATCH", str(message.id), status=status, times=1000, page="<html>unknown error</html>")
    await end(stage, task)
    await stage.done()
    (new,) = [each for each in shown_in(stage, task) if each is not message]
    assert new.channel_id == message.channel_id
    assert new.attachments
    assert stage.asked("PATCH", str(message.id)) == 3 * tries
    # It is the task's message from now on.
    stage.local.faults.clear()
    await stage.delivery.force_update(task.id)
    await stage.done()
    assert stage.edits(new) == 1


async def test_a_message_that_was_edited_too_often_after_an_hour_becomes_a_new_one(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    message.created_at -= timedelta(hours=2)
    message.late_edits = 1_000
    await end(stage, task)
    await stage.done()
    (new,) = [each for each in shown_in(stage, task) if each is not message]
    assert new.attachments
    assert stage.asked("PATCH", str(message.id)) == 1


@pytest.mark.parametrize("code", [200000, 200001, 240000])
async def test_a_channel_that_blocks_the_card_without_its_words_too_sends_it_to_the_asker(
    stage: Stage, code: int
) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    stage.local.fail_next("PATCH", str(message.id), status=400, code=code, times=2)
    await end(stage, task)
    await stage.done()
    (direct,) = stage.local.messages(stage.local.dm(stage.local.person("ada")))
    assert direct.attachments


@pytest.mark.parametrize("code", [50278, 50007, 20026, 40003])
async def test_somebody_who_cannot_be_written_to_is_given_up_after_one_try_also_after_a_start(
    stage: Stage, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    task = await stage.task()
    await stage.shown(task)
    stage.local.set_bot_permission(stage.studio, view_channel=False)
    dm = stage.local.dm(stage.local.person("ada"))
    path = "users/@me/channels" if code == 40003 else f"channels/{dm.id}/messages$"
    stage.local.fail_next("POST", path, status=403, code=code, times=1000)
    await end(stage, task)
    await stage.done()
    assert await stage.store.messages.unfinished() == []
    await stage.delivery.resume()
    await stage.done()
    assert len([each for each in stage.local.requests if each.error and each.error["code"] == code]) == 1
    assert len([line for line in caplog.messages if f"code {code}" in line or "cannot be reached" in line]) == 1


async def test_progress_that_is_refused_for_its_words_goes_on_without_them(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    stage.local.fail_next("PATCH", str(message.id), status=400, code=200000)
    for percent in (10, 20, 30):
        await stage.progress(task, percent)
        await stage.done()
        assert f"{percent}%" in message.text
        assert "a paper boat" not in message.text
    assert stage.asked("PATCH", str(message.id)) == 4
