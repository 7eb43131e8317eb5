"""What the owners and moderators of servers do: channels, threads, roles, permissions, members."""

from typing import Any

from playground.discord import payloads, permissions
from playground.discord.gateway import Gateway, Intent
from playground.discord.messages import Messages
from playground.discord.people import ClientBackend, Person
from playground.discord.records import Channel, ChannelType, Guild, Json, Member, Message, Role, User, created_at
from playground.discord.state import BOT_ID, ServerState

INITIAL_PEOPLE = ("owner", "mod", "ada", "bob", "eve")


class Administration:
    """Changes of servers and people, with the events that the bot gets for them. A part of `LocalDiscord`."""

    state: ServerState
    gateway: Gateway
    _messages: Messages
    _backend: ClientBackend

    def populate(self, guild_name: str) -> None:
        """The initial state: two servers with the bot in both, and five people.

        The first server, `guild_name`, has #studio and #lounge, its owner, mod (a moderator), ada and bob. The second,
        "Elsewhere", has #hall and belongs to eve. The ids are constant, so that a bot's database fits the next run.
        """
        first_id, second_id = BOT_ID + 99_999_999, BOT_ID + 199_999_999
        people = [self.add_person(name, user_id=BOT_ID + 100 + n) for n, name in enumerate(INITIAL_PEOPLE)]
        owner, mod, ada, bob, eve = people
        first = self.add_guild(guild_name, owner, mod, ada, bob, guild_id=first_id)
        self.add_role(first, "Moderators", mod, granted=permissions.MODERATOR, role_id=first_id + 10)
        for number, name in enumerate(("studio", "lounge"), 20):
            self.add_channel(first, name, first_id + number)
        second = self.add_guild("Elsewhere", eve, guild_id=second_id)
        self.add_channel(second, "hall", second_id + 20)

    # people

    def person(self, name: str) -> Person:
        """A person at their client: owner, mod, ada, bob, eve, or an added one. KeyError if there is none."""
        people = {user.name: user for user in self.state.users.values() if not user.bot}
        return Person(people[name], self._backend)

    def add_person(self, name: str, *guilds: Guild, user_id: int | None = None) -> Person:
        """A new person, and the servers they join."""
        user = User(user_id or self.state.snowflakes.new(), name, name.capitalize())
        self.state.users[user.id] = user
        for guild in guilds:
            _join(guild, user)
        return Person(user, self._backend)

    def install_for_user(self, person: Person) -> None:
        """The person installs the application for themselves, and can use it where the bot is not a member."""
        self.state.installed_for.add(person.user.id)

    def dm(self, person: Person) -> Channel:
        """The bot's direct messages with a person."""
        return self.state.dm(person.user)

    def add_group(self, name: str, *people: Person) -> Channel:
        """A group DM; the bot is not a member."""
        users = [person.user for person in people]
        return self.state.add_channel(ChannelType.GROUP_DM, name, owner_id=users[0].id, people=users)

    # servers

    def guild(self, name: str) -> Guild:
        """A server by its name."""
        return next(guild for guild in self.state.guilds.values() if guild.name == name)

    def add_guild(
        self, name: str, owner: Person, *members: Person, with_bot: bool = True, guild_id: int | None = None
    ) -> Guild:
        """A new server, without channels."""
        guild = Guild(guild_id or self.state.snowflakes.new(), name, owner.user.id)
        guild.roles[guild.id] = Role(guild.id, "@everyone", permissions.EVERYONE)
        self.state.guilds[guild.id] = guild
        for member in (owner, *members):
            _join(guild, member.user)
        if with_bot:
            role_id = guild_id + 1 if guild_id else None
            role = self.add_role(guild, self.state.bot.display_name, granted=permissions.BOT, role_id=role_id)
            role.of_bot = self.state.bot.id
            _join(guild, self.state.bot, role)
            self._send(guild, "GUILD_CREATE", payloads.guild_create(guild, self.state))
        return guild

    def add_role(self, guild: Guild, name: str, *members: Person, granted: int = 0, role_id: int | None = None) -> Role:
        """A role with the `granted` permission bits, and its members."""
        role = Role(role_id or self.state.snowflakes.new(), name, granted, len(guild.roles))
        guild.roles[role.id] = role
        for person in members:
            guild.members[person.user.id].role_ids.append(role.id)
        self._send(guild, "GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": payloads.role(role)})
        return role

    def leave(self, guild: Guild, person: Person) -> None:
        """The person leaves a server."""
        guild.members.pop(person.user.id, None)

    def remove_bot(self, guild: Guild) -> None:
        """The bot is removed from a server."""
        self._send(guild, "GUILD_DELETE", {"id": str(guild.id)})
        del guild.members[self.state.bot.id]

    # channels and threads

    def channel(self, name: str) -> Channel:
        """A channel or thread by its name, with or without #. KeyError if there is none."""
        for channel in self.state.channels.values():
            if channel.name == name.removeprefix("#") and not channel.deleted:
                return channel
        raise KeyError(f"there is no channel {name!r}")

    def add_channel(self, guild: Guild, name: str, channel_id: int | None = None) -> Channel:
        position = sum(channel.guild_id == guild.id for channel in self.state.channels.values())
        channel = self.state.add_channel(ChannelType.GUILD_TEXT, name, channel_id, guild_id=guild.id, position=position)
        self._send_channel("CHANNEL_CREATE", channel)
        return channel

    def delete_channel(self, channel: Channel) -> None:
        channel.deleted = True
        for message in list(self.state.messages_in(channel)):
            message.deleted = True
        self._send_channel("CHANNEL_DELETE", channel)
        self.state.bus.publish("channel_delete", channel)

    def add_thread(self, parent: Channel, name: str, owner: Person, *members: Person, private: bool) -> Channel:
        """A thread. The bot gets THREAD_CREATE only if it may see it."""
        kind = ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD
        people = [member.user for member in (owner, *members)]
        place: dict[str, Any] = {"guild_id": parent.guild_id, "parent_id": parent.id}
        thread = self.state.add_channel(kind, name, owner_id=owner.user.id, people=people, **place)
        if self.state.bot_may(thread, "view_channel"):
            self._send_channel("THREAD_CREATE", thread, newly_created=True)
        return thread

    def archive(self, thread: Channel, *, locked: bool = False) -> None:
        """A thread is archived; a `locked` one is opened again only by moderators."""
        thread.archived, thread.locked = True, locked
        self._send_channel("THREAD_UPDATE", thread)

    def set_bot_permission(self, channel: Channel, **granted: bool) -> None:
        """Grants or denies the bot permissions in a channel: `send_messages=False`, `view_channel=False`, …"""
        self.state.grant(channel, self.state.bot.id, **granted)
        self._send_channel("CHANNEL_UPDATE", channel)

    def set_permission(self, channel: Channel, target: Person | Role, **granted: bool) -> None:
        """Grants or denies permissions in a channel to a member or to a role."""
        self.state.grant(channel, _target_id(target), **granted)
        self._send_channel("CHANNEL_UPDATE", channel)

    def hide(self, channel: Channel, *but_for: Person | Role) -> None:
        """Only these, the bot and the server's owner can see the channel from now on."""
        self.state.grant(channel, channel.guild_id or 0, view_channel=False)
        for target_id in (self.state.bot.id, *map(_target_id, but_for)):
            self.state.grant(channel, target_id, view_channel=True)
        self._send_channel("CHANNEL_UPDATE", channel)

    def _send_channel(self, event: str, channel: Channel, **more: bool) -> None:
        guild = self.state.guild_of(channel)
        if guild is not None:
            self._send(guild, event, payloads.channel(channel) | more)

    def _send(self, guild: Guild, event: str, payload: Json) -> None:
        if self.state.bot_is_in(guild):
            self.gateway.dispatch(event, payload, guild_id=guild.id, intent=Intent.GUILDS)

    # messages

    def delete_message(self, message: Message) -> None:
        """A moderator deletes a message."""
        self._messages.delete(message)


def _join(guild: Guild, user: User, *roles: Role) -> None:
    joined = max(created_at(guild.id), created_at(user.id))
    guild.members[user.id] = Member(user, joined, [role.id for role in roles])


def _target_id(target: Person | Role) -> int:
    return target.id if isinstance(target, Role) else target.user.id
