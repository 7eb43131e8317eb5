"""A platform that sells one embeddings model, changes it, answers as another one, and refuses some texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from aiohttp import web

from playground.platform.embeddings import vector_of


class EmbeddingService:
    """`model` is what it sells, `answers_as` are the names in its answers in turn, and `length` is that of its vectors.
    It refuses every request with a text that contains `forbidden`, and all while `broken`. `heard`: the texts of each
    request."""

    def __init__(self) -> None:
        self.model = "text-embedding-3-small"
        self.answers_as: Sequence[str] = ()
        self.length = 64
        self.forbidden = ""
        self.broken = False
        self.heard: list[list[str]] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes([web.get("/v1/models", self._models), web.post("/v1/embeddings", self._embed)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = "http://{}:{}".format(*self._runner.addresses[0][:2])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": self.model, "object": "model"}]})

    async def _embed(self, request: web.Request) -> web.Response:
        texts = (await request.json())["input"]
        self.heard.append(texts)
        if self.broken:
            return web.json_response({"error": {"message": "bad gateway"}}, status=502)
        if self.forbidden and any(self.forbidden in text for text in texts):
            refused = {"message": "Your request was rejected by our safety system.", "code": "moderation_blocked"}
            return web.json_response({"error": refused}, status=400)
        # Takes turns between the names.
        name = self.answers_as[len(self.heard) % len(self.answers_as)] if self.answers_as else self.model
        data = [{"index": at, "embedding": vector_of(text, self.length)} for at, text in enumerate(texts)]
        return web.json_response({"object": "list", "model": name, "data": data})
