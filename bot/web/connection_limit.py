"""Connection limits: their number, and the time for the request and the response.

The HTTP server limits sizes, but neither the number of connections nor their duration. Monitoring has reserved
connections: a connection above the public limits may still request a monitoring path, and nothing else.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from bot.web.client_address import TrustedProxies, client_key

MONITORING_PATHS = ("/healthz",)

# Seconds for which further data from a rejected client is read and dropped.
LINGER_SECONDS = 1.0

_HEAD_END = b"\r\n\r\n"
_MAX_REQUEST_LINE = 256
_MONITORING = re.compile(
    rb"(?:GET|HEAD) (?:%b)(?:\?[^ ]*)? HTTP/1\.[01]\r?"
    % b"|".join(re.escape(path.encode()) for path in MONITORING_PATHS)
)
_REFUSAL = "HTTP/1.1 {} {}\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_TOO_MANY = _REFUSAL.format(429, "Too Many Requests").encode()
_FULL = _REFUSAL.format(503, "Service Unavailable").encode()
_TOO_LARGE = _REFUSAL.format(431, "Request Header Fields Too Large").encode()


class ConnectionLimits(NamedTuple):
    """Numbers of connections, seconds and bytes.

    `total` is the number of public connections, `per_client` the number of one client (trusted proxies have no separate
    limit, because many clients share them). `reserved` is the number of further connections that may request a
    monitoring path, within `reserved_seconds`. `head_seconds` and `head_bytes` limit the head of a request,
    `stalled_seconds` the time in which the client reads nothing of a response, `seconds` the whole connection.
    """

    total: int = 512
    per_client: int = 64
    reserved: int = 32
    reserved_seconds: float = 2.0
    head_seconds: float = 10.0
    head_bytes: int = 32 * 1024
    stalled_seconds: float = 20.0
    seconds: float = 180.0


class ConnectionLimit:
    """Protocol factory: each connection wraps a protocol of the HTTP server."""

    def __init__(
        self,
        inner: Callable[[], asyncio.Protocol],
        *,
        proxies: TrustedProxies | None = None,
        limits: ConnectionLimits | None = None,
    ) -> None:
        """`inner` creates the HTTP server's protocols."""
        self.inner = inner
        self.limits = limits or ConnectionLimits()
        self._proxies = proxies or TrustedProxies()
        self._public = 0
        self._by_client: Counter[str] = Counter()
        self._reserved: OrderedDict[_Connection, None] = OrderedDict()

    def __len__(self) -> int:
        """The number of open connections, including the reserved ones."""
        return self._public + len(self._reserved)

    def __call__(self) -> asyncio.Protocol:
        """Creates the protocol of a new connection."""
        return _Connection(self)

    def client_of(self, peer: str) -> str | None:
        """Returns the key under which connections of this address are counted, None for a trusted proxy."""
        return None if self._proxies.trusts(peer) else client_key(peer)

    def admit(self, client: str | None) -> bytes | None:
        """Counts a public connection. If a limit is reached, returns the response to send instead."""
        if self._public >= self.limits.total:
            return _FULL
        if client is not None and self._by_client[client] >= self.limits.per_client:
            return _TOO_MANY
        self._public += 1
        if client is not None:
            self._by_client[client] += 1
        return None

    def reserve(self, connection: _Connection) -> None:
        """Counts a connection above the public limits. If there are too many of them, the oldest is closed.

        A health check takes milliseconds, so a connection that stays open for long is not a health check.
        """
        self._reserved[connection] = None
        if len(self._reserved) > self.limits.reserved:
            oldest, _ = self._reserved.popitem(last=False)
            oldest.abort()

    def forget(self, connection: _Connection, client: str | None, *, public: bool) -> None:
        """Stops counting a connection."""
        if not public:
            self._reserved.pop(connection, None)
            return
        self._public -= 1
        if client is not None:
            self._by_client[client] -= 1
            if not self._by_client[client]:
                del self._by_client[client]


class _Connection(asyncio.Protocol):
    """One connection: closes it if a limit is reached, and forwards all other events to the HTTP server's protocol."""

    def __init__(self, owner: ConnectionLimit) -> None:
        self._owner = owner
        self._limits = owner.limits
        self._inner: asyncio.Protocol | None = None
        self._transport: asyncio.Transport | None = None
        self._client: str | None = None
        # The response to a reserved connection that requests anything but a monitoring path; None for a public one.
        self._refusal: bytes | None = None
        self._refused = False
        self._first = b""
        self._tail = b""
        self._head_size = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Counts the connection, as a reserved one if the public limits are reached."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("not the transport of a stream")
        self._transport = transport
        self._client = self._owner.client_of((transport.get_extra_info("peername") or ("",))[0])
        self._refusal = self._owner.admit(self._client)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._limits.seconds, self.abort)
        if self._refusal is None:
            self._head_timer = loop.call_later(self._limits.head_seconds, self.abort)
            self._begin()
        else:
            self._head_timer = loop.call_later(self._limits.reserved_seconds, self.abort)
            self._owner.reserve(self)

    def data_received(self, data: bytes) -> None:
        """Forwards received data once the request is known to be allowed."""
        if self._refused:
            return
        if self._inner is None:
            self._first += data
            if not self._is_monitoring():
                return
            data, self._first = self._first, b""
            self._begin()
        if self._head_timer:
            self._watch_head(data)
        if self._inner and not self._refused:
            self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Forwards the end of the input."""
        return self._inner.eof_received() if self._inner else None

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops counting the connection."""
        self._owner.forget(self, self._client, public=self._refusal is None)
        for timer in (self._head_timer, self._timer, self._stalled):
            if timer:
                timer.cancel()
        if self._inner:
            self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """Starts the timer for a client that reads the response too slowly."""
        self._stalled = asyncio.get_running_loop().call_later(self._limits.stalled_seconds, self.abort)
        if self._inner:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Stops the timer, because the client continues to read."""
        if self._stalled:
            self._stalled.cancel()
        if self._inner:
            self._inner.resume_writing()

    def abort(self) -> None:
        """Closes the connection immediately and drops unsent data."""
        if self._transport:
            self._transport.abort()

    def _begin(self) -> None:
        if self._transport:
            self._inner = self._owner.inner()
            self._inner.connection_made(self._transport)

    def _is_monitoring(self) -> bool:
        """Whether a reserved connection requests a monitoring path. Any other request is rejected here."""
        line, end, _ = self._first.partition(b"\n")
        if end and _MONITORING.fullmatch(line):
            return True
        if end or len(self._first) > _MAX_REQUEST_LINE:
            self._refuse(self._refusal or _FULL)
        return False

    def _watch_head(self, data: bytes) -> None:
        end = (self._tail + data).find(_HEAD_END)
        self._head_size += len(data) if end < 0 else max(0, end - len(self._tail))
        if self._head_size > self._limits.head_bytes:
            self._refuse(_TOO_LARGE)
        elif end >= 0 and self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None
        self._tail = (self._tail + data)[-len(_HEAD_END) + 1 :]

    def _refuse(self, answer: bytes) -> None:
        """Sends a rejection, then drops further data for a moment: after an immediate close, the client might not read
        it."""
        if self._transport and not self._refused:
            self._refused = True
            self._transport.write(answer)
            if self._inner is None:
                self._transport.write_eof()
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self.abort)
