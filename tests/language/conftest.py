"""A platform before a scripted service: with a model for every role, unless a test takes them away."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest

from bot.platform.client import PlatformClient
from bot.platform.engines_file import default_engines
from bot.platform.model_directory import ModelDirectory
from bot.platform.service import Platform
from bot.platform.transport import PlatformLimits
from tests.midjourney.service import ScriptedService

MODELS = '["gpt-4o-mini", "whisper-1"]'

MakePlatform = Callable[[str], Platform]


@pytest.fixture
async def service() -> AsyncIterator[ScriptedService]:
    async with ScriptedService() as service:
        yield service


@pytest.fixture
async def make_platform(service: ScriptedService) -> AsyncIterator[MakePlatform]:
    async with aiohttp.ClientSession() as session:

        def make(models: str) -> Platform:
            limits = PlatformLimits()
            limits = dataclasses.replace(limits, billed=10.0, idle=5.0, after_finish=0.1)
            client = PlatformClient(session, service.url, key="sk-test", limits=limits)
            directory = ModelDirectory(client, default_engines())
            directory.recall(models)
            return Platform(client, directory)

        yield make


@pytest.fixture
def platform(make_platform: MakePlatform) -> Platform:
    return make_platform(MODELS)
