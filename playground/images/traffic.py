"""The records of requests and submits, and how a body is read."""

import json
import time
from dataclasses import dataclass, field

from aiohttp import web

from playground.images.tasks import Json


@dataclass
class Seen:
    """A request; `status` is None while it is unanswered or when its connection was dropped."""

    method: str
    path: str
    at: float = field(default_factory=time.monotonic)
    status: int | None = None
    credentials: tuple[str, ...] = ()


@dataclass
class Submission:
    """A POST that creates or changes something; `answer` is the body sent back, None while there is none."""

    endpoint: str
    prefix: str | None
    body: Json
    state: str
    at: float = field(default_factory=time.monotonic)
    status: int | None = None
    answer: str | None = None
    task_ids: tuple[str, ...] = ()

    @property
    def task_id(self) -> str | None:
        """The first task that it created or changed."""
        return self.task_ids[0] if self.task_ids else None


async def read_body(request: web.Request) -> Json | None:
    """The JSON object of a request, or the fields of its form (of files, their names); None when it has none."""
    if request.method != "POST":
        return {}
    if request.content_type == "multipart/form-data":
        fields = (await request.post()).items()
        return {name: value if isinstance(value, str) else getattr(value, "filename", "") for name, value in fields}
    try:
        body = json.loads(await request.read())
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


async def read_files(request: web.Request) -> dict[str, bytes]:
    """The files of a form, by the names of their fields."""
    if request.method != "POST" or request.content_type != "multipart/form-data":
        return {}
    form = await request.post()
    return {name: value.file.read() for name, value in form.items() if isinstance(value, web.FileField)}
