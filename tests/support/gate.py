"""A way to a server that can be shut: what is sent then waits, neither delivered nor lost."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_CHUNK = 65_536


class Gate:
    """Forwards TCP connections. Whoever hangs up while the gate is shut has sent nothing."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._target = ("", 0)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.held = 0

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
    def url(self) -> str:
        """The address that leads through here."""
        if self._server is None:
            raise RuntimeError("the gate is not there")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def lead_to(self, url: str) -> None:
        """Opens the gate to a server."""
        parts = urlsplit(url)
        self._target = (parts.hostname or "", parts.port or 80)
        self._open.set()

    def shut(self) -> None:
        """From now on requests wait; answers still come through."""
        self._open.clear()

    def open(self) -> None:
        """Lets everything through again."""
        self._open.set()

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer), name="gate")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent: asyncio.Queue[bytes] = asyncio.Queue()
        gone = asyncio.Event()
        receiving = asyncio.create_task(_receive(reader, sent, gone))
        try:
            first = await sent.get()
            if not first or not await self._passes(gone):
                return
            there, back = await asyncio.open_connection(*self._target)
            answering = asyncio.create_task(_pump(there, writer))
            try:
                data = first
                while data and await self._passes(gone):
                    back.write(data)
                    await back.drain()
                    data = await sent.get()
            finally:
                answering.cancel()
                back.close()
        except OSError:
            pass  # one of the two hung up: so does the other
        finally:
            receiving.cancel()
            writer.close()

    async def _passes(self, gone: asyncio.Event) -> bool:
        if self._open.is_set():
            return True
        self.held += 1
        waits = [asyncio.create_task(event.wait()) for event in (self._open, gone)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.held -= 1
            for wait in waits:
                wait.cancel()
        return not gone.is_set()


async def _receive(reader: asyncio.StreamReader, sent: asyncio.Queue[bytes], gone: asyncio.Event) -> None:
    data = b"."
    while data:
        try:
            data = await reader.read(_CHUNK)
        except OSError:
            data = b""
        if not data:
            gone.set()
        sent.put_nowait(data)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()
    writer.close()
