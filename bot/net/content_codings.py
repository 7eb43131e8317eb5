"""Content codings of HTTP bodies: gzip, deflate, Brotli and zstd, removed within a limit."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from typing import Protocol

import brotli  # type: ignore[import-untyped] # it ships no types

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Maximum number of content codings applied to one response.
_MAX_CODINGS = 3
# Maximum number of concatenated gzip members or zstd frames in one body.
_MAX_MEMBERS = 256
# Bytes that the Brotli decoder returns at once.
_OUTPUT_AT_ONCE = 64 * 1024
# RFC 9659: content coding `zstd` requires a window of 8 MB at most.
_ZSTD_MODAL: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}
GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"


class _Decompressor(Protocol):
    """The common interface of zlib and zstd: decodes one member of a stream."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class BodyTooLarge(Exception):
    """A body exceeds the limit, as received or after decompression."""


def unpacked(raw: bytes, announced: str, limit: int) -> bytes:
    """A body with the codings of its Content-Encoding removed. If it is not compressed as declared, it is returned
    unchanged.

    Raises BodyTooLarge. This is slow: call it in a thread.
    """
    codings = [coding.strip().lower() for coding in announced.split(",") if coding.strip()][-_MAX_CODINGS:]
    if not codings:
        codings = ["gzip" if raw.startswith(GZIP_MAGIC) else "zstd"]
    for coding in reversed(codings):
        if decode := _DECODERS.get(coding):
            found = decode(raw, limit)
            raw = raw if found is None else bytes(found)
    return raw


def _gunzipped(raw: bytes, limit: int) -> bytearray | None:
    return _members(raw, limit, lambda: zlib.decompressobj(16 + zlib.MAX_WBITS))


def _inflated(raw: bytes, limit: int) -> bytearray | None:
    # `deflate` is used for data both with zlib's header and without it (RFC 9110, 8.4.1.2).
    with_header = _members(raw, limit, lambda: zlib.decompressobj(zlib.MAX_WBITS))
    return _members(raw, limit, lambda: zlib.decompressobj(-zlib.MAX_WBITS)) if with_header is None else with_header


def _unzstd(raw: bytes, limit: int) -> bytearray | None:
    return _members(raw, limit, lambda: zstd.ZstdDecompressor(options=_ZSTD_MODAL))


def _members(raw: bytes, limit: int, make: Callable[[], _Decompressor]) -> bytearray | None:
    """All members of a stream, concatenated; None if the data is not such a stream."""
    found, rest = bytearray(), raw
    for _ in range(_MAX_MEMBERS):
        decompressor = make()
        try:
            found += decompressor.decompress(rest, limit + 1 - len(found))
        except (zlib.error, zstd.ZstdError):
            return found or None  # other data follows the last member
        if len(found) > limit:
            raise BodyTooLarge
        rest = decompressor.unused_data
        if not rest:
            return found or (None if raw and not decompressor.eof else found)
    raise BodyTooLarge


def _unbrotli(raw: bytes, limit: int) -> bytearray | None:
    found, decompressor, rest = bytearray(), brotli.Decompressor(), raw
    try:
        while True:
            part = decompressor.process(rest, output_buffer_limit=_OUTPUT_AT_ONCE)
            found += part
            rest = b""
            if len(found) > limit:
                raise BodyTooLarge
            if decompressor.is_finished() or not part:
                break
    except brotli.error:
        return None
    return found if found or decompressor.is_finished() else None


_DECODERS: dict[str, Callable[[bytes, int], bytearray | None]] = {
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "deflate": _inflated,
    "br": _unbrotli,
    "zstd": _unzstd,
}
