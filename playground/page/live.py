"""`GET /api/live`: a WebSocket with all that a page shows: the whole state, then each change, as one person sees it."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from playground.discord import Channel, ChannelType, Guild, Json, Message, Person, ServerEvent, Subscription, User
from playground.discord.permissions import bits
from playground.driver import Environment
from playground.page.media import Media
from playground.page.switches import Switches
from playground.page.traffic import MAX_ROWS, ServiceTraffic, interaction_row, request_row

# The image service and the platform keep lists and send no events, so they are read this often while a page is open.
POLL_SECONDS = 0.25
HEARTBEAT_SECONDS = 20.0
SEND_SECONDS = 10.0
# How many messages of a channel a page gets at once.
MAX_MESSAGES = 200


class Live:
    """The WebSockets of all open pages."""

    def __init__(self, env: Environment, view: "View") -> None:
        self._env = env
        self._view = view

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One page, until it closes: first the whole state, then each change."""
        try:
            person = self._env.person(request.query.get("as", ""))
        except KeyError:
            raise web.HTTPNotFound(text="There is no person of this name.") from None
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, timeout=2.0, max_msg_size=4096)
        await socket.prepare(request)
        subscription = self._env.discord.subscribe()
        tasks = [
            asyncio.create_task(self._send_events(socket, person, subscription), name="page-events"),
            asyncio.create_task(self._poll(socket), name="page-service-traffic"),
        ]
        try:
            async for _ in socket:
                pass
        finally:
            subscription.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return socket

    async def _send_events(self, socket: web.WebSocketResponse, person: Person, subscription: Subscription) -> None:
        """The local Discord's events, each as it comes."""
        await _send(socket, "state", self._view.state(person))
        async for event in subscription:
            for name, fields in self._changes(event, person):
                await _send(socket, name, fields)

    def _changes(self, event: ServerEvent, person: Person) -> Iterator[tuple[str, Json]]:
        """What a person's page is told of an event: a name and its fields."""
        subject = event.subject
        match event.kind:
            case "message_create" | "message_update" if person.sees(subject):
                yield "message", {"message": self._view.message(subject)}
            case "message_delete" if not subject.ephemeral or subject.ephemeral_for == person.user.id:
                yield "deleted", {"message": str(subject.id), "channel": str(subject.channel_id)}
            case "channel_delete":
                yield "state", self._view.state(person)
            case "interaction":
                yield "row", {"row": interaction_row(subject)}
            case "request":
                yield "row", {"row": request_row(subject)}
                if "/commands" in subject.path and subject.method != "GET":
                    yield "status", {"commands": self._view.commands(person)}
            case "gateway":
                yield "status", self._view.status()

    async def _poll(self, socket: web.WebSocketResponse) -> None:
        """The logs of both services, the bot's process and the switches."""
        new_rows = self._view.service_traffic.follow()
        sent: Json = {}
        while True:
            await asyncio.sleep(POLL_SECONDS)
            for row in new_rows():
                await _send(socket, "row", {"row": row})
            status = self._view.status()
            if status != sent:
                sent = status
                await _send(socket, "status", status)


async def _send(socket: web.WebSocketResponse, event: str, fields: Json) -> None:
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(SEND_SECONDS):
            await socket.send_json({"event": event, **fields})


class View:
    """Reads the local Discord for the page; changes nothing."""

    def __init__(self, env: Environment, media: Media, switches: Switches) -> None:
        self._env = env
        self._discord = env.discord
        self._media = media
        self._switches = switches
        self.service_traffic = ServiceTraffic(env.images, env.platform)

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
        rows += self.service_traffic.rows(MAX_ROWS)
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
