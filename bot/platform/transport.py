"""One request to the platform, sent once: its time limits, its key and its answer (docs/platform-api.md#transport)."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from pydantic import SecretStr

from bot.engines.errors import AnswerLost, AnswerTooLarge
from bot.engines.service_requests import USER_AGENT, HttpExchange, ServiceKey, retry_after, whole_body
from bot.runtime.units import MEGABYTE

log = logging.getLogger(__name__)

# What people paste behind the base URL (docs/platform-api.md#base-url).
_PASTED = re.compile(
    r"(?:/+|/v1(?:/(?:chat/completions|completions|embeddings|models|images/\w+|audio/\w+))?|/mj(?:-\w+)?)$"
)
_REQUEST_ID_HEADERS = ("X-Oneapi-Request-Id", "X-Request-Id")
_MAX_REQUEST_ID = 100


@dataclass(frozen=True, slots=True)
class PlatformLimits:
    """Limits in seconds and bytes.

    `connect` bounds connecting, `billed` a whole call that costs something (images take minutes at peak times), `idle`
    the pause between two parts of a stream, `after_finish` the wait for the rest of a stream that says it is complete.
    `read` bounds one attempt of a read, `reads` all `attempts`, `backoff` is the first pause between two. `body` bounds
    the size of an answer that may hold images or sound, and a line of a stream; `short_body` that of any other.
    """

    connect: float = 10.0
    billed: float = 600.0
    idle: float = 90.0
    after_finish: float = 2.0
    read: float = 20.0
    reads: float = 60.0
    attempts: int = 4
    backoff: float = 0.5
    body: int = 64 * MEGABYTE
    short_body: int = 8 * MEGABYTE


@dataclass(frozen=True, slots=True)
class AnswerHead:
    """Everything of an answer but its body. `media_type` is in lower case and without parameters. `method` is that of
    the request."""

    status: int
    method: str = "GET"
    media_type: str = ""
    retry_after: float | None = None
    request_id: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class PlatformAnswer:
    """An answer with its body. `whole`: the body was received completely, according to its framing."""

    head: AnswerHead
    body: bytes = field(repr=False)
    whole: bool = True


class AnswerStream:
    """An answer whose body arrives in parts. The key is removed from it."""

    def __init__(self, response: aiohttp.ClientResponse, head: AnswerHead, key: ServiceKey, limits: PlatformLimits):
        self.head = head
        self._response = response
        self._key = key
        self._limits = limits
        self._filter = KeyFilter(key)
        self._size = 0

    async def part(self, seconds: float) -> bytes | None:
        """The next part of the body, None at its end. After a TimeoutError it can be called again.

        Raises AnswerTooLarge; TimeoutError, aiohttp.ClientError, OSError.
        """
        if self._response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            # Compressed against the request, so it can only be read as a whole.
            return None if self._response.content.at_eof() else (await self.rest()).body
        async with asyncio.timeout(seconds):
            chunk = await self._response.content.readany()
        self._size += len(chunk)
        if self._size > self._limits.body:
            raise AnswerTooLarge(f"the stream is larger than {self._limits.body} bytes")
        if chunk:
            return self._filter.feed(chunk)
        return self._filter.rest() or None

    async def rest(self) -> PlatformAnswer:
        """The whole body at once. Raises AnswerLost (AnswerTooLarge)."""
        try:
            body = await whole_body(self._response, self._limits.body, self._limits.idle)
        except (aiohttp.ClientError, OSError) as error:
            raise AnswerLost(f"HTTP {self.head.status}: the body broke off ({type(error).__name__})") from error
        return PlatformAnswer(self.head, _without(self._key, body.data), body.whole)


class KeyFilter:
    """Removes the key from a body that arrives in parts, also where two parts share it."""

    def __init__(self, key: ServiceKey) -> None:
        self._key = key.hidden.encode("ascii", "ignore")
        self._held = b""

    def feed(self, part: bytes) -> bytes:
        """The part without the key. An end that may be the beginning of the key is held back."""
        if not self._key:
            return part
        known = (self._held + part).replace(self._key, b"[key]")
        keep = next((n for n in range(len(self._key) - 1, 0, -1) if known.endswith(self._key[:n])), 0)
        self._held = known[len(known) - keep :]
        return known[: len(known) - keep]

    def rest(self) -> bytes:
        """What was held back at the end of the body."""
        held, self._held = self._held, b""
        return held


class PlatformTransport:
    """Sends requests to one platform with one key. It never repeats a request. The caller owns the session."""

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, *, key: SecretStr | str, limits: PlatformLimits
    ) -> None:
        """`base_url` may end in `/v1` or in one of the endpoints (docs/platform-api.md#base-url)."""
        self.base_url = normalized_base(base_url)
        self.limits = limits
        self._exchange = HttpExchange(session, service="platform", connect=limits.connect)
        self._key = ServiceKey(key)

    async def send(
        self,
        method: str,
        path: str,
        *,
        json_body: bytes | None = None,
        form: aiohttp.FormData | None = None,
        seconds: float,
        most: int | None = None,
    ) -> PlatformAnswer:
        """Sends one request once and returns the whole answer, of at most `most` bytes (default: `body`). `path` begins
        with `/v1/`.

        Raises NotSent if no connection was established, AnswerLost for any later failure.
        """
        started, what = time.monotonic(), f"{method} {path.partition('?')[0]}"
        async with self._opened(method, path, json_body, form, seconds) as (response, head):
            left = max(started + seconds - time.monotonic(), 0.01)
            with self._exchange.mapped_errors(what, seconds):
                body = await whole_body(response, most or self.limits.body, left)
        return PlatformAnswer(head, _without(self._key, body.data), body.whole)

    @asynccontextmanager
    async def stream(
        self, path: str, *, json_body: bytes | None, form: aiohttp.FormData | None = None, seconds: float
    ) -> AsyncIterator[AnswerStream]:
        """Posts one request once; the context holds the answer as it arrives, and closes it. `seconds` bounds the wait
        for its beginning. Raises the errors of `send`."""
        async with self._opened("POST", path, json_body, form, seconds, streamed=True) as (response, head):
            yield AnswerStream(response, head, self._key, self.limits)

    @asynccontextmanager
    async def _opened(
        self,
        method: str,
        path: str,
        json_body: bytes | None,
        form: aiohttp.FormData | None,
        seconds: float,
        *,
        streamed: bool = False,
    ) -> AsyncIterator[tuple[aiohttp.ClientResponse, AnswerHead]]:
        started, what = time.monotonic(), f"{method} {path.partition('?')[0]}"
        with self._exchange.mapped_errors(what, seconds):
            response = await self._exchange.request(
                method,
                f"{self.base_url}{path}",
                body=form if json_body is None else json_body,
                headers=self._headers(streamed=streamed),
                seconds=seconds,
            )
        async with response:
            head = self._head(response, method)
            log.log(
                logging.DEBUG if head.status < 300 else logging.INFO,
                "%s: HTTP %d after %.0f ms (request id %s)",
                what,
                head.status,
                (time.monotonic() - started) * 1000,
                head.request_id or "unknown",
            )
            yield response, head

    def _headers(self, *, streamed: bool) -> dict[str, str]:
        # The names of the usual client libraries are blocked in places (docs/platform-api.md#headers).
        headers = {"Accept": "application/json, text/event-stream, */*", "User-Agent": USER_AGENT}
        headers["Accept-Encoding"] = "identity" if streamed else "gzip, deflate"
        if self._key:
            headers["Authorization"] = f"Bearer {self._key.header_value()}"
        return headers

    def _head(self, response: aiohttp.ClientResponse, method: str) -> AnswerHead:
        given = (response.headers.get(name, "") for name in _REQUEST_ID_HEADERS)
        request_id = next(filter(None, given), "")[:_MAX_REQUEST_ID]
        return AnswerHead(
            response.status,
            method,
            response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
            retry_after(response),
            self._key.removed_from(request_id if request_id.isprintable() else ""),
            self._key.removed_from(response.headers.get("Location", "")),
        )


def normalized_base(url: str) -> str:
    """The base URL without what people paste behind it: slashes, `/v1`, an endpoint, a prefix of the image API."""
    found = url.strip()
    while (shorter := _PASTED.sub("", found)) != found:
        found = shorter
    return found


def _without(key: ServiceKey, body: bytes) -> bytes:
    hidden = key.hidden.encode("ascii", "ignore")
    return body.replace(hidden, b"[key]") if hidden else body
