"""The HTTP server of the local platform: `LocalPlatform` starts it, keeps its journal, and lets faults be planned."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import re
from collections.abc import AsyncIterator, Callable
from typing import Self, TypeVar

from aiohttp import web

from playground.platform import account, chat, images, words
from playground.platform.faults import Fault, Faults, Planned
from playground.platform.models import TAKES, Catalog, Model
from playground.platform.pictures import Pictures
from playground.platform.profiles import profile_named
from playground.platform.replies import Refusal, Reply, error, refusal
from playground.platform.requests import Received, read_body
from playground.platform.state import Call, Handler, Pace, State

T = TypeVar("T")
_BODY_LIMIT = 64 * 1024 * 1024
_FILE = re.compile(r"/(?:files|cdn|cdn/download|preview/\d+)/([\w.]+)")

HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "/v1/models"): account.models,
    ("GET", "/v1/dashboard/billing/subscription"): account.subscription,
    ("GET", "/v1/dashboard/billing/usage"): account.usage,
    ("POST", "/v1/chat/completions"): chat.chat,
    ("POST", "/v1/completions"): chat.completion,
    ("POST", "/v1/images/generations"): images.generate,
    ("POST", "/v1/images/edits"): images.edit,
    ("POST", "/v1/embeddings"): words.embed,
    ("POST", "/v1/audio/transcriptions"): words.transcribe,
    ("POST", "/v1/audio/translations"): words.translate,
    ("POST", "/v1/audio/speech"): words.speak,
}


class LocalPlatform:
    """A running platform of one of the profiles. Use it as an asynchronous context manager.

    `key` is the key that requests must bring (empty: none). `requests` are those of the API in the order of arrival;
    images are served to anybody and are not among them. `catalog`, `credit` and `pace` may be changed at any time.
    """

    def __init__(
        self, profile: str = "clean", *, host: str = "127.0.0.1", port: int = 0, key: str = "", pace: Pace | None = None
    ) -> None:
        pace = pace or Pace()
        self.state = State(profile_named(profile), pace, Pictures(pace.side))
        self.key = key
        self.requests: list[Received] = []
        self.faults = Faults()
        self._address = (host, port)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.router.add_route("*", "/{tail:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, *self._address).start()
        except BaseException:
            await self._runner.cleanup()
            raise
        host, port = self._runner.addresses[0][:2]
        self.state.base_url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.faults.closing.set()
        await self.faults.wake()
        if self._runner:
            await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        """The platform's URL, without `/v1`."""
        return self.state.base_url

    @property
    def profile(self) -> str:
        """The name of the profile."""
        return self.state.profile.name

    @property
    def catalog(self) -> Catalog:
        """What is sold."""
        return self.state.catalog

    @property
    def pictures(self) -> Pictures:
        """The images that were made."""
        return self.state.pictures

    def calls_of(self, path: str) -> list[Received]:
        """The requests for a path, such as `/v1/chat/completions`."""
        return [request for request in self.requests if request.path == path]

    @property
    def billed(self) -> list[Received]:
        """The calls that cost something: each POST that was carried out, answered or not."""
        return [request for request in self.requests if request.method == "POST" and request.carried_out]

    async def until(self, predicate: Callable[[], T], timeout: float = 10.0) -> T:
        """Waits until the predicate is true, tested whenever a request arrives or is answered; returns its value.

        Raises TimeoutError after `timeout` seconds.
        """
        async with asyncio.timeout(timeout), self.faults.changed:
            while not (result := predicate()):
                await self.faults.changed.wait()
        return result

    # What can be made to happen

    def switch_profile(self, profile: str) -> None:
        """Emulate another profile from now on. Raises ValueError for an unknown one."""
        self.state.profile = profile_named(profile)

    def fail_next(
        self,
        path: str,
        fault: Fault | Reply | str,
        *,
        model: str = "",
        times: float = 1,
        accepted: bool = False,
        seconds: float = 1.0,
        retry_after: float | None = None,
    ) -> None:
        """Let the next `times` calls go wrong whose path and model match these regular expressions.

        With `accepted` the call is carried out, and only its answer is replaced. `seconds` is for `slow`,
        `retry_after` (seconds) for refusals. A reply is the answer.
        """
        planned = Planned(re.compile(path), re.compile(model), _fault(fault), times, accepted, seconds, retry_after)
        self.faults.planned.append(planned)

    def fail_always(self, path: str, fault: Fault | Reply | str, *, model: str = "", accepted: bool = False) -> None:
        """Let all calls go wrong from now on, until `faults.clear()`."""
        self.fail_next(path, fault, model=model, times=float("inf"), accepted=accepted)

    def hold(self, path: str = "") -> None:
        """Keep back the answers to matching paths, and the next part of their streams, until `release`."""
        self.faults.held.append(re.compile(path))

    async def release(self) -> None:
        """Let everything go on that is held back."""
        self.faults.held.clear()
        await self.faults.wake()

    @contextlib.asynccontextmanager
    async def holding(self, path: str = "") -> AsyncIterator[None]:
        """Keep back the answers to matching paths while the block runs."""
        self.hold(path)
        try:
            yield
        finally:
            await self.release()

    # How requests are answered

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if found := _FILE.fullmatch(request.path):
            return self._file(found[1])
        received = Received(request.method, request.path, headers=dict(request.headers), query=dict(request.query))
        self.requests.append(received)
        await self.faults.wake()
        planned: Planned | None = None
        try:
            self._check_key(request)
            await read_body(request, received)
            planned = self.faults.take(received.path, received.model)
            reply = await self._reply(received, planned)
        except Refusal as refused:
            reply = refused.reply
        return await self._send(request, received, reply, planned)

    def _file(self, name: str) -> web.Response:
        painted = self.pictures.files.get(name)
        if painted is None:
            return web.Response(status=404, text="There is no such file.")
        return web.Response(body=painted.data, content_type=painted.media_type)

    def _check_key(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if self.key and not hmac.compare_digest(given.encode(), self.key.encode()):
            raise refusal(401, "Incorrect API key provided.", code="invalid_api_key")

    async def _reply(self, received: Received, planned: Planned | None) -> Reply:
        if planned and not planned.carries_out and (reply := planned.reply()):
            return reply
        handler = HANDLERS.get((received.method, received.path))
        if handler is None:
            return error(404, f"Invalid URL ({received.method} {received.path})", code="")
        call = Call(self.state, received, self._model_of(received))
        reply = await handler(call)
        received.carried_out = reply.status < 300
        return (planned.reply() if planned else None) or reply

    def _model_of(self, received: Received) -> Model | None:
        if received.path not in TAKES:
            return None
        model = self.catalog.named(received.model)
        if model is None:
            raise refusal(404, f"The model `{received.model}` does not exist.", code="model_not_found", param="model")
        if model.kind not in TAKES[received.path]:
            hint = "This is not a chat model. Did you mean to use v1/completions?"
            raise refusal(404, hint if "chat" in received.path else "Invalid model for this endpoint.", param="model")
        return model

    async def _send(
        self, request: web.Request, received: Received, reply: Reply, planned: Planned | None
    ) -> web.StreamResponse:
        await self.faults.wake()
        await self.faults.wait_held(received.path)
        if planned and planned.fault is Fault.SLOW:
            await asyncio.sleep(planned.seconds)
        if planned and planned.fault in (Fault.HANG, Fault.CLOSE):
            if planned.fault is Fault.HANG:
                await self.faults.closing.wait()
            if request.transport:
                request.transport.abort()
            return web.Response(status=500)
        received.status = reply.status
        if not reply.parts:
            return web.Response(
                status=reply.status, body=reply.data(), headers=reply.headers, content_type=reply.content_type
            )
        response = web.StreamResponse(status=reply.status, headers={"Content-Type": reply.content_type})
        await response.prepare(request)
        for part in reply.parts:
            await asyncio.sleep(part.pause)
            await self.faults.wait_held(received.path)
            await response.write(part.data)
        await response.write_eof()
        return response


def _fault(fault: Fault | Reply | str) -> Fault | Reply:
    return Fault(fault) if isinstance(fault, str) else fault
