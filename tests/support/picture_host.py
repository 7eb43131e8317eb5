"""A host of pictures that does as it is told."""

from __future__ import annotations

import io
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from PIL import Image


@dataclass
class PictureHost:
    """Answers every path with what `answers` has for it; `requests` are those that came."""

    port: int = 0
    answers: dict[str, list[web.Response | str]] = field(default_factory=dict)
    requests: list[web.Request] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of a path."""
        return f"http://{host}:{self.port}{path}"

    def serve(self, path: str, *answers: web.Response | str) -> str:
        """Answers a path with these, one after another, the last again and again; its address."""
        self.answers[path] = list(answers)
        return self.url(path)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """What stands next for this path; a string is where to go instead."""
        self.requests.append(request)
        queue = self.answers.get(request.path, [web.Response(status=404)])
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        if isinstance(answer, str):
            return web.Response(status=302, headers={"Location": answer})
        return web.Response(status=answer.status, body=answer.body, headers={"Content-Type": "image/png"})


class HereResolver(AbstractResolver):
    """Every name leads to this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        here = ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)
        return [here]

    async def close(self) -> None:
        pass


@asynccontextmanager
async def picture_host() -> AsyncIterator[PictureHost]:
    host = PictureHost()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", host.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host.port = runner.addresses[0][1]
        yield host
    finally:
        await runner.cleanup()


def picture(kind: str = "PNG", size: tuple[int, int] = (32, 24), mode: str = "RGB") -> bytes:
    """A small picture of a format."""
    buffer = io.BytesIO()
    Image.new(mode, size, "orange").save(buffer, kind)
    return buffer.getvalue()


def moving(kind: str = "GIF", frames: int = 3) -> bytes:
    """A picture that moves."""
    buffer = io.BytesIO()
    first, *others = (Image.new("RGB", (32, 32), (number * 40, 0, 0)) for number in range(frames))
    first.save(buffer, kind, save_all=True, append_images=others, duration=50)
    return buffer.getvalue()


def noise(width: int, height: int, mode: str = "RGB") -> bytes:
    """A picture that cannot be packed well, as PNG."""
    buffer = io.BytesIO()
    value = random.Random(1).randbytes(width * height * len(mode))  # noqa: S311 - to be the same each time
    Image.frombytes(mode, (width, height), value).save(buffer, "PNG")
    return buffer.getvalue()
