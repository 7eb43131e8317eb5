"""The bot's web server: `/healthz`, and the address that the image service calls back."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager

from aiohttp import web

from bot.background import Background
from bot.midjourney import MidjourneyError, parse_task
from bot.tasks.hearing import Hearing
from storage import StorageError, Store, Task

log = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024
SHUTDOWN_SECONDS = 5.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Healthy = Callable[[], bool]

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def hook_address(public_url: str | None) -> Callable[[str, str], str | None]:
    """Makes callback addresses: the task's id, and a token of its own that nobody guesses."""

    def address(task_id: str, token: str) -> str | None:
        return f"{public_url}/callback/{task_id}/{token}" if public_url else None

    return address


@asynccontextmanager
async def serving(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serves while within; gives the port (a free one for 0). Raises OSError when the port is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


class WebServer:
    """The routes."""

    def __init__(self, store: Store, hearing: Hearing, background: Background, *, healthy: Healthy) -> None:
        self._store = store
        self._hearing = hearing
        self._background = background
        self._healthy = healthy

    def app(self) -> web.Application:
        """The application to serve."""
        app = web.Application(client_max_size=MAX_BODY, middlewares=[_with_headers])
        app.router.add_get("/healthz", self._health)
        app.router.add_post("/callback/{task}/{token}", self._callback)
        return app

    async def _health(self, _: web.Request) -> web.Response:
        """200 while the bot is connected to Discord and the store answers, 503 otherwise."""
        try:
            await self._store.notes.get("health")
            store = True
        except StorageError:
            store = False
        state = {"discord": self._healthy(), "store": store}
        return web.json_response(state, status=200 if all(state.values()) else 503)

    async def _callback(self, request: web.Request) -> web.Response:
        """Takes news of one task: a 2xx at once, the work afterwards (image API reference, 10)."""
        task = await self._store.tasks.by_callback(request.match_info["task"], request.match_info["token"])
        if task is None:
            raise web.HTTPNotFound
        try:
            body = await request.json()
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise web.HTTPBadRequest from None
        self._background.start(self._take(task, body), f"callback-{task.id}")
        return web.Response(status=204)

    async def _take(self, task: Task, body: object) -> None:
        try:
            await self._hearing.hear(task, parse_task(body))
        except (MidjourneyError, StorageError) as error:
            log.warning("task %s: a callback could not be taken: %r", task.id, error)


@web.middleware
async def _with_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        response = await handler(request)
    except web.HTTPException as error:
        _add_headers(error.headers)
        raise
    _add_headers(response.headers)
    return response


def _add_headers(headers: MutableMapping[str, str]) -> None:
    # What a handler has set for itself stands: a page needs rules of its own.
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
