"""Turns answers of the images API and states of its tasks into the values of the port."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engines.errors import ServiceRefused
from bot.engines.models import Finished, RemoteStatus, RemoteTask, SubmitAccepted, SubmitAnswer
from bot.engines.options import MAX_COUNT
from bot.engines.platform.task_ids import task_id_of
from bot.media import NotAnImage, image_pool
from bot.media.data_urls import decoded
from bot.media.download import MAX_BYTES
from bot.platform.errors import NoResult
from bot.platform.image_collector import FoundImage
from bot.platform.image_tasks import ImageTask
from bot.platform.images_api import ImagesAnswer
from storage import InputImage


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
        data, facts = await image_pool.run(decoded, data_url, MAX_BYTES)
    except NotAnImage as error:
        raise NoResult(f"the image in the answer cannot be read: {error}") from error
    return InputImage(facts.media_type, data)
