"""A client before a scripted service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol

import aiohttp
import pytest

from bot.engines.midjourney import PROFILES, AuthStyle, Capabilities, MidjourneyClient, Profile, TimeLimits
from bot.engines.models import SubmitTag
from tests.midjourney.service import ScriptedService

KEY = "sk-a-key-that-nobody-may-see"


class MakeClient(Protocol):
    def __call__(
        self, *, key: str = KEY, auth: AuthStyle = AuthStyle.BEARER, profile: Profile | str = "unknown", **limits: Any
    ) -> MidjourneyClient: ...


@pytest.fixture
async def service() -> AsyncIterator[ScriptedService]:
    async with ScriptedService() as service:
        yield service


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def make_client(service: ScriptedService, session: aiohttp.ClientSession) -> MakeClient:
    def make(
        *, key: str = KEY, auth: AuthStyle = AuthStyle.BEARER, profile: Profile | str = "unknown", **limits: Any
    ) -> MidjourneyClient:
        return MidjourneyClient(
            session,
            limits.pop("base_url", service.url),
            key=key,
            auth=auth,
            capabilities=Capabilities(profile if isinstance(profile, Profile) else PROFILES[profile]),
            limits=TimeLimits(**{"backoff": 0.001, **limits}),
        )

    return make


@pytest.fixture
def client(make_client: MakeClient) -> MidjourneyClient:
    return make_client()


@pytest.fixture
def tag() -> SubmitTag:
    return SubmitTag(state="nonce-1")
