"""What a link to the painter may do, over HTTP: once, in one browser, for half an hour, and nothing that is made up."""

from __future__ import annotations

import asyncio
import base64
import hmac
import io
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from urllib.parse import quote

import aiohttp
import pytest
import pytest_asyncio
from PIL import Image

from playground.discord import Limits, Message
from playground.driver import Scenario
from tests.mask_editor.conftest import PACE, Studio, links_in, mask_png
from tests.support.environments import captions

pytestmark = pytest.mark.asyncio(loop_scope="session")


DEAD_LINK = "http://127.0.0.1:9/gone.png"


JSON = {"Content-Type": "application/json"}


class Browser:
    """Somebody who follows a link, without drawing."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def page(self) -> tuple[int, str]:
        async with self._session.get(self._url) as answer:
            return answer.status, await answer.text()

    async def open(self) -> aiohttp.ClientResponse:
        async with self._session.post(f"{self._url}/open", json={}) as answer:
            await answer.read()
            return answer

    async def picture(self) -> tuple[int, bytes]:
        async with self._session.get(f"{self._url}/picture") as answer:
            return answer.status, await answer.read()

    async def send(self, mask: bytes, prompt: str = "a tin robot with a hat") -> tuple[int, str]:
        body = {"prompt": prompt, "mask": base64.b64encode(mask).decode()}
        async with self._session.post(f"{self._url}/mask", json=body) as answer:
            return answer.status, (await answer.json())["message"]

    async def raw(self, body: bytes, to: str = "mask") -> int:
        async with self._session.post(f"{self._url}/{to}", data=body, headers=JSON) as answer:
            return answer.status

    async def too_large(self, size: int, to: str) -> int:
        """Offers a body of that size, and sends none of it before it is wanted."""
        url, body = f"{self._url}/{to}", io.BytesIO(bytes(size))
        async with self._session.post(url, data=body, headers=JSON, expect100=True) as answer:
            return answer.status

    async def ready(self) -> None:
        """Opens the link and looks at the picture."""
        assert (await self.open()).status == 200
        assert (await self.picture())[0] == 200


@pytest_asyncio.fixture(loop_scope="session")
async def browse() -> AsyncIterator[Callable[[str], Browser]]:
    """Follows a link in a browser of its own."""
    sessions: list[aiohttp.ClientSession] = []

    def one(url: str) -> Browser:
        # Addresses of this machine get no cookies from aiohttp unless it is told that they may.
        sessions.append(aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)))
        return Browser(sessions[-1], url)

    yield one
    for session in sessions:
        await session.close()


Browse = Callable[[str], Browser]
MakeStudio = Callable[[Scenario], Awaitable[Studio]]


async def test_a_link_works_once_also_for_two_at_the_same_moment(studio: Studio, browse: Browse) -> None:
    pressed = await studio.press()
    browser = browse(links_in(pressed)[0])
    await browser.ready()
    mask = mask_png(studio.picture.size)
    answers = await asyncio.gather(*(browser.send(mask) for _ in range(4)))
    statuses = sorted(status for status, _ in answers)
    # What comes while another is being read has to wait, and finds the link used then.
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {410, 429}
    await studio.env.result_of(pressed)
    status, page = await browser.page()
    assert status == 410
    assert f'href="{in_discord(studio)}"' in page
    status, text = await browser.send(mask)
    assert status == 410
    assert "already used" in text
    assert len(studio.masks()) == 1


async def test_the_page_reads_prompts_as_commands_do(studio: Studio, browse: Browse) -> None:
    pressed = await studio.press()
    browser = browse(links_in(pressed)[0])
    await browser.ready()
    mask = mask_png(studio.picture.size)
    for nothing in ("\u200b\u2060", "/imagine prompt:", "\u3164\n"):
        status, text = await browser.send(mask, prompt=nothing)
        assert (status, "prompt is empty" in text) == (422, True)
    assert (await browser.send(mask, prompt="/imagine prompt: a tin\nrobot\u200b–ar 3:2"))[0] == 200
    await studio.env.result_of(pressed)
    assert studio.env.images.submits[-1].body["prompt"] == "a tin robot --ar 3:2"


def in_discord(studio: Studio) -> str:
    """The address of the picture's message."""
    channel = studio.env.studio
    return f"https://discord.com/channels/{channel.guild_id}/{channel.id}/{studio.single.id}"


