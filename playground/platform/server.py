"""The HTTP server of the local platform: `LocalPlatform` starts it, keeps its journal, and lets faults be planned."""

import asyncio
import contextlib
import hmac
import re
from collections.abc import AsyncIterator, Callable
from typing import Self

from aiohttp import web

from playground.local_service import LocalService
from playground.platform import account, audio, chat, embeddings, images
from playground.platform.broken_answers import broken
from playground.platform.faults import Fault, Faults, Planned, Said, fault_named
from playground.platform.models import TAKES, Catalog, Kind, Model
from playground.platform.pictures import Pictures
from playground.platform.profiles import passed_on, profile_named, reworded
from playground.platform.replies import Refusal, Reply, refusal
from playground.platform.requests import Received, read_body
from playground.platform.state import Call, Handler, Pace, State

# What a description says against a request.
RequestCheck = Callable[[Received], list[str]]
_FILE = re.compile(r"/(?:files|cdn|cdn/download|preview/\d+)/([\w.]+)")

HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "/v1/models"): account.models,
    ("GET", "/api/pricing"): account.pricing,
    ("GET", "/v1/dashboard/billing/subscription"): account.subscription,
    ("GET", "/v1/dashboard/billing/usage"): account.usage,
    ("POST", "/v1/chat/completions"): chat.chat,
    ("POST", "/v1/completions"): chat.completion,
    ("POST", "/v1/images/generations"): images.generate,
    ("POST", "/v1/images/edits"): images.edit,
    ("POST", "/v1/embeddings"): embeddings.embed,
    ("POST", "/v1/audio/transcriptions"): audio.transcribe,
    ("POST", "/v1/audio/translations"): audio.translate,
    ("POST", "/v1/audio/speech"): audio.speak,
}


