"""Answers as front doors spoil them on their way: packed unasked, with a long header, shorter than they promise."""

import gzip
import sys
from collections.abc import Callable, Mapping

import brotli  # type: ignore[import-untyped] # it ships no types

from playground.images.answers import Reply

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_LONG = "default-src 'self'; " * 450
# What is packed how, by the fault's name, and what is announced.
_CODINGS: Mapping[str, tuple[str, Callable[[bytes], bytes]]] = {
    "packed_br": ("br", brotli.compress),
    "packed_zstd": ("zstd", zstd.compress),
    "packed_gzip": ("gzip", gzip.compress),
    "not_packed": ("gzip", bytes),
}


def framed(reply: Reply, fault: str) -> bytes:
    """The bytes of an answer, after which the connection is closed."""
    body = reply.body if isinstance(reply.body, bytes) else reply.text().encode()
    headers = {"Content-Type": reply.content_type, "Connection": "close", **reply.headers}
    if fault in _CODINGS:
        headers["Content-Encoding"], pack = _CODINGS[fault]
        body = pack(body)
    if fault == "long_header":
        headers["Content-Security-Policy"] = _LONG
    if fault == "unended_chunks":
        headers["Transfer-Encoding"] = "chunked"
        body = b"%x\r\n%b\r\n" % (len(body), body)
    else:
        headers["Content-Length"] = str(len(body) + (100 if fault == "cut_short" else 0))
    lines = [f"HTTP/1.1 {reply.status} Answer", *(f"{name}: {value}" for name, value in headers.items())]
    if fault == "two_lengths":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
