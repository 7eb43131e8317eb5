"""REST: channels and their messages."""

from collections.abc import Iterable
from datetime import timedelta

from playground.discord import errors, payloads
from playground.discord.errors import ApiError
from playground.discord.forms import Form
from playground.discord.http_server import ApiRequest, Route
from playground.discord.interactions import size_limit
from playground.discord.message_body import validate_body
from playground.discord.messages import Messages, MessageSource
from playground.discord.records import Channel, Json, Message, MessageFlag
from playground.discord.state import ServerState

NONCE_LIFETIME = timedelta(minutes=5)
LATE = timedelta(hours=1)


class ChannelRoutes:
    """Handlers of the routes below /channels."""

    def __init__(self, state: ServerState, messages: Messages, late_edits: int) -> None:
        """`late_edits`: how often a message older than an hour is edited."""
        self._state = state
        self._messages = messages
        self._late_edits = late_edits

    def routes(self) -> Iterable[Route]:
        channel = "/channels/{channel_id}"
        yield Route("GET", channel, lambda call: payloads.channel(self._channel(call)))
        yield Route("POST", f"{channel}/typing", self.typing)
        yield Route("GET", f"{channel}/messages", self.history)
        yield Route("POST", f"{channel}/messages", self.post)
        message = f"{channel}/messages/{{message_id}}"
        yield Route("GET", message, lambda call: self._messages.payload(self._message(call)))
        yield Route("PATCH", message, self.edit)
        yield Route("DELETE", message, self.delete)

    def typing(self, call: ApiRequest) -> None:
        self._channel(call, "send_messages")

    def history(self, call: ApiRequest) -> list[Json]:
        """A page of messages, newest first; empty without the permission to read the history."""
        channel = self._channel(call)
        if not self._state.bot_may(channel, "read_message_history"):
            return []
        query = _page_of(call.record.query)
        before, after = query.get("before", 2**63), query.get("after", 0)
        found = [each for each in self._state.messages_in(channel) if not each.ephemeral and after < each.id < before]
        limit = query.get("limit", 50)
        chosen = found[:limit] if "after" in query else found[-limit:]
        return [self._messages.payload(each) for each in reversed(chosen)]

    def post(self, call: ApiRequest) -> Json:
        """Posts a message as the bot."""
        channel = self._channel(call, "send_messages")
        self._check_recipient(channel, with_files=bool(call.files))
        if channel.locked and not self._state.bot_may(channel, "manage_threads"):
            raise ApiError(*errors.THREAD_LOCKED)
        if call.files and not self._state.bot_may(channel, "attach_files"):
            raise ApiError(*errors.MISSING_PERMISSIONS)
        form = Form(call.body)
        sent_already = self._same_nonce(form, channel)
        if sent_already is not None:
            return self._messages.payload(sent_already)
        body = validate_body(form, call.files, size_limit=size_limit(self._state.guild_of(channel)))
        body.fields["flags"] = body.flags & ~MessageFlag.EPHEMERAL
        reference = self._reference(form, channel)
        source = MessageSource(type=19 if reference else 0, reference_id=reference)
        channel.archived = False  # a message reopens a thread that is not locked
        message = self._messages.create(channel, self._state.bot, body, source)
        return self._messages.payload(message)

    def edit(self, call: ApiRequest) -> Json:
        message = self._message(call)
        if message.author is not self._state.bot:
            raise ApiError(*errors.NOT_THE_AUTHOR)
        channel = self._state.channels[message.channel_id]
        if channel.archived or channel.locked:
            raise ApiError(*errors.THREAD_ARCHIVED)
        if self._state.now() - message.created_at > LATE:
            message.late_edits += 1
            if message.late_edits > self._late_edits:
                raise ApiError(*errors.TOO_MANY_LATE_EDITS)
        limit = size_limit(self._state.guild_of(channel))
        self._messages.edit(message, validate_body(Form(call.body), call.files, size_limit=limit, before=message))
        return self._messages.payload(message)

    def delete(self, call: ApiRequest) -> None:
        message = self._message(call)
        channel = self._state.channels[message.channel_id]
        moderating = self._state.bot_may(channel, "manage_messages") and channel.guild_id is not None
        if message.author is not self._state.bot and not moderating:
            raise ApiError(*errors.MISSING_PERMISSIONS)
        self._messages.delete(message)

    def _channel(self, call: ApiRequest, *permissions: str) -> Channel:
        channel = self._state.channels.get(call.id("channel_id"))
        if channel is None or channel.deleted:
            raise ApiError(*errors.UNKNOWN_CHANNEL)
        if not self._state.bot_may(channel, "view_channel"):
            raise ApiError(*errors.MISSING_ACCESS)
        if not self._state.bot_may(channel, *permissions):
            raise ApiError(*errors.MISSING_PERMISSIONS)
        return channel

    def _message(self, call: ApiRequest) -> Message:
        channel = self._channel(call)
        message = self._state.messages.get(call.id("message_id"))
        if message is None or message.deleted or message.channel_id != channel.id or message.ephemeral:
            raise ApiError(*errors.UNKNOWN_MESSAGE)
        return message

    def _same_nonce(self, form: Form, channel: Channel) -> Message | None:
        """With `enforce_nonce`, a message sent twice within minutes is one (message resource, "Create Message")."""
        nonce = form.body.get("nonce")
        if isinstance(nonce, str):
            form.text("nonce", 0, 25)
        if nonce is None or not form.flag("enforce_nonce"):
            return None
        since = self._state.now() - NONCE_LIFETIME
        own = (each for each in self._state.messages_in(channel) if each.author is self._state.bot)
        return next((each for each in own if str(each.nonce) == str(nonce) and each.created_at > since), None)

    def _check_recipient(self, channel: Channel, *, with_files: bool) -> None:
        """A person gets direct messages of the bot where both are in a server, or if they installed it."""
        user = channel.recipient
        if user is None:
            return
        shared = any(user.id in guild.members for guild in self._state.bot_guilds())
        if not shared and user.id not in self._state.installed_for:
            raise ApiError(*errors.NO_MUTUAL_GUILDS)
        if not user.accepts_dms:
            raise ApiError(*errors.CANNOT_MESSAGE_USER)
        if with_files and not user.accepts_dm_files:
            raise ApiError(*errors.EXPLICIT_CONTENT)

    def _reference(self, form: Form, channel: Channel) -> int | None:
        """The id of the message that is replied to."""
        if not form.has("message_reference"):
            return None
        if not self._state.bot_may(channel, "read_message_history"):
            raise ApiError(*errors.CANNOT_REPLY)
        reference = form.child("message_reference").body
        named = str(reference.get("message_id"))
        replied = self._state.messages.get(int(named)) if named.isdecimal() else None
        if replied is not None and not replied.deleted and replied.channel_id == channel.id:
            return replied.id
        if reference.get("fail_if_not_exists") is not False:
            form.fail("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            form.finish()
        return None


def _page_of(query: dict[str, str]) -> dict[str, int]:
    form = Form({key: int(value) if value.isdecimal() else value for key, value in query.items()})
    for key, low, high in (("limit", 1, 100), ("before", 0, 2**63), ("after", 0, 2**63)):
        form.number(key, low, high)
    form.finish()
    return form.body
