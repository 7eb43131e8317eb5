"""Callbacks: the image service posts updates of a task to a URL with a secret token (docs/image-api.md#callbacks)."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Executor
from contextlib import ExitStack

from aiohttp import web

from bot.engines.errors import EngineError
from bot.engines.models import RemoteTask
from bot.runtime.supervisor import IN_LINE_BYTES, TaskSupervisor
from bot.runtime.units import MEGABYTE
from bot.tasks.callbacks import CallbackHandler
from bot.web.admission import too_many_requests
from bot.web.byte_budget import BodyBudget, BudgetExceeded
from bot.web.concurrency_limit import ConcurrencyLimit, TooManyAtOnce
from bot.web.request_body import BodyError, expect_later, read_body
from storage import StorageError, Store, Task, TaskId

log = logging.getLogger(__name__)

MAX_BODY = MEGABYTE
BODY_SECONDS = 10.0
# Callbacks of one task that are processed at the same time. Services do not repeat a rejected callback; polling finds
# the update later.
AT_ONCE = 8
# Memory for all callbacks together. Each byte of a body counts as WEIGHT bytes, because the parsed body is larger.
TOTAL_BYTES = 32 * MEGABYTE
WEIGHT = 3
# The format of the URLs made by `bot.tasks.journal.callback_url`. Other paths are not looked up in the database.
_PATH = "/callback/{task:[0-9A-Za-z_-]{1,64}}/{token:[0-9A-Za-z_-]{1,128}}"


class CallbackRoutes:
    """The route for callbacks."""

    def __init__(self, store: Store, handler: CallbackHandler, background: TaskSupervisor, threads: Executor) -> None:
        """`threads` is the executor that parses large bodies."""
        self._store = store
        self._handler = handler
        self._background = background
        self._threads = threads
        self._running = ConcurrencyLimit[TaskId](AT_ONCE)
        self._budget = BodyBudget(TOTAL_BYTES)

    def add_to(self, app: web.Application) -> None:
        """Adds the route."""
        app.router.add_post(_PATH, self._callback, expect_handler=expect_later)

    async def _callback(self, request: web.Request) -> web.Response:
        """Accepts an update of one task: responds with 204 and applies the update in the background."""
        try:
            task = await self._store.tasks.by_callback(request.match_info["task"], request.match_info["token"])
        except StorageError as error:
            log.warning("cannot look up the task of a callback: %r", error)
            return web.Response(status=503)
        if task is None:
            return web.Response(status=404)
        with ExitStack() as stack:
            try:
                stack.enter_context(self._running.running(task.id))
                remote = await self._read(request, task)
            except TooManyAtOnce:
                return too_many_requests()
            except BodyError as error:
                return web.Response(status=error.status)
            except BudgetExceeded:
                return web.Response(status=503)
            except (ValueError, RecursionError, EngineError, LookupError) as error:
                log.info("task %s: rejected an invalid callback: %.200r", task.id, error)
                return web.Response(status=400)
            self._background.start(self._take(task, remote, stack.pop_all()), f"callback-{task.id}")
        return web.Response(status=204)

    async def _read(self, request: web.Request, task: Task) -> RemoteTask:
        with self._budget.holding() as hold:
            body = await read_body(request, limit=MAX_BODY, seconds=BODY_SECONDS, hold=hold, weight=WEIGHT)
            if len(body) <= IN_LINE_BYTES:
                return self._handler.read(task, body)
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._handler.read, task, body)

    async def _take(self, task: Task, remote: RemoteTask, running: ExitStack) -> None:
        with running:
            try:
                await self._handler.handle(task, remote)
            except (EngineError, StorageError) as error:
                log.warning("task %s: handling a callback failed: %r", task.id, error)
