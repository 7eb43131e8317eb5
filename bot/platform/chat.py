"""Chat: sends a conversation once, and yields the answer while it arrives (docs/platform-api.md#chat)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial

import aiohttp

from bot.engines.errors import AnswerLost
from bot.platform.calls import Calls
from bot.platform.chat_answer import ChatAnswer, ChatEnd, lost
from bot.platform.chat_stream import ChatReader
from bot.platform.errors import CompletionsOnly, FieldRefused
from bot.platform.generation_text import ListedButton
from bot.platform.requests import ChatMessage, ChatRequest, CompletionRequest
from bot.platform.switches import Switch
from bot.platform.transport import AnswerStream
from bot.runtime.supervisor import in_thread_if_large

log = logging.getLogger(__name__)

# Seconds between two unfinished answers. Each takes time in proportion to its length.
SNAPSHOT_SECONDS = 0.25


class ChatApi:
    """The chat endpoints of one platform."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def ask(self, request: ChatRequest, *, expects_images: bool = False) -> ChatAnswer:
        """The ended answer. Raises the errors of `stream`."""
        async with aclosing(self.stream(request, expects_images=expects_images)) as answers:
            arrived = [answer async for answer in answers if answer.end]
        return arrived[-1]

    async def stream(
        self, request: ChatRequest, *, expects_images: bool = False, seconds: float | None = None
    ) -> AsyncGenerator[ChatAnswer, None]:
        """The answer as it arrives, each as a whole; the last one has an `end`. Close the generator to stop listening;
        the platform may bill the answer nevertheless.

        Raises NotSent, ServiceRefused, AnswerLost if nothing of an answer arrived.
        """
        # Sent again only after a refusal of its form, and each changes the form.
        while True:
            form = self._form_of(request)
            try:
                async with aclosing(self._once(form, expects_images, seconds)) as answers:
                    async for answer in answers:
                        yield answer
            except FieldRefused as error:
                if not self._calls.remember_refused(form, error):
                    raise
            except CompletionsOnly:
                if isinstance(form, CompletionRequest):
                    raise
            else:
                return

    def _form_of(self, request: ChatRequest) -> ChatRequest | CompletionRequest:
        """The request in the form that its model takes, as far as is known."""
        switches = self._calls.switches
        if switches.is_set(Switch.NO_STREAM, request.model):
            request = request.model_copy(update={"stream": None})
        return request.as_completion() if switches.is_set(Switch.COMPLETIONS_ONLY, request.model) else request

    async def _once(
        self, request: ChatRequest | CompletionRequest, expects_images: bool, seconds: float | None
    ) -> AsyncGenerator[ChatAnswer, None]:
        limit = seconds or self._calls.transport.limits.billed
        end = asyncio.get_running_loop().time() + limit
        answer = ChatAnswer()
        async with self._calls.stream(request, seconds=limit) as stream:
            reader = ChatReader(stream.head, expects_images=expects_images)
            async with aclosing(self._answers(stream, reader, end)) as answers:
                async for answer in answers:
                    if answer.end is None:
                        yield answer
        lost_a_line = reader.complete and not reader.finished and answer.end is ChatEnd.CUT
        if lost_a_line and expects_images and request.stream:
            # The gateway lost a line that was too long for it (docs/platform-api.md#event-streams).
            self._calls.switches.set(Switch.NO_STREAM, request.model)
        with self._calls.learning(request.path, request.model):
            if not (answer.text or answer.images) and (answer.error or answer.progress is None):
                raise answer.error or lost(request.path)
        yield answer

    async def _answers(self, stream: AnswerStream, reader: ChatReader, end: float) -> AsyncGenerator[ChatAnswer, None]:
        """The answers of one stream, at most one in SNAPSHOT_SECONDS."""
        clock, limits = asyncio.get_running_loop().time, self._calls.transport.limits
        heard = shown = clock()
        changed = False
        while not reader.complete:
            idle_end = min(heard + (limits.after_finish if reader.finished else limits.idle), end)
            until = min(idle_end, shown + SNAPSHOT_SECONDS) if changed else idle_end
            try:
                part = await stream.part(max(until - clock(), 0.001))
                if part is None:
                    break
                heard = clock()
                read = partial(reader.feed, part)
                changed = await in_thread_if_large(reader.pending + len(part), read) or changed
            except TimeoutError:
                if clock() >= idle_end:
                    break
            except (aiohttp.ClientError, OSError) as error:
                log.debug("an answer broke off: %s", type(error).__name__)
                break
            except AnswerLost as error:
                reader.fail(error)
                break
            if changed and clock() >= shown + SNAPSHOT_SECONDS:
                yield reader.snapshot()
                # The time that the caller took is no silence of the platform.
                heard = shown = clock()
                changed = False
        yield await in_thread_if_large(reader.pending, reader.end)


def follow_up(history: Sequence[ChatMessage], answer: ChatAnswer, button: ListedButton) -> list[ChatMessage]:
    """The conversation that presses a button of an answer: the whole answer, then the button by its ID, which the model
    only has to copy (docs/platform-api.md#generation-texts)."""
    return [
        *history,
        ChatMessage(role="assistant", content=answer.raw_text),
        ChatMessage(role="user", content=f"{button.label}: custom_id {button.custom_id}"),
    ]
