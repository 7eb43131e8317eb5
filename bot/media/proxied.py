"""Pictures through a proxy: the name is resolved here before the proxy is asked for it.

The proxy resolves the name again, so this is weaker than the direct way: a name whose addresses change in between, or
one that only the proxy can resolve, is left to the proxy's own rules.
"""

from __future__ import annotations

from collections.abc import Collection

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.media.address_guard import Endpoint, PrivateAddress, endpoint_of, is_private, literal


class Proxied:
    """Asks proxies for pictures. Owns its session."""

    def __init__(
        self, session: aiohttp.ClientSession, resolver: AbstractResolver, trusted: Collection[Endpoint] | None
    ) -> None:
        """`trusted`: the services that may have private addresses; None lets all have them."""
        self._session = session
        self._resolver = resolver
        self._trusted = trusted

    async def get(self, target: URL, proxy: str) -> aiohttp.ClientResponse:
        """The answer to an address, redirects included. Raises PrivateAddress, aiohttp.ClientError, TimeoutError."""
        await self._check(target)
        return await self._session.get(target, allow_redirects=False, proxy=proxy)

    async def close(self) -> None:
        """Closes the session."""
        await self._session.close()

    async def _check(self, target: URL) -> None:
        host = target.raw_host or ""
        if self._trusted is None or endpoint_of(target) in self._trusted or literal(host):
            return  # an address in place of a name was looked at before
        try:
            found = await self._resolver.resolve(host, target.port or 0)
        except OSError:
            return  # only the proxy can resolve it
        # The proxy connects to whichever it likes.
        if any(is_private(entry["host"]) for entry in found):
            raise PrivateAddress("the host name resolves to a private address")
