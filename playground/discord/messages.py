"""Messages: created, edited and deleted, with every earlier version kept, and sent to the gateway."""

import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass

from playground.discord import payloads
from playground.discord.errors import EMPTY_MESSAGE, ApiError
from playground.discord.gateway import Gateway, Intent
from playground.discord.message_body import Body, pings
from playground.discord.records import Channel, Json, Message, MessageFlag, Revision, Sticker, User
from playground.discord.state import ServerState
from playground.discord.stored_components import store_components

SETTABLE = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
EDITABLE = ("content", "embeds", "components", "attachments", "flags", "allowed_mentions")
MENTIONS = ("mentions", "mention_roles", "mention_everyone")


@dataclass(frozen=True)
class MessageSource:
    """What a message refers to: the interaction that created it, the message that it replies to."""

    type: int = 0
    ephemeral_for: int | None = None
    metadata: Json | None = None
    webhook_id: int | None = None
    reference_id: int | None = None


class Messages:
    """The only writer of messages."""

    def __init__(self, state: ServerState, gateway: Gateway) -> None:
        self._state = state
        self._gateway = gateway

    def payload(self, message: Message) -> Json:
        return payloads.message(message, self._state)

    def create(
        self,
        channel: Channel,
        author: User,
        body: Body,
        source: MessageSource | None = None,
        stickers: Sequence[Sticker] = (),
    ) -> Message:
        """Posts a message. ApiError 50006 if it is empty."""
        message = self._new(channel, author, source or MessageSource())
        message.nonce = body.fields.get("nonce")
        message.stickers = list(stickers)
        self._apply(message, body)
        self._publish(message)
        return message

    def forward(self, message: Message, channel: Channel, author: User) -> Message:
        """Posts a forward: no content of its own, and the message as it is now."""
        forward = self._new(channel, author, MessageSource(reference_id=message.id))
        forward.flags |= MessageFlag.HAS_SNAPSHOT
        forward.forwarded = copy.copy(message)
        self._publish(forward)
        return forward

    def create_loading(self, channel: Channel, source: MessageSource) -> Message:
        """The "is thinking…" message of a deferred answer."""
        message = self._new(channel, self._state.bot, source)
        message.flags |= MessageFlag.LOADING
        self._publish(message)
        return message

    def edit(self, message: Message, body: Body) -> None:
        """Applies a body to a message; what the body leaves out stays. ApiError 50006 if nothing would be left."""
        edited = copy.copy(message)
        edited.flags &= ~MessageFlag.LOADING
        self._apply(edited, body)
        was_loading = message.loading
        for name in (*EDITABLE, *MENTIONS):
            setattr(message, name, getattr(edited, name))
        message.edited_at = None if was_loading else self._state.now()
        self._send(message, "UPDATE")

    def delete(self, message: Message) -> None:
        message.deleted = True
        event = {"id": str(message.id), "channel_id": str(message.channel_id)}
        self._dispatch("MESSAGE_DELETE", message, event)
        self._state.bus.publish("message_delete", message)

    def _new(self, channel: Channel, author: User, source: MessageSource) -> Message:
        return Message(
            self._state.snowflakes.new(),
            channel.id,
            author,
            self._state.now(),
            type=source.type,
            ephemeral_for=source.ephemeral_for,
            flags=0 if source.ephemeral_for is None else MessageFlag.EPHEMERAL,
            interaction_metadata=source.metadata,
            webhook_id=source.webhook_id,
            reference_id=source.reference_id,
        )

    def _publish(self, message: Message) -> None:
        self._state.messages[message.id] = message
        self._state.channels[message.channel_id].last_message_id = message.id
        self._send(message, "CREATE")

    def _send(self, message: Message, change: str) -> None:
        payload = self.payload(message)
        message.revisions.append(Revision(time.monotonic(), copy.deepcopy(payload)))
        self._dispatch(f"MESSAGE_{change}", message, payload)
        self._state.bus.publish(f"message_{change.lower()}", message)

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
            message.components = store_components(fields["components"] or [], message.attachments, self._state.files)
        if "allowed_mentions" in fields:
            message.allowed_mentions = fields["allowed_mentions"]
        self._apply_mentions(message)
        parts = (message.embeds, message.components, message.attachments, message.stickers)
        if not message.content.strip() and not any(parts):
            raise ApiError(*EMPTY_MESSAGE)

    def _apply_attachments(self, message: Message, body: Body) -> None:
        kept = [each for each in message.attachments if body.kept is None or each.id in body.kept]
        for attachment in kept:
            attachment.description = body.described.get(attachment.id, attachment.description)
        for upload, description in body.uploads:
            attachment = self._state.files.store(message.channel_id, upload, ephemeral=message.ephemeral)
            attachment.description = description
            kept.append(attachment)
        message.attachments = kept

    def _apply_mentions(self, message: Message) -> None:
        channel = self._state.channels[message.channel_id]
        # A response to an interaction looks like a reply but notifies no one; a reply of a bot or person does.
        reply = message.reference_id is not None and message.webhook_id is None
        replied_to = self._state.messages.get(message.reference_id or 0) if reply else None
        found = pings(
            message.text if message.flags & MessageFlag.COMPONENTS_V2 else message.content,
            message.allowed_mentions,
            may_ping_everyone=self._state.may(message.author.id, channel, "mention_everyone"),
            replied_to=replied_to.author.id if replied_to else None,
        )
        message.mentions = [self._state.users[each] for each in found.users if each in self._state.users]
        guild = self._state.guild_of(channel)
        message.mention_roles = [each for each in found.roles if guild and each in guild.roles]
        message.mention_everyone = found.everyone

    def _dispatch(self, event: str, message: Message, payload: Json) -> None:
        """Sends the event to the bot, except for ephemeral messages and where it is no member or sees no channel."""
        channel = self._state.channels[message.channel_id]
        guild = self._state.guild_of(channel)
        if message.ephemeral or not self._state.bot_may(channel, "view_channel"):
            return
        if guild is not None:
            payload = payload | {"guild_id": str(guild.id)}
            if "author" in payload and message.author.id in guild.members:
                payload["member"] = payloads.member(guild.members[message.author.id])
                del payload["member"]["user"]
        intent = Intent.GUILD_MESSAGES if guild is not None else Intent.DIRECT_MESSAGES
        self._gateway.dispatch(event, payload, guild_id=channel.guild_id, intent=intent)
