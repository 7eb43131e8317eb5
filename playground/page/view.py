"""What one person's screen shows: places, people, messages and commands, as JSON."""

from __future__ import annotations

from typing import Any

from playground.discord import Channel, ChannelType, Guild, Interaction, Json, Message, Person, RequestRecord, User
from playground.discord.permissions import bits
from playground.driver import Environment
from playground.page.image_traffic import ImageTraffic
from playground.page.media import Media
from playground.page.switches import Switches
from playground.page.traffic import MOST_ROWS, interaction_row, request_row, window_of

# How many messages of a channel a screen gets at once.
MOST_MESSAGES = 200


class View:
    """Reads the world for the page; changes nothing."""

    def __init__(self, world: Environment, media: Media, switches: Switches) -> None:
        self._world = world
        self._media = media
        self._switches = switches
        self.image_traffic = ImageTraffic(world.images)

    def state(self, person: Person) -> Json:
        """Everything that a screen needs to start."""
        discord = self._world.discord
        channels = self.channels(person)
        return {
            "me": str(person.user.id),
            "application": {"id": str(discord.state.application_id), **_user(discord.state.bot)},
            "people": [self.card(user) for user in discord.state.users.values() if not user.bot],
            "guilds": [_guild(each) for each in discord.state.guilds.values() if person.user.id in each.members],
            "channels": [self.channel(each) for each in channels],
            "messages": [self.message(each) for channel in channels for each in self._messages(channel, person)],
            "commands": self.commands(person),
            "traffic": self.traffic(person),
            **self.standing(),
        }

    def channels(self, person: Person) -> list[Channel]:
        """The text channels that a person sees, and their direct messages with the bot."""
        world = self._world.discord.state
        direct = world.dm(person.user)
        seen = [
            channel
            for channel in world.channels.values()
            if channel.type != ChannelType.DM
            and not channel.deleted
            and world.may(person.user.id, channel, "view_channel")
        ]
        return [*seen, direct]

    def commands(self, person: Person) -> dict[str, list[Json]]:
        """The commands that the client offers, by channel."""
        return {str(channel.id): person.offered(channel) for channel in self.channels(person)}

    def message(self, message: Message) -> Json:
        """A message as Discord's clients get it, with `src` beside every file's address."""
        # What was remembered last is the payload that went over the gateway.
        shown: Json = self._media.at_home(message.revisions[-1].payload)
        shown["private"] = message.ephemeral
        return shown

    def channel(self, channel: Channel) -> Json:
        """A channel of the list."""
        return {
            "id": str(channel.id),
            "name": channel.name or self._world.discord.state.bot.display_name,
            "direct": channel.type == ChannelType.DM,
            "guild": str(channel.guild_id) if channel.guild_id else None,
        }

    def card(self, user: User) -> Json:
        """A person to act as, with what they are on their server."""
        world = self._world.discord.state
        guild = next((each for each in world.guilds.values() if user.id in each.members), None)
        return _user(user) | {"standing": _standing(user, guild), "guild": guild.name if guild else None}

    def standing(self) -> Json:
        """Is the bot's process alive and connected, and where do the switches stand?"""
        bot = {"running": self._world.bot.running, "connected": self._world.discord.gateway.connected}
        return {"bot": bot, "switches": self._switches.state()}

    def interaction(self, interaction: Interaction, person: Person) -> Json:
        """An interaction as a row of the traffic; its window only for the person who sees it."""
        return interaction_row(interaction) | {"modal": window_of(interaction, person)}

    def request(self, record: RequestRecord) -> Json:
        """A request of the bot to Discord as a row of the traffic."""
        return request_row(record, self._world.discord.interactions)

    def traffic(self, person: Person) -> list[Json]:
        """The newest rows, oldest first."""
        discord = self._world.discord
        rows = [self.interaction(each, person) for each in discord.interactions[-MOST_ROWS:]]
        rows += [self.request(each) for each in discord.requests[-MOST_ROWS:]]
        rows += self.image_traffic.rows(MOST_ROWS)
        return sorted(rows, key=lambda row: float(row["at"]))[-MOST_ROWS:]

    def _messages(self, channel: Channel, person: Person) -> list[Message]:
        return self._world.discord.visible_messages(channel, person)[-MOST_MESSAGES:]


def _user(user: User) -> Json:
    return {"id": str(user.id), "name": user.name, "shown": user.display_name, "bot": user.bot}


def _guild(guild: Guild) -> Json:
    return {
        "id": str(guild.id),
        "name": guild.name,
        "members": [
            _user(member.user) | {"standing": _standing(member.user, guild)} for member in guild.members.values()
        ],
        "roles": [
            {"id": str(role.id), "name": role.name}
            for role in guild.roles.values()
            if role.id != guild.id and role.of_bot is None
        ],
    }


def _standing(user: User, guild: Guild | None) -> str:
    if user.bot:
        return "app"
    if guild is None:
        return "member"
    if guild.owner_id == user.id:
        return "owner"
    held: Any = bits("manage_messages")
    moderates = any(guild.roles[each].permissions & held for each in guild.members[user.id].role_ids)
    return "moderator" if moderates else "member"
