"""Which addresses pictures are fetched from: those of the open net, and services allowed by name and port."""

from __future__ import annotations

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

# A name whose last part is a number is an address in one of its older spellings (2130706433, 127.1, 0x7f.1), which the
# operating system would take for one (WHATWG "URL Standard", "ends in a number").
_NUMERIC = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?", re.IGNORECASE | re.DOTALL)


class PrivateAddress(OSError):
    """The name leads to nowhere but addresses that only we can reach."""


class Endpoint(NamedTuple):
    """A host and port in the spelling that all others are brought to by `endpoint`."""

    host: str
    port: int


def endpoint(host: str, port: int) -> Endpoint:
    """The endpoint for a host in any case, with or without brackets and a dot at its end, IDNA-encoded or not."""
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
    """Where an address leads, with the scheme's own port where it names none; None for what is no address of the web.

    Raises ValueError for what cannot be read.
    """
    target = URL(url)
    if target.scheme not in ("http", "https") or not target.raw_host or target.port is None:
        return None
    return endpoint(target.raw_host, target.port)


def is_private(address: str) -> bool:
    """Is this an address that only we can reach: loopback, link-local, private or otherwise not of the open net?

    Raises ValueError for what is no address.
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
    """The address that a host is written as; None for a name. Raises ValueError for an odd spelling of an address."""
    bare = host.strip("[]")
    try:
        ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        if _NUMERIC.fullmatch(host) or ":" in host:
            raise
        return None
    return bare


class PublicResolver(AbstractResolver):
    """Resolves names to addresses of the open net only, but for services that are trusted by name and port.

    Looked at here, at the moment of connecting, a name cannot lead elsewhere afterwards.
    """

    def __init__(self, trusted: Collection[Endpoint], inner: AbstractResolver | None = None) -> None:
        """`inner` does the asking: the operating system if left out."""
        self._trusted = trusted
        self._resolver = inner or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses that may be connected to. Raises PrivateAddress where there are none, OSError."""
        found = await self._resolver.resolve(host, port, family)
        if endpoint(host, port) in self._trusted:
            return found
        allowed = [entry for entry in found if not is_private(entry["host"])]
        if found and not allowed:
            raise PrivateAddress("the host name resolves to a private address")
        return allowed

    async def close(self) -> None:
        """Closes what it asks."""
        await self._resolver.close()
