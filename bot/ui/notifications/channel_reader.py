"""Reads a channel for the notifications in it: whether others wrote below a card."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import discord

from bot.ui.delivery.message_sender import REQUEST_SECONDS
from storage import Message

log = logging.getLogger(__name__)

# How many messages after a card are read to see whether other people wrote.
LOOK_AHEAD = 50
_UNREADABLE = (discord.Forbidden, discord.NotFound, discord.InvalidData)


async def below_which_others_wrote(client: discord.Client, cards: Sequence[Message]) -> list[Message]:
    """The cards of one user in one channel below which anyone else wrote. Empty if the channel cannot be read.

    Raises discord.HTTPException, TimeoutError, aiohttp.ClientError if another try can succeed.
    """
    ordered = sorted(cards, key=id_of)
    channel_id = cards[0].channel_id or 0
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            channel = client.get_channel(channel_id)
            if channel is None or not may_read_history(channel):
                channel = await client.fetch_channel(channel_id)
                last = getattr(channel, "last_message_id", None) or 0
                ordered = [card for card in ordered if id_of(card) < last]
            newest = await _newest_of_others(client, ordered)
    except _UNREADABLE as error:
        log.debug("channel %s: cannot read the channel: %r", channel_id, error)
        return []
    # Without permission to read the history, Discord returns no messages, so the authors are unknown.
    return [card for card in ordered if id_of(card) < newest or not may_read_history(channel)]


async def _newest_of_others(client: discord.Client, cards: Sequence[Message]) -> int:
    """The id of a message below as many of these cards (oldest first) as possible that is not their owner's. 0 if
    there is none."""
    for card in dict.fromkeys((id_of(cards[-1]), id_of(cards[0]))) if cards else ():
        # As JSON: a model of each message would be made with all its components.
        below = await client.http.logs_from(cards[0].channel_id or 0, LOOK_AHEAD, after=card)
        others = [int(each["id"]) for each in below if _writer(client, each) not in (None, cards[0].user_id)]
        if others:
            return max(others)
    return 0


def _writer(client: discord.Client, message: Any) -> int | None:
    """The user a message is attributed to: its author, or for the bot's own messages the user of the interaction. None
    if there was no interaction."""
    author = int(message["author"]["id"])
    if client.user is None or author != client.user.id:
        return author
    asked = message.get("interaction_metadata")
    return int(asked["user"]["id"]) if asked else None


def id_of(card: Message) -> int:
    """Discord's id of a message that was sent."""
    return card.message_id or 0


def may_read_history(channel: object) -> bool:
    """Whether the bot is known to be allowed to read the channel's earlier messages."""
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return True
    # Between the login and the server's GUILD_CREATE, the bot does not know itself as a member.
    me: discord.Member | None = channel.guild.me
    return me is not None and channel.permissions_for(me).read_message_history
