"""Restricts image downloads to public addresses, and to services trusted by name and port."""

from __future__ import annotations

import socket
from collections.abc import Collection

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.net.special_ranges import is_private
from bot.net.untrusted_data import Endpoint, endpoint, endpoint_of, literal


class PrivateAddress(OSError):
    """The host name resolves only to private addresses."""


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
