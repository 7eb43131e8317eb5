"""What the local services have in common: the HTTP server, a run until Ctrl+C, and ports of this machine."""

import abc
import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Self

from aiohttp import web

from playground.discord.events import EventBus

HOST = "127.0.0.1"
_BODY_LIMIT = 64 * 1024 * 1024


class LocalService(abc.ABC):
    """A service that runs inside `async with`. `until` waits for a change that is published on its bus."""

    def __init__(self, port: int, bus: EventBus) -> None:
        """`port` 0 is any free one."""
        self.base_url = ""
        self._port = port
        self.until = bus.until
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_BODY_LIMIT)
        app.router.add_route("*", "/{tail:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self._port).start()
        except BaseException:
            await self._runner.cleanup()
            raise
        self.base_url = f"http://{HOST}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()

    @abc.abstractmethod
    async def _answer(self, request: web.Request) -> web.StreamResponse:
        """Answers any request to the service."""


def run(service: LocalService, name: str) -> None:
    """Runs a service of its own until it is interrupted, and prints its URL."""

    async def serve() -> None:
        stop = interruption()
        async with service:
            print(f"{name}: {service.base_url}", flush=True)
            await stop.wait()

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    asyncio.run(serve())


def interruption() -> asyncio.Event:
    """An event that Ctrl+C and SIGTERM set from now on."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


@contextlib.contextmanager
def held_port() -> Iterator[int]:
    """A port of the loopback address, reserved while the block runs: a program can listen on it.

    Linux lets a program listen where another socket is bound that does not listen, if both set SO_REUSEADDR (asyncio's
    servers do), and gives such a port to no other program by chance. Elsewhere it is only likely to stay free.
    """
    with contextlib.closing(socket.socket()) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((HOST, 0))
        port = int(holder.getsockname()[1])
        if sys.platform != "linux":
            holder.close()
        yield port
