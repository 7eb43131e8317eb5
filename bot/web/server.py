"""The bot's web server: health checks, callbacks, and the routes of other modules."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError

from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.callbacks import CallbackHandler
from bot.web.admission import admission
from bot.web.callbacks import CallbackRoutes
from bot.web.client_address import TrustedProxies
from bot.web.connection_limit import ConnectionLimit, ConnectionLimits
from bot.web.health import Health
from bot.web.rate_limit import RateLimit
from bot.web.request_body import expect_later
from storage import Store

log = logging.getLogger(__name__)

MAX_LINE = 4_096
MAX_FIELD = 8_190
# Seconds for which the rest of a rejected body is read and dropped, so that the client can read the response.
LINGER_SECONDS = 2.0
SHUTDOWN_SECONDS = 5.0


class _OnlyOurFaults(logging.Filter):
    """Drops log records caused by clients. Otherwise any client could fill the log with tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged."""
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError | RequestPayloadError | ConnectionError)


_of_requests = log.getChild("requests")
_of_requests.addFilter(_OnlyOurFaults())

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


@asynccontextmanager
async def serve(
    app: web.Application,
    host: str,
    port: int,
    *,
    proxies: TrustedProxies | None = None,
    limits: ConnectionLimits | None = None,
) -> AsyncIterator[int]:
    """Runs the server during the block. Yields the port (a free one for 0). Raises OSError if the port is in use."""
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=_of_requests,
        shutdown_timeout=SHUTDOWN_SECONDS,
        max_line_size=MAX_LINE,
        max_field_size=MAX_FIELD,
        lingering_time=LINGER_SECONDS,
        # Compressed bodies are rejected. aiohttp would otherwise decompress them in the event loop before that.
        auto_decompress=False,
    )
    await runner.setup()
    try:
        server = runner.server
        if server is None:
            raise RuntimeError("the web server is not set up")
        connections = ConnectionLimit(server, proxies=proxies, limits=limits)
        listening = await asyncio.get_running_loop().create_server(connections, host, port)
        try:
            yield int(listening.sockets[0].getsockname()[1])
        finally:
            listening.close()
    finally:
        await runner.cleanup()


class WebServer:
    """Builds the web application."""

    def __init__(
        self,
        store: Store,
        handler: CallbackHandler,
        background: TaskSupervisor,
        *,
        healthy: Callable[[], bool],
        proxies: TrustedProxies | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`healthy` returns whether the bot is connected to Discord.

        `clock` is the clock of the rate limit: it returns seconds and never goes backwards.
        """
        self._health = Health(store, connected=healthy)
        # One thread: parsing holds the GIL, so a second thread would not help.
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="callbacks")
        self._callbacks = CallbackRoutes(store, handler, background, self._threads)
        self._rate = RateLimit(clock=clock)
        self._proxies = proxies or TrustedProxies()

    def app(self) -> web.Application:
        """Returns the application to serve."""
        app = web.Application(middlewares=[admission(self._rate, self._proxies, at_once=ConnectionLimits().per_client)])
        app.on_response_prepare.append(_with_headers)
        app.on_cleanup.append(self._end_threads)
        app.router.add_get("/healthz", self._answer_health, expect_handler=expect_later)
        self._callbacks.add_to(app)
        # Catch-all route, matched after all others, even those added later. aiohttp's default would request the body of
        # every request and reveal the allowed methods of a path.
        app.router.add_route("*", "/{path:.*}", _not_found, expect_handler=expect_later)
        return app

    async def _answer_health(self, _: web.Request) -> web.Response:
        """Responds with 200 if the bot is connected to Discord and can write to the database, with 503 otherwise."""
        state = await self._health.state()
        return web.json_response(state, status=200 if all(state.values()) else 503)

    async def _end_threads(self, _: web.Application) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


async def _not_found(_: web.Request) -> web.Response:
    return web.Response(status=404)


async def _with_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Adds the common headers to every response, and removes the one that names the server software."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.pop("Server", None)
    # One request per connection: clients rarely reuse connections, and each request gets its own time limit.
    response.headers["Connection"] = "close"
    response.force_close()
