"""The service of the sketch engine: one endpoint that answers with a drawing of the prompt.

Words in a prompt choose what happens: `forbidden` is refused, `broken` fails, `lost` ends the connection after the
request was counted, `slow` waits for `release`, and `staged` answers with the `steps` before the drawing.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from PIL import Image


class SketchService:
    """The running service. `prompts` are those that it received, in order."""

    def __init__(self) -> None:
        self.url = ""
        self.prompts: list[str] = []
        self.release = asyncio.Event()
        self.steps: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    def step(self, percent: int | None, *, preview: bytes = b"", preview_url: str | None = None) -> None:
        """Lets a staged answer tell its progress."""
        shown = base64.b64encode(preview).decode()
        self.steps.put_nowait({"percent": percent, "preview": shown, "preview_url": preview_url})

    def finish(self) -> None:
        """Lets a staged answer end with its drawing."""
        self.steps.put_nowait(None)

    async def _staged(self, request: web.Request, prompt: str) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await answer.prepare(request)
        while step := await self.steps.get():
            await answer.write(json.dumps(step).encode() + b"\n")
        image = base64.b64encode(drawing_of(prompt)).decode()
        await answer.write(json.dumps({"image": image}).encode() + b"\n")
        return answer

    async def answer(self, request: web.Request) -> web.StreamResponse:
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
        if "staged" in prompt:
            return await self._staged(request, prompt)
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
        service.finish()
        await runner.cleanup()
