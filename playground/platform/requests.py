"""Requests: their bodies, and the journal of them."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from playground.platform.replies import Json, refusal


@dataclass(frozen=True)
class File:
    """A file of a form."""

    field_name: str
    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass
class Received:
    """A request that arrived. `body` are the fields of its JSON or form; a list stands for repeated fields.

    `carried_out`: what it asked for was done, so it was billed, even if its answer got lost. `status` is None while it
    is unanswered, and `lost` if its connection was dropped. `at` is in seconds of `time.monotonic`.
    """

    method: str
    path: str
    model: str = ""
    body: Json = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: list[File] = field(default_factory=list)
    query: Mapping[str, str] = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)
    status: int | None = None
    carried_out: bool = False
    lost: bool = False

    def __iter__(self) -> Iterator[Any]:
        """Method, path, model, body and headers, to be taken apart."""
        return iter((self.method, self.path, self.model, self.body, self.headers))


async def read_body(request: web.Request, received: Received) -> None:
    """Fills in the body. Raises Refusal for a body that is neither a JSON object nor a form."""
    if request.method != "POST":
        return
    if request.content_type == "multipart/form-data":
        await _read_form(request, received)
    else:
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise refusal(400, "We could not parse the JSON body of your request.")
        received.body = body
    model = received.body.get("model")
    if not isinstance(model, str) or not model:
        raise refusal(400, "you must provide a model parameter", param="model")
    received.model = model


async def _read_form(request: web.Request, received: Received) -> None:
    form = await request.post()
    for name, value in form.items():
        if isinstance(value, web.FileField):
            received.files.append(File(name, value.filename, value.content_type, value.file.read()))
        elif name.endswith("[]"):
            received.body.setdefault(name.removesuffix("[]"), []).append(value)
        else:
            received.body[name] = value
