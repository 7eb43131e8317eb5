"""Creates and edits messages in channels through discord.py's HTTP layer.

discord.py's own methods (`PartialMessage.edit`, `Messageable.send`, `Webhook.send`, `Webhook.edit_message`) build a
model of the whole message from every answer, with all its components, and register the components for dispatch. The bot
needs two ids of an answer, and recognizes components itself. The names that are used here belong to discord.py's
modules `http` and `webhook.async_`; they are not documented, but not private. The requests are the same as those of the
documented methods, which a test compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import discord
from discord.http import handle_message_parameters
from discord.utils import MISSING

View = discord.ui.LayoutView
Files = Sequence[discord.File]
NO_MENTIONS = discord.AllowedMentions.none()
# Seconds. Within this time discord.py itself waits for rate limits.
REQUEST_SECONDS = 90.0


class SentMessage(NamedTuple):
    """The ids of a message and of its channel."""

    id: int
    channel_id: int


async def post(
    client: discord.Client, channel_id: int, view: View, files: Files, *, nonce: str, reply_to: int | None = None
) -> SentMessage:
    """Posts a message in a channel, as a reply if `reply_to` is the id of an existing message there. Raises
    discord.HTTPException and the errors of the connection."""
    replied: Any = MISSING
    if reply_to is not None:
        reference = discord.MessageReference(message_id=reply_to, channel_id=channel_id, fail_if_not_exists=False)
        replied = reference.to_message_reference_dict()
    with handle_message_parameters(
        content=None,
        view=view,
        files=files,
        allowed_mentions=NO_MENTIONS,
        nonce=nonce,
        message_reference=replied,
    ) as params:
        answer = await client.http.send_message(channel_id, params=params)
    return SentMessage(int(answer["id"]), int(answer["channel_id"]))


async def post_text(
    client: discord.Client,
    channel_id: int,
    text: str,
    *,
    mentions: discord.AllowedMentions,
    nonce: str,
    reply: discord.MessageReference | None = None,
) -> None:
    """Posts a text in a channel, as a reply that does not mention the author of the other message if `reply` is given.
    Raises the errors of `post`."""
    with handle_message_parameters(
        content=text,
        view=None,
        allowed_mentions=mentions,
        mention_author=None if reply is None else False,
        nonce=nonce,
        message_reference=MISSING if reply is None else reply.to_message_reference_dict(),
    ) as params:
        await client.http.send_message(channel_id, params=params)


async def edit(client: discord.Client, channel_id: int, message_id: int, view: View, files: Files | None) -> None:
    """Edits a message of the bot. `files` replace the current attachments; None keeps them. Raises the errors of
    `post`."""
    replacing: Any = MISSING if files is None else files
    with handle_message_parameters(view=view, attachments=replacing, allowed_mentions=NO_MENTIONS) as params:
        await client.http.edit_message(channel_id, message_id, params=params)


def webhook_of(client: discord.Client, application_id: int, token: str) -> discord.Webhook:
    """The webhook of an interaction, with the client's session and proxy. discord.py's `partial` ignores the proxy
    (2.7.1)."""
    webhook = discord.Webhook.partial(application_id, token, client=client)
    webhook.proxy = client.http.proxy
    return webhook


class MessageLocation(NamedTuple):
    """The channel and id of a message, and whether its token reached it."""

    message_id: int
    channel_id: int
    by_token: bool = False
