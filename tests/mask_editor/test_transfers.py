"""What one link, one person and all together may take of the bot's memory, whatever they download and upload."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
import os
import socket
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from PIL import Image
from playwright.async_api import Page

from bot.web.byte_budget import BodyBudget, BudgetExceeded
from bot.web.concurrency_limit import ConcurrencyLimit, TooManyAtOnce
from bot.web.mask_editor.routes import MAX_BODY
from playground.driver import Scenario
from tests.bench.process import megabytes
from tests.mask_editor.conftest import PACE, Studio, mask_png
from tests.support.picture_host import picture_host

# A picture of a megapixel in noise is three megabytes.
SIDE = 1600
# Megabytes. One copy of the picture, one of an upload and what the allocator keeps of both stay below.
GROWTH = 90.0


@dataclass
class Link:
    """A link that was opened, with the cookie of its browser."""

    port: int
    path: str
    cookie: str

    @classmethod
    async def opened(cls, url: str) -> Link:
        """Opens a link as the page does."""
        async with aiohttp.ClientSession() as session, session.post(f"{url}/open", json={}) as answer:
            assert answer.status == 200
            cookie = answer.headers["Set-Cookie"].partition(";")[0]
        address = urlsplit(url)
        return cls(address.port or 0, address.path, cookie)

    async def begin(self, method: str, what: str, *headers: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Sends the head of a request."""
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader, writer = await asyncio.open_connection(sock=connection, limit=1024)
        lines = (
            f"{method} {self.path}/{what} HTTP/1.1",
            "Host: a",
            f"Cookie: {self.cookie}",
            "Content-Type: application/json",
            *headers,
        )
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        return reader, writer

    async def send_mask(self, mask: bytes) -> tuple[int, str]:
        """Uploads a mask; the status and what is said."""
        body = {"prompt": "a boat", "mask": base64.b64encode(mask).decode()}
        headers = {"Cookie": self.cookie}
        url = f"http://127.0.0.1:{self.port}{self.path}/mask"
        async with aiohttp.ClientSession() as session, session.post(url, json=body, headers=headers) as answer:
            return answer.status, (await answer.json())["message"]

    async def picture(self) -> tuple[int, int]:
        """Downloads the picture; the status and the size."""
        url = f"http://127.0.0.1:{self.port}{self.path}/picture"
        async with aiohttp.ClientSession() as session, session.get(url, headers={"Cookie": self.cookie}) as answer:
            return answer.status, len(await answer.read())


async def status(reader: asyncio.StreamReader) -> int:
    async with asyncio.timeout(30):
        return int((await reader.readline()).split()[1])


@pytest_asyncio.fixture(loop_scope="session")
async def large(make_studio: Callable[[Scenario], Awaitable[Studio]]) -> AsyncIterator[Studio]:
    """The picture is one of 7.7 megabytes, as the service has it."""
    studio = await make_studio(Scenario(pace=PACE, settings={"ALLOW_PRIVATE_IMAGE_HOSTS": "true"}))
    buffer = io.BytesIO()
    Image.frombytes("RGB", (SIDE, SIDE), os.urandom(SIDE * SIDE * 3)).save(buffer, "PNG", compress_level=1)
    async with picture_host() as host:
        url = host.serve("/large.png", web.Response(body=buffer.getvalue()))
        # The bot keeps tasks in memory while it runs.
        await studio.env.stop_bot()
        with closing(sqlite3.connect(studio.env.folder / "atelier.db")) as connection, connection:
            connection.execute("UPDATE tasks SET result = json_set(result, '$.image_url', ?)", (url,))
        await studio.env.start_bot()
        yield studio


@asynccontextmanager
async def growth_bounded(studio: Studio) -> AsyncIterator[None]:
    """The memory of the bot may not grow much within."""
    before = megabytes(studio.env.bot.pid)
    worst = before
    ended = asyncio.Event()

    async def look() -> None:
        nonlocal worst
        while not ended.is_set():
            worst = max(worst, megabytes(studio.env.bot.pid))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), 0.02)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        ended.set()
        await looking
    assert worst - before < GROWTH, f"from {before:.0f} MB to {worst:.0f} MB"


@pytest.mark.asyncio(loop_scope="session")
async def test_downloads_that_are_not_read_take_the_memory_of_one(large: Studio) -> None:
    link = await Link.opened(await large.link())
    assert (await link.picture())[0] == 200  # loads what is loaded once
    async with growth_bounded(large), AsyncExitStack() as stack:
        statuses = []
        for _ in range(30):
            reader, writer = await link.begin("GET", "picture")
            stack.callback(writer.close)
            statuses.append(status(reader))
        assert sorted(await asyncio.gather(*statuses)) == [200] + [429] * 29
    # When that one is closed there is room for the next.
    async with asyncio.timeout(10):
        while (await link.picture())[0] == 429:  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(0.05)
    assert (await link.picture())[0] == 200


@pytest.mark.asyncio(loop_scope="session")
async def test_a_page_whose_link_is_busy_waits_and_then_goes_on(
    large: Studio, open_page: Callable[..., Awaitable[Page]]
) -> None:
    url = await large.link()
    page = await open_page(url)
    (cookie,) = await page.context.cookies(url)
    link = Link(urlsplit(url).port or 0, urlsplit(url).path, f"painter={cookie.get('value')}")
    reader, writer = await link.begin("GET", "picture")
    assert await status(reader) == 200
    async with page.expect_response(lambda answer: answer.status == 429):
        await page.reload()
    assert await page.locator("#controls:enabled").count() == 0
    writer.close()
    await page.wait_for_selector("#controls:enabled")


