"""The HTTP server: `LocalImages` starts it, watches it, and lets its faults be planned."""

import asyncio
import contextlib
import re
from dataclasses import replace
from typing import Self

from aiohttp import web

from playground.images import requests
from playground.images.faults import Fault, Faults, Framing, Planned
from playground.images.files import PictureUrls, relay_file, serve_file
from playground.images.profiles import profile_named
from playground.images.rendering import result_file
from playground.images.replies import Refusal, Reply, no_such_endpoint, relay_error, rewritten, unreadable_body
from playground.images.service_state import Call, Options, ServiceState
from playground.images.task_queue import Pace
from playground.images.tasks import Json, Task
from playground.local_service import LocalService


class LocalImages(LocalService):
    """A running image service of one of the profiles; `base_url` is its URL, without `/mj`.

    `key` is the secret that requests must bring (empty: none). `slots` tasks are generated at a time and `queue_limit`
    more may wait. `options`, `callbacks` (what goes wrong with them), `key` and `pace` may be changed at any time.
    """

    def __init__(
        self,
        profile: str = "plus",
        *,
        port: int = 0,
        key: str = "",
        pace: Pace | None = None,
        slots: int = 3,
        queue_limit: int = 10,
        options: Options | None = None,
    ) -> None:
        self.service = ServiceState(profile_named(profile), pace or Pace(), slots, queue_limit, options or Options())
        super().__init__(port, self.service.bus)
        self.key = key
        self.requests: list[requests.Received] = []
        self.polls = 0
        self.faults = Faults()
        self.options = self.service.options
        self.callbacks = self.service.callbacks.policy
        self.callback_log = self.service.callbacks.log
        self._syncing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.service.urls = PictureUrls(self.base_url, self.service.options.upload_base)
        self.service.callbacks.start()
        self._syncing = asyncio.create_task(self._sync(), name="newapi synchronisation")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.faults.close()
        if self._syncing:
            self._syncing.cancel()
            await asyncio.gather(self._syncing, return_exceptions=True)
        await super().__aexit__()
        await self.service.close()

    @property
    def profile(self) -> str:
        return self.service.profile.name

    @property
    def tasks(self) -> dict[str, Task]:
        return self.service.tasks

    @property
    def submits(self) -> list[requests.Received]:
        """The requests that create or change something, as far as they have reached an endpoint."""
        return [request for request in self.requests if request.is_submit]

    @property
    def pace(self) -> Pace:
        return self.service.queue.pace

    @pace.setter
    def pace(self, pace: Pace) -> None:
        self.service.queue.pace = pace

    async def finished(self, task_id: str, timeout: float = 10.0) -> Task:
        """Wait for the end of a task. Raises `TimeoutError` after `timeout` seconds."""
        await self.until(lambda: self.tasks[task_id].status.final, timeout)
        return self.tasks[task_id]

    def shown(self, task_id: str) -> Json:
        """The task object that a fetch would be answered with."""
        return self.service.json_of(self.tasks[task_id])

    async def picture(self, task_id: str) -> bytes:
        """The finished image of a task, as PNG."""
        task = self.tasks[task_id]
        if task.artwork is None:
            raise ValueError(f"task {task_id} has no picture")
        return await self.service.rendered(result_file, task.artwork, task.final_prompt)

    # What can be made to happen

    def switch_profile(self, profile: str) -> None:
        """Emulate another profile from now on. Raises `ValueError` for an unknown one."""
        self.service.profile = profile_named(profile)

    def hold(self) -> None:
        """Freeze the progress of all tasks, until `release`."""
        self.service.queue.progressing.clear()

    def release(self) -> None:
        self.service.queue.progressing.set()

    def fail_next(
        self,
        endpoint: str,
        fault: Fault | Framing | Reply | str,
        *,
        times: int = 1,
        accepted: bool = False,
        seconds: float = 1.0,
        retry_after: float | None = None,
    ) -> None:
        """Let the next `times` requests go wrong whose path behind `/mj/` matches the regular expression `endpoint`.

        With `accepted` the request takes effect first, and only its answer is lost or altered. `seconds` is for
        `slow`, `retry_after` (seconds) for `rate_limited` and `saturated`. A reply is the answer, a function writes it.
        """
        pattern = re.compile(endpoint)
        self.faults.plan(
            Planned(pattern, Fault(fault) if isinstance(fault, str) else fault, times, accepted, seconds, retry_after)
        )

    def fail_task(self, reason: str, *, at: int = 0) -> None:
        """Let the next task that starts end as FAILURE with this reason, at `at` percent."""
        self.service.queue.failures.append((reason, at))

    def stall_next(self) -> None:
        """Let the next task that starts never progress."""
        self.service.queue.stalls += 1

    def hold_requests(self, path_regex: str) -> contextlib.AbstractContextManager[None]:
        """Keep back the answers to matching paths while the block runs; what they ask for is done."""
        return self.faults.holding(path_regex)

    # How requests are answered

    async def _sync(self) -> None:
        while True:
            await asyncio.sleep(self.pace.sync)
            self.service.relay_copies.sync()
            self.service.bus.publish("copies")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        credentials = tuple(name for name in ("authorization", "mj-api-secret") if name in request.headers)
        received = requests.Received(request.method, request.path_qs, credentials)
        self.requests.append(received)
        reply = await self._reply(request, received)
        await self.faults.held(request.path)
        if reply is None:
            return web.Response(status=500)  # never arrives: the connection is closed
        received.status, received.answer = reply.status, reply.text()
        body = reply.body if isinstance(reply.body, bytes) else received.answer.encode()
        content_type = None if reply.body is None else reply.content_type
        charset = None if content_type is None or isinstance(reply.body, bytes) else "utf-8"
        return web.Response(
            status=reply.status, body=body, headers=reply.headers, content_type=content_type, charset=charset
        )

    async def _reply(self, request: web.Request, received: requests.Received) -> Reply | None:
        profile = self.service.profile
        if request.path.startswith("/pictures/"):
            planned = self.faults.take(request.path, of_picture=True)
            reply = await serve_file(self.service, request.path.removeprefix("/pictures/"), dict(request.query))
            return await self.faults.play(planned, request, reply) if planned else reply
        route = requests.route_of(request.path, profile)
        if route is None or route.endpoint not in profile.endpoints:
            return no_such_endpoint(profile, request.method, request.path, web_ui=self.options.web_ui)
        if route.endpoint == "image/{id}":
            return await relay_file(self.service, route.task_id)
        if refused := requests.check_key(profile, self.key, request):
            return refused
        if (request.method, route.endpoint) not in requests.HANDLERS:
            return Reply(405)
        if route.endpoint in ("task/{id}/fetch", "task/list-by-condition", "task/list-by-ids"):
            self.polls += 1
        return await self._with_faults(request, route, received)

    async def _with_faults(
        self, request: web.Request, route: requests.Route, received: requests.Received
    ) -> Reply | None:
        body, files = await requests.read_body(request)
        received.endpoint, received.prefix, received.body = route.endpoint, route.prefix, body or {}
        planned = self.faults.take(request.path.split("/mj/", 1)[1])
        reply: Reply | None = None
        if planned is None or planned.takes_effect:
            reply = self.faults.alter(await self._handle(request, route, body, files))
            received.task_ids = reply.task_ids
        return await self.faults.play(planned, request, reply) if planned else reply

    async def _handle(
        self, request: web.Request, route: requests.Route, body: Json | None, files: dict[str, bytes]
    ) -> Reply:
        profile = self.service.profile
        if request.method == "POST" and body is None and not route.endpoint.endswith("/cancel"):
            return unreadable_body(profile)
        if profile.name == "newapi" and body is not None and not requests.binds(body):
            return relay_error("bind_request_body_failed")
        handler = requests.HANDLERS[request.method, route.endpoint]
        call = Call(self.service, route.endpoint, body or {}, route.mode, route.task_id, files)
        try:
            if profile.dialect != "gateway":
                return await handler(call)
            if objection := requests.objection(call.endpoint, call.body, files):
                return objection
            return rewritten(await handler(replace(call, mode=call.text("mode") or None)))
        except Refusal as refused:
            return refused.reply
