"""The HTTP server: reads and logs the bot's requests, checks authorization, rate limits and faults, and responds."""

import json
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from aiohttp import BodyPartReader, web

from playground.discord import errors
from playground.discord.errors import ApiError, ErrorCode
from playground.discord.faults import Faults, ResponseLost
from playground.discord.limits import Buckets
from playground.discord.records import UploadedFile
from playground.discord.state import ServerState

PREFIX = "/api/v10"
MAX_BYTES = 200 * 1024 * 1024
MAJOR_PARAMETERS = ("channel_id", "guild_id", "webhook_token")
_FILE_FIELD = re.compile(r"files\[(\d+)\]")
Record = TypeVar("Record")


@dataclass
class RequestRecord:
    """A request and its response. `route` is the path's template, `files` are (field, name, bytes), times monotonic.

    `uploads` are the contents of the files, by number, until the request is answered. `success` is the status of a
    response with a body.
    """

    method: str
    route: str
    path: str
    query: dict[str, str]
    params: dict[str, str]
    json: Any = None
    files: list[tuple[str, str, int]] = field(default_factory=list)
    uploads: dict[int, UploadedFile] = field(default_factory=dict, repr=False)
    success: int = HTTPStatus.OK
    status: int | None = None
    answer: Any = None
    error: dict[str, Any] | None = None
    at: float = field(default_factory=time.monotonic)
    answered_at: float | None = None

    def __str__(self) -> str:
        code = f" {self.error.get('code')}" if self.error else ""
        return f"{self.method} {self.path} → {self.status or 'no answer'}{code}"

    def id(self, name: str) -> int:
        """A snowflake of the path; 0, which no record has, if it is not a number."""
        value = self.params.get(name, "")
        return int(value) if value.isdecimal() else 0

    def find(self, records: Mapping[int, Record], name: str, unknown: ErrorCode) -> Record:
        """The record whose id is in the path. ApiError if there is none or it is deleted."""
        found = records.get(self.id(name))
        if found is None or getattr(found, "deleted", False):
            raise ApiError(*unknown)
        return found


@dataclass(frozen=True)
class Route:
    """`handler` returns the JSON body, None for 204, and raises ApiError.

    `by_token`: the path's token is the authorization; `unlimited`: no rate limit.
    """

    method: str
    path: str
    handler: Callable[[RequestRecord], Any]
    by_token: bool = False
    unlimited: bool = False


class HttpServer:
    """Turns HTTP requests into calls of the handlers, and their results and errors into Discord's responses."""

    def __init__(self, state: ServerState, faults: Faults) -> None:
        self.requests: list[RequestRecord] = []
        self._state = state
        self._faults = faults
        self._buckets = Buckets(state.limits)

    def application(
        self, routes: Iterable[Route], gateway: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.Application:
        app = web.Application(client_max_size=256 * 1024 * 1024)
        for route in routes:
            app.router.add_route(route.method, PREFIX + route.path, self._handler(route))
        app.router.add_get("/gateway/", gateway)
        app.router.add_get("/gateway", gateway)
        app.router.add_get("/attachments/{path:.*}", self._download)
        app.router.add_get(r"/stickers/{sticker_id:\d+}.png", self._sticker)
        app.router.add_route(
            "*", PREFIX + "/{rest:.*}", self._handler(Route("*", "", _unknown, by_token=True, unlimited=True))
        )
        return app

    def _handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            path = request.path.removeprefix(PREFIX)
            call = RequestRecord(request.method, route.path, path, dict(request.query), dict(request.match_info))
            headers: dict[str, str] = {}
            try:
                await self._receive(request, call)
                await self._faults.apply("before", request.method, path)
                headers |= self._admit(request, route, call)
                call.answer = route.handler(call)
                await self._faults.apply("after", request.method, path)
            except ApiError as error:
                call.error = error.body
                return self._respond(call, error.status, error.body, {**headers, **error.headers}, error.page)
            except ResponseLost:
                if request.transport is not None:
                    request.transport.abort()
                return self._respond(call, None, None, headers)
            except ConnectionError:
                return web.Response(status=HTTPStatus.BAD_REQUEST)  # the client has disconnected and does not read it
            status = HTTPStatus.NO_CONTENT if call.answer is None else call.success
            return self._respond(call, status, call.answer, headers)

        return handle

    async def _receive(self, request: web.Request, call: RequestRecord) -> None:
        """Reads and logs a request. Raises ApiError; ConnectionError for one that is cut off, which is not logged."""
        try:
            await _read_body(request, call)
        except ApiError:
            self.requests.append(call)
            raise
        self.requests.append(call)
        self._state.bus.publish("request", call)

    def _admit(self, request: web.Request, route: Route, call: RequestRecord) -> dict[str, str]:
        """Checks authorization and rate limit, and returns the headers of the limit."""
        if not route.by_token and request.headers.get("Authorization") != f"Bot {self._state.account.token}":
            raise ApiError(*errors.UNAUTHORIZED)
        if route.unlimited:
            return {}
        major = "/".join(call.params[name] for name in MAJOR_PARAMETERS if name in call.params)
        return self._buckets.take(route.method, route.path, major)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        attachment = self._state.files.find(request.path, request.query)
        if attachment is None:
            return web.Response(status=HTTPStatus.NOT_FOUND, text="This content is no longer available.")
        return _file(attachment.data, attachment.content_type or "application/octet-stream")

    async def _sticker(self, request: web.Request) -> web.StreamResponse:
        sticker = self._state.files.stickers.get(int(request.match_info["sticker_id"]))
        return _file(sticker.data, "image/png") if sticker else web.Response(status=HTTPStatus.NOT_FOUND)

    def _respond(
        self, call: RequestRecord, status: int | None, body: Any, headers: Mapping[str, str], page: str | None = None
    ) -> web.Response:
        """Logs the response. A status of None: it is lost."""
        call.status = status
        call.answered_at = time.monotonic()
        call.uploads = {}
        self._state.bus.publish("answer", call)
        status = status or HTTPStatus.INTERNAL_SERVER_ERROR
        if page is not None:
            return web.Response(status=status, text=page, content_type="text/html", headers=headers)
        if body is None:
            return web.Response(status=status, headers=headers)
        # Exactly application/json: some clients compare the whole header, and take anything else for text.
        headers = {**headers, "Content-Type": "application/json"}
        return web.Response(status=status, body=json.dumps(body).encode(), headers=headers)


def _unknown(_: RequestRecord) -> None:
    raise ApiError(*errors.NOT_FOUND)


async def _read_body(request: web.Request, call: RequestRecord) -> None:
    """Reads the JSON body and the files. Raises ApiError 50109 for broken JSON, 40005 for more than the maximum."""
    if request.content_length is not None and request.content_length > MAX_BYTES:
        raise ApiError(*errors.TOO_LARGE)
    if request.content_type != "multipart/form-data":
        text = await request.read()
        call.json = _parsed(text) if text else None
        return
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read(decode=False))
        name = part.name or ""
        if name == "payload_json":
            call.json = _parsed(data)
        elif found := _FILE_FIELD.fullmatch(name):
            upload = UploadedFile(part.filename or "unknown", part.headers.get("Content-Type"), data)
            call.uploads[int(found[1])] = upload
            call.files.append((name, upload.filename, len(data)))


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise ApiError(*errors.INVALID_JSON) from None


def _file(data: bytes, content_type: str) -> web.Response:
    return web.Response(body=data, headers={"Content-Type": content_type})
