"""Reading the body of a request: bounded in size, time and memory, and whatever goes wrong is an HTTP status."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import web
from aiohttp.web_protocol import RequestPayloadError

from bot.net.http_bodies import CHUNK
from bot.web.byte_budget import Hold

log = logging.getLogger(__name__)


class BodyError(Exception):
    """The body could not be read; `status` is the HTTP status that says why."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status}")
        self.status = status


async def read_body(request: web.Request, *, limit: int, seconds: float, hold: Hold, weight: int = 1) -> bytearray:
    """The body of at most `limit` bytes, within `seconds`.

    Each byte counts as `weight` bytes of what `hold` holds, for what will be made of it. Raises BodyError (413 too
    large, 408 too slow, 400 broken off) and BudgetExceeded.
    """
    if (request.content_length or 0) > limit:
        raise BodyError(413)
    await _send_continue(request)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.content.iter_chunked(CHUNK):
                if len(body) + len(chunk) > limit:
                    raise BodyError(413)
                hold.grow(len(chunk) * weight)
                body += chunk
    except TimeoutError as error:
        raise BodyError(408) from error
    except (ConnectionError, RequestPayloadError) as error:
        log.info("an upload was cut off after %d bytes", len(body))
        raise BodyError(400) from error
    return body


async def expect_later(_: web.Request) -> None:
    """For routes: says nothing to `Expect: 100-continue` until the body is wanted."""


async def _send_continue(request: web.Request) -> None:
    """Tells a client that waits for it to send its body (RFC 9110, 10.1.1)."""
    if request.headers.get("Expect", "").lower() == "100-continue" and request.version >= (1, 1):
        try:
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        except ConnectionError as error:
            raise BodyError(400) from error
        request.writer.output_size = 0  # the answer itself has not begun
