"""Downloads pictures from wherever a service says they are: bounded, decoded, and never from inside our own network.

The session is this module's own and carries no credentials: a picture's host is not the service's (image API
reference, 11, "CDN"). An address is checked after its name was resolved, and again at every redirect.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Collection
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.pictures.decode import NotAPicture, PictureFacts, inspect

log = logging.getLogger(__name__)

MAX_BYTES = 64 * 1024 * 1024
MAX_REDIRECTS = 5
TOTAL_SECONDS = 60.0
CONNECT_SECONDS = 10.0
TRIES = 3
# Some hosts answer 403 to a library's own name (image API reference, 11, "CDN").
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


class PictureError(Exception):
    """A picture could not be had; the text says why and names no address."""


@dataclass(frozen=True, slots=True)
class FetchedPicture:
    """A picture that was downloaded and decoded."""

    data: bytes = field(repr=False)
    facts: PictureFacts


def is_private(address: str) -> bool:
    """Is this an address that only we can reach: loopback, link-local, private or otherwise not of the open net?"""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return not (mapped or parsed).is_global


class _OpenNetResolver(AbstractResolver):
    """Resolves names, but to addresses of the open net only, but for hosts that were allowed by name."""

    def __init__(self, trusted: Collection[str]) -> None:
        self._trusted = trusted
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if host not in self._trusted:
            found = [entry for entry in found if not is_private(entry["host"])]
        if not found:
            raise OSError("the name leads to a private address")
        return found

    async def close(self) -> None:
        await self._resolver.close()


class PictureFetcher:
    """Downloads pictures; an async context manager."""

    def __init__(self, *, allow_private: bool, trusted_hosts: Collection[str]) -> None:
        """`trusted_hosts` may be private whatever `allow_private` says: the image service's own."""
        self._allow_private = allow_private
        self._trusted = frozenset(trusted_hosts)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        resolver = aiohttp.ThreadedResolver() if self._allow_private else _OpenNetResolver(self._trusted)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver, limit=20),
            timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, connect=CONNECT_SECONDS),
            headers={"User-Agent": USER_AGENT},
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            await self._session.close()

    async def fetch(self, url: str, *, limit: int = MAX_BYTES) -> FetchedPicture:
        """The picture at an address, tried a few times. Raises PictureError."""
        data = await self._retried(url, limit)
        try:
            facts = await asyncio.to_thread(inspect, data)
        except NotAPicture as error:
            raise PictureError(f"what came is no picture: {error}") from error
        return FetchedPicture(data, facts)

    async def _retried(self, url: str, limit: int) -> bytes:
        for attempt in range(1, TRIES + 1):
            try:
                return await self._download(url, limit)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if attempt == TRIES:
                    raise PictureError(f"its host did not answer well: {type(error).__name__}") from error
                log.debug("a picture's host failed at try %d: %s", attempt, type(error).__name__)
                await asyncio.sleep(0.3 * 2**attempt)
        raise AssertionError  # the loop always returns or raises

    async def _download(self, url: str, limit: int) -> bytes:
        if self._session is None:
            raise RuntimeError("the fetcher is not open")
        target = URL(url)
        for _ in range(MAX_REDIRECTS + 1):
            self._check(target)
            async with self._session.get(target, allow_redirects=False) as response:
                if response.status in (301, 302, 303, 307, 308) and "Location" in response.headers:
                    target = target.join(URL(response.headers["Location"]))
                    continue
                if response.status in (500, 502, 503, 504, 429, 408):
                    response.raise_for_status()
                if response.status != 200:
                    raise PictureError(f"its host answered {response.status}")
                return await _read(response, limit)
        raise PictureError("its host redirects without end")

    def _check(self, target: URL) -> None:
        if target.scheme not in ("http", "https") or not target.host:
            raise PictureError("its address is not one of the web")
        if self._allow_private or target.host in self._trusted:
            return
        try:
            private = is_private(target.host)
        except ValueError:
            return  # a name: the resolver looks at what it leads to
        if private:
            raise PictureError("its address is a private one")


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    if (response.content_length or 0) > limit:
        raise PictureError(f"it is larger than {limit} bytes")
    data = bytearray()
    async for chunk in response.content.iter_chunked(65536):
        data += chunk
        if len(data) > limit:
            raise PictureError(f"it is larger than {limit} bytes")
    return bytes(data)
