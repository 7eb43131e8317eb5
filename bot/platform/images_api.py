"""The images API: generations and edits, as JSON, as an event stream or as a task (docs/platform-api.md#images-api)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.engines.errors import EngineError
from bot.net.untrusted_data import mapping, number, sequence, text
from bot.platform.answer_json import BodyForm, form_of, json_body, no_result, reported_error
from bot.platform.calls import Calls
from bot.platform.error_bodies import problem_of
from bot.platform.error_mapping import error_of
from bot.platform.errors import NoResult
from bot.platform.event_stream import Event, EventReader
from bot.platform.image_collector import FoundImage, image_of_field, unique
from bot.platform.image_tasks import ImageTask, is_image_task, reachable, read_image_task
from bot.platform.requests import ImageEditRequest, ImageRequest
from bot.platform.transport import PlatformAnswer

_PREVIEW = "partial_image"


@dataclass(frozen=True, slots=True)
class ImagesAnswer:
    """Images, or the task that will have them. There may be fewer images than were asked for. `previews` are unfinished
    ones. `size` is what the platform says it made, "" if it does not say."""

    images: tuple[FoundImage, ...] = ()
    task: ImageTask | None = None
    previews: tuple[FoundImage, ...] = ()
    size: str = ""
    total_tokens: int | None = None


class ImagesApi:
    """The image endpoints of one platform. Each call is billed and sent once."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def generate(self, request: ImageRequest, *, seconds: float | None = None) -> ImagesAnswer:
        """Images from a prompt. Raises NotSent, ServiceRefused, AnswerLost (NoResult)."""
        return await self._calls.post(request, self._read, seconds=seconds)

    async def edit(self, request: ImageEditRequest, *, seconds: float | None = None) -> ImagesAnswer:
        """Images changed according to a prompt. Raises the errors of `generate`."""
        return await self._calls.post(request, self._read, seconds=seconds)

    async def _read(self, answer: PlatformAnswer) -> ImagesAnswer:
        return await read_images(answer, self._calls.transport.base_url)


async def read_images(answer: PlatformAnswer, base_url: str) -> ImagesAnswer:
    """Reads an answer of the images API, in any of its forms. Raises ServiceRefused, AnswerLost (NoResult)."""
    if form_of(answer.body) is BodyForm.EVENTS:
        found = _of_events(answer)
    else:
        body = await json_body(answer)
        if is_image_task(body) and answer.head.status < 300:
            task = read_image_task(body, answer.head, base_url)
            if task.error:
                raise task.error
            return ImagesAnswer(task.images, task)
        if error := reported_error(body, answer.head):
            raise error
        found = _of_body(mapping(body))
        if not found.images:
            raise no_result(body, answer.head, "the answer has no image")
    if not found.images:
        raise NoResult("the stream has no image")
    images = tuple(reachable(image, base_url) for image in found.images)
    return ImagesAnswer(images, None, found.previews, found.size, found.total_tokens)


def _of_body(body: Mapping[str, Any]) -> ImagesAnswer:
    listed = body.get("data") if body.get("data") is not None else body.get("images")
    items = [listed] if isinstance(listed, Mapping) else sequence(listed)
    images = unique(filter(None, map(image_of_field, items)))
    return ImagesAnswer(images, size=text(body.get("size")), total_tokens=_tokens(body))


def _of_events(answer: PlatformAnswer) -> ImagesAnswer:
    """Reads a whole event stream. Gateways also turn a JSON answer into one, with `url` in place of `b64_json`."""
    images: list[FoundImage] = []
    previews: list[FoundImage] = []
    last: Mapping[str, Any] = {}
    error: EngineError | None = None
    for event in _events(answer):
        document = event.document
        if problem := problem_of(document, answer.head.status):
            error = error_of(problem)
        name = text(document.get("type")) or event.name
        entries = [document, *sequence(document.get("data"))]
        found = list(filter(None, map(image_of_field, entries)))
        (previews if _PREVIEW in name else images).extend(found)
        last = document if found else last
    if error and not images:
        raise error
    return ImagesAnswer(unique(images), None, unique(previews), text(last.get("size")), _tokens(last))


def _events(answer: PlatformAnswer) -> Iterator[Event]:
    reader = EventReader()
    yield from reader.feed(answer.body)
    yield from reader.end()


def _tokens(body: Mapping[str, Any]) -> int | None:
    return number(mapping(body.get("usage")).get("total_tokens"))