class LocalPlatform(LocalService):
    """A running platform of one of the profiles; `base_url` is its URL, without `/v1`.

    `key` is the key that requests must bring (empty: none). `requests` are those of the API in the order of arrival;
    images are served without a key and are not among them. `violations` is what `check_request` said against them.
    `catalog` may be changed at any time.
    """

    def __init__(
        self,
        profile: str = "clean",
        *,
        port: int = 0,
        key: str = "",
        pace: Pace | None = None,
        check_request: RequestCheck | None = None,
    ) -> None:
        self.faults = Faults()
        super().__init__(port, self.faults.bus)
        pace = pace or Pace()
        self.state = State(profile_named(profile), pace, Pictures(pace.side))
        self.key = key
        self.requests: list[Received] = []
        self.violations: list[str] = []
        self._check_request = check_request

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.state.base_url = self.base_url
        return self

    async def __aexit__(self, *_: object) -> None:
        self.faults.closing.set()
        self.faults.bus.publish("close")
        await super().__aexit__()

    @property
    def profile(self) -> str:
        """The name of the profile."""
        return self.state.profile.name

    @property
    def pace(self) -> Pace:
        """How fast answers come. It may be changed at any time; the size of images stays."""
        return self.state.pace

    @pace.setter
    def pace(self, pace: Pace) -> None:
        self.state.pace = pace

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

        The names are those of `Fault` and of `faults.toml`; a reply is the answer. With `accepted` the call is carried
        out, and only its answer is replaced. `seconds` is for `slow`, `retry_after` (seconds) for refusals.
        Raises ValueError for an unknown name.
        """
        planned = Planned(
            re.compile(path), re.compile(model), fault_named(fault), times, accepted, seconds, retry_after
        )
        self.faults.planned.append(planned)

    def fail_always(self, path: str, fault: Fault | Reply | str, *, model: str = "", accepted: bool = False) -> None:
        """Let all calls go wrong from now on, until `faults.clear()`."""
        self.fail_next(path, fault, model=model, times=float("inf"), accepted=accepted)

    def say_next(self, text: str, *, path: str = "", model: str = "", times: float = 1) -> None:
        """Let the models that match say this text in place of their next `times` answers, or hear it in recordings."""
        self.faults.planned.append(Planned(re.compile(path), re.compile(model), Said(text), times))

    def hold(self, path: str = "") -> None:
        """Keep back the answers to matching paths, and the next part of their streams, until `release`."""
        self.faults.held.append(re.compile(path))

    async def release(self) -> None:
        """Let everything go on that is held back."""
        self.faults.held.clear()
        self.faults.bus.publish("release")

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
        self.faults.bus.publish("request", received)
        if self.faults.take(received.path, None):
            received.lost = True
            return _dropped(request)
        planned: Planned | None = None
        try:
            self._check_key(request)
            await read_body(request, received)
            self.violations += self._check_request(received) if self._check_request else ()
            planned = self.faults.take(received.path, received.model)
            reply = await self._reply(received, planned)
        except Refusal as refused:
            reply = reworded(self.state.profile, refused.reply)
        reply = passed_on(self.state.profile, reply, next(self.state.numbers))
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
        answer, fault = (planned.answer, planned.fault) if planned else (None, None)
        if planned and answer and not planned.carries_out:
            return answer
        handler = self._handler_of(received)
        words = planned.text if planned else ""
        call = Call(self.state, received, self._model_of(received), words, fault is Fault.TASK_FAILED)
        reply = await handler(call)
        received.carried_out = reply.status < 300
        self.state.used += account.COST * (received.method == "POST" and received.carried_out)
        return answer or (broken(fault, reply) if isinstance(fault, Fault) else reply)

    def _handler_of(self, received: Received) -> Handler:
        profile, path = self.state.profile, received.path
        if path in profile.not_implemented:
            raise refusal(501, "API not implemented", code="api_not_implemented")
        handler = HANDLERS.get((received.method, path))
        if received.method == "GET" and path.startswith(tuple(images.POLL_PATHS.values())):
            handler = images.poll
        if handler is None or path in profile.missing:
            raise refusal(404, f"Invalid URL ({received.method} {path})", code="")
        return handler

    def _model_of(self, received: Received) -> Model | None:
        if received.path not in TAKES:
            return None
        name, model = received.model, self.catalog.named(received.model)
        match self.state.profile.no_channel if model is None else "sold":
            case "zh":
                raise refusal(503, f"当前分组 default 下对于模型 {name} 无可用渠道", code="model_not_found")
            case "en":
                raise refusal(503, f"No available channel for model {name} under group default", code="model_not_found")
        if model is None:
            raise refusal(404, f"The model `{name}` does not exist.", code="model_not_found", param="model")
        if model.kind not in TAKES[received.path]:
            is_chat = "chat" in received.path and model.kind is Kind.COMPLETION
            hint = "This is not a chat model. Did you mean to use v1/completions?"
            raise refusal(404, hint if is_chat else f"{name} is no model for this endpoint.", param="model")
        return model

    async def _send(
        self, request: web.Request, received: Received, reply: Reply, planned: Planned | None
    ) -> web.StreamResponse:
        fault = planned.fault if planned else None
        self.faults.bus.publish("reply", received)
        await self.faults.wait_held(received.path)
        if planned and fault is Fault.SLOW:
            await self._sleep(planned.seconds)
        if fault is Fault.HANG:
            await self.faults.closing.wait()
        if fault in (Fault.HANG, Fault.CLOSE):
            received.lost = True
            return _dropped(request)
        received.status = reply.status
        self.faults.bus.publish("answer", received)
        headers = {**reply.headers, "Content-Type": reply.content_type}
        if not reply.parts:
            return web.Response(status=reply.status, body=reply.data(), headers=headers)
        response = web.StreamResponse(status=reply.status, headers=headers)
        # A client may leave before the end, or be killed.
        with contextlib.suppress(ConnectionError):
            await response.prepare(request)
            await self._send_parts(response, received, reply)
            if fault is Fault.LINGER:
                await self.faults.closing.wait()
            if reply.closes:
                return _dropped(request, response)
            await response.write_eof()
        return response

    async def _send_parts(self, response: web.StreamResponse, received: Received, reply: Reply) -> None:
        for part in reply.parts:
            await self._sleep(part.pause)
            await self.faults.wait_held(received.path)
            await response.write(part.data)

    async def _sleep(self, seconds: float) -> None:
        """Sleeps, but no longer than the platform runs."""
        if seconds:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.faults.closing.wait(), seconds)


def _dropped(request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
    """Closes the connection. The answer never arrives."""
    if request.transport is not None:
        (request.transport.close if response else request.transport.abort)()
    return response or web.Response(status=500)
