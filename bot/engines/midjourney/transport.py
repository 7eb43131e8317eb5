"""One HTTP request: its time limits, its credentials and its answer. This module never repeats a request.

Errors are separated by whether the service may have received the request, which decides about a submit.
"""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum, StrEnum
from typing import Any

import aiohttp
from pydantic import SecretStr
from yarl import URL

from bot.engines.errors import AnswerLost, AnswerTooLarge, NotSent
from bot.net import json_limits
from bot.net.http_bodies import MAX_HEADER, MAX_HEADERS, Body, BodyTooLarge, header_fault, read_body
from bot.runtime.threads import in_thread_if_large
from bot.runtime.units import MEGABYTE

log = logging.getLogger(__name__)

# Some proxies reject the names of HTTP libraries (docs/image-api.md#image-hosts).
USER_AGENT = "Mozilla/5.0 (compatible; Atelier)"
MAX_EXCERPT = 200
MAX_RETRY_AFTER = 3600.0
# A shorter key may occur in a body by chance.
_SHORTEST_HIDDEN_KEY = 8


class AuthStyle(StrEnum):
    """The headers that carry the key (docs/image-api.md#authentication).

    trueai without a gateway needs `secret`: it does not strip `Bearer`.
    """

    BEARER = "bearer"
    SECRET = "secret"  # noqa: S105 - the name of a style
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Limits in seconds and bytes.

    `connect` bounds connecting, `submit` a whole submit (newapi itself waits 60 s for the service behind it), `read`
    one attempt of a read, `reads` all its attempts, `seed` the slow image-seed (60 s on trueai). `attempts` is the
    number of attempts of a read, `backoff` the first pause between two. `body` bounds the size of any answer, `list`
    that of a list of tasks, which can be requested in smaller parts.
    """

    connect: float = 10.0
    submit: float = 90.0
    read: float = 20.0
    reads: float = 60.0
    seed: float = 75.0
    attempts: int = 4
    backoff: float = 0.5
    body: int = 8 * MEGABYTE
    list: int = 2 * MEGABYTE


Parse = Callable[[str], Any]


class AnswerForm(Enum):
    """The type of an answer's body."""

    JSON = "JSON"
    EMPTY = "an empty body"
    HTML = "a web page"
    TEXT = "text"
    COMPLEX = "JSON that is too complex"


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A complete answer. `body` is the parsed JSON; `excerpt` is the beginning of a body that is not JSON."""

    status: int
    form: AnswerForm
    body: Any = None
    excerpt: str = ""
    retry_after: float | None = None


class Transport:
    """Sends requests to one service with one key. The caller owns the session."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        *,
        key: SecretStr | str,
        auth: AuthStyle,
        limits: TimeLimits,
    ) -> None:
        """`base_url` is the URL of the service, with or without `/mj` at the end."""
        self._session = session
        self.base_url = base_url.rstrip("/").removesuffix("/mj").rstrip("/")
        self._key = key.get_secret_value().strip() if isinstance(key, SecretStr) else key.strip()
        self._auth = auth
        self._limits = limits
        self._told: set[str] = set()

    async def send(
        self,
        method: str,
        path: str,
        *,
        json_body: bytes | None = None,
        form: aiohttp.FormData | None = None,
        seconds: float,
        most: int | None = None,
        parse: Parse = json_limits.loads,
    ) -> HttpAnswer:
        """Sends one request once. `path` begins with a slash and is safe in a URL.

        `most` limits the answer's bytes below `TimeLimits.body`. `parse` parses the answer's text, in a thread if the
        text is long, and raises the errors of `json_limits.loads`.

        Raises NotSent if no connection was established, AnswerLost for any later failure. A truncated answer counts if
        it is a complete JSON object or array.
        """
        headers, url = self._headers(), URL(f"{self.base_url}{path}", encoded=True)
        if json_body is not None:
            headers["Content-Type"] = "application/json"
        data = io.BytesIO(json_body) if json_body is not None else form
        started, what = time.monotonic(), f"{method} {path}"
        with self._mapped_errors(what, seconds):
            async with asyncio.timeout(seconds):
                response = await self._request(method, url, data, headers, seconds)
            async with response:
                left = max(started + seconds - time.monotonic(), 0.01)
                body = await self._body(response, most or self._limits.body, left)
        log.debug("%s: HTTP %d after %.0f ms", what, response.status, (time.monotonic() - started) * 1000)
        answer = await self._answer(response, body.data, parse)
        if not (body.whole or _is_complete(answer)):
            raise AnswerLost(f"{what}: the answer was cut off")
        return answer

    @contextmanager
    def _mapped_errors(self, what: str, seconds: float) -> Iterator[None]:
        """Maps exceptions of the block to errors of this package."""
        try:
            yield
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.ClientHttpProxyError,  # the proxy refused CONNECT, so the request was not sent
            aiohttp.InvalidURL,
        ) as error:
            raise NotSent(f"{what}: no connection ({type(error).__name__})") from error
        except aiohttp.ClientResponseError as error:
            raise AnswerLost(f"{what}: invalid HTTP headers in the answer ({self._fault(error)})") from error
        except TimeoutError as error:
            raise AnswerLost(f"{what}: no answer within {seconds:.0f} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise AnswerLost(f"{what}: the connection broke ({type(error).__name__})") from error

    async def _request(
        self,
        method: str,
        url: URL,
        data: io.BytesIO | aiohttp.FormData | None,
        headers: dict[str, str],
        seconds: float,
    ) -> aiohttp.ClientResponse:
        connect = min(self._limits.connect, seconds / 2)
        return await self._session.request(
            method,
            url,
            data=data,
            headers=headers,
            # A redirect would send the key to another host.
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=connect, sock_connect=connect),
            auto_decompress=False,
            max_line_size=MAX_HEADER,
            max_field_size=MAX_HEADER,
            max_headers=MAX_HEADERS,
        )

    def _fault(self, error: aiohttp.ClientResponseError) -> str:
        """Returns the fault of an answer's headers. Each fault is logged once, because only the operator can fix it."""
        fault = header_fault(error)
        if fault not in self._told:
            self._told.add(fault)
            log.error(
                "the image service, or a proxy in front of it, sends invalid HTTP headers (%s): its answers are"
                " lost until this is fixed there",
                fault,
            )
        return fault

    def _headers(self) -> dict[str, str]:
        # Other encodings are decoded, too.
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": USER_AGENT}
        if not self._key:
            return headers
        if not (self._key.isascii() and self._key.isprintable()):
            raise NotSent("the key contains characters that are invalid in a header")
        if self._auth in (AuthStyle.BEARER, AuthStyle.BOTH):
            headers["Authorization"] = f"Bearer {self._key}"
        if self._auth in (AuthStyle.SECRET, AuthStyle.BOTH):
            headers["mj-api-secret"] = self._key
        return headers

    @staticmethod
    async def _body(response: aiohttp.ClientResponse, most: int, seconds: float) -> Body:
        try:
            return await read_body(response, most, seconds=seconds)
        except BodyTooLarge:
            kind = AnswerTooLarge if response.status < 300 else AnswerLost
            raise kind(f"HTTP {response.status}: the answer is larger than {most} bytes") from None

    async def _answer(self, response: aiohttp.ClientResponse, raw: bytearray, parse: Parse) -> HttpAnswer:
        retry_after = _seconds(response.headers.get("Retry-After", ""))
        hidden = self._key if len(self._key) >= _SHORTEST_HIDDEN_KEY else ""
        status, is_html = response.status, "html" in response.headers.get("Content-Type", "").lower()
        form, body, excerpt = await in_thread_if_large(len(raw), lambda: _read(raw, hidden, parse, is_html))
        return HttpAnswer(status, form, body, excerpt, retry_after)