async def test_a_used_link_stays_used_and_an_unused_one_good_after_a_kill(studio: Studio, browse: Browse) -> None:
    used, unused = await studio.press(), await studio.press(by="bob")
    first, second = browse(links_in(used)[0]), browse(links_in(unused)[0])
    await first.ready()
    await second.ready()
    assert (await first.send(mask_png(studio.picture.size)))[0] == 200
    await studio.env.kill_bot()
    await studio.env.start_bot()
    assert (await first.send(mask_png(studio.picture.size)))[0] == 410
    assert (await second.send(mask_png(studio.picture.size)))[0] == 200
    await studio.env.result_of(used)
    await studio.env.result_of(unused)
    assert len(studio.masks()) == 2


async def test_a_forged_link_opens_nothing(studio: Studio, browse: Browse) -> None:
    url = await studio.link()
    base, _, token = url.rpartition("/")
    other = token[:-1] + ("A" if token[-1] != "A" else "B")
    browser = browse(f"{base}/{other}")
    assert (await browser.open()).status == 404
    assert (await browser.picture())[0] == 404
    assert (await browser.send(mask_png(studio.picture.size)))[0] == 404
    for forged in (other, token[:-1], f"{token}A", f"{token}.", token.swapcase(), "x", "%00", "é", f"{token}x" * 5):
        status, text = await browse(f"{base}/{forged}").page()
        assert status == 404
        assert "invalid or expired" in text
    assert studio.masks() == []


async def test_a_copy_of_the_database_gives_no_link_that_works(studio: Studio, browse: Browse) -> None:
    url = await studio.link()
    base, _, token = url.rpartition("/")
    for file in studio.env.folder.glob("atelier.db*"):
        assert token.encode() not in file.read_bytes()
    with closing(sqlite3.connect(f"file:{studio.env.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT * FROM painter_links").fetchall()
        as_before = signed_as_before(connection)
    kept = {str(value) for row in rows for value in row if value is not None and not isinstance(value, bytes)}
    for made in (*sorted(kept), as_before):
        assert (await browse(f"{base}/{quote(made, safe='')}").page())[0] == 404
    assert (await browse(url).page())[0] == 200
    assert len(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))) >= 16


def signed_as_before(connection: sqlite3.Connection) -> str:
    """The newest link as an earlier version would have signed it, with its secret in the database if there is one."""
    note = connection.execute("SELECT value FROM notes WHERE name LIKE '%signed with'").fetchone()
    secret = bytes.fromhex(note[0]) if note else bytes(32)
    row = connection.execute(
        "SELECT id, user_id, task_id, digest, CAST(expires_at AS INTEGER) FROM painter_links ORDER BY expires_at DESC"
    ).fetchone()
    said = ":".join(["1", *map(str, row)]).encode()
    parts = (said, hmac.digest(secret, said, "sha256"))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


async def test_a_link_ends_after_half_an_hour(studio: Studio, browse: Browse) -> None:
    browser = browse(await studio.link())
    await browser.ready()
    with closing(sqlite3.connect(studio.env.folder / "atelier.db")) as connection, connection:
        (end,) = connection.execute("SELECT MAX(expires_at) FROM painter_links").fetchone()
        assert 0 < end - time.time() <= 1800
        # Half an hour is not waited for.
        connection.execute("UPDATE painter_links SET expires_at = ?", (time.time() - 1,))
    status, text = await browser.page()
    assert status == 410
    assert "30 minutes" in text
    assert (await browser.send(mask_png(studio.picture.size)))[0] == 410
    assert studio.masks() == []


