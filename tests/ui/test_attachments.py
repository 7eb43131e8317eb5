"""Attachments are read as far as announced, few bytes at a time, and one person's never keep another's waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from aiohttp import web

from bot.runtime.byte_budget import ByteBudget
from bot.tasks.errors import UserError
from bot.ui.inputs.image_attachments import Attachments, GivenImages, attachment_session
from storage import InputImage
from tests.support.picture_host import noise

ADA, BOB = 1, 2
PICTURE = noise(100, 100)


@dataclass
class Host:
    """Discord's host of attachments. It counts the bytes that are being read from it, and can be made to wait."""

    port: int = 0
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    sent: int = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        if request.path == "/absent":
            return web.Response(status=404)
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(PICTURE[:100])
        if request.path == "/held":
            await self.goes_on.wait()
        rest = PICTURE[100:] + (b"x" * 10_000_000 if request.path == "/longer" else b"")
        for start in range(0, len(rest), 10_000):
            await response.write(rest[start : start + 10_000])
            self.sent += 10_000
        return response

    def attachment(self, path: str, size: int = len(PICTURE), content_type: str = "image/png") -> discord.Attachment:
        """What Discord says of one."""
        data: Any = {
            "id": "1",
            "filename": path.strip("/"),
            "size": size,
            "url": f"http://127.0.0.1:{self.port}{path}",
            "proxy_url": "",
            "content_type": content_type,
        }
        state: Any = SimpleNamespace(http=None)
        return discord.Attachment(data=data, state=state)


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    host = Host()
    app = web.Application()
    app.router.add_get("/{tail:.*}", host.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host.port = runner.addresses[0][1]
    yield host
    host.goes_on.set()
    await runner.cleanup()


@pytest.fixture
async def attachments() -> AsyncIterator[Attachments]:
    """With room for four pictures."""
    async with attachment_session() as session:
        yield Attachments(session, ByteBudget(4 * len(PICTURE)), busy_seconds=5.0)


async def test_a_picture_is_read_whole(host: Host, attachments: Attachments) -> None:
    async with attachments.read(ADA, [host.attachment("/one"), host.attachment("/two")]) as pictures:
        assert pictures == given(host, "/one", "/two")


async def test_what_is_larger_than_announced_is_not_read_to_its_end(host: Host, attachments: Attachments) -> None:
    with pytest.raises(UserError) as refused:
        await read(attachments, ADA, host.attachment("/longer"))
    assert (refused.value.code, refused.value.params) == ("attachment_unreadable", {"name": "longer"})
    assert host.sent < 5_000_000


@pytest.mark.parametrize(
    ("path", "content_type", "code"),
    [("/absent", "image/png", "attachment_unreadable"), ("/clip", "video/mp4", "not_a_clip")],
)
async def test_what_cannot_be_read_or_used_is_refused_by_its_name(
    host: Host, attachments: Attachments, path: str, content_type: str, code: str
) -> None:
    wanted = [host.attachment(path, content_type=content_type)]
    with pytest.raises(UserError) as refused:
        async with attachments.read(ADA, wanted, with_clip=True):
            pass
    assert (refused.value.code, refused.value.params) == (code, {"name": path.strip("/")})


def given(host: Host, *paths: str) -> GivenImages:
    """The pictures of these paths, with the links under which they are attached."""
    return GivenImages([InputImage("image/png", PICTURE, url=host.attachment(path).url) for path in paths])


async def read(attachments: Attachments, person: int, *wanted: discord.Attachment) -> GivenImages:
    async with attachments.read(person, wanted) as pictures:
        return pictures


async def test_one_persons_many_are_read_in_turn_and_leave_room_for_anothers(
    host: Host, attachments: Attachments
) -> None:
    many = [
        asyncio.create_task(read(attachments, ADA, host.attachment("/held"), host.attachment("/held")))
        for _ in range(12)
    ]
    async with asyncio.timeout(5):
        while host.asked == 0:  # noqa: ASYNC110 - the host has no event
            await asyncio.sleep(0.01)
        assert await read(attachments, BOB, host.attachment("/one")) == given(host, "/one")
    # Those of one command, and of no other: half of what there is.
    assert host.asked == 2
    host.goes_on.set()
    for each in many:
        assert await each == given(host, "/held", "/held")


async def test_a_person_who_has_no_turn_in_time_is_told_and_holds_nothing(host: Host) -> None:
    budget = ByteBudget(2 * len(PICTURE))
    async with attachment_session() as session:
        attachments = Attachments(session, budget, busy_seconds=0.1)
        first = asyncio.create_task(read(attachments, ADA, host.attachment("/held"), host.attachment("/held")))
        await asyncio.sleep(0)
        with pytest.raises(UserError, match="attachments_busy"):
            await read(attachments, BOB, host.attachment("/one"))
        host.goes_on.set()
        assert await first == given(host, "/held", "/held")
        assert budget.used == 0
        assert await read(attachments, BOB, host.attachment("/one")) == given(host, "/one")
