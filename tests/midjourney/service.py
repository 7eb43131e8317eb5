"""A scripted image service: a real server on a free port that answers as it was told and remembers what it heard."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Heard:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """What to answer: a body with a status, or a misdeed. `parts` are a body that is sent in parts, `pause` seconds
    apart; after them a misdeed happens, if there is one."""

    status: int = 200
    body: bytes = b""
    content_type: str | None = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    misdeed: str = ""
    parts: tuple[bytes, ...] = ()
    pause: float = 0.0


def js(body: Any, status: int = 200, **headers: str) -> Reply:
    """A JSON answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(body).encode(), headers=named)


def page(status: int = 200) -> Reply:
    """A web page."""
    return Reply(status, b"<!doctype html><html><body>New API</body></html>", "text/html")


def plain(text: str, status: int) -> Reply:
    """Plain text."""
    return Reply(status, text.encode(), "text/plain")


def stream(*parts: bytes, misdeed: str = "", pause: float = 0.0, status: int = 200) -> Reply:
    """An event stream that arrives in parts."""
    return Reply(status, content_type="text/event-stream", parts=parts, misdeed=misdeed, pause=pause)


def empty(status: int = 200, **headers: str) -> Reply:
    """Nothing at all."""
    return Reply(status, b"", None, {name.replace("_", "-"): value for name, value in headers.items()})


DROP = Reply(misdeed="drop")
HALF = Reply(misdeed="half")
SILENCE = Reply(misdeed="silence")


class ScriptedService:
    """Answers from a script, one reply a request; the last one stands for all that follow."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.called = asyncio.Event()
        self.url = ""
        self._script: deque[Reply] = deque()
        self._over = asyncio.Event()

    def will(self, *replies: Reply) -> None:
        """Answers the next requests so."""
        self._script = deque(replies)

    @property
    def paths(self) -> list[str]:
        return [heard.path for heard in self.heard]

    async def __aenter__(self) -> ScriptedService:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{anything:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        self.heard.append(Heard(request.method, request.path_qs, headers, body, id(request.protocol)))
        self.called.set()
        reply = self._script.popleft() if len(self._script) > 1 else self._script[0]
        if reply.parts:
            return await self._in_parts(request, reply)
        match reply.misdeed:
            case "drop":
                _abort(request)
            case "silence":
                await self._over.wait()
            case "half":
                response = web.StreamResponse(headers={"Content-Length": "1000"})
                await response.prepare(request)
                await response.write(b'{"code": 1, "result": "1')
                _abort(request)
        return web.Response(
            status=reply.status, body=reply.body, content_type=reply.content_type, headers=reply.headers
        )

    async def _in_parts(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        response = web.StreamResponse(status=reply.status, headers=reply.headers)
        response.content_type = reply.content_type or "text/event-stream"
        await response.prepare(request)
        for part in reply.parts:
            await response.write(part)
            if reply.pause:
                await asyncio.sleep(reply.pause)
        if reply.misdeed == "drop":
            _abort(request)
        if reply.misdeed == "silence":
            await self._over.wait()
        return response


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