async def test_a_link_that_was_opened_elsewhere_is_of_no_use_to_others(studio: Studio, browse: Browse) -> None:
    url = await studio.link()
    # Looking at the address alone ties it to nobody: programs do that for people.
    assert (await browse(url).page())[0] == 200
    owner, other = browse(url), browse(url)
    await owner.ready()
    status, text = await other.page()
    assert status == 410
    assert "another browser" in text
    assert (await other.open()).status == 410
    assert (await other.picture())[0] == 410
    assert (await other.send(mask_png(studio.picture.size)))[0] == 410
    assert (await owner.send(mask_png(studio.picture.size)))[0] == 200


@pytest.mark.parametrize(
    ("mask", "word"),
    [
        (lambda size: mask_png((size[0] + 1, size[1])), "exactly as large"),
        (lambda size: mask_png(size, white=200), "look like a mask"),
        (lambda size: mask_png(size, white=0), "no white areas"),
        (lambda _: b"no picture", "can't read that mask"),
    ],
    ids=["size", "grey", "empty", "rubbish"],
)
async def test_a_wrong_mask_is_refused_and_the_link_stays_good(
    studio: Studio, browse: Browse, mask: Callable[[tuple[int, int]], bytes], word: str
) -> None:
    browser = browse(await studio.link())
    await browser.ready()
    status, text = await browser.send(mask(studio.picture.size))
    assert status == 422
    assert word in text
    assert (await browser.send(mask_png(studio.picture.size), prompt="  "))[0] == 422
    assert studio.masks() == []
    assert (await browser.send(mask_png(studio.picture.size)))[0] == 200


async def test_a_body_that_no_page_sends_is_refused(studio: Studio, browse: Browse) -> None:
    browser = browse(await studio.link())
    await browser.ready()
    for body in (b"", b"[]", b'{"prompt": 1, "mask": ""}', b'{"prompt": "a", "mask": "?"}', b"[" * 200_000, b"\xff"):
        assert await browser.raw(body) == 400
    assert await browser.raw(b'{"prompt": "' + b"a" * 4001 + b'", "mask": ""}') == 400
    assert studio.masks() == []


async def test_a_file_with_a_mask_is_checked_for_the_browser_of_the_link_and_uses_nothing_up(
    studio: Studio, browse: Browse
) -> None:
    url = await studio.link()
    owner, other = browse(url), browse(url)
    await owner.ready()
    mask = mask_png(studio.picture.size)
    body = b'{"mask": "%b"}' % base64.b64encode(mask)
    assert await other.raw(body, "upload") == 410
    for wrong in (b"", b"[]", b"{}", b'{"mask": 1}', b'{"mask": "?"}', b"[" * 200_000, b"\xff"):
        assert await owner.raw(wrong, "upload") == 400
    assert await owner.too_large(14 * 1024 * 1024, "upload") == 413
    assert await owner.raw(b'{"mask": ""}', "upload") == 422
    assert await owner.raw(body, "upload") == 200
    assert studio.masks() == []
    assert (await owner.send(mask))[0] == 200
    assert await owner.raw(body, "upload") == 410


async def test_a_prompt_with_half_a_character_is_sent_all_the_same(studio: Studio, browse: Browse) -> None:
    browser = browse(await studio.link())
    await browser.ready()
    mask = base64.b64encode(mask_png(studio.picture.size))
    assert await browser.raw(b'{"prompt": "a tin \\ud800 robot", "mask": "%b"}' % mask) == 200
    (submit,) = [each for each in studio.env.images.submits if each.endpoint == "submit/modal"]
    assert submit.body["prompt"] == "a tin ? robot"


