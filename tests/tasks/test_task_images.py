"""The image of a finished task is found wherever it still is, in a form that every engine reads."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from bot.media import ImageDownloader
from bot.runtime.byte_budget import ByteBudget
from bot.tasks.errors import UserError
from bot.tasks.task_images import USUAL_BYTES
from storage import Task, TaskResult, TaskState, TaskUpdate, ThumbnailRole
from tests.support.machine import Machine
from tests.support.picture_host import PictureHost, moving, picture, picture_host
from tests.support.task_images import task_images


@pytest.fixture
async def host() -> AsyncIterator[PictureHost]:
    async with picture_host() as host:
        yield host


@pytest.fixture
async def fetcher() -> AsyncIterator[ImageDownloader]:
    async with ImageDownloader(allow_private=True, trusted_hosts=[], pause_seconds=0.001) as fetcher:
        yield fetcher


def served(host: PictureHost, path: str, data: bytes) -> str:
    return host.serve(path, web.Response(body=data))


async def finished(machine: Machine, **result: Any) -> Task:
    task = await machine.taken()
    update = TaskUpdate(TaskState.SUCCESS, result=TaskResult(**result))
    ended = await machine.store.tasks.move(task.id, update, 2_000.0)
    assert ended is not None
    return ended


async def test_each_of_several_images_is_found_by_its_number(
    machine: Machine, host: PictureHost, fetcher: ImageDownloader
) -> None:
    data = [picture(size=(10 + number, 10)) for number in range(3)]
    urls = tuple(served(host, f"/{number}.png", each) for number, each in enumerate(data))
    task = await finished(machine, image_url=urls[0], image_urls=urls)
    images = task_images(machine.store, fetcher)
    assert [(await images.original(task, number)).data for number in (1, 2, 3)] == data
    with pytest.raises(UserError, match="result_gone"):
        await images.original(task, 4)


async def test_an_image_without_a_url_comes_from_the_store(machine: Machine, fetcher: ImageDownloader) -> None:
    task = await finished(machine, inline=True)
    await machine.store.thumbnails.put(task.id, ThumbnailRole.IMAGE, [picture(), picture("JPEG")], 2_000.0)
    async with task_images(machine.store, fetcher).opened(1, task, 2) as image:
        assert image.media_type == "image/jpeg"


async def test_an_image_that_is_gone_at_its_service_is_read_from_its_message(
    machine: Machine, host: PictureHost, fetcher: ImageDownloader
) -> None:
    gone = (host.url("/gone-1.png"), host.url("/gone-2.png"))
    task = await finished(machine, image_url=gone[0], image_urls=gone)
    one = served(host, f"/attachments/1/2/atelier-{task.id}-1.png", picture(size=(1, 9)))
    two = served(host, f"/attachments/1/3/atelier-{task.id}-2-fit.png", picture(size=(2, 9)))
    source = served(host, f"/attachments/1/4/source-{task.id}-2.jpg", picture(size=(3, 9)))
    asked: list[str] = []

    async def posted(task: Task) -> Sequence[str]:
        asked.append(task.id)
        return [source, f"{one}?ex=1", f"{two}?ex=1"]

    images = task_images(machine.store, fetcher, posted=posted)
    assert (await images.original(task, 2)).facts.width == 2
    assert asked == [task.id]
    assert (await images.original(task, 1, shown=[source, one])).facts.width == 1
    assert asked == [task.id]


async def test_an_image_that_is_nowhere_is_a_clear_refusal(
    machine: Machine, host: PictureHost, fetcher: ImageDownloader
) -> None:
    task = await finished(machine, image_url=host.url("/gone.png"))
    other = served(host, "/attachments/1/2/atelier-another-1.png", picture())
    with pytest.raises(UserError, match="result_gone"):
        async with task_images(machine.store, fetcher).opened(1, task, shown=[other]):
            pass


@pytest.mark.parametrize("data", [picture("GIF"), moving("GIF"), picture("AVIF"), picture("BMP")])
async def test_other_formats_are_converted(
    machine: Machine, host: PictureHost, fetcher: ImageDownloader, data: bytes
) -> None:
    task = await finished(machine, image_url=served(host, "/an-image", data))
    async with task_images(machine.store, fetcher).opened(1, task) as image:
        with Image.open(io.BytesIO(image.data)) as opened:
            assert opened.format in ("PNG", "JPEG")
            assert image.media_type == f"image/{opened.format.lower()}"


async def test_the_link_is_the_one_at_discord_before_that_of_the_service(
    machine: Machine, host: PictureHost, fetcher: ImageDownloader
) -> None:
    task = await finished(machine, image_url=served(host, "/image.png", picture()))
    there = f"https://cdn.discordapp.com/attachments/1/2/atelier-{task.id}.png?ex=1&is=1&hm=1"
    images = task_images(machine.store, fetcher)
    async with images.opened(1, task, shown=[there], link=True) as image:
        assert image.url == there
    async with images.opened(1, task, link=True) as image:
        assert image.url is None, "no other program can download from a private address"
    public = await finished(machine, image_url="https://images.example.com/1.png")
    assert await images.link(public) == "https://images.example.com/1.png"


async def test_an_open_image_counts_toward_the_byte_budget(
    machine: Machine, host: PictureHost, fetcher: ImageDownloader
) -> None:
    budget = ByteBudget(USUAL_BYTES * 2)
    task = await finished(machine, image_url=served(host, "/image.png", picture()))
    images = task_images(machine.store, fetcher, budget=budget)
    async with images.opened(1, task) as image:
        assert budget.used == len(image.data), "no longer what it may have been"
    assert budget.used == 0
    with pytest.raises(UserError):
        async with images.opened(1, task, 9):
            pass
    assert budget.used == 0
