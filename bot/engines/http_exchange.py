"""One HTTP request to a service, sent once. Errors are separated by whether the service may have received the request,
which decides about everything that changes something or costs something."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import aiohttp
from pydantic import SecretStr
from yarl import URL

from bot.engines.errors import AnswerLost, AnswerTooLarge, EngineError, NotSent
from bot.net.bodies import MAX_HEADER, MAX_HEADERS, Body, header_fault, read_body
from bot.net.content_codings import BodyTooLarge
from bot.runtime.supervisor import IN_LINE_BYTES

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
            headers = {**headers, "Content-Type": "application/json"}
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
