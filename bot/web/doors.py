"""Limits of the web server: who may come in, how often, and how long somebody may stand in the door."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

# Requests that one address may send: in the long run a second, and at once. Callbacks of a thousand tasks pass.
RATE = 200.0
BURST = 1_000.0
# What is refused counts as so many, because whoever guesses is mostly wrong.
REFUSED_COSTS = 40.0
MOST_ADDRESSES = 10_000
RETRY_SECONDS = 5

CONNECTIONS = 500
HEAD_SECONDS = 10.0
CONNECTION_SECONDS = 60.0
_HEAD_ENDS = b"\r\n\r\n"


class Allowances:
    """Counts requests by address, in bounded memory: the address that was quiet longest is forgotten first."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._spent)

    def admits(self, address: str) -> bool:
        """May this address send a request now? It is counted if so."""
        if self._now_spent(address) + 1 > BURST:
            return False
        self._spend(address, 1)
        return True

    def refused(self, address: str) -> None:
        """A request of this address was not answered with what it wanted."""
        self._spend(address, REFUSED_COSTS)

    def _spend(self, address: str, cost: float) -> None:
        self._spent[address] = (min(BURST, self._now_spent(address) + cost), self._clock())
        self._spent.move_to_end(address)
        while len(self._spent) > MOST_ADDRESSES:
            self._spent.popitem(last=False)

    def _now_spent(self, address: str) -> float:
        spent, at = self._spent.get(address, (0.0, 0.0))
        return max(0.0, spent - RATE * (self._clock() - at))


def client_address(request: web.Request) -> str:
    """Where a request comes from: what the proxy in front says if there is one beside us, else the peer."""
    peer = request.remote or ""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        if forwarded and ipaddress.ip_address(peer).is_private:
            return str(ipaddress.ip_address(forwarded))
    except ValueError:
        pass
    return peer


def doorkeeper(allowances: Allowances) -> Middleware:
    """The middleware that counts, and that says nothing of what is not here."""

    @web.middleware
    async def keep(request: web.Request, handler: Handler) -> web.StreamResponse:
        address = client_address(request)
        if not allowances.admits(address):
            return web.Response(status=429, headers={"Retry-After": str(RETRY_SECONDS)})
        try:
            response = await handler(request)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
            allowances.refused(address)
            if isinstance(error, web.HTTPNotFound) and error.text != web.HTTPNotFound().text:
                raise  # somebody has words for it
            return web.Response(status=404)
        if response.status >= 400:
            allowances.refused(address)
        return response

    return keep


class Entrance:
    """Makes the protocols of connections, at most `CONNECTIONS` at a time."""

    def __init__(self, inner: Callable[[], asyncio.Protocol], *, head_seconds: float = HEAD_SECONDS) -> None:
        """`inner` makes the HTTP server's own protocols."""
        self._inner = inner
        self._head_seconds = head_seconds
        self._open: set[_Door] = set()

    def __len__(self) -> int:
        return len(self._open)

    def __call__(self) -> asyncio.Protocol:
        """A protocol for a new connection."""
        return _Door(self._inner(), self._open, self._head_seconds)


class _Door(asyncio.Protocol):
    """Stands before the protocol of one connection: closes what sends no request, or takes too long over it.

    The HTTP server bounds sizes, but not the time that the head of a request may take to arrive.
    """

    def __init__(self, inner: asyncio.Protocol, neighbours: set[_Door], head_seconds: float) -> None:
        self._inner = inner
        self._neighbours = neighbours
        self._head_seconds = head_seconds
        self._tail = b""
        self._head: asyncio.TimerHandle | None = None
        self._whole: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Lets a connection in, or closes it where there are too many."""
        self._inner.connection_made(transport)
        if len(self._neighbours) >= CONNECTIONS:
            transport.close()
            return
        self._neighbours.add(self)
        loop = asyncio.get_running_loop()
        self._head = loop.call_later(self._head_seconds, transport.close)
        self._whole = loop.call_later(CONNECTION_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        """Passes on what came."""
        if self._head:
            if _HEAD_ENDS in self._tail + data:
                self._head.cancel()
                self._head = None
            self._tail = (self._tail + data)[-3:]
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Passes on that nothing more comes."""
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the connection."""
        self._neighbours.discard(self)
        for timer in (self._head, self._whole):
            if timer:
                timer.cancel()
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """Passes on that the other side reads slowly."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Passes on that it reads again."""
        self._inner.resume_writing()
