"""Whatever is sent to the web server, in whatever pieces: it stays healthy, and logs a line at most."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.ui.components.message_components import ActionId, ModalKind
from bot.web.client_address import TrustedProxies, networks
from tests.support.machine import an_origin
from tests.web.conftest import Site, running_site

# Found faults stay found: the same requests every time. A slow machine is no fault.
CALM = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
BROWSER = "a" * 32
SECONDS = 10.0
# After this a client that sent half a request goes away. Answers come far sooner.
LOOK_SECONDS = 0.05


@dataclass
class Served:
    """A site that is served in another thread, with addresses that are good and records of its log."""

    site: Site
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event
    hook: str
    link_path: str
    records: list[logging.LogRecord]
    clients: int = 0
    requests: int = 0

    def answer(self, pieces: list[bytes], end: str = "read", seconds: float = SECONDS) -> bytes:
        """What is answered in time to a request that comes in these pieces; `end` is how the client ends."""
        with socket.create_connection(("127.0.0.1", self.site.port), SECONDS) as client:
            answer = b""
            with contextlib.suppress(ConnectionError, TimeoutError):
                for piece in pieces:
                    client.sendall(piece)
                client.settimeout(seconds)
                while end == "read" and (more := client.recv(65536)):
                    answer += more
            if end == "reset":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return answer

    def quiet(self) -> None:
        """Waits until what the requests led to is done."""
        idle = self.site.machine.background.drain(SECONDS)
        asyncio.run_coroutine_threadsafe(idle, self.loop).result(SECONDS)

    def next_client(self) -> str:
        """An address that has sent nothing yet: the rate limit is not what is tried here."""
        self.clients += 1
        return f"10.{self.clients >> 16 & 255}.{self.clients >> 8 & 255}.{self.clients & 255}"


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


async def _serve(folder: Path, ready: Future[Served], records: list[logging.LogRecord]) -> None:
    async with running_site(folder, proxies=TrustedProxies(networks("127.0.0.1"))) as site:
        site.machine.images.hold()
        task = await site.machine.taken()
        key = ActionId(task.id, "abcdefgh", ModalKind.REGION)
        invitation = await site.mask_editor.create_link(an_origin(), key, None)
        link_path = invitation.url.partition("127.0.0.1")[2]
        await site.mask_editor.open(link_path.rpartition("/")[2], BROWSER)
        stop = asyncio.Event()
        hook = site.hook(task).removeprefix(site.url)
        ready.set_result(Served(site, asyncio.get_running_loop(), stop, hook, link_path, records))
        await stop.wait()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    handler, ready = _Records(), Future[Served]()
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    folder = tmp_path_factory.mktemp("served")
    thread = threading.Thread(target=lambda: asyncio.run(_serve(folder, ready, handler.records)))
    thread.start()
    found = ready.result(30)
    yield found
    found.loop.call_soon_threadsafe(found.stop.set)
    thread.join()
    assert len(handler.records) <= found.requests
    assert [record for record in handler.records if record.exc_info] == []
    root.removeHandler(handler)
    root.setLevel(level)


def check(served: Served, pieces: list[bytes], end: str) -> None:
    """Sends a request; nothing else may come of it than an answer, or an end, and a line."""
    served.requests += 1
    answer = served.answer(pieces, end, LOOK_SECONDS)
    assert answer == b"" or answer.startswith(b"HTTP/")
    assert b" 500 " not in answer.partition(b"\r\n")[0]
    assert served.answer([b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"]).startswith(b"HTTP/1.1 200 ")
    served.quiet()
    # A line may come after the next request has been sent, so they are counted together.
    assert len(served.records) <= served.requests
    assert [record for record in served.records if record.exc_info] == []


ENDS = st.sampled_from(["read", "read", "read", "close", "reset"])
JUNK = st.binary(max_size=40)
NAMES = st.sampled_from(
    [
        b"Content-Encoding", b"Transfer-Encoding", b"Content-Length", b"Content-Type", b"Cookie", b"Expect", b"Upgrade",
        b"Connection", b"X-Forwarded-For", b"Host", b"Accept-Encoding", b"Range", b"Sec-WebSocket-Key", b"Trailer",
    ]
)  # fmt: skip
VALUES = st.sampled_from(
    [
        b"gzip", b"deflate, gzip", b"identity", b"chunked", b"chunked, chunked", b"0", b"5", b"-1", b"9" * 20,
        b"application/json", b"application/json; charset=nonsense", b"text/plain", b"multipart/form-data; boundary=x",
        b"100-continue", b"websocket", b"h2c", b"upgrade", b"keep-alive", b"painter=" + BROWSER.encode(),
        b"painter=\xff",
        b"a=b; painter=\"\\377\"; ;;=", b"1.1.1.1, ::1, [::1]:5, nonsense", b"bytes=0-1", b"", b" ", b"\t", b"a\x00b",
    ]
)  # fmt: skip


def mostly(usual: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """What is usual, and now and then anything: a request that is all junk gets no further than the parser."""
    return st.integers(0, 9).flatmap(lambda number: usual if number else JUNK)


HEADERS = st.lists(st.tuples(mostly(NAMES), mostly(VALUES)), max_size=3)
VALUES_OF_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.characters(categories=["Cs"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["id", "status", "progress", "prompt", "mask", "buttons", "imageUrl", "code", "data"])
BODIES = JUNK | (VALUES_OF_JSON | st.dictionaries(FIELDS, VALUES_OF_JSON, max_size=6)).map(json.dumps).map(str.encode)


CUTS = st.lists(st.floats(0, 1), max_size=3)


def cut(data: bytes, cuts: list[float], *, whole: bool) -> list[bytes]:
    """The same bytes in pieces, the last of which does not come unless it is `whole`."""
    places = sorted(int(each * len(data)) for each in cuts)
    parts = [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]
    return parts if whole or len(parts) == 1 else parts[:-1]


@CALM
@given(data=st.binary(max_size=300), end=ENDS)
def test_any_bytes_are_answered_or_closed(served: Served, data: bytes, end: str) -> None:
    check(served, [data], end)


PATHS = st.sampled_from(
    [
        "hook",
        "link_path",
        "open",
        "mask",
        "picture",
        "/",
        "/healthz",
        "/paint/static/main.js",
        "*",
        "http://a/healthz",
        "/x",
    ]
)
METHODS = st.sampled_from([b"POST", b"POST", b"POST", b"GET", b"GET", b"HEAD", b"PUT", b"CONNECT", b"OPTIONS"])
VERSIONS = st.sampled_from([b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b""])
# Which of the usual headers are there.
USUAL = st.sets(st.integers(0, 4), max_size=5) | st.just({0, 1, 2, 3, 4})


@CALM
@given(
    method=mostly(METHODS),
    path=PATHS,
    suffix=mostly(st.just(b"")),
    version=VERSIONS,
    usual=USUAL,
    headers=HEADERS,
    body=BODIES,
    chunked=st.booleans(),
    cuts=CUTS,
    whole=st.booleans(),
    end=ENDS,
)
def test_any_request_is_answered_or_closed(
    served: Served,
    method: bytes,
    path: str,
    suffix: bytes,
    version: bytes,
    usual: set[int],
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    chunked: bool,
    cuts: list[float],
    whole: bool,
    end: str,
) -> None:
    good = {"hook": served.hook, "link_path": served.link_path}
    good |= {name: f"{served.link_path}/{name}" for name in ("open", "mask", "picture")}
    length = (b"Transfer-Encoding", b"chunked") if chunked else (b"Content-Length", b"%d" % len(body))
    known = [
        (b"Host", b"a"),
        (b"X-Forwarded-For", served.next_client().encode()),
        (b"Content-Type", b"application/json"),
        length,
        (b"Cookie", b"painter=" + BROWSER.encode()),
    ]
    present = [pair for number, pair in enumerate(known) if number in usual]
    target = good.get(path, path).encode() + suffix
    lines = [b" ".join([method, target, version]), *(b": ".join(pair) for pair in [*present, *headers])]
    if chunked:
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    check(served, cut(b"\r\n".join(lines) + b"\r\n\r\n" + body, cuts, whole=whole), end)


@CALM
@given(body=BODIES, end=ENDS)
def test_any_body_at_a_good_address_is_answered(served: Served, body: bytes, end: str) -> None:
    for path in (served.hook, f"{served.link_path}/mask", f"{served.link_path}/upload", f"{served.link_path}/open"):
        head = (
            f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Cookie: painter={BROWSER}\r\nX-Forwarded-For: {served.next_client()}\r\n\r\n"
        )
        check(served, [head.encode() + body], end)
