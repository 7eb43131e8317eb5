"""Image downloads through a proxy. The host name is resolved and checked here before the request to the proxy.

The proxy resolves the name again, so this check is weaker than that of a direct connection. If the addresses of a name
change in between, or if only the proxy can resolve it, the proxy's own rules apply.
"""

from __future__ import annotations

from collections.abc import Collection

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.media.address_guard import Endpoint, PrivateAddress, endpoint_of, is_private, literal


class Proxied:
    """Sends image requests to proxies. Owns its session."""

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
