"""The service of the sketch engine: one endpoint that answers with a drawing of the prompt.

Words in a prompt choose what happens: `forbidden` is refused, `broken` fails, `lost` ends the connection after the
request was counted, and `slow` waits for `release`.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from PIL import Image


class SketchService:
    """The running service. `prompts` are those that it received, in order."""

    def __init__(self) -> None:
        self.url = ""
        self.prompts: list[str] = []
        self.release = asyncio.Event()

    async def answer(self, request: web.Request) -> web.Response:
        """Answers one request."""
        prompt = str((await request.json())["prompt"])
        self.prompts.append(prompt)
        if "forbidden" in prompt:
            return web.Response(status=400, text="that is not drawn here")
        if "broken" in prompt:
            return web.Response(status=500)
        if "lost" in prompt and request.transport:
            request.transport.abort()
        if "slow" in prompt:
            await self.release.wait()
        return web.Response(body=drawing_of(prompt), content_type="image/png")


def drawing_of(prompt: str) -> bytes:
    """The PNG that the service answers for a prompt."""
    colour = hashlib.blake2s(prompt.encode(), digest_size=3).digest()
    file = io.BytesIO()
    Image.new("RGB", (96, 64), (colour[0], colour[1], colour[2])).save(file, "PNG")
    return file.getvalue()


@asynccontextmanager
async def sketch_service() -> AsyncIterator[SketchService]:
    """A service on the loopback address."""
    service = SketchService()
    app = web.Application()
    app.router.add_post("/sketch", service.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield service
    finally:
        service.release.set()
        await runner.cleanup()
