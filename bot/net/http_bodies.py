"""Bodies of HTTP answers: read within a limit, unpacked, and kept as far as they came.

aiohttp gives up an answer that is packed in another way than announced, and the bytes of one that ends before its
framing says so. Here both are read. The request has to be made with `auto_decompress=False`.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import aiohttp
import brotli  # type: ignore[import-untyped] # it ships no types

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

log = logging.getLogger(__name__)

# In bytes: one header; CDNs add policies and cookies of several KiB. And how many headers there may be.
MAX_HEADER = 64 * 1024
MAX_HEADERS = 512
CHUNK = 64 * 1024
# An answer passes so many programs that pack it, one after another, at most.
_MAX_CODINGS = 3
# Concatenated gzip members or zstd frames in one body.
_MAX_MEMBERS = 256
# RFC 9659: what is sent as `zstd` needs a window of 8 MB at most.
_ZSTD_MODAL: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}
_GZIP_MAGIC, _ZSTD_MAGIC = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"


class _Decompressor(Protocol):
    """What zlib and zstd have in common: decodes one member of a stream."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class BodyTooLarge(Exception):
    """A body has more bytes than are wanted, as it came or unpacked."""


@dataclass(frozen=True, slots=True)
class Body:
    """What came, unpacked. `whole`: the connection did not end before the framing said so."""

    data: bytearray
    whole: bool


async def read_body(response: aiohttp.ClientResponse, limit: int, *, seconds: float | None = None) -> Body:
    """The body of an answer, at most `limit` bytes of it, within `seconds`.

    One that breaks off, or does not end in time, is given as far as it came. Raises BodyTooLarge; aiohttp.ClientError,
    OSError or TimeoutError when nothing came.
    """
    raw, whole = bytearray(), True
    try:
        async with asyncio.timeout(seconds):
            async for chunk in response.content.iter_chunked(CHUNK):
                raw += chunk
                if len(raw) > limit:
                    response.close()
                    raise BodyTooLarge
    except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
        raw += _arrived(response)
        if not raw:
            raise
        whole = False
        response.close()
        log.debug("a body was cut off after %d bytes: %s", len(raw), type(error).__name__)
    if len(raw) > limit:
        raise BodyTooLarge
    announced = response.headers.get("Content-Encoding", "")
    if announced or raw.startswith((_GZIP_MAGIC, _ZSTD_MAGIC)):
        raw = await asyncio.to_thread(unpacked, raw, announced, limit)
    return Body(raw, whole)


def header_fault(error: aiohttp.ClientResponseError) -> str:
    """What is wrong with the headers of an answer that cannot be read, without their values."""
    return (error.message.strip().partition("\n")[0].partition(":")[0])[:80] or "no reason given"


def _arrived(response: aiohttp.ClientResponse) -> bytes:
    """What had arrived when the connection broke and was not handed out before.

    aiohttp's stream raises for its exception first; the bytes are behind a private method.
    """
    with suppress(TimeoutError):
        return response.content._read_nowait(-1)
    return b""


def unpacked(raw: bytearray, announced: str, limit: int) -> bytearray:
    """A body without the codings of its Content-Encoding; one that is not packed as announced stays as it is.

    Raises BodyTooLarge. It takes time: call it in a thread.
    """
    codings = [coding.strip().lower() for coding in announced.split(",") if coding.strip()][-_MAX_CODINGS:]
    if not codings:
        codings = ["gzip" if raw.startswith(_GZIP_MAGIC) else "zstd"]
    for coding in reversed(codings):
        if decode := _DECODERS.get(coding):
            found = decode(raw, limit)
            raw = raw if found is None else found
    return raw


def _gunzipped(raw: bytearray, limit: int) -> bytearray | None:
    return _members(raw, limit, lambda: zlib.decompressobj(16 + zlib.MAX_WBITS))


def _inflated(raw: bytearray, limit: int) -> bytearray | None:
    # Announced as `deflate` is both, with zlib's header and without (RFC 9110, 8.4.1.2).
    with_header = _members(raw, limit, lambda: zlib.decompressobj(zlib.MAX_WBITS))
    return _members(raw, limit, lambda: zlib.decompressobj(-zlib.MAX_WBITS)) if with_header is None else with_header


def _unzstd(raw: bytearray, limit: int) -> bytearray | None:
    return _members(raw, limit, lambda: zstd.ZstdDecompressor(options=_ZSTD_MODAL))


def _members(raw: bytearray, limit: int, make: Callable[[], _Decompressor]) -> bytearray | None:
    """All members of a stream, one after another; None for what is no such stream."""
    found, rest = bytearray(), bytes(raw)
    for _ in range(_MAX_MEMBERS):
        decompressor = make()
        try:
            found += decompressor.decompress(rest, limit + 1 - len(found))
        except (zlib.error, zstd.ZstdError):
            return found or None  # something else follows the last member
        if len(found) > limit:
            raise BodyTooLarge
        rest = decompressor.unused_data
        if not rest:
            return found or (None if raw and not decompressor.eof else found)
    raise BodyTooLarge


def _unbrotli(raw: bytearray, limit: int) -> bytearray | None:
    found, decompressor, rest = bytearray(), brotli.Decompressor(), bytes(raw)
    try:
        while True:
            part = decompressor.process(rest, output_buffer_limit=CHUNK)
            found += part
            rest = b""
            if len(found) > limit:
                raise BodyTooLarge
            if decompressor.is_finished() or not part:
                break
    except brotli.error:
        return None
    return found if found or decompressor.is_finished() else None


_DECODERS: dict[str, Callable[[bytearray, int], bytearray | None]] = {
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "deflate": _inflated,
    "br": _unbrotli,
    "zstd": _unzstd,
}
