"""What the pictures of a card cost: a result is attached as it came, and a preview is decoded once, three times a task
at most. Jobs are counted by the image pool itself."""

from __future__ import annotations

import io
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest
from aiohttp import web
from PIL import Image

from bot.media import image_pool, inspect
from bot.tasks.requests import AttachmentLinks
from bot.ui.cards.card_attachments import ResultImages
from bot.ui.cards.result_thumbnails import MAX_MADE, THUMBNAIL_SECONDS, ResultThumbnails
from playground.discord import Message
from storage import StoredVideo, Task, TaskResult, TaskState, TaskUpdate
from tests.support.attachment_links import unsigned_links
from tests.support.camera_files import drawing, encoded, exif, with_second_picture
from tests.support.picture_host import moving, noise, picture
from tests.support.stage import Stage, open_stage

# More than a preview may have without being made smaller.
LARGE = noise(600, 600)
SMALL = encoded(drawing((256, 256)), "WEBP")


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    image_pool.close()  # so that it counts from zero
    async with open_stage(tmp_path, monkeypatch) as stage:
        yield stage


def jobs() -> int:
    return image_pool.statistics().begun


def served(stage: Stage, path: str, data: bytes) -> str:
    return stage.pictures.serve(path, web.Response(body=data))


def asked_for(stage: Stage, path: str) -> int:
    return sum(request.path == path for request in stage.pictures.requests)


async def running(stage: Stage, task: Task, percent: int | None, *, large: str, small: str | None = None) -> None:
    """The task has got so far, and its unfinished picture has these addresses."""
    result = TaskResult(image_url=large, thumbnail_url=small)
    await stage.moved(task.id, TaskUpdate(TaskState.RUNNING, progress=percent, result=result))
    await stage.done()


def previews(message: Message) -> list[str]:
    """The names of the previews that the message has shown, in order."""
    names = re.findall(r"(preview-[\w.-]+)", str([revision.payload for revision in message.revisions]))
    return list(dict.fromkeys(names))


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        (noise(500, 400), "png"),
        (encoded(drawing((900, 700)), "JPEG", progressive=True, exif=exif(6)), "jpg"),
        (with_second_picture(), "jpg"),
        (encoded(drawing((900, 700), "RGBA"), "WEBP"), "webp"),
        (moving("GIF"), "gif"),
        (moving("WEBP"), "webp"),
        (moving("PNG"), "png"),
    ],
    ids=["png", "turned jpeg", "two jpegs", "webp", "moving gif", "moving webp", "moving png"],
)
async def test_a_good_result_is_attached_as_it_came_without_any_work(stage: Stage, data: bytes, extension: str) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    await stage.success(task, served(stage, "/a", data))
    await stage.done()
    (attached,) = message.attachments
    assert (attached.filename, attached.data) == (f"atelier-{task.id}.{extension}", data)
    assert jobs() == 0


