"""Reads request bodies with limits on size, time and memory. Failures are HTTP status codes."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import web
from aiohttp.web_protocol import RequestPayloadError

from bot.net.untrusted_data import CHUNK
from bot.web.byte_budget import Hold

log = logging.getLogger(__name__)


class BodyError(Exception):
    """The body could not be read. `status` is the HTTP status of the response."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status}")
        self.status = status


async def read_body(request: web.Request, *, limit: int, seconds: float, hold: Hold, weight: int = 1) -> bytearray:
    """Reads a body of at most `limit` bytes within `seconds`.

    Each byte adds `weight` bytes to `hold`, to account for the data made from the body. Raises BodyError (413 too
    large, 408 too slow, 400 connection lost) and BudgetExceeded.
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
    """Expect handler for routes: does not respond to `Expect: 100-continue` before the body is read."""


async def _send_continue(request: web.Request) -> None:
    """Tells a waiting client to send its body (RFC 9110, 10.1.1)."""
    if request.headers.get("Expect", "").lower() == "100-continue" and request.version >= (1, 1):
        try:
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        except ConnectionError as error:
            raise BodyError(400) from error
        request.writer.output_size = 0  # the response itself has not started
