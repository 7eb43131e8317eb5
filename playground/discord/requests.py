"""The bot's REST requests: read from the wire, and kept as a log."""

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from playground.discord.errors import invalid_json, too_large
from playground.discord.records import UploadedFile

MOST_BYTES = 200 * 1024 * 1024
_FILE_FIELD = re.compile(r"files\[(\d+)\]")


class CutOff(Exception):
    """A request that never arrived as a whole."""


@dataclass
class RequestRecord:
    """One request and its answer. `route` is the path's template, `files` are (field, name, bytes), times monotonic."""

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
class Call:
    """A request as the handlers of the routes see it."""

    record: RequestRecord
    params: dict[str, str]
    files: dict[int, UploadedFile] = field(default_factory=dict)

    @property
    def body(self) -> Any:
        return self.record.json

    def id(self, name: str) -> int:
        """A snowflake of the path; 0, which nothing has, when it is no number."""
        value = self.params.get(name, "")
        return int(value) if value.isdecimal() else 0


def open_call(request: web.Request, route: str, prefix: str) -> Call:
    """A call whose body is not read yet."""
    path = request.path.removeprefix(prefix)
    record = RequestRecord(request.method, route, path, dict(request.query))
    return Call(record, dict(request.match_info))


async def read_body(request: web.Request, call: Call) -> None:
    """Fills in the JSON body and the files.

    Raises ApiError 50109 for broken JSON, 40005 for more than anybody may send; CutOff where the sender has gone.
    """
    if request.content_length is not None and request.content_length > MOST_BYTES:
        raise too_large()
    try:
        if request.content_type == "multipart/form-data":
            await _read_multipart(request, call)
        else:
            text = await request.read()
            call.record.json = _parsed(text) if text else None
    except ConnectionError as error:
        raise CutOff from error


async def _read_multipart(request: web.Request, call: Call) -> None:
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
        raise invalid_json() from None
