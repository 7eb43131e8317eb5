"""A host of pictures that does as it is told, and fetchers that go there."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.media import ImageDownloader
from tests.support.picture_host import PictureHost, picture_host


class Names(AbstractResolver):
    """A resolver that knows the names of a test."""

    def __init__(self, **names: list[str]) -> None:
        self.names = {name.replace("_", "."): addresses for name, addresses in names.items()}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in self.names[host.rstrip(".")]
        ]

    async def close(self) -> None:
        pass


@pytest.fixture
async def host() -> AsyncIterator[PictureHost]:
    async with picture_host() as host:
        yield host


@pytest.fixture
async def fetcher() -> AsyncIterator[ImageDownloader]:
    """A fetcher that may go everywhere."""
    async with ImageDownloader(allow_private=True, trusted_hosts=[], pause_seconds=0.001) as fetcher:
        yield fetcher