async def test_four_results_are_attached_without_any_work(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    each = [noise(100 + number, 100) for number in range(4)]
    await stage.success(task, *(served(stage, f"/{number}", data) for number, data in enumerate(each)))
    await stage.done()
    assert [attached.data for attached in message.attachments] == each
    assert jobs() == 0


@pytest.mark.parametrize(
    ("data", "limit", "work"),
    [
        (noise(600, 500), 200_000, 1),
        (encoded(drawing((300, 200)), "BMP"), 10_000_000, 2),
        (encoded(drawing((300, 200)), "JPEG")[:-2], 10_000_000, 1),
    ],
    ids=["too large", "a kind that Discord does not show", "without its end"],
)
async def test_a_result_is_decoded_where_it_has_to_be(stage: Stage, data: bytes, limit: int, work: int) -> None:
    task = await stage.task()
    message = await stage.shown(task, upload_limit=limit)
    await stage.success(task, served(stage, "/a", data))
    await stage.done()
    (attached,) = message.attachments
    assert inspect(attached.data).width
    assert len(attached.data) <= limit
    assert jobs() == work


@pytest.mark.parametrize("data", [noise(600, 500)[:100_000], b"<html></html>"], ids=["half", "a page"])
async def test_a_result_that_is_no_picture_is_missed_in_words(stage: Stage, data: bytes) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    await stage.success(task, served(stage, "/a", data))
    await stage.done()
    assert message.attachments == []
    assert "couldn't be downloaded" in message.text


async def test_a_large_result_that_is_damaged_in_its_middle_is_missed_in_the_same_words(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task, upload_limit=200_000)
    data = noise(600, 500)
    await stage.success(task, served(stage, "/a", data[:300_000] + bytes(200) + data[300_200:]))
    await stage.done()
    assert message.attachments == []
    assert "couldn't be downloaded" in message.text


async def test_three_previews_are_shown_however_often_a_task_gets_on(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    url = served(stage, "/large", LARGE)
    for percent in range(5, 100, 5):
        await running(stage, task, percent, large=url)
    assert previews(message) == [f"preview-{task.id}-{number}.jpg" for number in (1, 2, 3)]
    assert asked_for(stage, "/large") == jobs() == 3
    assert "95%" in message.text
    (shown,) = message.attachments
    assert max(Image.open(io.BytesIO(shown.data)).size) == 512


@pytest.mark.parametrize("percent", [None, 10])
async def test_a_preview_stays_where_progress_is_not_told(stage: Stage, percent: int | None) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    for number in range(4):
        await running(stage, task, percent, large=served(stage, f"/{number}", LARGE))
    assert previews(message) == [f"preview-{task.id}-1.jpg"]
    assert jobs() == 1


async def test_a_small_picture_of_the_service_is_shown_as_it_came(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    large, small = served(stage, "/large", LARGE), served(stage, "/small", SMALL)
    for percent in range(5, 100, 10):
        await running(stage, task, percent, large=large, small=small)
    assert previews(message) == [f"preview-{task.id}-{number}.webp" for number in (1, 2, 3)]
    assert message.attachments[0].data == SMALL
    assert (asked_for(stage, "/large"), asked_for(stage, "/small"), jobs()) == (0, 3, 0)


async def test_a_preview_that_is_small_itself_is_shown_as_it_came(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    await running(stage, task, 50, large=served(stage, "/a", SMALL))
    assert message.attachments[0].data == SMALL
    assert jobs() == 0


@pytest.mark.parametrize("small", [b"<html></html>", None], ids=["a page", "absent"])
async def test_where_the_small_picture_is_none_the_large_one_is_used(stage: Stage, small: bytes | None) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    address = served(stage, "/small", small) if small else stage.pictures.url("/absent")
    await running(stage, task, 50, large=served(stage, "/large", LARGE), small=address)
    assert previews(message) == [f"preview-{task.id}-2.jpg"]
    assert jobs() == 1


async def test_a_preview_that_cannot_be_decoded_costs_no_more_than_three_tries(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    url = served(stage, "/half", LARGE[: len(LARGE) // 2])
    for percent in range(5, 100, 5):
        await running(stage, task, percent, large=url)
    assert message.attachments == []
    assert "95%" in message.text
    assert jobs() == 3


async def test_all_messages_of_a_task_show_the_same_preview(stage: Stage) -> None:
    task = await stage.task()
    first = await stage.shown(task)
    second = await stage.shown(task)
    url = served(stage, "/large", LARGE)
    for percent in range(5, 100, 5):
        await running(stage, task, percent, large=url)
    assert jobs() <= 3
    assert any(
        previews(message) == [f"preview-{task.id}-{number}.jpg" for number in (1, 2, 3)] for message in (first, second)
    )


async def arrived(stage: Stage, task: Task, percent: int | None, data: bytes) -> None:
    """The task has got so far, and its unfinished image came as data."""
    assert stage.previews.put(task.id, data)
    change = TaskUpdate(TaskState.RUNNING, progress=percent, result=TaskResult(inline=True))
    await stage.moved(task.id, change)
    await stage.done()


async def test_previews_that_come_as_data_are_decoded_three_times_a_task_at_most(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    for percent in range(5, 100, 5):
        await arrived(stage, task, percent, LARGE)
    assert previews(message) == [f"preview-{task.id}-{number}.jpg" for number in (1, 2, 3)]
    assert jobs() == 3


@pytest.mark.parametrize("data", [LARGE[: len(LARGE) // 2], b"<html></html>"], ids=["half", "a page"])
async def test_a_preview_as_data_that_is_no_image_is_left_out(stage: Stage, data: bytes) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    await arrived(stage, task, 50, data)
    assert message.attachments == []
    assert "50%" in message.text


async def test_a_preview_as_data_that_is_dropped_meanwhile_is_left_out(stage: Stage) -> None:
    task = await stage.task()
    message = await stage.shown(task)
    await arrived(stage, task, None, SMALL)
    stage.previews.drop(task.id)
    await arrived(stage, task, 80, SMALL)
    stage.previews.drop(task.id)
    await stage.moved(task.id, TaskUpdate(TaskState.RUNNING, progress=90))
    await stage.done()
    assert previews(message) == [f"preview-{task.id}-{number}.webp" for number in (1, 3)]


def thumbnails_of(stage: Stage, links: AttachmentLinks | None = None) -> ResultThumbnails:
    current = (links or unsigned_links()).current
    return ResultThumbnails(
        stage.fetcher,
        ResultImages(stage.fetcher, thumbnails=stage.store.thumbnails),
        stage.store,
        stage.background,
        current,
    )


async def finished(stage: Stage, result: TaskResult) -> Task:
    task = await stage.task()
    return await stage.moved(task.id, TaskUpdate(TaskState.SUCCESS, result=result), tell=False)


async def test_a_thumbnail_is_made_for_the_first_list_and_stored_for_the_next(stage: Stage) -> None:
    thumbnails = thumbnails_of(stage)
    task = await finished(stage, TaskResult(image_url=served(stage, "/a", LARGE)))
    made = await thumbnails.of([task])
    facts = inspect(made[task.id])
    assert (facts.width, facts.height, facts.extension) == (192, 192, "jpg")
    assert await thumbnails_of(stage).of([task]) == made
    assert asked_for(stage, "/a") == jobs() == 1


async def test_the_services_own_small_picture_is_enough_for_a_thumbnail(stage: Stage) -> None:
    large, small = served(stage, "/large", LARGE), served(stage, "/small", SMALL)
    grid = await finished(stage, TaskResult(image_url=large, thumbnail_url=small))
    clip = await finished(stage, TaskResult(videos=(StoredVideo(large, small),)))
    silent = await finished(stage, TaskResult(videos=(StoredVideo(large),)))
    assert set(await thumbnails_of(stage).of([grid, clip, silent])) == {grid.id, clip.id}
    assert asked_for(stage, "/large") == 0


async def test_an_address_at_discord_that_has_expired_is_refreshed_for_a_thumbnail(stage: Stage) -> None:
    expired = stage.pictures.url("/attachments/1/2/a.png?ex=1&is=1&hm=ab")
    fresh = served(stage, "/attachments/1/2/b.png", picture())

    async def refresh(links: Sequence[str]) -> Mapping[str, str]:
        return {link: fresh for link in links if link == expired}

    links = AttachmentLinks(refresh, time.time, [f"127.0.0.1:{stage.pictures.port}"])
    task = await finished(stage, TaskResult(image_url=expired))
    assert set(await thumbnails_of(stage, links).of([task])) == {task.id}
    assert asked_for(stage, "/attachments/1/2/a.png") == 0


async def test_a_thumbnail_that_cannot_be_made_is_not_tried_again_at_once(stage: Stage) -> None:
    thumbnails = thumbnails_of(stage)
    gone = await finished(stage, TaskResult(image_url=stage.pictures.url("/gone")))
    page = await finished(stage, TaskResult(image_url=served(stage, "/page", b"<html></html>")))
    for _ in range(3):
        assert await thumbnails.of([gone, page]) == {}
    assert (asked_for(stage, "/gone"), asked_for(stage, "/page")) == (1, 1)


async def test_no_thumbnail_is_made_of_what_is_unfinished_deleted_or_old(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = TaskResult(image_url=served(stage, "/a", picture()))
    unfinished = await stage.moved(
        (await stage.task()).id, TaskUpdate(TaskState.RUNNING, progress=50, result=result), tell=False
    )
    deleted, old = await finished(stage, result), await finished(stage, result)
    await stage.store.tasks.delete_result(deleted, [], 1.0)
    tasks = [await stage.store.tasks.get(task.id) for task in (unfinished, deleted)]
    assert await thumbnails_of(stage).of([task for task in tasks if task]) == {}
    assert old.finished_at
    monkeypatch.setattr("time.time", lambda: old.finished_at + THUMBNAIL_SECONDS + 1)
    assert await thumbnails_of(stage).of([old]) == {}
    assert asked_for(stage, "/a") == 0


async def test_a_task_that_is_deleted_meanwhile_gets_no_thumbnail(stage: Stage) -> None:
    task = await finished(stage, TaskResult(image_url=served(stage, "/a", picture())))
    await stage.store.tasks.delete_result(task, [], 1.0)
    # As it was when the list was read.
    assert await thumbnails_of(stage).of([task]) == {}
    assert await stage.store.thumbnails.results([task.id]) == {}


async def test_one_list_makes_no_more_than_some_thumbnails(stage: Stage) -> None:
    tasks = [
        await finished(stage, TaskResult(image_url=served(stage, f"/{number}", picture())))
        for number in range(MAX_MADE + 3)
    ]
    assert list(await thumbnails_of(stage).of(tasks)) == [task.id for task in tasks[:MAX_MADE]]
