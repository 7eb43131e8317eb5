"""The state of a local Discord: what its parts share, and who may see what."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from playground.discord import permissions
from playground.discord.attachments import FileStore
from playground.discord.events import EventBus
from playground.discord.gateway_sessions import Account
from playground.discord.limits import Limits
from playground.discord.records import MAX_UPLOAD, Channel, ChannelType, Guild, Message, Overwrite, Snowflakes, User

BOT_ID = 1_100_000_000_000_000_001


class ServerState:
    """The records by id, the files, the bot's account, the limits, and `bus`, which gets every change of them."""

    def __init__(self, bot_name: str, limits: Limits, account: Account) -> None:
        self.limits = limits
        self.account = account
        self.bus = EventBus()
        self.snowflakes = Snowflakes()
        self.files = FileStore(self.snowflakes)
        # A new application shares its id with its bot user.
        self.application_id = BOT_ID
        self.bot = User(BOT_ID, bot_name.lower().replace(" ", "_"), bot_name, bot=True)
        self.users: dict[int, User] = {BOT_ID: self.bot}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, Message] = {}
        self.installed_for: set[int] = set()
        self.privileged_intents = 0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.snowflakes.time(), UTC)

    def dm(self, user: User) -> Channel:
        """The bot's direct-message channel with a user, created on first use."""
        found = next((channel for channel in self.channels.values() if channel.recipient is user), None)
        return found or self.add_channel(ChannelType.DM, "", recipient=user)

    def add_channel(self, kind: ChannelType, name: str, channel_id: int | None = None, **fields: Any) -> Channel:
        """A new channel with these fields of the record."""
        channel = Channel(channel_id or self.snowflakes.new(), kind, name, **fields)
        self.channels[channel.id] = channel
        return channel

    def guild_of(self, channel: Channel) -> Guild | None:
        return self.guilds[channel.guild_id] if channel.guild_id is not None else None

    def bot_is_in(self, guild: Guild | None) -> bool:
        return guild is not None and self.bot.id in guild.members

    def bot_guilds(self) -> list[Guild]:
        return [guild for guild in self.guilds.values() if self.bot_is_in(guild)]

    def bot_is_outside(self, channel: Channel) -> bool:
        """Whether the bot is not a member here, and is only used by people who installed it for themselves."""
        guild = self.guild_of(channel)
        return channel.type == ChannelType.GROUP_DM or (guild is not None and not self.bot_is_in(guild))

    def channels_of(self, guild: Guild) -> list[Channel]:
        """The channels and threads of a guild that are not deleted."""
        return [each for each in self.channels.values() if each.guild_id == guild.id and not each.deleted]

    def messages_in(self, channel: Channel) -> Iterator[Message]:
        """The messages of a channel, oldest first."""
        return (m for m in self.messages.values() if m.channel_id == channel.id and not m.deleted)

    def size_limit(self, channel: Channel) -> int:
        """The maximum bytes of a file in a channel."""
        guild = self.guild_of(channel)
        return guild.attachment_size_limit if guild else MAX_UPLOAD

    # permissions

    def sees(self, user_id: int, message: Message) -> bool:
        """Whether a message is visible to a user."""
        if message.deleted or (message.ephemeral and (message.ephemeral_for != user_id or message.dismissed)):
            return False
        return self.may(user_id, self.channels[message.channel_id], "view_channel")

    def permissions_of(self, user_id: int, channel: Channel) -> int:
        guild = self.guild_of(channel)
        if guild is None:
            other = channel.recipient
            taking_part = channel.has(user_id) or (other is not None and user_id in (self.bot.id, other.id))
            return permissions.DIRECT if taking_part else 0
        if channel.parent_id is not None:
            held = permissions.in_channel(guild, self.channels[channel.parent_id], user_id)
            return permissions.in_thread(channel, held, user_id)
        return permissions.in_channel(guild, channel, user_id)

    def may(self, user_id: int, channel: Channel, *names: str) -> bool:
        needed = permissions.bits(*names)
        return self.permissions_of(user_id, channel) & needed == needed

    def bot_may(self, channel: Channel, *names: str) -> bool:
        return self.may(self.bot.id, channel, *names)

    def grant(self, channel: Channel, target_id: int, **granted: bool) -> None:
        """Grants (True) or denies permissions in a channel to a role or a member."""
        guild = self.guild_of(channel)
        of_role = guild is not None and target_id in guild.roles
        overwrite = channel.overwrites.setdefault(target_id, Overwrite(of_role=of_role))
        for name, allowed in granted.items():
            bit = permissions.bits(name)
            overwrite.allow = overwrite.allow | bit if allowed else overwrite.allow & ~bit
            overwrite.deny = overwrite.deny & ~bit if allowed else overwrite.deny | bit
