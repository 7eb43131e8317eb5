"""The page's server: its files, its deeds, its news, and the headers that keep everybody else out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from playground.driver import Environment
from playground.page.deeds import MOST_BYTES, Deeds
from playground.page.live import Live
from playground.page.media import Media
from playground.page.switches import Switches
from playground.page.view import View

PORT = 8430
STATIC = Path(__file__).resolve().parent / "static"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Page:
    """The page over a world. `async with` starts its server; where the port is taken, on any free one."""

    def __init__(self, world: Environment, host: str = "127.0.0.1", port: int = PORT) -> None:
        """`port` 0 means any free one from the start."""
        self._world = world
        self._host = host
        self._wanted = port
        self._port = port
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._switches = Switches(world)
        self._live: Live | None = None

    @property
    def url(self) -> str:
        """The page's address."""
        return f"http://{self._host}:{self._port}"

    @property
    def moved(self) -> bool:
        """Was the wanted port taken, so that the page is at another?"""
        return self._wanted not in (0, self._port)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(auto_decompress=False)
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        try:
            await self._listen(self._wanted)
        except OSError:
            if self._wanted == 0:
                await self._close()
                raise
            await self._listen(0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _listen(self, port: int) -> None:
        if self._runner is None:
            raise RuntimeError("the page is closed")
        await web.TCPSite(self._runner, self._host, port).start()
        self._port = int(self._runner.addresses[0][1])

    async def _close(self) -> None:
        if self._live is not None:
            await self._live.close()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    def _application(self) -> web.Application:
        media = Media(self._world.discord.base_url)
        view = View(self._world, media, self._switches)
        self._live = Live(self._world, view)

        async def state(request: web.Request) -> web.Response:
            try:
                person = self._world.person(request.query.get("as", ""))
            except KeyError:
                raise web.HTTPNotFound(text="Nobody here is called so.") from None
            return web.json_response(view.state(person))

        async def file(request: web.Request) -> web.StreamResponse:
            if self._session is None:
                raise web.HTTPServiceUnavailable
            return await media.serve(request, self._session)

        app = web.Application(middlewares=[self._guard], client_max_size=MOST_BYTES)
        app.on_response_prepare.append(add_headers)
        app.router.add_get("/api/state", state)
        app.router.add_get("/api/live", self._live.serve)
        app.router.add_post("/api/switch", self._switches.serve)
        app.router.add_post("/api/{deed}", Deeds(self._world).serve)
        app.router.add_get("/media/{key}/{name}", file)
        app.router.add_get("/{path:.*}", static)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Only this page's own requests: not another site's, nor a name that was made to point here."""
        origin = request.headers.get("Origin")
        hosts = (f"{self._host}:{self._port}", f"localhost:{self._port}")
        if request.host not in hosts or (origin and urlsplit(origin).netloc not in hosts):
            return web.Response(status=403, text=f"This page is at {self.url} and speaks to nobody else.")
        return await handler(request)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Every answer carries them, a refusal too."""
    response.headers.update(HEADERS)


async def static(request: web.Request) -> web.StreamResponse:
    """A file of the page. Never kept by the browser, so that a change shows at the next load."""
    path = (STATIC / (request.match_info["path"] or "index.html")).resolve()
    if not path.is_relative_to(STATIC) or path.suffix not in TYPES or not path.is_file():
        raise web.HTTPNotFound(text="There is nothing here.")
    content_type = TYPES[path.suffix]
    headers = {"Cache-Control": "no-store", "Content-Type": f"{content_type}; charset=utf-8"}
    return web.FileResponse(path, headers=headers)
