"""The page's server: its static files, its API, and the checks that keep other sites out."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from playground.driver import Environment
from playground.local_service import HOST
from playground.page.live import Live, View
from playground.page.media import Media
from playground.page.page_api import MAX_BYTES, PageApi
from playground.page.switches import Switches

PORT = 8430
STATIC = Path(__file__).resolve().parent / "static"
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
    """The page over an environment. `async with` starts its server; where the port is taken, on any free one."""

    def __init__(self, env: Environment, port: int = PORT) -> None:
        """`port` 0 means any free one from the start. `moved`: the port was taken, so the page is at another."""
        self._env = env
        self._port = port
        self.moved = False
        self._switches = Switches(env)
        self._cleanup = AsyncExitStack()

    @property
    def url(self) -> str:
        """The page's URL."""
        return f"http://{HOST}:{self._port}"

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(aiohttp.ClientSession(auto_decompress=False))
            runner = web.AppRunner(self._application(session), access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            try:
                await web.TCPSite(runner, HOST, self._port).start()
            except OSError:
                if self._port == 0:
                    raise
                self.moved = True
                await web.TCPSite(runner, HOST, 0).start()
            self._port = int(runner.addresses[0][1])
            self._cleanup = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._cleanup.aclose()

    def _application(self, session: aiohttp.ClientSession) -> web.Application:
        media = Media(self._env.discord.base_url, session)
        live = Live(self._env, View(self._env, media, self._switches))
        app = web.Application(middlewares=[self._guard], client_max_size=MAX_BYTES)
        app.on_response_prepare.append(add_headers)
        app.router.add_get("/api/live", live.serve)
        app.router.add_post("/api/{name}", PageApi(self._env, self._switches).serve)
        app.router.add_get("/media/{key}/{name}", media.serve)
        app.router.add_get("/{path:.*}", static)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Only this page's own requests: not another site's, nor a foreign name that resolves to this machine."""
        origin = request.headers.get("Origin")
        hosts = (f"{HOST}:{self._port}", f"localhost:{self._port}")
        if request.host not in hosts or (origin and urlsplit(origin).netloc not in hosts):
            return web.Response(status=403, text=f"This page is at {self.url} and answers no other site.")
        return await handler(request)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Adds the security headers to every answer, refusals included."""
    response.headers.update(HEADERS)


async def static(request: web.Request) -> web.StreamResponse:
    """A file of the page. Never kept by the browser, so that a change shows at the next load."""
    path = (STATIC / (request.match_info["path"] or "index.html")).resolve()
    if not path.is_relative_to(STATIC) or not path.is_file():
        raise web.HTTPNotFound(text="There is nothing here.")
    return web.FileResponse(path, headers={"Cache-Control": "no-store"})
