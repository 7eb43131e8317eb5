"""Answers that are altered on their way: packed, decorated or cut by what stands before an image service."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable

import brotli  # type: ignore[import-untyped] # it ships no types

from playground.images.faults import Framing
from playground.images.replies import Reply

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LONG = "default-src 'self'; " * 450


def packed(coding: str, pack: Callable[[bytes], bytes]) -> Framing:
    """The body packed in one way, announced as packed in one way; the two may differ."""

    def frame(reply: Reply) -> bytes:
        body = pack(body_of(reply))
        return written(reply, body, {"Content-Encoding": coding, "Content-Length": str(len(body))})

    return frame


def long_header(reply: Reply) -> bytes:
    body = body_of(reply)
    return written(reply, body, {"Content-Security-Policy": LONG, "Content-Length": str(len(body))})


def cut_short(reply: Reply) -> bytes:
    """More bytes are announced than come."""
    body = body_of(reply)
    return written(reply, body, {"Content-Length": str(len(body) + 100)})


def unended_chunks(reply: Reply) -> bytes:
    """The last chunk, of no bytes, does not come."""
    body = body_of(reply)
    return written(reply, b"%x\r\n%b\r\n" % (len(body), body), {"Transfer-Encoding": "chunked"})


def two_lengths(reply: Reply) -> bytes:
    body = body_of(reply)
    length = str(len(body))
    return written(reply, body, {"Content-Length": f"{length}\r\nContent-Length: {length}"})


def body_of(reply: Reply) -> bytes:
    return reply.body if isinstance(reply.body, bytes) else reply.text().encode()


def written(reply: Reply, body: bytes, headers: dict[str, str]) -> bytes:
    """The bytes of an answer over HTTP."""
    headers = {"Content-Type": reply.content_type, "Connection": "close", **reply.headers, **headers}
    lines = [f"HTTP/1.1 {reply.status} Answer", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


# By the names that tests show; a client can read all of these.
READABLE: dict[str, Framing] = {
    "packed_br": packed("br", brotli.compress),
    "packed_zstd": packed("zstd", zstd.compress),
    "packed_gzip": packed("gzip", gzip.compress),
    "not_packed": packed("gzip", bytes),
    "long_header": long_header,
    "cut_short": cut_short,
    "unended_chunks": unended_chunks,
}
