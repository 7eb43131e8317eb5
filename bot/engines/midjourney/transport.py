"""One HTTP request: its time limits, its credentials and its answer. This module never repeats a request.

Errors are separated by whether the service may have received the request, which decides about a submit.
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Mapping
from enum import Enum, StrEnum
from typing import Any, NamedTuple

import aiohttp
from pydantic import SecretStr

from bot.engines.errors import AnswerLost
from bot.engines.http_exchange import FAILURES, USER_AGENT, HttpExchange, ServiceKey, retry_after, whole_body
from bot.net.bodies import Body, TooComplex, parse_json
from bot.runtime.supervisor import in_thread_if_large
from bot.runtime.units import MEGABYTE

log = logging.getLogger(__name__)

MAX_EXCERPT = 200


class AuthStyle(StrEnum):
    """The headers that carry the key (docs/image-api.md#authentication).

    trueai without a gateway needs `secret`: it does not strip `Bearer`.
    """

    BEARER = "bearer"
    SECRET = "secret"  # noqa: S105 - the name of a style
    BOTH = "both"


class TimeLimits(NamedTuple):
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


class HttpAnswer(NamedTuple):
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
        self._exchange = HttpExchange(session, service="image service", connect=limits.connect)
        self.base_url = base_url.rstrip("/").removesuffix("/mj").rstrip("/")
        self._key = ServiceKey(key)
        self._auth = auth
        self._limits = limits

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: bytes | aiohttp.FormData | None = None,
        seconds: float,
        most: int | None = None,
        parse: Parse = parse_json,
    ) -> HttpAnswer:
        """Sends one request once. `path` begins with a slash and is safe in a URL.

        `most` limits the answer's bytes below `TimeLimits.body`. `parse` parses the answer's text, in a thread if the
        text is long, and raises the errors of `parse_json`.

        Raises NotSent if no connection was established, AnswerLost for any later failure. A truncated answer counts if
        it is a complete JSON object or array.
        """
        started, what = time.monotonic(), f"{method} {path}"
        try:
            response = await self._exchange.request(
                method, f"{self.base_url}{path}", body=body, headers=self._headers, seconds=seconds
            )
            async with response:
                left = max(started + seconds - time.monotonic(), 0.01)
                found = await whole_body(response, most or self._limits.body, left)
        except FAILURES as error:
            raise self._exchange.error_of(error, what, seconds) from error
        log.debug("%s: HTTP %d after %.0f ms", what, response.status, (time.monotonic() - started) * 1000)
        answer = await self._answer(response, found, parse)
        if not (found.whole or _is_complete(answer)):
            raise AnswerLost(f"{what}: the answer was cut off")
        return answer

    @functools.cached_property
    def _headers(self) -> Mapping[str, str]:
        """The headers of all requests. Raises NotSent."""
        # Other encodings are decoded, too.
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": USER_AGENT}
        if not self._key:
            return headers
        key = self._key.header_value()
        if self._auth in (AuthStyle.BEARER, AuthStyle.BOTH):
            headers["Authorization"] = f"Bearer {key}"
        if self._auth in (AuthStyle.SECRET, AuthStyle.BOTH):
            headers["mj-api-secret"] = key
        return headers

    async def _answer(self, response: aiohttp.ClientResponse, raw: Body, parse: Parse) -> HttpAnswer:
        status, is_html = response.status, "html" in response.headers.get("Content-Type", "").lower()
        form, body, excerpt = await in_thread_if_large(len(raw.data), lambda: _read(raw, self._key, parse, is_html))
        return HttpAnswer(status, form, body, excerpt, retry_after(response))


def _read(raw: Body, key: ServiceKey, parse: Parse, is_html: bool) -> tuple[AnswerForm, Any, str]:
    """Returns the type of a body, its parsed JSON, and an excerpt if it is not JSON. The key is removed."""
    text = key.removed_from(raw.data.decode("utf-8-sig", "replace").strip())
    raw.data = b""  # a large answer is in memory only once
    if not text:
        return AnswerForm.EMPTY, None, ""
    try:
        return AnswerForm.JSON, parse(text), ""
    except (TooComplex, RecursionError):
        return AnswerForm.COMPLEX, None, text[:MAX_EXCERPT]
    except ValueError:
        return (AnswerForm.HTML if is_html or text.startswith("<") else AnswerForm.TEXT), None, text[:MAX_EXCERPT]


def _is_complete(answer: HttpAnswer) -> bool:
    """Whether the JSON is certainly complete. A truncated number or text cannot be recognized."""
    return answer.form is AnswerForm.JSON and not isinstance(answer.body, str | int | float | None)
