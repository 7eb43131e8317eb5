"""Messages: created, edited and deleted, with every earlier version kept, and sent to the gateway."""

import copy
import re
import time
from collections.abc import Sequence
from typing import Any

from playground.discord import payloads
from playground.discord.errors import EMPTY_MESSAGE, ApiError
from playground.discord.forms import Form
from playground.discord.gateway import Gateway, Intent
from playground.discord.message_body import Body, Uploads, check_automod, validate_body
from playground.discord.records import Channel, Json, Message, MessageFlag, Revision, Sticker, User
from playground.discord.state import ServerState
from playground.discord.stored_components import store_components

SETTABLE = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
_USER = re.compile(r"<@!?(\d{15,20})>")
_ROLE = re.compile(r"<@&(\d{15,20})>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")


class Messages:
    """The only writer of messages. `origin` are fields of a new message that no body sets, such as `reference_id`."""

    def __init__(self, state: ServerState, gateway: Gateway) -> None:
        self._state = state
        self._gateway = gateway

    def payload(self, message: Message) -> Json:
        return payloads.message(message, self._state)

    def create(
        self, channel: Channel, author: User, body: Body, stickers: Sequence[Sticker] = (), **origin: Any
    ) -> Message:
        """Posts a message. ApiError 50006 if it is empty."""
        message = self._new(channel, author, nonce=body.fields.get("nonce"), stickers=list(stickers), **origin)
        self._apply(message, body)
        return self._publish(message)

    def forward(self, message: Message, channel: Channel, author: User) -> Message:
        """Posts a forward: no content of its own, and the message as it is now."""
        forward = self._new(channel, author, reference_id=message.id, forwarded=copy.copy(message))
        forward.flags |= MessageFlag.HAS_SNAPSHOT
        return self._publish(forward)

    def create_loading(self, channel: Channel, **origin: Any) -> Message:
        """The "is thinking…" message of a deferred answer."""
        message = self._new(channel, self._state.bot, **origin)
        message.flags |= MessageFlag.LOADING
        return self._publish(message)

    def validated(self, channel: Channel, form: Form, files: Uploads, before: Message | None = None) -> Body:
        """A checked body for a channel; AutoMod checks it too where the bot is not a member. Raises ApiError."""
        body = validate_body(form, files, size_limit=self._state.size_limit(channel), before=before)
        guild = self._state.guild_of(channel)
        if guild is not None and not self._state.bot_is_in(guild):
            check_automod(body, guild.blocked_words)
        return body

    def edit(self, message: Message, form: Form, files: Uploads) -> None:
        """Applies a body to a message; what the body leaves out stays. ApiError if it is invalid or nothing is left."""
        body = self.validated(self._state.channels[message.channel_id], form, files, message)
        edited = copy.copy(message)
        edited.flags &= ~MessageFlag.LOADING
        self._apply(edited, body)
        edited.edited_at = None if message.loading else self._state.now()
        vars(message).update(vars(edited))
        self._send(message, "UPDATE")

    def delete(self, message: Message) -> None:
        message.deleted = True
        event = {"id": str(message.id), "channel_id": str(message.channel_id)}
        self._dispatch("MESSAGE_DELETE", message, event)
        self._state.bus.publish("message_delete", message)

    def _new(self, channel: Channel, author: User, **origin: Any) -> Message:
        message = Message(self._state.snowflakes.new(), channel.id, author, self._state.now(), **origin)
        message.flags = MessageFlag.EPHEMERAL if message.ephemeral else 0
        return message

    def _publish(self, message: Message) -> Message:
        self._state.messages[message.id] = message
        self._state.channels[message.channel_id].last_message_id = message.id
        self._send(message, "CREATE")
        return message

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
        kept = [each for each in message.attachments if each.id in body.kept]
        for attachment in kept:
            attachment.description = body.described.get(attachment.id, attachment.description)
        for upload, description in body.uploads:
            attachment = self._state.files.store(message.channel_id, upload, ephemeral=message.ephemeral)
            attachment.description = description
            kept.append(attachment)
        message.attachments = kept

    def _apply_mentions(self, message: Message) -> None:
        """Whom it notifies. A mention inside code counts too: a bot must not rely on code marks as protection."""
        state, allowed = self._state, message.allowed_mentions
        channel = state.channels[message.channel_id]
        guild = state.guild_of(channel)
        text = message.text if message.flags & MessageFlag.COMPONENTS_V2 else message.content
        users, roles = _mentioned(text, allowed, "users", _USER), _mentioned(text, allowed, "roles", _ROLE)
        # A response to an interaction looks like a reply but notifies no one; a reply of a bot or person does.
        replied_to = state.messages.get(message.reference_id or 0) if message.webhook_id is None else None
        if replied_to is not None and (allowed is None or allowed.get("replied_user")):
            users.append(replied_to.author.id)
        parsed = allowed is None or "everyone" in (allowed.get("parse") or ())
        message.mentions = [state.users[each] for each in dict.fromkeys(users) if each in state.users]
        message.mention_roles = [each for each in roles if guild and each in guild.roles]
        allows_everyone = parsed and state.may(message.author.id, channel, "mention_everyone")
        message.mention_everyone = allows_everyone and bool(_EVERYONE.search(text))

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


def _mentioned(text: str, allowed: Json | None, kind: str, pattern: re.Pattern[str]) -> list[int]:
    """The ids of this kind that a text mentions and its allowed mentions name."""
    found = [int(each) for each in pattern.findall(text)]
    if allowed is None or kind in (allowed.get("parse") or ()):
        return list(dict.fromkeys(found))
    listed = {int(each) for each in allowed.get(kind) or ()}
    return [each for each in dict.fromkeys(found) if each in listed]
