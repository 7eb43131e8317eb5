"""Whether the bot may read the messages below a card, also before it knows the server."""

from __future__ import annotations

from typing import Any, cast

import discord
import pytest

from bot.ui.notifications.notifier import may_read_history

GUILD, ME, CHANNEL, ROLE_BITS = 10, 20, 30, discord.Permissions(view_channel=True, read_message_history=True).value


@pytest.fixture
def client() -> discord.Client:
    client = discord.Client(intents=discord.Intents(guilds=True))
    user = {"id": str(ME), "username": "Atelier", "discriminator": "0", "avatar": None}
    client._connection.user = discord.ClientUser(state=client._connection, data=cast("Any", user))
    return client


def guild_of(client: discord.Client, data: dict[str, Any]) -> discord.Guild:
    return discord.Guild(data=cast("Any", {"id": str(GUILD), **data}), state=client._connection)


def channel_of(client: discord.Client, guild: discord.Guild) -> discord.TextChannel:
    data = {"id": str(CHANNEL), "type": 0, "name": "studio", "position": 0, "parent_id": None}
    return discord.TextChannel(state=client._connection, guild=guild, data=cast("Any", data))


def test_before_the_server_is_known_nothing_is_known(client: discord.Client) -> None:
    guild = guild_of(client, {"unavailable": True})
    assert not may_read_history(channel_of(client, guild))


def test_in_a_thread_of_an_unknown_server_nothing_is_known(client: discord.Client) -> None:
    guild = guild_of(client, {"unavailable": True})
    thread = {
        "id": "40",
        "type": 11,
        "name": "fox",
        "parent_id": str(CHANNEL),
        "owner_id": "1",
        "message_count": 0,
        "member_count": 1,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 60,
            "archive_timestamp": "2026-01-01T00:00:00+00:00",
        },
    }
    assert not may_read_history(discord.Thread(guild=guild, state=client._connection, data=cast("Any", thread)))


@pytest.mark.parametrize("bits", [0, ROLE_BITS])
def test_in_a_known_server_the_permissions_tell(client: discord.Client, bits: int) -> None:
    everyone = {"id": str(GUILD), "name": "@everyone", "permissions": str(bits), "position": 0, "color": 0}
    guild = guild_of(client, {"name": "Atelier", "owner_id": "1", "roles": [everyone]})
    member = {
        "user": {"id": str(ME), "username": "Atelier", "discriminator": "0", "avatar": None},
        "roles": [],
        "flags": 0,
    }
    guild._add_member(discord.Member(data=cast("Any", member), guild=guild, state=client._connection))
    assert may_read_history(channel_of(client, guild)) is bool(bits)


def test_direct_messages_are_always_readable() -> None:
    assert may_read_history(object())
