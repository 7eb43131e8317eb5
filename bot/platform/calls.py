"""Calls to the platform: what is billed is sent at most once, reads are retried, refusals teach
(docs/platform-api.md#calls)."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import NoReturn, TypeVar

import aiohttp
from pydantic_core import PydanticSerializationError

from bot.engines.errors import NotSent, ServiceRefused
from bot.engines.service_requests import RetryLimits, json_bytes, retried
from bot.platform.answer_json import BodyForm, form_of, json_answer
from bot.platform.chat_stream import read_chat
from bot.platform.error_bodies import Problem
from bot.platform.error_mapping import error_of
from bot.platform.errors import CompletionsOnly, EndpointMissing, FieldRefused, ModelNotOffered
from bot.platform.requests import PlatformRequest
from bot.platform.switches import LearnedSwitches, Switch
from bot.platform.transport import AnswerStream, PlatformAnswer, PlatformTransport
from bot.runtime.supervisor import in_thread_if_large

T = TypeVar("T")
Read = Callable[[PlatformAnswer], Awaitable[T]]


class Calls:
    """Sends requests and reads their answers."""

    def __init__(self, transport: PlatformTransport, switches: LearnedSwitches) -> None:
        self.transport = transport
        self.switches = switches

    async def get(self, path: str, read: Read[T], *, tries: int | None = None, large: bool = False) -> T:
        """A read, with at most `tries` attempts. `large`: the answer may hold images.

        Raises Unavailable (Unusable), ServiceRefused.
        """
        limits = self.transport.limits
        most = limits.body if large else limits.short_body

        async def once(seconds: float) -> T:
            answer = await self.transport.send("GET", path, seconds=seconds, most=most)
            return await self._read(answer, read)

        return await retried(path.partition("?")[0], once, self._retries(tries))

    async def post(self, request: PlatformRequest, read: Read[T], *, seconds: float | None = None) -> T:
        """A call that is billed, sent at most once within `seconds`, unless the platform refuses a field that can be
        left out: then it was certainly not carried out, and is sent again without it.

        Raises NotSent, ServiceRefused, AnswerLost.
        """
        limit = seconds or self.transport.limits.billed
        while True:
            try:
                return await self._post_once(request, read, limit)
            except FieldRefused as error:
                if not self.remember_refused(request, error):
                    raise

    async def post_retried(self, request: PlatformRequest, read: Read[T]) -> T:
        """A call that costs next to nothing and may be repeated. Raises Unavailable (Unusable), ServiceRefused."""

        async def once(seconds: float) -> T:
            return await self.post(request, read, seconds=seconds)

        return await retried(request.path, once, self._retries(None))

    @asynccontextmanager
    async def stream(self, request: PlatformRequest, *, seconds: float) -> AsyncIterator[AnswerStream]:
        """Posts a call that is billed, once; the context holds the answer as it arrives.

        Raises the errors of `post`.
        """
        self.switches.require(request.path, request.model)
        json_body, form = await self._encoded(request)
        async with self.transport.stream(request.path, json_body=json_body, form=form, seconds=seconds) as stream:
            if stream.head.status >= 300:
                with self.learning(request.path, request.model):
                    await _raise_for_status(stream)
            yield stream

    def remember_refused(self, request: PlatformRequest, error: FieldRefused) -> bool:
        """Remembers a refused field. Returns whether the request can be sent again without it."""
        known = self.switches.is_set(Switch.FIELD_REFUSED, request.path, request.model, error.field)
        if known or error.field not in request.omittable or error.field not in request.fields():
            return False
        self.switches.set(Switch.FIELD_REFUSED, request.path, request.model, error.field)
        return True

    @contextmanager
    def learning(self, path: str, model: str) -> Iterator[None]:
        """Learns from the refusals of the block."""
        try:
            yield
        except EndpointMissing as error:
            if error.not_routed:
                self.switches.set(Switch.ENDPOINT_MISSING, path)
            raise
        except CompletionsOnly:
            self.switches.set(Switch.COMPLETIONS_ONLY, model)
            raise
        except ModelNotOffered:
            self.switches.set(Switch.MODEL_MISSING, model)
            raise

    async def _post_once(self, request: PlatformRequest, read: Read[T], seconds: float) -> T:
        self.switches.require(request.path, request.model)
        json_body, form = await self._encoded(request)
        answer = await self.transport.send("POST", request.path, json_body=json_body, form=form, seconds=seconds)
        with self.learning(request.path, request.model):
            return await self._read(answer, read)

    @staticmethod
    async def _read(answer: PlatformAnswer, read: Read[T]) -> T:
        try:
            return await read(answer)
        except ServiceRefused as error:
            error.retry_after = error.retry_after or answer.head.retry_after
            raise

    async def _encoded(self, request: PlatformRequest) -> tuple[bytes | None, aiohttp.FormData | None]:
        """The body of a request, as JSON or as a form. Raises NotSent for text that cannot be encoded."""
        fields = request.fields(self.switches.refused_fields(request.path, request.model))
        try:
            if not request.files():
                size = _size(fields)
                return await in_thread_if_large(size, lambda: json_bytes(fields, size=size)), None
            words = {name: value if isinstance(value, str) else str(value) for name, value in fields.items()}
            "".join(words.values()).encode()
        except (PydanticSerializationError, UnicodeEncodeError):
            raise NotSent("the request contains text that cannot be encoded") from None
        form = aiohttp.FormData()
        for name, value in words.items():
            form.add_field(name, value)
        for name, file in request.files():
            # As a stream it is written in parts, so that a large file does not block the event loop.
            form.add_field(name, io.BytesIO(file.data), filename=file.name, content_type=file.media_type)
        return None, form

    def _retries(self, tries: int | None) -> RetryLimits:
        limits = self.transport.limits
        return RetryLimits(limits.read, limits.reads, tries or limits.attempts, limits.backoff)


def _size(value: object) -> int:
    """The number of characters in a body, images included."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        value = list(value.values())
    return sum(map(_size, value)) if isinstance(value, list | tuple) else 0


async def _raise_for_status(stream: AnswerStream) -> NoReturn:
    """Raises the error of an answer that is no success."""
    answer = await stream.rest()
    if form_of(answer.body) is BodyForm.EVENTS and (error := read_chat(answer.body, answer.head).error):
        raise error
    await json_answer(answer)
    raise error_of(Problem(status=answer.head.status, retry_after=answer.head.retry_after))
