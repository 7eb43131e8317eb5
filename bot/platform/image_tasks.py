"""Image tasks: the platforms that answer a request for images with a task, in their dialects
(docs/platform-api.md#image-tasks)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.engines.errors import EngineError, RefusalKind, UnknownTask
from bot.engines.models import TASK_ID, RemoteStatus
from bot.media import download
from bot.net import untrusted_data
from bot.net.untrusted_data import mapping, number, sequence, text
from bot.platform.answer_json import json_body, no_result, reported_error
from bot.platform.calls import Calls
from bot.platform.error_bodies import problem_of, vendor_message
from bot.platform.error_mapping import error_of
from bot.platform.errors import EndpointMissing, NoResult
from bot.platform.image_collector import FoundImage, image_of_field, unique
from bot.platform.transport import AnswerHead, PlatformAnswer

_WORDS = {
    RemoteStatus.PENDING: ("pending", "queued", "submitted", "created", "waiting"),
    RemoteStatus.SUCCESS: ("completed", "succeeded", "success", "done", "finished"),
    RemoteStatus.FAILURE: ("failed", "failure", "error", "expired"),
    RemoteStatus.CANCELLED: ("cancelled", "canceled"),
}
_STATUSES = {word: status for status, words in _WORDS.items() for word in words}
_POLL_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class ImageTask:
    """A task of the platform. `paths` are those where it may be polled, `poll_after` the pause before it in seconds.
    `images` are its results, with URLs that expire within hours. `error` says why it failed."""

    id: str
    status: RemoteStatus
    progress: int | None = None
    images: tuple[FoundImage, ...] = ()
    error: EngineError | None = None
    paths: tuple[str, ...] = ()
    poll_after: float = _POLL_SECONDS


def is_image_task(body: Any) -> bool:
    """Whether a body is a task, and not images."""
    fields = mapping(body)
    named = text(fields.get("object")).endswith(".task")
    return named or ("status" in fields and bool(_task_id(fields)) and not fields.get("data"))


def read_image_task(body: Any, head: AnswerHead, base_url: str) -> ImageTask:
    """Reads a task, from the answer to its submit or to a poll."""
    fields = mapping(body)
    status = _STATUSES.get(text(fields.get("status")).strip().lower(), RemoteStatus.RUNNING)
    images = unique(_images(fields, base_url))
    error = None
    if status is RemoteStatus.FAILURE:
        problem = problem_of(fields)
        told = vendor_message(fields)[:300]
        error = error_of(problem) if problem else NoResult(told or "the task failed", told)
    elif status is RemoteStatus.SUCCESS and not images:
        status, error = RemoteStatus.FAILURE, NoResult("the task finished without an image")
    progress = number(fields.get("progress"))
    return ImageTask(
        _task_id(fields),
        status,
        None if progress is None else min(100, max(0, progress)),
        images,
        error,
        tuple(dict.fromkeys(_paths(fields, head, base_url))),
        head.retry_after or _POLL_SECONDS,
    )


def _task_id(fields: Mapping[str, Any]) -> str:
    found = text(fields.get("task_id") or fields.get("id")).strip()
    return found if TASK_ID.fullmatch(found) else ""


def _images(fields: Mapping[str, Any], base_url: str) -> Iterator[FoundImage]:
    """The images of a task: `results`, `data`, `images`, `output`, at the top or in `result`."""
    for holder in (fields, mapping(fields.get("result"))):
        for name in ("results", "data", "images", "output", "urls"):
            for item in sequence(holder.get(name)):
                if image := image_of_field(item):
                    yield reachable(image, base_url)


def reachable(image: FoundImage, base_url: str) -> FoundImage:
    """The image with an absolute URL: relative ones refer to the platform."""
    if not image.url.startswith("/"):
        return image
    return FoundImage(
        untrusted_data.resolved(base_url, image.url), label=image.label, revised_prompt=image.revised_prompt
    )


def _paths(fields: Mapping[str, Any], head: AnswerHead, base_url: str) -> Iterator[str]:
    """Where to poll: what the answer names, then what its dialect has. Only below the base URL, because the key goes
    with the request."""
    for given in (text(fields.get("poll_url")).strip(), head.location):
        path = untrusted_data.resolved(base_url, given).removeprefix(base_url) if given else ""
        if path.startswith("/v1/") and path.isascii() and path.isprintable() and ".." not in path:
            yield download.quoted(path)
    if task_id := _task_id(fields):
        own = (f"/v1/tasks/{task_id}", f"/v1/images/generations/{task_id}", f"/v1/images/tasks/{task_id}")
        yield from own if text(fields.get("object")).endswith(".task") else (own[1], own[0], own[2])


class ImageTasks:
    """Polls the image tasks of one platform."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def fetch(self, task: ImageTask, *, tries: int | None = None) -> ImageTask:
        """The current state of a task. Raises UnknownTask, Unavailable, another ServiceRefused."""
        base_url = self._calls.transport.base_url

        async def read(answer: PlatformAnswer) -> ImageTask:
            body = await json_body(answer)
            inner = mapping(body).get("data")
            body = inner if is_image_task(inner) else body
            # What was asked for by its ID need not repeat it.
            if not is_image_task(body) and not isinstance(mapping(body).get("status"), str):
                raise reported_error(body, answer.head) or no_result(body, answer.head, "the answer is no task")
            return read_image_task(body, answer.head, base_url)

        for path in task.paths:
            try:
                found = await self._calls.get(path, read, tries=tries, large=True)
            except EndpointMissing:
                continue
            return ImageTask(
                task.id, found.status, found.progress, found.images, found.error, (path,), found.poll_after
            )
        raise UnknownTask(RefusalKind.UNKNOWN_TASK, "the platform does not know the task")
