"""Requests to services: strict bodies, single HTTP requests that are sent once, and repeated reads.

Errors are separated by whether the service may have received the request, which decides about everything that changes
something or costs something. Only reads, which change nothing and cost nothing, are repeated, with limits on attempts
and time. Bodies contain images as data URLs (RFC 2397), and large ones are encoded cheaply.
"""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
import json
import logging
import random
import string
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, TypeVar

import aiohttp
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError
from yarl import URL

from bot.engines.errors import (
    AnswerLost,
    AnswerTooLarge,
    EngineError,
    NotSent,
    RateLimited,
    ServiceRefused,
    Unavailable,
    Unreadable,
    Unusable,
)
from bot.net.content_codings import BodyTooLarge
from bot.net.untrusted_data import JSON_TYPE, MAX_HEADER, MAX_HEADERS, Body, header_fault, read_body
from bot.runtime.supervisor import IN_LINE_BYTES, in_thread_if_large
from storage import InputImage

log = logging.getLogger(__name__)

# Some proxies reject the names of HTTP libraries (docs/image-api.md#image-hosts).
USER_AGENT = "Mozilla/5.0 (compatible; Atelier)"
MAX_RETRY_AFTER = 3600.0
# A shorter key may occur in a body by chance.
_SHORTEST_HIDDEN_KEY = 8

# What a request and reading its answer may raise.
FAILURES = (aiohttp.ClientError, OSError, ValueError)
_NOT_CONNECTED = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,  # the proxy refused CONNECT, so the request was not sent
    aiohttp.InvalidURL,
)

# Longer texts are images.
_LONG_TEXT = 64 * 1024
_DATA_URL_LETTERS = f"{string.ascii_letters}{string.digits}+/=:;,-.".encode()

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

MAX_PAUSE = 8.0

T = TypeVar("T")


class ServiceKey:
    """The key of a service. It appears in no repr; `hidden` is what must be removed from texts of the service."""

    def __init__(self, key: SecretStr | str) -> None:
        self._value = key.get_secret_value().strip() if isinstance(key, SecretStr) else key.strip()
        self.hidden = self._value if len(self._value) >= _SHORTEST_HIDDEN_KEY else ""

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "ServiceKey()"

    def header_value(self) -> str:
        """The key as a header. Raises NotSent if it contains characters that are invalid there."""
        if not (self._value.isascii() and self._value.isprintable()):
            raise NotSent("the key contains characters that are invalid in a header")
        return self._value

    def removed_from(self, text: str) -> str:
        """The text with `[key]` in place of the key."""
        return text.replace(self.hidden, "[key]") if self.hidden else text


class HttpExchange:
    """Sends single requests through one session. The caller owns the session."""

    def __init__(self, session: aiohttp.ClientSession, *, service: str, connect: float) -> None:
        """`service` names the service in the log. `connect` bounds connecting, in seconds."""
        self._session = session
        self._service = service
        self._connect = _connecting(connect)
        self._logged_faults: set[str] = set()

    async def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes | aiohttp.FormData | None,
        headers: Mapping[str, str],
        seconds: float,
    ) -> aiohttp.ClientResponse:
        """Sends the request, with JSON, a form or no body, and waits up to `seconds` for the headers of the answer. Its
        failures are for `error_of`. `url` is requested unchanged."""
        timeout = self._connect
        if seconds < 2 * (timeout.connect or 0.0):
            timeout = _connecting(seconds / 2)
        data: bytes | io.BytesIO | aiohttp.FormData | None = body
        if isinstance(body, bytes):
            headers = {**headers, "Content-Type": JSON_TYPE}
            # aiohttp writes bytes at once, which blocks the event loop if they are many.
            data = body if len(body) <= IN_LINE_BYTES else io.BytesIO(body)
        async with asyncio.timeout(seconds):
            return await self._session.request(
                method,
                URL(url, encoded=True),
                data=data,
                headers=headers,
                # A redirect would send the key to another host.
                allow_redirects=False,
                timeout=timeout,
                auto_decompress=False,
                max_line_size=MAX_HEADER,
                max_field_size=MAX_HEADER,
                max_headers=MAX_HEADERS,
            )

    @contextmanager
    def mapped_errors(self, what: str, seconds: float) -> Iterator[None]:
        """Maps the failures of the block with `error_of`."""
        try:
            yield
        except FAILURES as error:
            raise self.error_of(error, what, seconds) from error

    def error_of(self, error: Exception, what: str, seconds: float) -> EngineError:
        """Maps a failure: NotSent if no connection was established, AnswerLost for any later failure."""
        if isinstance(error, _NOT_CONNECTED):
            return NotSent(f"{what}: no connection ({type(error).__name__})")
        if isinstance(error, aiohttp.ClientResponseError):
            return AnswerLost(f"{what}: invalid HTTP headers in the answer ({self._fault(error)})")
        if isinstance(error, TimeoutError):
            return AnswerLost(f"{what}: no answer within {seconds:.0f} s")
        return AnswerLost(f"{what}: the connection broke ({type(error).__name__})")

    def _fault(self, error: aiohttp.ClientResponseError) -> str:
        """Returns the fault of an answer's headers. Each fault is logged once, because only the operator can fix it."""
        fault = header_fault(error)
        if fault not in self._logged_faults:
            self._logged_faults.add(fault)
            log.error(
                "the %s, or a proxy in front of it, sends invalid HTTP headers (%s): its answers are lost until this"
                " is fixed there",
                self._service,
                fault,
            )
        return fault


