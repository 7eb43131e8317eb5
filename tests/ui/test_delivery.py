"""Delivery before a local Discord: finals come through, edits coalesce, and every lost place has its own way on."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from aiohttp import web
from PIL import Image

from playground.discord import Limits, Message, RateLimit
from storage import StoredVideo, TaskResult, TaskState, TaskUpdate
from tests.support.picture_host import moving, noise, picture
from tests.support.stage import Stage, open_stage


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, monkeypatch) as stage:
        yield stage


def direct_messages(stage: Stage) -> list[Message]:
    return stage.local.messages(stage.local.dm(stage.local.person("ada")))


def shows_end(message: Message) -> bool:
    return "▰" not in message.text and "⏳" not in message.text


async def test_edits_of_one_message_are_one_edit_while_another_is_under_way(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    with stage.local.hold("messages", method="PATCH") as hold:
        await stage.progress(task, 1)
        await stage.until(lambda: hold.waiting == 1)
        for percent in range(2, 60):
            await stage.progress(task, percent)
    await stage.done()
    assert "59%" in message.text
    assert stage.edits(message) == 2


async def test_an_edit_needs_one_task_now_and_all_that_are_due_later_one_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_stage(tmp_path, monkeypatch, progress_seconds=1_000.0) as stage:
        task = await stage.task()
        message = await stage.shown(task)
        with stage.local.hold("messages", method="PATCH") as hold:
            await stage.delivery.force_update(task.id)
            await stage.until(lambda: hold.waiting == 1)
            assert len(stage.background) == 1
        await stage.done()
        await stage.progress(task, 10)
        await stage.until(lambda: len(stage.background) == 1)
        assert stage.edits(message) == 1
        await stage.success(task)
        await stage.done()
    assert shows_end(message)


async def test_the_end_is_shown_however_much_progress_waits(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    for percent in range(1, 90):
        await stage.progress(task, percent)
    await stage.success(task)
    await stage.done()
    assert shows_end(message)


async def test_progress_that_waits_for_its_turn_gives_way_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_stage(tmp_path, monkeypatch, progress_seconds=1_000.0) as stage:
        task = await stage.task()
        message = await stage.shown(task)
        await stage.progress(task, 10)
        await stage.progress(task, 20)
        began = time.monotonic()
        await stage.success(task)
        await stage.done()
    assert shows_end(message)
    assert time.monotonic() - began < 5.0


async def test_a_preview_that_does_not_come_holds_up_no_end(stage: Stage) -> None:
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    task = await stage.task()
    message = await stage.shown(task)
    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/preview.png"
        await stage.moved(task.id, TaskUpdate(TaskState.RUNNING, progress=5, result=TaskResult(image_url=url)))
        async with asyncio.timeout(5.0):
            await asked.wait()
        await stage.success(task, stage.pictures.serve("/a.png", web.Response(body=picture())))
        await stage.done(5.0)
    assert [attachment.filename for attachment in message.attachments] == [f"atelier-{task.id}.png"]


async def test_a_hundred_finals_in_one_channel_come_within_twice_what_the_limits_allow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modal = RateLimit(5, 0.2)
    limits = Limits(send=RateLimit(1000, 1.0), edit=modal, other=RateLimit(1000, 1.0), overall=RateLimit(10_000, 1.0))
    async with open_stage(tmp_path, monkeypatch, limits=limits) as stage:
        tasks = [await stage.task(f"boat {number}") for number in range(100)]
        messages = [await stage.shown(task) for task in tasks]
        for percent in (10, 20):
            for task in tasks:
                await stage.progress(task, percent)
        await stage.until(lambda: sum("▰" in message.text or "▱" in message.text for message in messages) >= 5)
        began = time.monotonic()
        for task in tasks:
            await stage.success(task)
        await stage.until(lambda: all(map(shows_end, messages)))
        took = time.monotonic() - began
        await stage.done()
    least = (100 / modal.count - 1) * modal.seconds
    print(f"100 finals: {took:.1f} s; the limits allow {least:.1f} s")
    assert took < 2 * least


async def test_a_deleted_message_is_left_alone(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    stage.local.delete_message(message)
    await stage.success(task)
    await stage.done()
    assert direct_messages(stage) == []
    assert stage.asked("PATCH", "messages") == 1
    assert "the message was deleted" in caplog.text
    assert await stage.store.messages.for_task(task.id) == []


async def test_where_the_channel_is_gone_the_end_goes_to_the_asker_directly(stage: Stage) -> None:
    task = await stage.task()
    await stage.shown(task)
    stage.local.delete_channel(stage.studio)
    await stage.success(task, stage.pictures.serve("/a.png", web.Response(body=picture())))
    await stage.done()
    (direct,) = direct_messages(stage)
    assert "Sent to you directly" in direct.text
    assert [attachment.filename for attachment in direct.attachments] == [f"atelier-{task.id}.png"]
    assert await stage.store.messages.unfinished() == []


async def test_where_the_permission_was_taken_away_the_end_goes_to_the_asker_directly(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    stage.local.set_bot_permission(stage.studio, view_channel=False)
    await stage.progress(task, 10)
    await stage.done()
    for percent in range(11, 60):
        await stage.progress(task, percent)
    await stage.success(task)
    await stage.done()
    # Progress is not worth knocking for again and again, the end is.
    assert stage.asked("PATCH", "messages") == 2
    (direct,) = direct_messages(stage)
    assert shows_end(direct)
    assert not shows_end(message)


async def test_a_permission_that_comes_back_in_time_is_used(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    stage.local.set_bot_permission(stage.studio, view_channel=False)
    await stage.progress(task, 10)
    await stage.done()
    stage.local.set_bot_permission(stage.studio, view_channel=True)
    await stage.success(task)
    await stage.done()
    assert shows_end(message)
    assert direct_messages(stage) == []


async def test_an_asker_who_takes_no_direct_messages_is_given_up_with_a_line_in_the_log(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    task = await stage.task()
    await stage.shown(task)
    stage.local.set_bot_permission(stage.studio, view_channel=False)
    stage.local.person("ada").user.accepts_dms = False
    await stage.success(task)
    await stage.done()
    assert "does not accept direct messages" in caplog.text
    assert await stage.store.messages.unfinished() == []
    assert stage.asked("POST", "messages") == 2


async def test_a_message_that_showed_the_end_already_is_not_sent_again_elsewhere(stage: Stage) -> None:
    task = await stage.task()
    await stage.shown(task)
    await stage.success(task)
    await stage.done()
    stage.local.set_bot_permission(stage.studio, view_channel=False)
    await stage.delivery.force_update(task.id)
    await stage.done()
    assert direct_messages(stage) == []


async def test_one_message_that_cannot_be_brought_holds_up_no_other(stage: Stage) -> None:
    broken, good = await stage.task(), await stage.task()
    gone, message = await stage.shown(broken), await stage.shown(good)
    stage.local.fail_next("PATCH", str(gone.id), status=400, code=50035, times=100)
    await stage.success(broken)
    await stage.success(good)
    await stage.done()
    assert shows_end(message)
    # Once whole, then without its emoji, its buttons and its words, and no more.
    assert stage.asked("PATCH", str(gone.id)) == 4


@pytest.mark.parametrize("status", [403, 404, 429])
async def test_a_wall_in_front_of_discord_loses_nothing(stage: Stage, status: int) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    if status == 429:
        stage.local.fail_next("PATCH", "messages", status=429, times=2, retry_after=0.05)
    else:
        stage.local.fail_next("PATCH", "messages", status=status, times=2, page="<html>blocked</html>")
    await stage.success(task)
    await stage.done()
    assert shows_end(message)


async def test_a_lost_answer_to_a_first_message_makes_no_second_one(stage: Stage) -> None:
    task = await stage.task()
    stage.local.lose_next("POST", "messages", when="after")
    await stage.shown(task)
    assert len(stage.local.messages(stage.studio)) == 1
    await stage.success(task)
    await stage.done()
    assert shows_end(stage.local.messages(stage.studio)[0])


async def test_a_message_that_was_sent_before_a_crash_is_found_again(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    # As if the program had ended between sending and writing it down.
    (row,) = await stage.store.messages.for_task(task.id)
    await stage.store.messages.detach(row.id)
    await stage.store.tasks.move(task.id, TaskUpdate(TaskState.RUNNING, progress=40), time.time())
    await stage.delivery.resume()
    await stage.done()
    assert len(stage.local.messages(stage.studio)) == 1
    assert "40%" in message.text


async def test_a_picture_too_large_for_its_place_is_made_smaller_and_says_so(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task, upload_limit=200_000)
    stage.pictures.serve("/large.png", web.Response(body=noise(600, 500)))
    url = stage.pictures.url("/large.png", "cdn.example.net")
    await stage.success(task, url)
    await stage.done()
    (attachment,) = message.attachments
    assert len(attachment.data) <= 200_000
    assert f"[open the original](<{url}>)" in message.text
    await stage.delivery.force_update(task.id)
    await stage.done()
    assert "the original" in message.text


PRIVATE = ["127.0.0.1", "localhost", "images.lan", "ada:secret@cdn.example.net"]


@pytest.mark.parametrize("name", PRIVATE[:3])
async def test_the_original_at_an_address_that_is_not_for_people_is_not_linked_to(stage: Stage, name: str) -> None:
    task = await stage.task()
    message = await stage.shown(task, upload_limit=200_000)
    stage.pictures.serve("/large.png", web.Response(body=noise(600, 500)))
    await stage.success(task, stage.pictures.url("/large.png", name))
    await stage.done()
    assert message.attachments
    assert "Made smaller" in message.text
    assert "http" not in message.text


@pytest.mark.parametrize("name", [*PRIVATE, "cdn.example.net"])
async def test_a_missing_picture_is_linked_to_only_where_people_can_go(stage: Stage, name: str) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    url = stage.pictures.url("/gone.png", name)
    await stage.success(task, url)
    await stage.done()
    assert "couldn't be downloaded" in message.text
    assert (f"<{url}>" in message.text) == (name == "cdn.example.net")
    assert name == "cdn.example.net" or "http" not in message.text


@pytest.mark.parametrize("name", ["127.0.0.1", "cdn.example.net"])
async def test_a_clip_left_out_is_said_so_and_linked_to_only_where_people_can_go(stage: Stage, name: str) -> None:
    task = await stage.task()
    message = await stage.shown(task, upload_limit=100_000)
    stage.pictures.serve("/clip.mp4", web.Response(body=b"\0\0\0\x18ftypmp42" + b"\0" * 200_000))
    url = stage.pictures.url("/clip.mp4", name)
    await stage.moved(
        task.id, TaskUpdate(TaskState.SUCCESS, progress=100, result=TaskResult(videos=(StoredVideo(url),)))
    )
    await stage.done()
    assert "too large to attach" in message.text
    assert (url in message.text) == (name == "cdn.example.net")


async def test_a_picture_is_made_to_fit_while_every_other_thread_is_busy(stage: Stage) -> None:
    gate = threading.Event()
    others = ThreadPoolExecutor(1)
    asyncio.get_running_loop().set_default_executor(others)
    busy = asyncio.create_task(asyncio.to_thread(gate.wait))
    try:
        task = await stage.success(await stage.task(), stage.pictures.serve("/a", web.Response(body=noise(400, 400))))
        message = await stage.shown(task, upload_limit=200_000)
        (attached,) = message.attachments
        assert attached.filename.endswith(".jpg")
        assert not busy.done()
    finally:
        gate.set()
        await busy


async def test_a_picture_that_discord_finds_too_large_is_made_smaller(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task, upload_limit=25_000_000)
    stage.local.fail_next("PATCH", "messages", status=413, code=40005, times=2)
    await stage.success(task, stage.pictures.serve("/a.png", web.Response(body=picture())))
    await stage.done()
    assert message.attachments


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
async def test_a_picture_that_moves_goes_on_moving(stage: Stage, kind: str) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    await stage.success(task, stage.pictures.serve("/a", web.Response(body=moving(kind))))
    await stage.done()
    shown = Image.open(io.BytesIO(message.attachments[0].data))
    assert getattr(shown, "n_frames", 1) == 3
    assert message.attachments[0].filename.endswith(kind.lower())


@pytest.mark.parametrize("body", [b"", b"<html>expired</html>"])
async def test_a_dead_link_is_said_so_and_fetched_again_when_wanted(stage: Stage, body: bytes) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    bad = web.Response(status=200, body=body) if body else web.Response(status=404)
    url = stage.pictures.serve("/a.png", bad)
    await stage.success(task, url)
    await stage.done()
    assert "couldn't be downloaded" in message.text
    assert message.buttons[-1]["label"] == "Download again"
    stage.pictures.serve("/a.png", web.Response(body=picture()))
    await stage.delivery.force_update(task.id)
    await stage.done()
    assert message.attachments
    assert message.buttons[-1].get("label") != "Download again"


async def test_a_picture_that_fits_nowhere_is_said_so(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task, upload_limit=70_000)
    await stage.success(task, *[stage.pictures.serve("/a.png", web.Response(body=noise(300, 300)))] * 4)
    await stage.done()
    assert message.attachments or "couldn't be downloaded" in message.text


async def test_thousands_of_messages_that_wait_for_their_pace_cost_no_task_of_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_stage(tmp_path, monkeypatch, progress_seconds=1_000.0) as stage:
        tasks = [await stage.task(f"boat {number}") for number in range(200)]
        for task in tasks:
            await stage.row(task)
            await stage.progress(task, 5)
        await stage.until(lambda: len(stage.local.messages(stage.studio)) == len(tasks))
        for percent in (10, 20):
            for task in tasks:
                await stage.progress(task, percent)
        async with asyncio.timeout(20.0):
            while len(stage.background) > 1:  # noqa: ASYNC110 - edits that are really being made
                await asyncio.sleep(0.01)
        # None of them is lost: each end is shown at once.
        for task in tasks:
            await stage.success(task)
        await stage.done()
        assert all(map(shows_end, stage.local.messages(stage.studio)))
