"""REST: the bot itself, users, guilds, channels and their messages."""

from datetime import timedelta
from typing import Any

from playground.discord import errors, payloads
from playground.discord.account import Account
from playground.discord.attachments import Files
from playground.discord.bodies import read_body
from playground.discord.forms import Form
from playground.discord.gateway import Gateway
from playground.discord.interaction_payloads import size_limit
from playground.discord.limits import Limits
from playground.discord.messages import Messages, Origin
from playground.discord.records import EPHEMERAL, Channel, Message
from playground.discord.requests import Call
from playground.discord.world import World

Answer = tuple[int, Any]
MOST_LINKS = 50
NONCE_LIVES = timedelta(minutes=5)
LATE = timedelta(hours=1)


class Places:
    """Handlers of the routes below /users, /guilds, /channels and /applications/@me."""

    def __init__(
        self,
        world: World,
        files: Files,
        messages: Messages,
        gateway: Gateway,
        account: Account,
        *,
        late_edits: int = Limits.late_edits,
    ) -> None:
        """`late_edits`: how often a message older than an hour is edited."""
        self._world = world
        self._files = files
        self._messages = messages
        self._gateway = gateway
        self._account = account
        self._late_edits = late_edits

    async def gateway(self, call: Call) -> Answer:
        return 200, {"url": self._gateway.url}

    async def gateway_bot(self, call: Call) -> Answer:
        limit = self._account.session_start_limit()
        return 200, {"url": self._gateway.url, "shards": 1, "session_start_limit": limit}

    async def own_user(self, call: Call) -> Answer:
        return 200, payloads.own_user(self._world.bot)

    async def application(self, call: Call) -> Answer:
        return 200, payloads.application(self._world)

    async def user(self, call: Call) -> Answer:
        user = self._world.users.get(call.id("user_id"))
        if user is None:
            raise errors.unknown_user()
        return 200, payloads.user(user)

    async def open_dm(self, call: Call) -> Answer:
        body = call.body if isinstance(call.body, dict) else {}
        recipient = str(body.get("recipient_id", ""))
        user = self._world.users.get(int(recipient)) if recipient.isdecimal() else None
        if user is None or user.bot:
            form = Form(body)
            form.fail("recipient_id", "USER_INVALID", "Invalid Recipient(s)")
            form.finish()
            raise errors.unknown_user()
        return 200, payloads.channel(self._world.dm(user))

    async def refresh_links(self, call: Call) -> Answer:
        """New links to files by old ones, in their order; one that means no file of Discord's stays without."""
        form = Form(call.body)
        links = form.body.get("attachment_urls")
        if not form.has("attachment_urls"):
            form.missing("attachment_urls")
        elif not isinstance(links, list) or not all(isinstance(link, str) for link in links):
            form.fail("attachment_urls", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        elif not 1 <= len(links) <= MOST_LINKS:
            form.fail("attachment_urls", "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MOST_LINKS} in length.")
        form.finish()
        return 200, {
            "refreshed_urls": [{"original": link, "refreshed": self._files.refreshed(link)} for link in links or ()]
        }

    # guilds

    async def guild(self, call: Call) -> Answer:
        guild = self._world.guilds.get(call.id("guild_id"))
        if guild is None or not self._world.bot_is_in(guild):
            raise errors.unknown_guild()
        counts = {"approximate_member_count": len(guild.members), "approximate_presence_count": len(guild.members)}
        return 200, payloads.guild(guild) | (counts if call.record.query.get("with_counts") else {})

    async def guild_channels(self, call: Call) -> Answer:
        await self.guild(call)
        guild = self._world.guilds[call.id("guild_id")]
        return 200, [payloads.channel(channel) for channel in self._world.channels_of(guild)]

    async def member(self, call: Call) -> Answer:
        await self.guild(call)
        member = self._world.guilds[call.id("guild_id")].members.get(call.id("user_id"))
        if member is None:
            raise errors.unknown_member()
        return 200, payloads.member(member)

    # channels

    async def channel(self, call: Call) -> Answer:
        return 200, payloads.channel(self._channel(call))

    async def typing(self, call: Call) -> Answer:
        self._channel(call, "send_messages")
        return 204, None

    async def messages(self, call: Call) -> Answer:
        channel = self._channel(call)
        if not self._world.may(self._world.bot.id, channel, "read_message_history"):
            return 200, []
        query = _page_of(call.record.query)
        found = [each for each in self._world.messages_in(channel) if not each.ephemeral]
        if "before" in query:
            found = [each for each in found if each.id < query["before"]]
        if "after" in query:
            found = [each for each in found if each.id > query["after"]]
        limit = query.get("limit", 50)
        chosen = found[:limit] if "after" in query else found[-limit:]
        return 200, [self._messages.payload(each) for each in reversed(chosen)]

    async def message(self, call: Call) -> Answer:
        return 200, self._messages.payload(self._message(call))

    async def post(self, call: Call) -> Answer:
        """Posts a message as the bot."""
        channel = self._channel(call, "send_messages")
        self._check_recipient(channel, with_files=bool(call.files))
        if channel.locked and not self._world.may(self._world.bot.id, channel, "manage_threads"):
            raise errors.locked_thread()
        if call.files and not self._world.may(self._world.bot.id, channel, "attach_files"):
            raise errors.missing_permissions()
        form = Form(call.body)
        sent_already = self._same_nonce(form, channel)
        if sent_already is not None:
            return 200, self._messages.payload(sent_already)
        body = read_body(form, call.files, size_limit=size_limit(self._world.guild_of(channel)))
        body.fields["flags"] = body.flags & ~EPHEMERAL
        reference = self._reference(form, channel)
        origin = Origin(type=19 if reference else 0, reference_id=reference)
        channel.archived = False  # as a message does to a thread that is not locked
        message = self._messages.create(channel, self._world.bot, body, origin)
        return 200, self._messages.payload(message)

    async def edit(self, call: Call) -> Answer:
        message = self._message(call)
        if message.author is not self._world.bot:
            raise errors.not_the_author()
        channel = self._world.channels[message.channel_id]
        if channel.archived or channel.locked:
            raise errors.archived_thread()
        if self._world.now() - message.created_at > LATE:
            message.late_edits += 1
            if message.late_edits > self._late_edits:
                raise errors.too_many_late_edits()
        form = Form(call.body)
        limit = size_limit(self._world.guild_of(channel))
        self._messages.edit(message, read_body(form, call.files, size_limit=limit, before=message))
        return 200, self._messages.payload(message)

    async def delete(self, call: Call) -> Answer:
        message = self._message(call)
        channel = self._world.channels[message.channel_id]
        moderating = self._world.may(self._world.bot.id, channel, "manage_messages") and channel.guild_id is not None
        if message.author is not self._world.bot and not moderating:
            raise errors.missing_permissions()
        self._messages.delete(message)
        return 204, None

    # helpers

    def _channel(self, call: Call, *permissions: str) -> Channel:
        channel = self._world.channels.get(call.id("channel_id"))
        if channel is None or channel.deleted:
            raise errors.unknown_channel()
        if not self._world.may(self._world.bot.id, channel, "view_channel"):
            raise errors.missing_access()
        if not self._world.may(self._world.bot.id, channel, *permissions):
            raise errors.missing_permissions()
        return channel

    def _message(self, call: Call) -> Message:
        channel = self._channel(call)
        message = self._world.messages.get(call.id("message_id"))
        if message is None or message.deleted or message.channel_id != channel.id or message.ephemeral:
            raise errors.unknown_message()
        return message

    def _same_nonce(self, form: Form, channel: Channel) -> Message | None:
        """With `enforce_nonce` a message sent twice within minutes is one (message resource, "Create Message")."""
        nonce = form.body.get("nonce")
        if isinstance(nonce, str):
            form.text("nonce", 0, 25)
        if nonce is None or not form.flag("enforce_nonce"):
            return None
        since = self._world.now() - NONCE_LIVES
        own = (each for each in self._world.messages_in(channel) if each.author is self._world.bot)
        return next((each for each in own if str(each.nonce) == str(nonce) and each.created_at > since), None)

    def _check_recipient(self, channel: Channel, *, with_files: bool) -> None:
        """A person takes direct messages of the bot where it shares a server with them, or they installed it."""
        user = channel.recipient
        if user is None:
            return
        shared = any(user.id in guild.members for guild in self._world.bot_guilds())
        if not shared and user.id not in self._world.installed_for:
            raise errors.no_mutual_guilds()
        if not user.accepts_dms:
            raise errors.cannot_message_user()
        if with_files and not user.accepts_pictures:
            raise errors.explicit_content()

    def _reference(self, form: Form, channel: Channel) -> int | None:
        if not form.has("message_reference"):
            return None
        if not self._world.may(self._world.bot.id, channel, "read_message_history"):
            raise errors.cannot_reply()
        reference = form.child("message_reference").body
        named = str(reference.get("message_id"))
        replied = self._world.messages.get(int(named)) if named.isdecimal() else None
        if replied is not None and not replied.deleted and replied.channel_id == channel.id:
            return replied.id
        if reference.get("fail_if_not_exists") is not False:
            form.fail("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            form.finish()
        return None


def _page_of(query: dict[str, str]) -> dict[str, int]:
    form = Form({key: int(value) if value.isdecimal() else value for key, value in query.items()})
    for key, least, most in (("limit", 1, 100), ("before", 0, 2**63), ("after", 0, 2**63)):
        form.number(key, least, most)
    form.finish()
    return form.body
