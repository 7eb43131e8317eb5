"""Everything that exists on a local Discord, and who may see what of it."""

from collections.abc import Iterator
from datetime import UTC, datetime

from playground.discord import permissions
from playground.discord.records import DM, GUILD_TEXT, Channel, Guild, Member, Message, Overwrite, Role, User
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
        return [ch for ch in self.channels.values() if ch.guild_id == guild.id and not ch.deleted]

    def messages_in(self, channel: Channel) -> Iterator[Message]:
        """What stands in a channel, oldest first."""
        return (m for m in self.messages.values() if m.channel_id == channel.id and not m.deleted)

    def permissions_of(self, user_id: int, channel: Channel) -> int:
        guild = self.guild_of(channel)
        if guild is None:
            taking_part = user_id == self.bot.id or (channel.recipient is not None and user_id == channel.recipient.id)
            return permissions.DIRECT if taking_part else 0
        return permissions.in_channel(guild, channel, user_id)

    def may(self, user_id: int, channel: Channel, *names: str) -> bool:
        needed = permissions.bits(*names)
        return self.permissions_of(user_id, channel) & needed == needed

    def overwrite(self, channel: Channel, target_id: int) -> Overwrite:
        return channel.overwrites.setdefault(target_id, Overwrite())

    def sees(self, user_id: int, message: Message) -> bool:
        """Whether a message stands on this user's screen."""
        if message.deleted or (message.ephemeral and (message.ephemeral_for != user_id or message.dismissed)):
            return False
        return self.may(user_id, self.channels[message.channel_id], "view_channel")

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.snowflakes.time(), UTC)
