"""An HTTP proxy (RFC 9110, 9.3.6 "CONNECT"; 7.1 "absolute-form") behind which lie hosts that nobody else can resolve.

What is tunnelled to a port 443 is decrypted at the far end, so that programs which speak no TLS can stand behind
`https://` and `wss://` addresses; clients trust `AUTHORITY`.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

AUTHORITY = Path(__file__).parent / "tls" / "authority.pem"
CERTIFICATE = Path(__file__).parent / "tls" / "server.pem"
_CHUNK = 65_536


class Proxy:
    """Counts what goes through it by host. `hosts` gives the address (http://host:port) of the program at a name."""

    def __init__(self, hosts: Mapping[str, str], *, login: str | None = None, status: int = 200) -> None:
        """`login`: user:password that it wants; `status`: what it answers to whatever it is asked, if not 200."""
        self.tunnels: Counter[str] = Counter()
        self.forwarded: Counter[str] = Counter()
        self.headers: list[str] = []
        self.status = status
        self._hosts = dict(hosts)
        self._login = base64.b64encode(login.encode()).decode() if login else None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(CERTIFICATE)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def address(self) -> str:
        """Host and port."""
        if self._server is None:
            raise RuntimeError("the proxy is not open")
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer), name="proxy")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._answer(reader, writer)
        finally:
            await _close(writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.headers.append(head)
        method, target, _ = head.split(" ", 2)
        refusal = self._refusal(head)
        if refusal is not None:
            writer.write(f"HTTP/1.1 {refusal} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        elif method == "CONNECT":
            await self._tunnel(target, reader, writer)
        else:
            await self._forward(target, head, reader, writer)

    def _refusal(self, head: str) -> int | None:
        if self.status != 200:
            return self.status
        if self._login and f"Proxy-Authorization: Basic {self._login}\r\n" not in head:
            return 407
        return None

    async def _tunnel(self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = target.rpartition(":")
        self.tunnels[host] += 1
        there, back = await self._open(host)
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            if port == "443":
                await writer.start_tls(self._tls)
            await _join(reader, writer, there, back)
        finally:
            await _close(back)

    async def _forward(
        self, target: str, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        parts = urlsplit(target)
        host = parts.hostname or ""
        self.forwarded[host] += 1
        there, back = await self._open(host, target)
        lines = [line for line in head.split("\r\n") if not line.startswith("Proxy-")]
        origin_form = parts._replace(scheme="", netloc="").geturl() or "/"
        # One request a connection, so that each is counted.
        lines[0] = lines[0].replace(target, origin_form, 1)
        if "Upgrade: websocket" not in head:
            lines = [line for line in lines if not line.startswith("Connection:")]
            lines.insert(1, "Connection: close")
        try:
            back.write("\r\n".join(lines).encode("latin-1"))
            await _join(reader, writer, there, back)
        finally:
            await _close(back)

    async def _open(self, host: str, target: str = "") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self._hosts.get(host) or target)
        if parts.hostname is None:
            raise OSError(f"no such host behind the proxy: {host}")
        return await asyncio.open_connection(parts.hostname, parts.port or 80)


async def _join(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, there: asyncio.StreamReader, back: asyncio.StreamWriter
) -> None:
    pumps = [asyncio.create_task(_pump(reader, back)), asyncio.create_task(_pump(there, writer))]
    try:
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)


async def _close(writer: asyncio.StreamWriter) -> None:
    """Closes a connection, and waits until that is done: what is left open when the loop ends leaks."""
    writer.close()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(1):
            await writer.wait_closed()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
