"""Restricts image downloads to public addresses, and to services trusted by name and port."""

from __future__ import annotations

import functools
import ipaddress
import re
import socket
from collections.abc import Collection
from typing import NamedTuple, TypeAlias

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.media.special_ranges import EMBEDDING, IPV4, IPV6, IPV6_UNICAST, ISATAP

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

# A host whose last label is a number is an IPv4 address in an older notation (2130706433, 127.1, 0x7f.1), which the
# operating system would accept (WHATWG "URL Standard", "ends in a number").
_NUMERIC = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?", re.IGNORECASE | re.DOTALL)


class PrivateAddress(OSError):
    """The host name resolves only to private addresses."""


class Endpoint(NamedTuple):
    """A host and a port in the normal form of `endpoint`."""

    host: str
    port: int


@functools.lru_cache(maxsize=256)  # the hosts of a service's images
def endpoint(host: str, port: int) -> Endpoint:
    """Normalizes a host: any case, with or without brackets and a trailing dot, IDNA-encoded or not."""
    bare = host.strip("[]").rstrip(".").lower()
    try:
        return Endpoint(str(ipaddress.ip_address(bare)), port)
    except ValueError:
        pass
    try:
        return Endpoint(bare.encode("idna").decode("ascii") if not bare.isascii() else bare, port)
    except UnicodeError:
        return Endpoint(bare, port)


def endpoint_of(url: str | URL) -> Endpoint | None:
    """Returns host and port of an http(s) URL, with the default port of the scheme. Returns None for any other URL.

    Raises ValueError for an invalid URL.
    """
    target = URL(url)
    if target.scheme not in ("http", "https") or not target.raw_host or target.port is None:
        return None
    return endpoint(target.raw_host, target.port)


def is_private(address: str) -> bool:
    """Whether the address is not public: loopback, link-local, private, or reserved for another special purpose.

    Raises ValueError for an invalid address.
    """
    return _is_special(ipaddress.ip_address(address.partition("%")[0]))


def _is_special(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return any(address in network for network in IPV4)
    for network, shift in EMBEDDING:
        if address in network:
            return _is_special(ipaddress.IPv4Address(int(address) >> shift & 0xFFFFFFFF))
    if address not in IPV6_UNICAST or any(address in network for network in IPV6):
        return True
    tunnelled = int(address) >> 32 & 0xFFFFFFFF in ISATAP
    return tunnelled and _is_special(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))


def literal(host: str) -> str | None:
    """Returns the IP address that the host consists of, None for a name. Raises ValueError for an unusual notation of
    an address."""
    bare = host.strip("[]")
    try:
        ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        if _NUMERIC.fullmatch(host) or ":" in host:
            raise
        return None
    return bare


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only, except for services trusted by name and port.

    The check happens when the connection is made, so the name cannot resolve to another address afterwards.
    """

    def __init__(self, trusted: Collection[Endpoint], inner: AbstractResolver | None = None) -> None:
        """`inner` resolves the names; the default is the resolver of the operating system."""
        self._trusted = trusted
        self._resolver = inner or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Returns the allowed addresses. Raises PrivateAddress if all addresses are private, OSError."""
        found = await self._resolver.resolve(host, port, family)
        if endpoint(host, port) in self._trusted:
            return found
        allowed = [entry for entry in found if not is_private(entry["host"])]
        if found and not allowed:
            raise PrivateAddress("the host name resolves to a private address")
        return allowed

    async def close(self) -> None:
        """Closes the inner resolver."""
        await self._resolver.close()


class Proxied:
    """Sends image requests to proxies. The host name is resolved and checked here before the request. Owns its session.

    The proxy resolves the name again, so this check is weaker than that of a direct connection. If the addresses of a
    name change in between, or if only the proxy can resolve it, the proxy's own rules apply.
    """

    def __init__(
        self, session: aiohttp.ClientSession, resolver: AbstractResolver, trusted: Collection[Endpoint] | None
    ) -> None:
        """`trusted` are the services that may have private addresses; None allows all."""
        self._session = session
        self._resolver = resolver
        self._trusted = trusted

    async def get(self, target: URL, proxy: str) -> aiohttp.ClientResponse:
        """Returns the response of a URL; redirects are not followed. Raises PrivateAddress, aiohttp.ClientError,
        TimeoutError."""
        await self._check(target)
        return await self._session.get(target, allow_redirects=False, proxy=proxy)

    async def close(self) -> None:
        """Closes the session."""
        await self._session.close()

    async def _check(self, target: URL) -> None:
        host = target.raw_host or ""
        if self._trusted is None or endpoint_of(target) in self._trusted or literal(host):
            return  # an IP address was checked before
        try:
            found = await self._resolver.resolve(host, target.port or 0)
        except OSError:
            return  # only the proxy can resolve it
        # The proxy may connect to any of these addresses.
        if any(is_private(entry["host"]) for entry in found):
            raise PrivateAddress("the host name resolves to a private address")
