"""A press is acknowledged as discord.py's own method would do it, without the models that it builds."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import discord
import pytest
from aiohttp import web

from bot.discord_api.message_sender import TokenSession
from tests.support.discord_clients import client_of

INTERACTION, TOKEN = 70, "t-1_x.y"
PAYLOAD: dict[str, Any] = {
    "id": str(INTERACTION),
    "application_id": "73",
    "type": discord.InteractionType.component.value,
    "token": TOKEN,
    "version": 1,
    "data": {"component_type": 2, "custom_id": "a:1"},
    "channel_id": "71",
    "channel": {"id": "71", "type": discord.ChannelType.private.value, "recipients": []},
    "user": {"id": "9", "username": "ada", "discriminator": "0", "avatar": None},
    "entitlements": [],
    "authorizing_integration_owners": {},
    "context": 1,
    "attachment_size_limit": 1,
}
ACCEPTED = {"interaction": {"id": str(INTERACTION), "type": PAYLOAD["type"]}, "resource": {"type": 6}}
REFUSED = {"code": 10062, "message": "Unknown interaction"}


@dataclass
class Callbacks:
    """A server that writes down each request, and answers it with the next status."""

    statuses: deque[int] = field(default_factory=deque)
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.path, await request.json()))
        status = self.statuses.popleft() if self.statuses else HTTPStatus.OK
        body = ACCEPTED if status < HTTPStatus.MULTIPLE_CHOICES else {**REFUSED, "retry_after": 0.01}
        # discord.py reads JSON of exactly this type, and repeats what a proxy of Discord's has limited.
        headers = {"Content-Type": "application/json", "Via": "1.1 test"}
        return web.Response(status=status, body=json.dumps(body).encode(), headers=headers)


@pytest.fixture
async def callbacks(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Callbacks, discord.Client]]:
    callbacks = Callbacks()
    async with client_of(callbacks.receive, monkeypatch) as client:
        yield callbacks, client


def pressed(client: discord.Client) -> discord.Interaction[Any]:
    payload: Any = PAYLOAD
    return discord.Interaction(data=payload, state=client._connection)


async def test_the_request_is_the_same(callbacks: tuple[Callbacks, discord.Client]) -> None:
    server, client = callbacks
    theirs, ours = pressed(client), pressed(client)
    await theirs.response.defer()
    await TokenSession(client).defer_update(ours)
    assert server.requests[0] == server.requests[1]
    assert ours.response.is_done()
    assert ours.response.type is theirs.response.type is discord.InteractionResponseType.deferred_message_update


@pytest.mark.parametrize("status", [HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND])
async def test_a_refusal_raises_the_same_after_one_request(
    callbacks: tuple[Callbacks, discord.Client], status: int
) -> None:
    server, client = callbacks
    server.statuses.extend([status, status])
    interaction = pressed(client)
    with pytest.raises(discord.HTTPException) as theirs:
        await pressed(client).response.defer()
    with pytest.raises(discord.HTTPException) as ours:
        await TokenSession(client).defer_update(interaction)
    assert type(ours.value) is type(theirs.value)
    assert (ours.value.status, ours.value.code, ours.value.text) == (status, REFUSED["code"], REFUSED["message"])
    assert len(server.requests) == 2
    assert not interaction.response.is_done()


@pytest.mark.parametrize(
    "status", [HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.BAD_GATEWAY, HTTPStatus.TOO_MANY_REQUESTS]
)
async def test_an_error_of_discords_own_is_followed_by_another_attempt(
    callbacks: tuple[Callbacks, discord.Client], status: int
) -> None:
    server, client = callbacks
    server.statuses.extend([status])
    interaction = pressed(client)
    await TokenSession(client).defer_update(interaction)
    assert len(server.requests) == 2
    assert interaction.response.is_done()


async def test_each_answer_tells_its_date(callbacks: tuple[Callbacks, discord.Client]) -> None:
    server, client = callbacks
    server.statuses.extend([HTTPStatus.OK, HTTPStatus.NOT_FOUND])
    session = TokenSession(client, server.dates.append)
    await session.defer_update(pressed(client))
    with pytest.raises(discord.NotFound):
        await session.defer_update(pressed(client))
    assert len(server.dates) == 2
    assert all(date.endswith(" GMT") for date in server.dates)