def _connecting(seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, connect=seconds, sock_connect=seconds)


async def whole_body(response: aiohttp.ClientResponse, most: int, seconds: float) -> Body:
    """The body of an answer, at most `most` bytes. Raises AnswerLost (AnswerTooLarge) for more."""
    try:
        return await read_body(response, most, seconds=seconds)
    except BodyTooLarge:
        kind = AnswerTooLarge if response.status < 300 else AnswerLost
        raise kind(f"HTTP {response.status}: the answer is larger than {most} bytes") from None


def retry_after(response: aiohttp.ClientResponse) -> float | None:
    """The header Retry-After in seconds: a number or a date (RFC 9110, 10.2.3)."""
    header = response.headers.get("Retry-After")
    if not header:
        return None
    try:
        seconds = float(header) if header.strip().isdigit() else parsedate_to_datetime(header).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER)


class StrictBody(BaseModel):
    """Base class of all bodies: frozen, without unknown fields."""

    # A process uses few of the bodies, and a model takes about a millisecond to build.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)

    def __init__(self, **fields: Any) -> None:
        """Raises NotSent with the problem, but never with the value, which may be a whole image."""
        try:
            super().__init__(**fields)
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(map(str, problem['loc'])) or type(self).__name__} {problem['msg']}"
                for problem in error.errors(include_url=False, include_input=False, include_context=False)
            )
            raise NotSent(f"invalid request: {wrong}") from None


def json_bytes(fields: dict[str, Any], *, size: int) -> bytes:
    """Encodes an object as JSON. `size` is the number of characters in it; with images it is slow, so call it in a
    thread. Raises UnicodeEncodeError."""
    return _encode(fields).encode() if size <= _LONG_TEXT else b"".join(_json_parts(fields))


def _json_parts(value: Any) -> Iterator[bytes]:
    """Encodes a value as JSON, in parts. A large data URL becomes a part unchanged: a JSON library would check each
    character, which blocks the event loop for a quarter of a second with several large images, and would copy them."""
    if isinstance(value, dict):
        for number, (name, each) in enumerate(value.items()):
            yield (b"," if number else b"{") + json.dumps(name).encode() + b":"
            yield from _json_parts(each)
        yield b"}" if value else b"{}"
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield b"," if number else b"["
            yield from _json_parts(each)
        yield b"]" if value else b"[]"
    elif isinstance(value, str) and len(value) > _LONG_TEXT and value.isascii() and not _odd_letters(value.encode()):
        yield b'"'
        yield value.encode()
        yield b'"'
    else:
        yield json.dumps(value, ensure_ascii=False).encode()


def _odd_letters(text: bytes) -> bytes:
    """Returns the characters that no data URL contains."""
    return text.translate(None, _DATA_URL_LETTERS)


async def data_urls(pictures: Sequence[InputImage]) -> list[str]:
    """The images as data URLs, the form that most services accept (docs/image-api.md#image-encoding)."""
    size = sum(len(picture.data) for picture in pictures)
    return await in_thread_if_large(size, lambda: [_data_url(picture) for picture in pictures])


def _data_url(picture: InputImage) -> str:
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode('ascii')}"


class RetryLimits(NamedTuple):
    """Limits of one read in seconds: `each` bounds an attempt, `total` all `attempts` together. `backoff` is the first
    pause between two attempts; later ones are longer, up to MAX_PAUSE or to what the service requests."""

    each: float
    total: float
    attempts: int
    backoff: float


async def retried(what: str, once: Callable[[float], Awaitable[T]], limits: RetryLimits) -> T:
    """Calls `once` with the seconds it has until it succeeds. Errors that another attempt cannot change are raised at
    once: refusals, except RateLimited, and AnswerTooLarge.

    Raises ServiceRefused, or Unavailable (Unusable) after the last attempt.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + limits.total
    for attempt in itertools.count(1):
        try:
            return await once(min(limits.each, max(end - clock(), 0.01)))
        except (NotSent, AnswerLost, Unavailable, Unreadable, RateLimited) as error:
            pause = _pause(attempt, error, limits.backoff)
            last = attempt >= limits.attempts or isinstance(error, AnswerTooLarge)
            if last or clock() + pause >= end:
                raise _for_good(error, what) from error
            log.debug("%s: %s; retrying in %.1f s", what, error, pause)
        await asyncio.sleep(pause)
    raise AssertionError("the attempts never end")


def _pause(attempt: int, error: EngineError, first: float) -> float:
    backoff = min(first * float(2 ** (attempt - 1)), MAX_PAUSE)
    # Random jitter, so that many clients do not retry at the same time.
    pause = backoff * (0.5 + random.random() / 2)  # noqa: S311 - no secret
    requested = error.retry_after if isinstance(error, ServiceRefused) else None
    return max(pause, requested or 0.0)


def _for_good(error: EngineError, what: str) -> EngineError:
    if isinstance(error, RateLimited | Unavailable):
        return error
    kind = Unusable if isinstance(error, AnswerTooLarge | Unreadable) else Unavailable
    return kind(f"{what}: {error}")
