"""Which addresses pictures are fetched from: those of the open net, and of hosts that were allowed by name."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Collection

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

# A name whose last part is a number is an address in one of its older spellings (2130706433, 127.1, 0x7f.1), which the
# operating system would take for one (WHATWG "URL Standard", "ends in a number").
_NUMERIC = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?", re.IGNORECASE | re.DOTALL)
# Networks whose addresses hold an address of the older net, and where in them it stands, in bits from the right.
_EMBEDDING = (
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),  # IPv4-mapped (RFC 4291, 2.5.5.2)
    (ipaddress.IPv6Network("::/96"), 0),  # IPv4-compatible (RFC 4291, 2.5.5.1)
    (ipaddress.IPv6Network("::ffff:0:0:0/96"), 0),  # IPv4-translated (RFC 2765)
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),  # NAT64 (RFC 6052)
    (ipaddress.IPv6Network("2002::/16"), 80),  # 6to4 (RFC 3056)
)
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")


class PrivateAddress(OSError):
    """The name leads to nowhere but addresses that only we can reach."""


def is_private(address: str) -> bool:
    """Is this an address that only we can reach: loopback, link-local, private or otherwise not of the open net?

    Raises ValueError for what is no address.
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed in _LOCAL_NAT64:
            return True
        for network, shift in _EMBEDDING:
            if parsed in network:
                inner = ipaddress.IPv4Address(int(parsed) >> shift & 0xFFFFFFFF)
                return not _is_open(inner) or int(parsed) < 2
    return not _is_open(parsed)


def _is_open(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


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


class OpenNetResolver(AbstractResolver):
    """Resolves names to addresses of the open net only, but for hosts that are trusted by name.

    Looked at here, at the moment of connecting, a name cannot lead elsewhere afterwards.
    """

    def __init__(self, trusted: Collection[str], inner: AbstractResolver | None = None) -> None:
        """`inner` does the asking: the operating system if left out."""
        self._trusted = trusted
        self._resolver = inner or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses that may be connected to. Raises PrivateAddress where there are none, OSError."""
        found = await self._resolver.resolve(host, port, family)
        if host in self._trusted:
            return found
        allowed = [entry for entry in found if not is_private(entry["host"])]
        if found and not allowed:
            raise PrivateAddress("the name leads to a private address")
        return allowed

    async def close(self) -> None:
        """Closes what it asks."""
        await self._resolver.close()
