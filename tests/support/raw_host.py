"""A host that sends exactly the bytes it is told to, which no HTTP library would."""

from __future__ import annotations

import asyncio
import gzip
import sys
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import brotli  # type: ignore[import-untyped] # it ships no types

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


@dataclass
class RawHost:
    """Answers with `replies`, one a connection, the last again and again, and closes; `open` keeps it open instead.

    `targets` are the paths asked for, to the letter; `choose`, if set, answers by them.
    """

    replies: list[bytes] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    choose: Callable[[str], bytes] | None = None
    keeps_open: bool = False
    port: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            for line in head.split("\r\n"):
                if line.lower().startswith("content-length:"):
                    await reader.readexactly(int(line.partition(":")[2]))
            target = head.split(" ", 2)[1]
            self.targets.append(target)
            if self.choose:
                reply = self.choose(target)
            else:
                reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
            writer.write(reply)
            await writer.drain()
            if self.keeps_open:
                await self.over.wait()
        writer.close()


@asynccontextmanager
async def raw_host(*replies: bytes) -> AsyncIterator[RawHost]:
    """A running host."""
    host = RawHost(list(replies))
    async with await asyncio.start_server(host.serve, "127.0.0.1", 0) as server:
        host.port = server.sockets[0].getsockname()[1]
        try:
            yield host
        finally:
            host.over.set()


def reply(
    body: bytes,
    *headers: str,
    status: str = "200 OK",
    length: int | None = None,
    content_type: str = "application/json",
) -> bytes:
    """An answer; `length` is the Content-Length that it claims."""
    told = f"Content-Length: {len(body) if length is None else length}"
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Type: {content_type}", told, "Connection: close", *headers])
    return f"{head}\r\n\r\n".encode("latin-1") + body


def chunked(body: bytes, *, last: bool = False, content_type: str = "application/json") -> bytes:
    """An answer in one chunk, without the last one that ends it."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head.encode() + b"%x\r\n" % len(body) + body + b"\r\n" + (b"0\r\n\r\n" if last else b"")


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


# Ways to pack a body, each with the Content-Encoding that is announced.
PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
    "gzip": ("gzip", gzip.compress),
    "x-gzip in capitals": ("X-GZIP", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "deflate without its header": ("deflate", _raw_deflate),
    "gzip, then br": ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
    "two members of gzip": ("gzip", lambda data: gzip.compress(data[:5]) + gzip.compress(data[5:])),
    "two frames of zstd": ("zstd", lambda data: zstd.compress(data[:5]) + zstd.compress(data[5:])),
    "gzip without its end": ("gzip", lambda data: gzip.compress(data)[:-8]),
    "gzip that is none": ("gzip", bytes),
    "br that is none": ("br", bytes),
    "zstd that is none": ("zstd", bytes),
    "deflate that is none": ("deflate", bytes),
    "a coding that nobody knows": ("aws-chunked", bytes),
    "gzip unannounced": ("", gzip.compress),
    "zstd unannounced": ("", zstd.compress),
}


def packed(body: bytes, way: str, *, content_type: str = "application/json") -> bytes:
    """An answer packed in one of the ways of `PACKED`."""
    announced, pack = PACKED[way]
    headers: Sequence[str] = [f"Content-Encoding: {announced}"] if announced else []
    return reply(pack(body), *headers, content_type=content_type)


def bomb(coding: str, size: int) -> bytes:
    """A small body that becomes large."""
    zeros = bytes(size)
    packers: dict[str, Callable[[bytes], bytes]] = {
        "br": lambda data: brotli.compress(data, quality=5),
        "zstd": zstd.compress,
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "gzip, gzip": lambda data: gzip.compress(gzip.compress(data)),
    }
    return reply(packers[coding](zeros), f"Content-Encoding: {coding}")
