"""A running local platform of any profile, and the bot's client before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
import pytest

from bot.platform.client import PlatformClient
from bot.platform.requests import ChatMessage, ChatRequest, File, ImagePart, TextPart
from bot.platform.transport import PlatformLimits
from playground.platform import LocalPlatform, Pace
from tests.support.openai_requests import official_description

KEY = "sk-a-key-of-the-playground"
PACE = Pace(part=0.0, step=0.01, steps=2, side=64)


@dataclass
class Sold:
    """A platform, and the bot's client of it."""

    local: LocalPlatform
    client: PlatformClient
    session: aiohttp.ClientSession

    async def post(self, path: str, body: Any, **headers: str) -> aiohttp.ClientResponse:
        """Posts JSON, and reads the whole answer."""
        answer = await self.session.post(
            self.local.base_url + path, json=body, headers={"Authorization": f"Bearer {KEY}", **headers}
        )
        await answer.read()
        return answer


class Sell(Protocol):
    async def __call__(self, profile: str = "clean", *, pace: Pace = PACE, **limits: Any) -> Sold: ...


@pytest.fixture
async def sell() -> AsyncIterator[Sell]:
    description = official_description()
    async with AsyncExitStack() as stack:

        async def start(profile: str = "clean", *, pace: Pace = PACE, **limits: Any) -> Sold:
            check = description.check if description else None
            local = await stack.enter_async_context(LocalPlatform(profile, key=KEY, pace=pace, check_request=check))
            session = await stack.enter_async_context(aiohttp.ClientSession())
            given = PlatformLimits(**{"backoff": 0.001, "billed": 10.0, "attempts": 2, **limits})
            return Sold(local, PlatformClient(session, local.base_url, key=KEY, limits=given), session)

        yield start


@pytest.fixture
async def clean(sell: Sell) -> Sold:
    return await sell()


def asking(
    model: str, *said: str, system: str = "", stream: bool = True, images: tuple[ImagePart, ...] = ()
) -> ChatRequest:
    """A request for an answer to these messages of a person, each but the last already answered with "Yes."."""
    messages = [ChatMessage(role="system", content=system)] if system else []
    for each in said[:-1]:
        messages += [ChatMessage(role="user", content=each), ChatMessage(role="assistant", content="Yes.")]
    parts: list[TextPart | ImagePart] = [TextPart(text=said[-1]), *images]
    messages.append(ChatMessage(role="user", content=parts if images else said[-1]))
    return ChatRequest(model=model, messages=messages, stream=True if stream else None)


def recording(data: bytes, name: str = "voice.ogg") -> File:
    """A recording as a file of a form."""
    return File(data=data, name=name, media_type="audio/ogg")


def picture(data: bytes, name: str = "image.png") -> File:
    """An image as a file of a form."""
    return File(data=data, name=name, media_type="image/png")
