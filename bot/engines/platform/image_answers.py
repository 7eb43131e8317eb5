"""Turns answers of the images API and states of its tasks into the values of the port, and reads its tasks."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from bot.engines.errors import NotOffered, RefusalKind, ServiceRefused, UnknownTask
from bot.engines.models import (
    TASK_ID,
    Digests,
    Feature,
    Finished,
    RemoteStatus,
    RemoteTask,
    SubmitAccepted,
    SubmitAnswer,
)
from bot.engines.options import MAX_COUNT
from bot.engines.platform.platform_engine import PlatformCapabilities
from bot.media import NotAnImage, image_pool
from bot.media.download import MAX_BYTES
from bot.media.image import from_data_url
from bot.platform.client import PlatformClient
from bot.platform.errors import NoResult
from bot.platform.image_collector import FoundImage
from bot.platform.image_tasks import ImageTask
from bot.platform.images_api import ImagesAnswer
from storage import InputImage, PolledTaskRow

# An image task is stored under an ID that also holds where it is polled, because platforms differ in that
# (docs/platform-api.md#image-tasks), and a restart must not forget it: `<place>~<id>`, or `u~<path>` for a path that
# the platform named, in the base64 of URLs.
_PLACES = {"t": "/v1/tasks/", "g": "/v1/images/generations/", "i": "/v1/images/tasks/"}
_NAMED = "u"
_SEPARATOR = "~"
# Pauses in seconds that a platform may ask for: shorter ones than the poller makes anyway are not kept, and longer ones
# are cut.
LEAST_PAUSE, MOST_PAUSE = 3.0, 60.0


async def submit_answer(answer: ImagesAnswer) -> SubmitAnswer:
    """The images of an answer, or the task that will have them. Raises NoResult."""
    if answer.task and not answer.images:
        task_id = task_id_of(answer.task)
        if task_id is None:
            raise NoResult("the platform answered with a task that has no ID")
        return SubmitAccepted(task_id)
    shown = answer.images[:MAX_COUNT]
    urls = tuple(image.url for image in shown if image.url)
    remote = RemoteTask(
        id="",
        status=RemoteStatus.SUCCESS,
        final_prompt=revised_prompt(shown),
        image_url=urls[0] if urls else None,
        image_urls=urls if len(urls) > 1 else (),
    )
    return Finished(remote, () if urls else tuple([await _decoded(image.data_url) for image in shown]))


def remote_task(task: ImageTask, task_id: str) -> RemoteTask:
    """The state of a task of the platform, under the ID that the bot stores."""
    shown = task.images[:MAX_COUNT] if task.status is RemoteStatus.SUCCESS else ()
    urls = tuple(image.url for image in shown if image.url)
    refusal = task.error if isinstance(task.error, ServiceRefused) else None
    return RemoteTask(
        id=task_id,
        status=task.status,
        progress=task.progress,
        final_prompt=revised_prompt(shown),
        fail_reason=(refusal.description or refusal.kind.value) if refusal else str(task.error or ""),
        fail_kind=refusal.kind if refusal else None,
        image_url=urls[0] if urls else None,
        image_urls=urls if len(urls) > 1 else (),
        image_data=() if urls else tuple(image.data_url for image in shown),
    )


def revised_prompt(images: Sequence[FoundImage]) -> str:
    """The prompt of which the images were really made, "" if the platform does not tell."""
    return next((image.revised_prompt for image in images if image.revised_prompt), "")


async def _decoded(data_url: str) -> InputImage:
    try:
        data, facts = await image_pool.run(from_data_url, data_url, MAX_BYTES)
    except NotAnImage as error:
        raise NoResult(f"the image in the answer cannot be read: {error}") from error
    return InputImage(facts.media_type, data)


def task_id_of(task: ImageTask) -> str | None:
    """The ID for a task that was accepted. None if it cannot be polled."""
    for path in task.paths:
        for place, start in _PLACES.items():
            if path == f"{start}{task.id}":
                return _checked(f"{place}{_SEPARATOR}{task.id}")
        encoded = base64.urlsafe_b64encode(path.encode()).decode("ascii").rstrip("=")
        if named := _checked(f"{_NAMED}{_SEPARATOR}{encoded}"):
            return named
    return None


def task_of(task_id: str) -> ImageTask | None:
    """The task of an ID, as far as polling needs it. None if the ID is not one of these."""
    place, _, rest = task_id.partition(_SEPARATOR)
    if place == _NAMED:
        path = _path_of(rest)
        return ImageTask(rest, RemoteStatus.RUNNING, paths=(path,)) if path else None
    if place not in _PLACES or not rest:
        return None
    # A platform may have the task under another place than its dialect says.
    first = f"{_PLACES[place]}{rest}"
    others = (f"{start}{rest}" for start in _PLACES.values())
    return ImageTask(rest, RemoteStatus.RUNNING, paths=tuple(dict.fromkeys((first, *others))))


def _checked(task_id: str) -> str | None:
    return task_id if TASK_ID.fullmatch(task_id) else None


def _path_of(encoded: str) -> str | None:
    try:
        path = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return path if path.startswith("/v1/") and ".." not in path else None


class ImageTaskReader:
    """Polls the tasks of one platform, one by one, and not sooner than it asks for (`Retry-After`)."""

    name = "platform"
    capabilities = PlatformCapabilities((Feature.FETCH,))

    def __init__(self, client: PlatformClient, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns monotonic seconds."""
        self._client = client
        self._clock = clock
        # When each unfinished task may be read again, and its state until then.
        self._pauses: dict[str, tuple[float, RemoteTask]] = {}

    def reads(self, row: PolledTaskRow) -> bool:
        """Whether a running task is one of the platform. A call that is under way, or was lost with an earlier process,
        has no ID."""
        return row.upstream_id is not None and task_of(row.upstream_id) is not None

    async def fetch(self, task_id: str, *, tries: int | None = None) -> RemoteTask:
        """The current state of a task. Raises UnknownTask, and the errors of reads."""
        task = task_of(task_id)
        if task is None:
            raise UnknownTask(RefusalKind.UNKNOWN_TASK, "not a task of a platform")
        until, known = self._pauses.pop(task_id, (0.0, None))
        if known is None or self._clock() >= until:
            found = await self._client.image_tasks.fetch(task, tries=tries)
            known, until = remote_task(found, task_id), self._clock() + min(found.poll_after, MOST_PAUSE)
            if known.status.final or found.poll_after <= LEAST_PAUSE:
                return known
        self._pauses[task_id] = until, known
        return known

    async def list_news(self, task_ids: Sequence[str], seen: Digests, *, tries: int | None = None) -> NoReturn:
        """Platforms have no lists of tasks."""
        raise NotOffered(RefusalKind.NOT_OFFERED, "a platform does not list tasks")
