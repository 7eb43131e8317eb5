"""Messages: made, edited and deleted, with a memory of how they looked, and told to the gateway."""

import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playground.discord import payloads
from playground.discord.attachments import Files
from playground.discord.bodies import Body
from playground.discord.errors import empty_message
from playground.discord.events import Bus
from playground.discord.gateway import DIRECT_MESSAGES, GUILD_MESSAGES, Gateway
from playground.discord.layouts import settle
from playground.discord.mentions import pings
from playground.discord.records import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    Channel,
    Json,
    Message,
    Revision,
    Sticker,
    User,
)
from playground.discord.world import World

SUPPRESS_EMBEDS = 1 << 2
SUPPRESS_NOTIFICATIONS = 1 << 12
HAS_SNAPSHOT = 1 << 14
SETTABLE = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2


@dataclass(frozen=True)
class Origin:
    """Where a message comes from when an interaction brought it about."""

    type: int = 0
    ephemeral_for: int | None = None
    metadata: Json | None = None
    webhook_id: int | None = None
    reference_id: int | None = None


class Messages:
    """The only writer of messages."""

    def __init__(self, world: World, bus: Bus, gateway: Gateway, files: Files) -> None:
        self._world = world
        self._bus = bus
        self._gateway = gateway
        self._files = files

    def payload(self, message: Message) -> Json:
        return payloads.message(message, self._world, self._files)

    def create(
        self,
        channel: Channel,
        author: User,
        body: Body,
        origin: Origin | None = None,
        stickers: Sequence[Sticker] = (),
    ) -> Message:
        """Posts a message. ApiError 50006 when there is nothing in it."""
        message = self._new(channel, author, origin or Origin())
        message.nonce = body.fields.get("nonce")
        message.stickers = list(stickers)
        self._apply(message, body)
        if _empty(message):
            raise empty_message()
        self._publish(message)
        return message

    def forward(self, message: Message, channel: Channel, author: User) -> Message:
        """Posts a forward: nothing of its own, and the message as it is now."""
        forward = self._new(channel, author, Origin(reference_id=message.id))
        forward.flags |= HAS_SNAPSHOT
        forward.forwarded = copy.copy(message)
        self._publish(forward)
        return forward

    def create_loading(self, channel: Channel, origin: Origin) -> Message:
        """The "is thinking…" message of a deferred answer."""
        message = self._new(channel, self._world.bot, origin)
        message.flags |= LOADING
        self._publish(message)
        return message

    def edit(self, message: Message, body: Body) -> None:
        """Applies a body to a message; what the body leaves out stays. ApiError 50006 when nothing would be left."""
        edited = copy.copy(message)
        edited.flags &= ~LOADING
        self._apply(edited, body)
        if _empty(edited):
            raise empty_message()
        was_loading = message.loading
        for name in ("content", "embeds", "components", "attachments", "flags", "mentions", "mention_roles"):
            setattr(message, name, getattr(edited, name))
        message.mention_everyone = edited.mention_everyone
        message.allowed_mentions = edited.allowed_mentions
        message.edited_at = None if was_loading else self._world.now()
        self._remember(message)
        self._dispatch("MESSAGE_UPDATE", message)
        self._bus.tell("message_update", message)

    def delete(self, message: Message) -> None:
        message.deleted = True
        event = {"id": str(message.id), "channel_id": str(message.channel_id)}
        self._dispatch("MESSAGE_DELETE", message, event)
        self._bus.tell("message_delete", message)

    def _new(self, channel: Channel, author: User, origin: Origin) -> Message:
        message = Message(self._world.snowflakes.new(), channel.id, author, self._world.now())
        message.type = origin.type
        message.ephemeral_for = origin.ephemeral_for
        message.flags = EPHEMERAL if message.ephemeral else 0
        message.interaction_metadata = origin.metadata
        message.webhook_id = origin.webhook_id
        message.reference_id = origin.reference_id
        return message

    def _publish(self, message: Message) -> None:
        self._world.messages[message.id] = message
        self._world.channels[message.channel_id].last_message_id = message.id
        self._remember(message)
        self._dispatch("MESSAGE_CREATE", message)
        self._bus.tell("message_create", message)

    def _apply(self, message: Message, body: Body) -> None:
        fields = body.fields
        self._apply_attachments(message, body)
        if "content" in fields:
            message.content = fields["content"] or ""
        if "embeds" in fields:
            message.embeds = [{"type": "rich"} | embed for embed in fields["embeds"] or []]
        if fields.get("flags") is not None:
            message.flags = message.flags & ~SETTABLE | body.flags & SETTABLE
        if "components" in fields:
            message.components = settle(fields["components"] or [], message.attachments, self._files)
        if "allowed_mentions" in fields:
            message.allowed_mentions = fields["allowed_mentions"]
        self._apply_mentions(message)

    def _apply_attachments(self, message: Message, body: Body) -> None:
        kept = [each for each in message.attachments if body.kept is None or each.id in body.kept]
        for attachment in kept:
            attachment.description = body.described.get(attachment.id, attachment.description)
        for upload, description in body.uploads:
            attachment = self._files.store(message.channel_id, upload, ephemeral=message.ephemeral)
            attachment.description = description
            kept.append(attachment)
        message.attachments = kept

    def _apply_mentions(self, message: Message) -> None:
        channel = self._world.channels[message.channel_id]
        found = pings(
            message.text if message.flags & COMPONENTS_V2 else message.content,
            message.allowed_mentions,
            may_ping_everyone=self._world.may(message.author.id, channel, "mention_everyone"),
            replied_to=self._replied_to(message),
        )
        message.mentions = [self._world.users[each] for each in found.users if each in self._world.users]
        guild = self._world.guild_of(channel)
        message.mention_roles = [each for each in found.roles if guild and each in guild.roles]
        message.mention_everyone = found.everyone

    def _replied_to(self, message: Message) -> int | None:
        # An answer to an interaction stands as a reply but pings nobody; only a bot's or person's own reply does.
        if message.reference_id is None or message.webhook_id is not None:
            return None
        replied = self._world.messages.get(message.reference_id)
        return replied.author.id if replied else None

    def _remember(self, message: Message) -> None:
        message.revisions.append(Revision(time.monotonic(), copy.deepcopy(self.payload(message))))

    def _dispatch(self, event: str, message: Message, data: Json | None = None) -> None:
        """Tells the bot, which hears nothing of ephemeral messages nor of places where it is no member."""
        channel = self._world.channels[message.channel_id]
        guild = self._world.guild_of(channel)
        if message.ephemeral or (guild is not None and not self._world.bot_is_in(guild)):
            return
        if not self._world.may(self._world.bot.id, channel, "view_channel"):
            return
        payload: dict[str, Any] = self.payload(message) if data is None else dict(data)
        if guild is not None:
            payload["guild_id"] = str(guild.id)
            if data is None and message.author.id in guild.members:
                member = payloads.member(guild.members[message.author.id])
                del member["user"]
                payload["member"] = member
        intent = GUILD_MESSAGES if guild is not None else DIRECT_MESSAGES
        self._gateway.dispatch(event, payload, guild_id=channel.guild_id, intent=intent)


def _empty(message: Message) -> bool:
    return not (
        message.content.strip() or message.embeds or message.components or message.attachments or message.stickers
    )
