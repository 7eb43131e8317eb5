"""The state of a local Discord: all records by id, and who may see what."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from playground.discord import permissions
from playground.discord.records import Channel, ChannelType, Guild, Member, Message, Overwrite, Role, User

EPOCH_MS = 1_420_070_400_000
BOT_ID = 1_100_000_000_000_000_001


class Snowflakes:
    """Discord's ids: milliseconds since 2015 above 22 bits. They grow strictly, even if the clock goes back."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._last = 0

    def time(self) -> float:
        """Discord's clock: this machine's, with `ahead` seconds added."""
        return time.time() + self.ahead

    def new(self) -> int:
        now = (int(self.time() * 1000) - EPOCH_MS) << 22
        self._last = max(now, self._last + 1)
        return self._last


def created_at(snowflake: int) -> datetime:
    """When an id was generated, in UTC."""
    return datetime.fromtimestamp(((snowflake >> 22) + EPOCH_MS) / 1000, UTC)


class ServerState:
    """The records by id. Changed only by the parts of the local Discord that also publish the change."""

    def __init__(self, bot_name: str) -> None:
        self.snowflakes = Snowflakes()
        self.bot = User(BOT_ID, bot_name.lower().replace(" ", "_"), bot_name, bot=True)
        self.users: dict[int, User] = {BOT_ID: self.bot}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, Message] = {}
        self.installed_for: set[int] = set()
        self.privileged_intents = 0

    @property
    def application_id(self) -> int:
        """New applications share their id with their bot user."""
        return self.bot.id

    # users

    def user(self, name: str) -> User:
        """The person of this name. KeyError if there is none."""
        for user in self.users.values():
            if user.name == name and not user.bot:
                return user
        raise KeyError(f"there is no user {name!r}")

    def join(self, guild: Guild, user: User, *roles: Role) -> Member:
        joined = max(created_at(guild.id), created_at(user.id))
        member = Member(user, guild.id, joined, [role.id for role in roles])
        guild.members[user.id] = member
        return member

    # channels

    def dm(self, user: User) -> Channel:
        """The bot's direct-message channel with a user, created on first use."""
        found = next((channel for channel in self.channels.values() if channel.recipient is user), None)
        return found or self.add_channel(Channel(self.snowflakes.new(), ChannelType.DM, "", recipient=user))

    def add_channel(self, channel: Channel) -> Channel:
        """Stores a new channel."""
        self.channels[channel.id] = channel
        return channel

    # reading

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.snowflakes.time(), UTC)

    def guild_of(self, channel: Channel) -> Guild | None:
        return self.guilds[channel.guild_id] if channel.guild_id is not None else None

    def bot_is_in(self, guild: Guild | None) -> bool:
        return guild is not None and self.bot.id in guild.members

    def bot_guilds(self) -> list[Guild]:
        return [guild for guild in self.guilds.values() if self.bot_is_in(guild)]

    def channels_of(self, guild: Guild) -> list[Channel]:
        """The channels of a guild, without threads."""
        return [ch for ch in self.channels.values() if ch.guild_id == guild.id and not ch.deleted and not ch.thread]

    def threads_of(self, guild: Guild) -> list[Channel]:
        """The threads of a guild that the bot may see."""
        threads = [ch for ch in self.channels.values() if ch.guild_id == guild.id and not ch.deleted and ch.thread]
        return [thread for thread in threads if self.bot_may(thread, "view_channel")]

    def messages_in(self, channel: Channel) -> Iterator[Message]:
        """The messages of a channel, oldest first."""
        return (m for m in self.messages.values() if m.channel_id == channel.id and not m.deleted)

    def sees(self, user_id: int, message: Message) -> bool:
        """Whether a message is visible to a user."""
        if message.deleted or (message.ephemeral and (message.ephemeral_for != user_id or message.dismissed)):
            return False
        return self.may(user_id, self.channels[message.channel_id], "view_channel")

    # permissions

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