@pytest.mark.asyncio(loop_scope="session")
async def test_slow_uploads_take_the_memory_of_one(studio: Studio) -> None:
    link = await Link.opened(await studio.link())
    assert (await link.picture())[0] == 200
    part = b'{"prompt": "a boat", "mask": "' + b"A" * (MAX_BODY - 100)
    async with growth_bounded(studio), AsyncExitStack() as stack:
        answered = []
        for _ in range(30):
            reader, writer = await link.begin("POST", "mask", f"Content-Length: {MAX_BODY}")
            stack.callback(writer.close)
            with contextlib.suppress(ConnectionError):
                writer.write(part)
            answered.append(asyncio.create_task(status(reader)))
        # One is still being received; the others were told to wait, or were cut off while they went on sending.
        pending = set(answered)
        async with asyncio.timeout(30):
            while len(pending) > 1:
                _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        assert {task.result() for task in set(answered) - pending if not task.exception()} <= {429}
    for task in pending:
        task.cancel()


@pytest.mark.asyncio(loop_scope="session")
async def test_masks_of_another_size_are_refused_without_being_decoded(studio: Studio) -> None:
    links = [await Link.opened(await studio.link(by=name)) for name in ("ada", "ada", "bob", "bob")]
    for link in links:
        assert (await link.picture())[0] == 200
    mask = await asyncio.to_thread(mask_png, (8_000, 8_000))
    async with growth_bounded(studio):
        for code, said in await asyncio.gather(*(link.send_mask(mask) for link in links)):
            assert code == 422
            assert "exactly as large" in said
    assert (await links[0].send_mask(mask_png(studio.picture.size)))[0] == 200


@pytest.mark.asyncio(loop_scope="session")
async def test_one_person_may_use_two_links_at_a_time_and_somebody_else_theirs(large: Studio) -> None:
    links = [await Link.opened(await large.link()) for _ in range(3)]
    other = await Link.opened(await large.link(by="bob"))
    async with AsyncExitStack() as stack:
        statuses = []
        for link in links:
            reader, writer = await link.begin("GET", "picture")
            stack.callback(writer.close)
            statuses.append(await status(reader))
        assert statuses == [200, 200, 429]
        assert (await other.picture())[0] == 200


@pytest.mark.asyncio(loop_scope="session")
async def test_what_is_refused_for_now_says_when_to_come_again(studio: Studio) -> None:
    link = await Link.opened(await studio.link())
    reader, writer = await link.begin("POST", "mask", "Content-Length: 1000")
    async with aiohttp.ClientSession() as session:
        url, headers = f"http://127.0.0.1:{link.port}{link.path}/mask", {"Cookie": link.cookie}
        said, answered = "", (0, "")
        async with asyncio.timeout(10):
            while "busy" not in said:
                async with session.post(url, json={"prompt": "a", "mask": ""}, headers=headers) as answer:
                    said = (await answer.json())["message"]
                    answered = answer.status, answer.headers.get("Retry-After", "")
        assert answered == (429, "2")
    writer.close()
    del reader


@pytest.mark.asyncio(loop_scope="session")
async def test_an_upload_of_many_values_is_refused_at_once(studio: Studio) -> None:
    link = await Link.opened(await studio.link())
    body = b'{"prompt": "a", "mask": [' + b"[]," * (MAX_BODY // 3 - 20) + b"[]]}"
    assert len(body) < MAX_BODY
    reader, writer = await link.begin("POST", "mask", f"Content-Length: {len(body)}")
    writer.write(body)
    pressed = await studio.env.slash("queue")
    assert pressed.acknowledged_at is not None
    assert pressed.acknowledged_at < 1.0
    assert await status(reader) == 400
    writer.close()
    reader, writer = await link.begin("POST", "mask", f"Content-Length: {MAX_BODY + 1}")
    assert await status(reader) == 413
    writer.close()


@pytest.mark.asyncio(loop_scope="session")
async def test_an_upload_that_breaks_off_is_one_line_in_the_log(studio: Studio) -> None:
    link = await Link.opened(await studio.link())
    _, writer = await link.begin("POST", "mask", "Content-Length: 100000")
    writer.write(json.dumps({"prompt": "a boat"}).encode())
    await writer.drain()
    before = len(studio.env.bot.lines)
    writer.close()
    await studio.env.until(lambda: any("an upload was cut off" in line for line in studio.env.bot.lines[before:]))
    assert (await link.picture())[0] == 200
    assert len(studio.env.bot.lines) == before + 1


def test_a_budget_is_never_exceeded_and_given_back() -> None:
    budget = BodyBudget(100)
    with budget.holding() as first, budget.holding() as second:
        first.resize(60)
        second.grow(30)
        with pytest.raises(BudgetExceeded):
            second.grow(11)
        first.resize(50)
        second.grow(20)
        assert budget.held == 100
    assert budget.held == 0


def test_what_runs_is_counted_by_key_and_forgotten() -> None:
    limit = ConcurrencyLimit[str](2)
    with limit.running("a"), limit.running("a"), limit.running("b"):
        with pytest.raises(TooManyAtOnce), limit.running("a"):
            pass
        assert len(limit) == 2
    assert len(limit) == 0
