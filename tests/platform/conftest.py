"""A client of the platform before a scripted service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol

import aiohttp
import pytest

from bot.platform.client import PlatformClient
from bot.platform.switches import LearnedSwitches
from bot.platform.transport import PlatformLimits
from tests.midjourney.service import ScriptedService

KEY = "sk-a-key-that-nobody-may-see"


class MakePlatform(Protocol):
    def __call__(
        self, *, base_url: str = "", key: str = KEY, switches: LearnedSwitches | None = None, **limits: Any
    ) -> PlatformClient: ...


@pytest.fixture
async def service() -> AsyncIterator[ScriptedService]:
    async with ScriptedService() as service:
        yield service


@pytest.fixture
async def make_platform(service: ScriptedService) -> AsyncIterator[MakePlatform]:
    async with aiohttp.ClientSession() as session:

        def make(
            *, base_url: str = "", key: str = KEY, switches: LearnedSwitches | None = None, **limits: Any
        ) -> PlatformClient:
            given = PlatformLimits(**{"backoff": 0.001, "billed": 20.0, "idle": 10.0, **limits})
            return PlatformClient(session, base_url or service.url, key=key, limits=given, switches=switches)

        yield make


@pytest.fixture
def platform(make_platform: MakePlatform) -> PlatformClient:
    return make_platform()
