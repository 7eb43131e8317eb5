"""Everything that exists on a local Discord, and who may see what of it."""

from collections.abc import Iterator
from datetime import UTC, datetime

from playground.discord import permissions
from playground.discord.records import (
    DM,
    GROUP_DM,
    GUILD_TEXT,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    Channel,
    Guild,
    Member,
    Message,
    Overwrite,
    Role,
    User,
)
from playground.discord.snowflakes import Snowflakes, created_at


class World:
    """The records by id. Changed only by the parts of the local Discord that tell others of the change."""

    def __init__(self, bot: User, application_owner: User) -> None:
        self.snowflakes = Snowflakes()
        self.bot = bot
        self.application_owner = application_owner
        self.users: dict[int, User] = {bot.id: bot, application_owner.id: application_owner}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.messages: dict[int, Message] = {}
        self.installed_for: set[int] = set()
        self.privileged_intents = 0

    @property
    def application_id(self) -> int:
        """Applications made today share their id with their bot user."""
        return self.bot.id

    # people

    def user(self, name: str) -> User:
        for user in self.users.values():
            if user.name == name and not user.bot:
                return user
        raise KeyError(f"nobody here is called {name!r}")

    def add_user(self, name: str, user_id: int | None = None) -> User:
        user = User(user_id or self.snowflakes.new(), name, name.capitalize())
        self.users[user.id] = user
        return user

    def join(self, guild: Guild, user: User, *roles: Role) -> Member:
        joined = max(created_at(guild.id), created_at(user.id))
        member = Member(user, guild.id, joined, [role.id for role in roles])
        guild.members[user.id] = member
        return member

    # places

    def add_guild(self, name: str, owner: User, guild_id: int | None = None, *, with_bot: bool = True) -> Guild:
        guild = Guild(guild_id or self.snowflakes.new(), name, owner.id)
        guild.roles[guild.id] = Role(guild.id, "@everyone", permissions.EVERYONE)
        self.guilds[guild.id] = guild
        self.join(guild, owner)
        if with_bot:
            role = self.add_role(guild, self.bot.shown_as, permissions.BOT, guild.id + 1 if guild_id else None)
            role.of_bot = self.bot.id
            self.join(guild, self.bot, role)
        return guild

    def add_role(self, guild: Guild, name: str, granted: int, role_id: int | None = None) -> Role:
        role = Role(role_id or self.snowflakes.new(), name, granted, len(guild.roles))
        guild.roles[role.id] = role
        return role

    def add_channel(self, guild: Guild, name: str, channel_id: int | None = None) -> Channel:
        position = sum(1 for channel in self.channels.values() if channel.guild_id == guild.id)
        channel = Channel(channel_id or self.snowflakes.new(), GUILD_TEXT, name, guild.id, position)
        self.channels[channel.id] = channel
        return channel

    def add_thread(self, parent: Channel, name: str, owner: User, *, private: bool) -> Channel:
        kind = PRIVATE_THREAD if private else PUBLIC_THREAD
        thread = Channel(self.snowflakes.new(), kind, name, parent.guild_id)
        thread.parent_id, thread.owner_id, thread.people = parent.id, owner.id, [owner]
        self.channels[thread.id] = thread
        return thread

    def add_group(self, name: str, *people: User) -> Channel:
        """A group's direct messages. No bot can be in one; people bring it along who have installed it."""
        group = Channel(self.snowflakes.new(), GROUP_DM, name, owner_id=people[0].id, people=list(people))
        self.channels[group.id] = group
        return group

    def dm(self, user: User) -> Channel:
        """The bot's direct-message channel with a user, made when first asked for."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        channel = Channel(self.snowflakes.new(), DM, "", recipient=user)
        self.channels[channel.id] = channel
        return channel

    # reading

    def guild_of(self, channel: Channel) -> Guild | None:
        return self.guilds[channel.guild_id] if channel.guild_id is not None else None

    def bot_is_in(self, guild: Guild) -> bool:
        return self.bot.id in guild.members

    def bot_guilds(self) -> list[Guild]:
        return [guild for guild in self.guilds.values() if self.bot_is_in(guild)]

    def channels_of(self, guild: Guild) -> list[Channel]:
        """The channels of a guild, threads aside."""
        return [ch for ch in self.channels.values() if ch.guild_id == guild.id and not ch.deleted and not ch.thread]

    def threads_of(self, guild: Guild) -> list[Channel]:
        """The threads of a guild that the bot may see."""
        threads = [ch for ch in self.channels.values() if ch.guild_id == guild.id and not ch.deleted and ch.thread]
        return [thread for thread in threads if self.may(self.bot.id, thread, "view_channel")]

    def messages_in(self, channel: Channel) -> Iterator[Message]:
        """What stands in a channel, oldest first."""
        return (m for m in self.messages.values() if m.channel_id == channel.id and not m.deleted)

    def permissions_of(self, user_id: int, channel: Channel) -> int:
        guild = self.guild_of(channel)
        if guild is None:
            alone = channel.recipient
            taking_part = channel.has(user_id) or (alone is not None and user_id in (self.bot.id, alone.id))
            return permissions.DIRECT if taking_part else 0
        if channel.parent_id is not None:
            held = permissions.in_channel(guild, self.channels[channel.parent_id], user_id)
            return permissions.in_thread(channel, held, user_id)
        return permissions.in_channel(guild, channel, user_id)

    def may(self, user_id: int, channel: Channel, *names: str) -> bool:
        needed = permissions.bits(*names)
        return self.permissions_of(user_id, channel) & needed == needed

    def grant(self, channel: Channel, target_id: int, **granted: bool) -> None:
        """Grants (True) or denies permissions in a channel, for a role or a member."""
        overwrite = self.overwrite(channel, target_id)
        for name, allowed in granted.items():
            bit = permissions.bits(name)
            overwrite.allow = overwrite.allow | bit if allowed else overwrite.allow & ~bit
            overwrite.deny = overwrite.deny & ~bit if allowed else overwrite.deny | bit

    def overwrite(self, channel: Channel, target_id: int) -> Overwrite:
        guild = self.guild_of(channel)
        of_role = guild is not None and target_id in guild.roles
        return channel.overwrites.setdefault(target_id, Overwrite(of_role=of_role))

    def sees(self, user_id: int, message: Message) -> bool:
        """Whether a message stands on this user's screen."""
        if message.deleted or (message.ephemeral and (message.ephemeral_for != user_id or message.dismissed)):
            return False
        return self.may(user_id, self.channels[message.channel_id], "view_channel")

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.snowflakes.time(), UTC)
