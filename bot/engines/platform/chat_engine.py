"""What the engines have in common whose images come in the answer of a chat model: sending a conversation, reporting
its progress, and turning the answer into a result (docs/platform-api.md#images-in-text)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from contextlib import aclosing
from urllib.parse import urljoin

from bot.engines.base import Progress, ReportProgress
from bot.engines.errors import AnswerLost, RefusalKind, ServiceRefused
from bot.engines.models import Feature, Finished, RemoteStatus, RemoteTask
from bot.engines.platform.image_answers import submit_answer
from bot.engines.platform.platform_engine import PlatformEngine
from bot.net.untrusted_data import text
from bot.platform.chat_answer import ChatAnswer, ChatEnd
from bot.platform.client import PlatformClient
from bot.platform.engines_file import EngineProfile, InputForm
from bot.platform.errors import NoResult
from bot.platform.image_collector import FoundImage, without_data_urls
from bot.platform.images_api import ImagesAnswer
from bot.platform.requests import ChatMessage, ChatRequest

# Characters of a model's text that people see.
MAX_REMARK = 300
# What a server says whose account is gone (docs/platform-api.md#generation-texts).
_ACCOUNT_GONE = "该图像处理服务器已掉线"


class ChatEngine(PlatformEngine):
    """One chat model. Its answer is the result, so nothing is polled."""

    def __init__(self, model: str, profile: EngineProfile, client: PlatformClient, *features: Feature) -> None:
        # A model that reads images changes them by words, and only as a whole.
        takes_images = profile.inputs is not InputForm.NONE
        by_words = profile.model_copy(update={"edits": takes_images, "masks": False, "upscale": None})
        super().__init__(model, by_words, client, features)
        # Models behind a person's account download images themselves (docs/platform-api.md#vision).
        self.takes_links = profile.inputs is InputForm.LINK

    async def _answer(self, messages: Sequence[ChatMessage], report: ReportProgress) -> ChatAnswer:
        """Sends a conversation once. Raises NotSent, ServiceRefused, AnswerLost."""
        request = ChatRequest(
            model=self._model,
            messages=list(messages),
            stream=True if self._profile.stream else None,
            extra=dict(self._profile.extra),
        )
        return await _answer_to(self._client, request, report)


async def _answer_to(client: PlatformClient, request: ChatRequest, report: ReportProgress) -> ChatAnswer:
    """The ended answer to a request that is sent once. Raises NotSent, ServiceRefused, AnswerLost."""
    answer, reported = ChatAnswer(), Progress()
    async with aclosing(client.chat.stream(request, expects_images=True)) as answers:
        async for answer in answers:
            progress = Progress(answer.progress, answer.generation.preview or None)
            if answer.end is None and progress != reported:
                await report(progress)
                reported = progress
    return answer


async def result_of(answer: ChatAnswer, base_url: str) -> Finished:
    """The result of an ended answer: its images, or the failure that its text tells.

    Raises NoResult for an answer without an image, AnswerLost for one that broke off, ServiceRefused.
    """
    match answer.end:
        case ChatEnd.COMPLETE:
            return await _finished(answer, base_url)
        case ChatEnd.REFUSED:
            raise ServiceRefused(RefusalKind.BANNED_PROMPT, shown(answer.reason))
        case ChatEnd.FAILED:
            return _failed(answer)
        case _:
            raise AnswerLost("the answer broke off before its image")


def shown(words: str) -> str:
    """The beginning of a model's text on one line, without images."""
    return " ".join(without_data_urls(words).split())[:MAX_REMARK]


async def _finished(answer: ChatAnswer, base_url: str) -> Finished:
    images = tuple(_absolute(image, base_url) for image in answer.images)
    found = await submit_answer(ImagesAnswer(images))
    if not isinstance(found, Finished):
        raise NoResult("the answer has no image")
    prompt = text(answer.generation.job.get("prompt")).strip()
    remote = dataclasses.replace(found.remote, final_prompt=prompt or found.remote.final_prompt)
    return Finished(remote, found.images)


def _failed(answer: ChatAnswer) -> Finished:
    """Raises NoResult, or the refusal that came in the answer."""
    if _ACCOUNT_GONE in answer.generation.failure:
        raise ServiceRefused(RefusalKind.ACCOUNT_GONE)
    if answer.generation.failure:
        return Finished(RemoteTask("", RemoteStatus.FAILURE, fail_reason=shown(answer.reason)))
    if isinstance(answer.error, ServiceRefused):
        raise answer.error
    told = shown(answer.reason)
    raise NoResult(told or "the answer is empty", told)


def _absolute(image: FoundImage, base_url: str) -> FoundImage:
    return dataclasses.replace(image, url=urljoin(base_url, image.url)) if image.url.startswith("/") else image
