"""The HTTP server: reads and logs the bot's requests, checks authorization, rate limits and faults, and responds."""

import json
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from aiohttp import BodyPartReader, web

from playground.discord import errors
from playground.discord.attachments import FileStore
from playground.discord.errors import ApiError
from playground.discord.events import EventBus
from playground.discord.faults import Faults, ResponseLost
from playground.discord.gateway_sessions import Account
from playground.discord.limits import Buckets
from playground.discord.records import UploadedFile

PREFIX = "/api/v10"
MAX_BYTES = 200 * 1024 * 1024
MAJOR_PARAMETERS = ("channel_id", "guild_id", "webhook_token")
_FILE_FIELD = re.compile(r"files\[(\d+)\]")


class RequestAborted(Exception):
    """The sender has gone before the whole request was received."""


@dataclass
class RequestRecord:
    """A request and its response. `route` is the path's template, `files` are (field, name, bytes), times monotonic."""

    method: str
    route: str
    path: str
    query: dict[str, str]
    json: Any = None
    files: list[tuple[str, str, int]] = field(default_factory=list)
    status: int | None = None
    answer: Any = None
    error: dict[str, Any] | None = None
    at: float = field(default_factory=time.monotonic)
    answered_at: float | None = None

    def __str__(self) -> str:
        code = f" {self.error.get('code')}" if self.error else ""
        return f"{self.method} {self.path} → {self.status or 'no answer'}{code}"


@dataclass
class ApiRequest:
    """A request as the handlers of the routes get it. `status` is that of a response with a body."""

    record: RequestRecord
    params: dict[str, str]
    files: dict[int, UploadedFile] = field(default_factory=dict)
    status: int = 200

    @property
    def body(self) -> Any:
        return self.record.json

    def id(self, name: str) -> int:
        """A snowflake of the path; 0, which no record has, if it is not a number."""
        value = self.params.get(name, "")
        return int(value) if value.isdecimal() else 0


@dataclass(frozen=True)
class Route:
    """`handler` returns the JSON body, None for 204, and raises ApiError.

    `by_token`: the path's token is the authorization; `unlimited`: no rate limit.
    """

    method: str
    path: str
    handler: Callable[[ApiRequest], Any]
    by_token: bool = False
    unlimited: bool = False


class HttpServer:
    """Turns HTTP requests into calls of the handlers, and their results and errors into Discord's responses."""

    def __init__(self, account: Account, buckets: Buckets, faults: Faults, bus: EventBus, files: FileStore) -> None:
        self.requests: list[RequestRecord] = []
        self._account = account
        self._buckets = buckets
        self._faults = faults
        self._bus = bus
        self._files = files

    def application(
        self, routes: Iterable[Route], gateway: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.Application:
        app = web.Application(client_max_size=256 * 1024 * 1024)
        for route in routes:
            app.router.add_route(route.method, PREFIX + route.path, self._handler(route))
        app.router.add_get("/gateway/", gateway)
        app.router.add_get("/gateway", gateway)
        app.router.add_get("/attachments/{channel_id}/{attachment_id}/{filename}", self._download)
        app.router.add_get(r"/stickers/{sticker_id:\d+}.png", self._sticker)
        app.router.add_route("*", PREFIX + "/{rest:.*}", self._unknown)
        return app

    def _handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            call = _api_request(request, route.path)
            path = call.record.path
            headers: dict[str, str] = {}
            try:
                await self._receive(request, call)
                self._bus.publish("request", call.record)
                await self._faults.apply("before", request.method, path)
                headers |= self._admit(request, route, call)
                call.record.answer = route.handler(call)
                await self._faults.apply("after", request.method, path)
            except ApiError as error:
                return self._error(call.record, error, headers)
            except ResponseLost:
                return self._cut(request, call.record)
            except RequestAborted:
                return web.Response(status=HTTPStatus.BAD_REQUEST)  # the client is gone and does not read it
            status = HTTPStatus.NO_CONTENT if call.record.answer is None else call.status
            self._finish(call.record, status)
            if call.record.answer is None:
                return web.Response(status=status, headers=headers)
            return _json(status, call.record.answer, headers)

        return handle

    async def _receive(self, request: web.Request, call: ApiRequest) -> None:
        """Reads and records a request. Raises ApiError; RequestAborted for one that is not recorded."""
        try:
            await _read_body(request, call)
        except ConnectionError as error:
            raise RequestAborted from error
        except ApiError:
            self.requests.append(call.record)
            raise
        self.requests.append(call.record)

    def _admit(self, request: web.Request, route: Route, call: ApiRequest) -> dict[str, str]:
        """Checks authorization and rate limit, and returns the headers of the limit."""
        if not route.by_token and request.headers.get("Authorization") != f"Bot {self._account.token}":
            raise ApiError(*errors.UNAUTHORIZED)
        if route.unlimited:
            return {}
        major = "/".join(call.params[name] for name in MAJOR_PARAMETERS if name in call.params)
        return self._buckets.take(route.method, route.path, major)

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        call = _api_request(request, "")
        self.requests.append(call.record)
        return self._error(call.record, ApiError(*errors.NOT_FOUND), {})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        attachment = self._files.find(**request.match_info, query=request.query)
        if attachment is None:
            return web.Response(status=404, text="This content is no longer available.")
        content_type = attachment.content_type or "application/octet-stream"
        return web.Response(body=attachment.data, headers={"Content-Type": content_type})

    async def _sticker(self, request: web.Request) -> web.StreamResponse:
        sticker = self._files.stickers.get(int(request.match_info["sticker_id"]))
        if sticker is None:
            return web.Response(status=404)
        return web.Response(body=sticker.data, headers={"Content-Type": "image/png"})

    def _error(self, record: RequestRecord, error: ApiError, headers: dict[str, str]) -> web.Response:
        record.error = error.body
        self._finish(record, error.status)
        if error.page is not None:
            return web.Response(status=error.status, text=error.page, content_type="text/html", headers=error.headers)
        return _json(error.status, error.body, headers | error.headers)

    def _cut(self, request: web.Request, record: RequestRecord) -> web.Response:
        self._finish(record, None)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    def _finish(self, record: RequestRecord, status: int | None) -> None:
        record.status = status
        record.answered_at = time.monotonic()
        self._bus.publish("answer", record)


def _api_request(request: web.Request, route: str) -> ApiRequest:
    path = request.path.removeprefix(PREFIX)
    return ApiRequest(RequestRecord(request.method, route, path, dict(request.query)), dict(request.match_info))


async def _read_body(request: web.Request, call: ApiRequest) -> None:
    """Reads the JSON body and the files. Raises ApiError 50109 for broken JSON, 40005 for more than the maximum."""
    if request.content_length is not None and request.content_length > MAX_BYTES:
        raise ApiError(*errors.TOO_LARGE)
    if request.content_type != "multipart/form-data":
        text = await request.read()
        call.record.json = _parsed(text) if text else None
        return
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read(decode=False))
        name = part.name or ""
        if name == "payload_json":
            call.record.json = _parsed(data)
        elif found := _FILE_FIELD.fullmatch(name):
            upload = UploadedFile(part.filename or "unknown", part.headers.get("Content-Type"), data)
            call.files[int(found[1])] = upload
            call.record.files.append((name, upload.filename, len(data)))


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise ApiError(*errors.INVALID_JSON) from None


def _json(status: int, answer: Any, headers: dict[str, str]) -> web.Response:
    """Exactly application/json: some clients compare the whole header, and take anything else for text."""
    body = json.dumps(answer).encode()
    return web.Response(status=status, body=body, headers=headers | {"Content-Type": "application/json"})