def _read(raw: bytearray, hidden: str, parse: Parse, is_html: bool) -> tuple[AnswerForm, Any, str]:
    """Returns the type of a body, its parsed JSON, and an excerpt if it is not JSON. The key is removed."""
    text = raw.decode("utf-8-sig", "replace").strip()
    raw.clear()
    if hidden:
        text = text.replace(hidden, "[key]")
    if not text:
        return AnswerForm.EMPTY, None, ""
    try:
        return AnswerForm.JSON, parse(text), ""
    except (json_limits.TooComplex, RecursionError):
        return AnswerForm.COMPLEX, None, text[:MAX_EXCERPT]
    except ValueError:
        return (AnswerForm.HTML if is_html or text.startswith("<") else AnswerForm.TEXT), None, text[:MAX_EXCERPT]


def _is_complete(answer: HttpAnswer) -> bool:
    """Whether the JSON is certainly complete. A truncated number or text cannot be recognized."""
    return answer.form is AnswerForm.JSON and not isinstance(answer.body, str | int | float | None)


def _seconds(header: str) -> float | None:
    """Parses Retry-After: a number of seconds or a date (RFC 9110, 10.2.3)."""
    try:
        seconds = float(header) if header.strip().isdigit() else parsedate_to_datetime(header).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER)
