"""REST: the bot's account, users, servers, channels and messages."""

from collections.abc import Iterable
from datetime import timedelta

from playground.discord import errors, payloads
from playground.discord.errors import ApiError
from playground.discord.forms import Form
from playground.discord.gateway import Gateway
from playground.discord.http_server import RequestRecord, Route
from playground.discord.messages import Messages
from playground.discord.records import Channel, Guild, Json, Message, MessageFlag
from playground.discord.state import ServerState

MAX_LINKS = 50
NONCE_LIFETIME = timedelta(minutes=5)
LATE = timedelta(hours=1)


class RestRoutes:
    """Handlers of all routes but those of interactions and commands."""

    def __init__(self, state: ServerState, gateway: Gateway, messages: Messages) -> None:
        self._state = state
        self._gateway = gateway
        self._messages = messages

    def routes(self) -> Iterable[Route]:
        state = self._state
        yield Route("GET", "/gateway", lambda _: {"url": self._gateway.url}, by_token=True)
        yield Route("GET", "/gateway/bot", self.gateway_bot)
        yield Route("GET", "/users/@me", lambda _: payloads.own_user(state.bot))
        yield Route("POST", "/users/@me/channels", self.open_dm)
        yield Route("GET", "/users/{user_id}", self.user)
        for path in ("/oauth2/applications/@me", "/applications/@me"):
            yield Route("GET", path, lambda _: payloads.application(state))
        yield Route("POST", "/attachments/refresh-urls", self.refresh_links)
        yield Route("GET", "/guilds/{guild_id}", self.guild)
        yield Route("GET", "/guilds/{guild_id}/channels", self.channels)
        yield Route("GET", "/guilds/{guild_id}/members/{user_id}", self.member)
        channel = "/channels/{channel_id}"
        yield Route("GET", channel, lambda call: payloads.channel(self._channel(call)))
        yield Route("POST", f"{channel}/typing", self.typing)
        yield Route("GET", f"{channel}/messages", self.history)
        yield Route("POST", f"{channel}/messages", self.post)
        message = f"{channel}/messages/{{message_id}}"
        yield Route("GET", message, lambda call: self._messages.payload(self._message(call)))
        yield Route("PATCH", message, self.edit)
        yield Route("DELETE", message, self.delete)

    # account, users, servers

    def gateway_bot(self, _: RequestRecord) -> Json:
        return {"url": self._gateway.url, "shards": 1, "session_start_limit": self._state.account.session_start_limit()}

    def user(self, call: RequestRecord) -> Json:
        return payloads.user(call.find(self._state.users, "user_id", errors.UNKNOWN_USER))

    def open_dm(self, call: RequestRecord) -> Json:
        form = Form(call.json)
        recipient = str(form.body.get("recipient_id", ""))
        user = self._state.users.get(int(recipient)) if recipient.isdecimal() else None
        if user is None or user.bot:
            form.fail("recipient_id", "USER_INVALID", "Invalid Recipient(s)")
            raise errors.invalid_form(form.errors)
        return payloads.channel(self._state.dm(user))

    def refresh_links(self, call: RequestRecord) -> Json:
        """New links for expired ones, in their order; null for a link to no attachment of Discord's."""
        form = Form(call.json)
        links = form.items("attachment_urls", 1, MAX_LINKS, required=True)
        if not all(isinstance(link, str) for link in links):
            form.fail("attachment_urls", "STRING_TYPE_CONVERT", "Could not interpret the value as string.")
        form.finish()
        refreshed = [{"original": link, "refreshed": self._state.files.refreshed(link)} for link in links]
        return {"refreshed_urls": refreshed}

    def guild(self, call: RequestRecord) -> Json:
        guild = self._guild(call)
        counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": len(guild.members)}
        return payloads.guild(guild) | (counts if call.query.get("with_counts") else {})

    def channels(self, call: RequestRecord) -> list[Json]:
        found = self._state.channels_of(self._guild(call))
        return [payloads.channel(each) for each in found if each.parent_id is None]

    def member(self, call: RequestRecord) -> Json:
        return payloads.member(call.find(self._guild(call).members, "user_id", errors.UNKNOWN_MEMBER))

    def _guild(self, call: RequestRecord) -> Guild:
        guild = call.find(self._state.guilds, "guild_id", errors.UNKNOWN_GUILD)
        if not self._state.bot_is_in(guild):
            raise ApiError(*errors.UNKNOWN_GUILD)
        return guild

    # channels and messages

    def typing(self, call: RequestRecord) -> None:
        self._channel(call, "send_messages")

    def history(self, call: RequestRecord) -> list[Json]:
        """A page of messages, newest first; empty without the permission to read the history."""
        channel = self._channel(call)
        if not self._state.bot_may(channel, "read_message_history"):
            return []
        query = Form({key: int(value) if value.isdecimal() else value for key, value in call.query.items()})
        limit = query.number("limit", 1, 100) or 50
        before, after = query.number("before", 0, 2**63) or 2**63, query.number("after", 0, 2**63)
        query.finish()
        public = (each for each in self._state.messages_in(channel) if not each.ephemeral)
        found = [each for each in public if (after or 0) < each.id < before]
        chosen = found[-limit:] if after is None else found[:limit]
        return [self._messages.payload(each) for each in reversed(chosen)]

    def post(self, call: RequestRecord) -> Json:
        """Posts a message as the bot."""
        channel = self._channel(call, "send_messages")
        self._check_recipient(channel, with_files=bool(call.uploads))
        if channel.locked and not self._state.bot_may(channel, "manage_threads"):
            raise ApiError(*errors.THREAD_LOCKED)
        if call.uploads and not self._state.bot_may(channel, "attach_files"):
            raise ApiError(*errors.MISSING_PERMISSIONS)
        form = Form(call.json)
        sent_already = self._same_nonce(form, channel)
        if sent_already is not None:
            return self._messages.payload(sent_already)
        body = self._messages.validated(channel, form, call.uploads)
        body.fields["flags"] = body.flags & ~MessageFlag.EPHEMERAL
        reference = self._reference(form, channel)
        channel.archived = False  # a message reopens a thread that is not locked
        origin: Json = {"type": 19 if reference else 0, "reference_id": reference}
        return self._messages.payload(self._messages.create(channel, self._state.bot, body, **origin))

    def edit(self, call: RequestRecord) -> Json:
        message = self._message(call)
        if message.author is not self._state.bot:
            raise ApiError(*errors.NOT_THE_AUTHOR)
        channel = self._state.channels[message.channel_id]
        if channel.archived or channel.locked:
            raise ApiError(*errors.THREAD_ARCHIVED)
        if self._state.now() - message.created_at > LATE:
            message.late_edits += 1
            if message.late_edits > self._state.limits.late_edits:
                raise ApiError(*errors.TOO_MANY_LATE_EDITS)
        self._messages.edit(message, Form(call.json), call.uploads)
        return self._messages.payload(message)

    def delete(self, call: RequestRecord) -> None:
        message = self._message(call)
        channel = self._state.channels[message.channel_id]
        moderating = self._state.bot_may(channel, "manage_messages") and channel.guild_id is not None
        if message.author is not self._state.bot and not moderating:
            raise ApiError(*errors.MISSING_PERMISSIONS)
        self._messages.delete(message)

    def _channel(self, call: RequestRecord, *permissions: str) -> Channel:
        channel = call.find(self._state.channels, "channel_id", errors.UNKNOWN_CHANNEL)
        if not self._state.bot_may(channel, "view_channel"):
            raise ApiError(*errors.MISSING_ACCESS)
        if not self._state.bot_may(channel, *permissions):
            raise ApiError(*errors.MISSING_PERMISSIONS)
        return channel

    def _message(self, call: RequestRecord) -> Message:
        channel = self._channel(call)
        message = call.find(self._state.messages, "message_id", errors.UNKNOWN_MESSAGE)
        if message.channel_id != channel.id or message.ephemeral:
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
