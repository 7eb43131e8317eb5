"""Messages go out exactly as discord.py's documented methods would send them, without its model of the answer."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord
import pytest
from aiohttp import BodyPartReader, web

from bot.discord_api import message_requests
from bot.discord_api.message_requests import SentMessage, webhook_of
from bot.discord_api.message_sender import TokenRequests
from playground.discord import Limits, LocalDiscord
from tests.support.discord_clients import client_of

CHANNEL, MESSAGE, APPLICATION, PARENT = 70, 71, 72, 73
NONE = discord.AllowedMentions.none()
ME = {"id": "9", "username": "atelier", "discriminator": "0", "avatar": None, "bot": True}
# What discord.py needs to build its model.
WHOLE: dict[str, Any] = {
    "id": str(MESSAGE),
    "channel_id": str(CHANNEL),
    "author": ME,
    "content": "",
    "timestamp": "2026-01-01T00:00:00+00:00",
    "edited_timestamp": None,
    "type": 0,
    "components": [],
    **dict.fromkeys(("tts", "pinned", "mention_everyone"), False),
    **{name: [] for name in ("attachments", "embeds", "mentions", "mention_roles")},
}
BRIEF = {"id": str(MESSAGE), "channel_id": str(CHANNEL)}


@dataclass
class Recorder:
    """A server that writes down each request, as method, path with query, and body, and answers it with a message."""

    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=lambda: WHOLE)

    async def receive(self, request: web.Request) -> web.Response:
        body: Any
        if request.content_type == "application/json":
            body = await request.json()
        else:
            body = []
            async for part in await request.multipart():
                assert isinstance(part, BodyPartReader)
                body.append((part.name, part.filename, part.headers.get("Content-Type"), bytes(await part.read())))
        self.requests.append((request.method, request.path_qs, body))
        # discord.py reads JSON of exactly this type.
        return web.Response(body=json.dumps(self.answer).encode(), headers={"Content-Type": "application/json"})


@pytest.fixture
async def recorded(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Recorder, discord.Client]]:
    recorder = Recorder()
    async with client_of(recorder.receive, monkeypatch) as client:
        yield recorder, client


def view() -> discord.ui.LayoutView:
    layout = discord.ui.LayoutView(timeout=None)
    layout.add_item(discord.ui.TextDisplay("a paper boat"))
    button: discord.ui.Button[Any] = discord.ui.Button(label="U1", custom_id="a:1")
    layout.add_item(discord.ui.ActionRow(button))
    return layout


def files(number: int) -> list[discord.File]:
    return [discord.File(io.BytesIO(b"x" * 9), f"{each}.png", description="a boat") for each in range(number)]


def attachments(given: Sequence[discord.File] | None) -> dict[str, Any]:
    return {} if given is None else {"attachments": given}


@pytest.mark.parametrize("given", [None, 0, 1, 3])
async def test_an_edit_is_the_same(recorded: tuple[Recorder, discord.Client], given: int | None) -> None:
    recorder, client = recorded
    made = [None if given is None else files(given) for _ in range(2)]
    there = client.get_partial_messageable(CHANNEL).get_partial_message(MESSAGE)
    await there.edit(view=view(), allowed_mentions=NONE, **attachments(made[0]))
    await message_requests.edit(client, CHANNEL, MESSAGE, view(), made[1])
    assert recorder.requests[0] == recorder.requests[1]


@pytest.mark.parametrize("reply_to", [None, PARENT])
@pytest.mark.parametrize("given", [0, 2])
async def test_a_new_message_is_the_same(
    recorded: tuple[Recorder, discord.Client], given: int, reply_to: int | None
) -> None:
    recorder, client = recorded
    channel = client.get_partial_messageable(CHANNEL)
    how: dict[str, Any] = {"view": view(), "files": files(given), "allowed_mentions": NONE, "nonce": "n"}
    if reply_to:
        how["reference"] = channel.get_partial_message(reply_to).to_reference(fail_if_not_exists=False)
    await channel.send(**how)
    sent = await message_requests.post(client, CHANNEL, view(), files(given), nonce="n", reply_to=reply_to)
    assert recorder.requests[0] == recorder.requests[1]
    assert sent == SentMessage(MESSAGE, CHANNEL)


@pytest.mark.parametrize("replies", [False, True])
async def test_a_text_is_the_same(recorded: tuple[Recorder, discord.Client], replies: bool) -> None:
    recorder, client = recorded
    only = discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(5)], replied_user=False)
    reply = discord.MessageReference(message_id=PARENT, channel_id=CHANNEL, guild_id=3) if replies else None
    how: dict[str, Any] = {"reference": reply, "mention_author": False} if reply else {}
    await client.get_partial_messageable(CHANNEL).send("<@5>: done", allowed_mentions=only, nonce="n", **how)
    await message_requests.post_text(client, CHANNEL, "<@5>: done", mentions=only, nonce="n", reply=reply)
    assert recorder.requests[0] == recorder.requests[1]


@pytest.mark.parametrize("given", [None, 0, 2])
async def test_an_edit_through_a_token_is_the_same(
    recorded: tuple[Recorder, discord.Client], given: int | None
) -> None:
    recorder, client = recorded
    webhook = webhook_of(client, APPLICATION, "t")
    made = [None if given is None else files(given) for _ in range(2)]
    await webhook.edit_message(MESSAGE, view=view(), allowed_mentions=NONE, **attachments(made[0]))
    sent = await TokenRequests(client).edit(APPLICATION, "t", MESSAGE, view(), made[1])
    assert recorder.requests[0] == recorder.requests[1]
    assert sent == SentMessage(MESSAGE, CHANNEL)


@pytest.mark.parametrize("given", [0, 2])
async def test_a_new_message_through_a_token_is_the_same(recorded: tuple[Recorder, discord.Client], given: int) -> None:
    recorder, client = recorded
    webhook = webhook_of(client, APPLICATION, "t")
    await webhook.send(view=view(), files=files(given), allowed_mentions=NONE, wait=True)
    sent = await TokenRequests(client).post(APPLICATION, "t", view(), files(given))
    assert recorder.requests[0] == recorder.requests[1]
    assert sent == SentMessage(MESSAGE, CHANNEL)


async def test_no_model_is_made_of_an_answer(recorded: tuple[Recorder, discord.Client]) -> None:
    recorder, client = recorded
    recorder.answer = BRIEF
    tokens = TokenRequests(client)
    await message_requests.edit(client, CHANNEL, MESSAGE, view(), files(1))
    await message_requests.post_text(client, CHANNEL, "done", mentions=NONE, nonce="n")
    sent = [
        await message_requests.post(client, CHANNEL, view(), (), nonce="n"),
        await tokens.post(APPLICATION, "t", view(), ()),
        await tokens.edit(APPLICATION, "t", MESSAGE, view(), None),
    ]
    assert sent == [SentMessage(MESSAGE, CHANNEL)] * 3
    assert len(recorder.requests) == 5


async def test_a_token_is_used_after_another_login(recorded: tuple[Recorder, discord.Client]) -> None:
    """A login that fails closes discord.py's connections, and the next one opens others."""
    recorder, client = recorded
    tokens, api = TokenRequests(client), discord.http.Route.BASE
    await tokens.edit(APPLICATION, "t", MESSAGE, view(), None)
    await client.http.close()
    client.http.connector = discord.utils.MISSING
    async with LocalDiscord(limits=Limits.off()) as local:
        discord.http.Route.BASE = local.api_url
        await client.login(local.bot_token)
    discord.http.Route.BASE = api
    await tokens.edit(APPLICATION, "t", MESSAGE, view(), None)
    assert len(recorder.requests) == 2