async def test_the_page_lets_nothing_foreign_in(studio: Studio, browse: Browse) -> None:
    url = await studio.link()
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        policy = answer.headers["Content-Security-Policy"]
        text = await answer.text()
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "http" not in text.replace("http-equiv", "")
    opened = await browse(url).open()
    cookie = opened.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert f"Path=/paint/{url.rpartition('/')[2]}" in cookie
    async with aiohttp.ClientSession() as session:
        for name in ("page.html", "..%2Fpages.py", "nothing.js"):
            async with session.get(f"{url.rpartition('/')[0]}/static/{name}") as answer:
                assert answer.status == 404


async def test_the_invitation_is_private_and_offers_parts_too(studio: Studio) -> None:
    pressed = await studio.press(by="bob")
    assert all(message.ephemeral for message in pressed.messages)
    invitation = pressed.messages[0]
    assert captions(invitation) == ["Open region editor", "Pick areas instead"]
    opened = await studio.env.press(invitation, "Pick areas instead", by="bob")
    await studio.env.submit_modal(opened, {"prompt": "a tin robot", "area": ["left"]})
    await studio.env.until(studio.masks)
    assert studio.masks()[0].getpixel((1, 1)) == 255


async def test_after_the_token_has_ended_the_result_comes_in_the_channel(
    make_studio: MakeStudio, browse: Browse
) -> None:
    studio = await make_studio(Scenario(pace=PACE, limits=Limits.off(token=2.5)))
    env = studio.env
    pressed = await studio.press()
    browser = browse(links_in(pressed)[0])
    await browser.ready()
    await env.until(lambda: env.discord.state.now() - pressed.messages[0].created_at > timedelta(seconds=2.6))
    before = env.discord.messages(env.studio)
    assert (await browser.send(mask_png(studio.picture.size)))[0] == 200

    def result() -> list[Message]:
        new = [message for message in env.discord.messages(env.studio) if message not in before]
        return [message for message in new if "U1" in captions(message)]

    assert len(await env.until(result)) == 1


async def test_where_the_services_picture_is_gone_the_attached_one_is_painted_on(
    studio: Studio, browse: Browse
) -> None:
    await studio.env.stop_bot()
    with closing(sqlite3.connect(studio.env.folder / "atelier.db")) as connection, connection:
        connection.execute("UPDATE tasks SET result = json_set(result, '$.image_url', ?)", (DEAD_LINK,))
    await studio.env.start_bot()
    browser = browse(await studio.link())
    await browser.open()
    assert await browser.picture() == (200, studio.single.attachments[0].data)
    assert (await browser.send(mask_png(studio.picture.size)))[0] == 200


async def test_a_picture_of_more_than_64_megapixels_is_neither_shown_nor_masked(studio: Studio, browse: Browse) -> None:
    buffer = io.BytesIO()
    Image.new("L", (10_000, 8_000), 90).save(buffer, "JPEG")
    studio.env.images.service.replacement_picture = buffer.getvalue()
    browser = browse(await studio.link())
    await browser.open()
    status, body = await browser.picture()
    assert (status, "10000 × 8000" in json.loads(body)["message"]) == (422, True)
    status, text = await browser.send(mask_png((100, 80)))
    assert (status, "up to 64 megapixels" in text) == (422, True)
    # A mask in a file, which would be scaled to the picture.
    body = json.dumps({"mask": base64.b64encode(mask_png((100, 80))).decode()}).encode()
    assert await browser.raw(body, "upload") == 422
    assert studio.masks() == []


async def test_a_press_is_acknowledged_at_once_while_the_database_hangs(studio: Studio) -> None:
    with closing(sqlite3.connect(studio.env.folder / "atelier.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        pressed = await studio.env.press(studio.single, "Vary (Region)")
        connection.execute("ROLLBACK")
    assert pressed.acknowledged_at is not None
    assert pressed.acknowledged_at < 1.0
    await studio.env.until(lambda: links_in(pressed))
