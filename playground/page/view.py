"""What one person's page shows: channels, people, messages and commands, as JSON."""

from __future__ import annotations

from typing import Any

from playground.discord import Channel, ChannelType, Guild, Json, Message, Person, User
from playground.discord.permissions import bits
from playground.driver import Environment
from playground.page.media import Media
from playground.page.switches import Switches
from playground.page.traffic import MAX_ROWS, ImageTraffic, interaction_row, request_row

# How many messages of a channel a page gets at once.
MAX_MESSAGES = 200


class View:
    """Reads the local Discord for the page; changes nothing."""

    def __init__(self, env: Environment, media: Media, switches: Switches) -> None:
        self._env = env
        self._discord = env.discord
        self._media = media
        self._switches = switches
        self.image_traffic = ImageTraffic(env.images)

    def state(self, person: Person) -> Json:
        """Everything that a page needs to start."""
        records = self._discord.state
        channels = self._channels(person)
        return {
            "me": str(person.user.id),
            "application": {"id": str(records.application_id), **_user(records.bot)},
            "people": [self._person(user) for user in records.users.values() if not user.bot],
            "guilds": [_guild(each) for each in records.guilds.values() if person.user.id in each.members],
            "channels": [self._channel(each) for each in channels],
            "messages": [
                self.message(message)
                for channel in channels
                for message in self._discord.visible_messages(channel, person)[-MAX_MESSAGES:]
            ],
            "commands": self.commands(person),
            "traffic": self._traffic(),
            **self.status(),
        }

    def commands(self, person: Person) -> dict[str, list[Json]]:
        """The commands that the client offers, by channel."""
        return {str(channel.id): person.offered(channel) for channel in self._channels(person)}

    def message(self, message: Message) -> Json:
        """A message as Discord's clients get it, with `src` beside every file's address."""
        # The newest revision is the payload that went over the gateway.
        shown: Json = self._media.with_sources(message.revisions[-1].payload)
        shown["private"] = message.ephemeral
        return shown

    def status(self) -> Json:
        """Whether the bot's process runs and is connected, and the values of the switches."""
        bot = {"running": self._env.bot.running, "connected": self._discord.gateway.connected}
        return {"bot": bot, "switches": self._switches.state()}

    def _traffic(self) -> list[Json]:
        """The newest rows, oldest first."""
        rows = [interaction_row(each) for each in self._discord.interactions[-MAX_ROWS:]]
        rows += [request_row(each) for each in self._discord.requests[-MAX_ROWS:]]
        rows += self.image_traffic.rows(MAX_ROWS)
        return sorted(rows, key=lambda row: float(row["at"]))[-MAX_ROWS:]

    def _channels(self, person: Person) -> list[Channel]:
        """The text channels that a person sees, and their direct messages with the bot."""
        records = self._discord.state
        direct = records.dm(person.user)
        seen = [
            channel
            for channel in records.channels.values()
            if channel.type != ChannelType.DM
            and not channel.deleted
            and records.may(person.user.id, channel, "view_channel")
        ]
        return [*seen, direct]

    def _channel(self, channel: Channel) -> Json:
        return {
            "id": str(channel.id),
            "name": channel.name or self._discord.state.bot.display_name,
            "direct": channel.type == ChannelType.DM,
            "guild": str(channel.guild_id) if channel.guild_id else None,
        }

    def _person(self, user: User) -> Json:
        """A person to act as."""
        guilds = self._discord.state.guilds.values()
        guild = next((each for each in guilds if user.id in each.members), None)
        return _user(user) | {"role": _role(user, guild), "guild": guild.name if guild else None}


def _user(user: User) -> Json:
    return {"id": str(user.id), "name": user.name, "shown": user.display_name, "bot": user.bot}


def _guild(guild: Guild) -> Json:
    roles = [role for role in guild.roles.values() if role.id != guild.id and role.of_bot is None]
    return {
        "id": str(guild.id),
        "name": guild.name,
        "members": [_user(member.user) | {"role": _role(member.user, guild)} for member in guild.members.values()],
        "roles": [{"id": str(role.id), "name": role.name} for role in roles],
    }


def _role(user: User, guild: Guild | None) -> str:
    if guild is None:
        return "member"
    if guild.owner_id == user.id:
        return "owner"
    held: Any = bits("manage_messages")
    moderates = any(guild.roles[each].permissions & held for each in guild.members[user.id].role_ids)
    return "moderator" if moderates else "member"
