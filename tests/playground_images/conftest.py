"""A running image service of any profile, and a caller before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, Protocol

import aiohttp
import pytest

from playground.images import LocalImages, Pace
from playground.images.service_state import Options
from tests.playground_images.caller import KEY, Caller

PACE = Pace(queue=0.01, step=0.01, steps=2, sync=0.02, side=64)


class Play(Protocol):
    async def __call__(self, profile: str = "plus", *, options: Options | None = None, **more: Any) -> Caller: ...


@pytest.fixture
async def play() -> AsyncIterator[Play]:
    async with AsyncExitStack() as stack:

        async def start(profile: str = "plus", *, options: Options | None = None, **more: Any) -> Caller:
            images = LocalImages(profile, key=KEY, pace=more.pop("pace", PACE), options=options, **more)
            await stack.enter_async_context(images)
            return Caller(images, await stack.enter_async_context(aiohttp.ClientSession()))

        yield start


@pytest.fixture
async def plus(play: Play) -> Caller:
    return await play("plus")


@pytest.fixture
async def trueai(play: Play) -> Caller:
    return await play("trueai")


@pytest.fixture
async def newapi(play: Play) -> Caller:
    return await play("newapi")


@pytest.fixture
async def novicezk(play: Play) -> Caller:
    return await play("novicezk")
