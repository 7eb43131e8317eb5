"""The bot's web server: `/healthz`, and the address that the image service calls back."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.background import Background
from bot.midjourney import MidjourneyError, parse_task
from bot.tasks.hearing import Hearing
from bot.web.doors import Allowances, Entrance, doorkeeper
from storage import StorageError, Store, Task, TaskId

log = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024
MAX_LINE = 4_096
MAX_FIELD = 8_190
BODY_SECONDS = 10.0
SHUTDOWN_SECONDS = 5.0
# Callbacks of one task that are worked on at once; a service does not repeat what it is refused, polling makes good.
CALLBACKS_AT_ONCE = 8


class _NoRequests(logging.Filter):
    """Keeps out what is no request at all: otherwise any stranger could fill the log, a traceback at a time."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Is the record worth a line?"""
        return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


_of_requests = log.getChild("requests")
_of_requests.addFilter(_NoRequests())

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
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=_of_requests,
        shutdown_timeout=SHUTDOWN_SECONDS,
        max_line_size=MAX_LINE,
        max_field_size=MAX_FIELD,
    )
    await runner.setup()
    try:
        server = runner.server
        if server is None:
            raise RuntimeError("the runner is not set up")
        listening = await asyncio.get_running_loop().create_server(Entrance(server), host, port)
        try:
            yield int(listening.sockets[0].getsockname()[1])
        finally:
            listening.close()
    finally:
        await runner.cleanup()


class WebServer:
    """The routes."""

    def __init__(
        self,
        store: Store,
        hearing: Hearing,
        background: Background,
        *,
        healthy: Healthy,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` tells how often somebody comes: seconds from anywhere, never going back."""
        self._store = store
        self._hearing = hearing
        self._background = background
        self._healthy = healthy
        self._allowances = Allowances(clock=clock)
        self._under_way: Counter[TaskId] = Counter()

    def app(self) -> web.Application:
        """The application to serve."""
        app = web.Application(client_max_size=MAX_BODY, middlewares=[doorkeeper(self._allowances)])
        app.on_response_prepare.append(_with_headers)
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
        try:
            task = await self._store.tasks.by_callback(request.match_info["task"], request.match_info["token"])
        except StorageError as error:
            log.warning("a callback could not be looked up: %r", error)
            return web.Response(status=503)
        if task is None:
            return web.Response(status=404)
        if request.content_type != "application/json":
            return web.Response(status=415)
        if self._under_way[task.id] >= CALLBACKS_AT_ONCE:
            return web.Response(status=429)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = json.loads(await request.read())
        except TimeoutError:
            return web.Response(status=408)
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413)
        except (ValueError, RecursionError):
            return web.Response(status=400)
        self._background.start(self._take(task, body), f"callback-{task.id}")
        return web.Response(status=204)

    async def _take(self, task: Task, body: object) -> None:
        self._under_way[task.id] += 1
        try:
            await self._hearing.hear(task, parse_task(body))
        except (MidjourneyError, StorageError) as error:
            log.warning("task %s: a callback could not be taken: %r", task.id, error)
        finally:
            self._under_way[task.id] -= 1
            if not self._under_way[task.id]:
                del self._under_way[task.id]


async def _with_headers(_: web.Request, response: web.StreamResponse) -> None:
    """What every answer carries, and what none needs to: which program this is."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.pop("Server", None)
    # One request a connection: a caller is rarely the same twice, and time can be limited for each.
    response.headers["Connection"] = "close"
    response.force_close()
