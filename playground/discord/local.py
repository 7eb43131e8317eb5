"""The local Discord as a whole: what tests, the demonstration and the browser page hold in their hands."""

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, TypeVar

from aiohttp import web

from playground.discord import payloads
from playground.discord.account import Account
from playground.discord.answers import Answers, CommandRoutes
from playground.discord.attachments import Files
from playground.discord.commands import Commands
from playground.discord.control import Faults
from playground.discord.desk import Desk
from playground.discord.events import Bus, Subscription
from playground.discord.gateway import GUILDS, Gateway
from playground.discord.interactions import Event, Interaction
from playground.discord.limits import Buckets, Limits
from playground.discord.messages import Messages
from playground.discord.opening import opening_world
from playground.discord.people import Client, Person
from playground.discord.places import Places
from playground.discord.records import Channel, Guild, Message, Role
from playground.discord.requests import RequestRecord
from playground.discord.server import PREFIX, Server, routes
from playground.discord.transcript import transcript

if TYPE_CHECKING:
    # It needs jsonschema, which only who judges requests has to have.
    from playground.discord.openapi import OpenApi

T = TypeVar("T")


class LocalDiscord:
    """Discord's REST API and gateway, version 10, for one bot, on this machine.

    `async with` starts the server (port 0: any free one) and closes everything at its end. `openapi`, when given,
    checks every request of the bot; see `violations`.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        bot_token: str | None = None,
        limits: Limits | None = None,
        openapi: "OpenApi | None" = None,
        clock_ahead: float = 0.0,
    ) -> None:
        """`clock_ahead`: seconds by which this Discord's clock is ahead of this machine's."""
        self.account = Account(bot_token) if bot_token else Account()
        self.world = opening_world()
        self.world.snowflakes.ahead = clock_ahead
        self.bus = Bus()
        self.faults = Faults()
        limits = limits or Limits()
        self.files = Files(self.world.snowflakes)
        self._gateway = Gateway(self.world, self.bus, self.account)
        self._messages = Messages(self.world, self.bus, self._gateway, self.files)
        self._commands = Commands(self.world)
        self._desk = Desk(self.world, self.bus, self._gateway, self.files, self._messages, limits)
        self._server = Server(self.account, Buckets(limits), self.faults, self.bus, self.files)
        self._client = Client(self.world, self.bus, self.files, self._messages, self._commands, self._desk)
        self.fail_next = self.faults.fail_next
        self.delay_next = self.faults.delay_next
        self.lose_next = self.faults.lose_next
        self.hold = self.faults.hold
        self._host, self._port = host, port
        self._openapi = openapi
        self._checked = 0
        self._violations: list[str] = []
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> "LocalDiscord":
        places = Places(
            self.world,
            self.files,
            self._messages,
            self._gateway,
            self.account,
            late_edits=self._server.buckets.limits.late_edits,
        )
        answers = Answers(self._messages, self._desk)
        all_routes = routes(places, answers, CommandRoutes(self.world, self._commands))
        app = self._server.application(all_routes, self._gateway.serve)
        app.on_response_prepare.append(self._dated)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        try:
            await site.start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]
        self.files.base = self.base_url
        self._gateway.url = f"ws://{self._host}:{self._port}/gateway/"
        return self

    async def __aexit__(self, *error: object) -> None:
        self.faults.clear()
        self._desk.close()
        self._gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        self.bus.close()

    async def _dated(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(self.world.now(), usegmt=True)

    # addresses and records

    @property
    def bot_token(self) -> str:
        """The bot's token as it is now."""
        return self.account.token

    @property
    def base_url(self) -> str:
        return f"http://{self._host}:{self._port}"

    @property
    def api_url(self) -> str:
        """The REST base, to stand where https://discord.com/api/v10 stands."""
        return self.base_url + PREFIX

    @property
    def gateway_url(self) -> str:
        """What `GET /gateway/bot` tells; another address may be set before a bot asks (a name that a proxy knows)."""
        return self._gateway.url

    @gateway_url.setter
    def gateway_url(self, url: str) -> None:
        self._gateway.url = url

    @property
    def requests(self) -> list[RequestRecord]:
        """Every REST request of the bot, oldest first."""
        return self._server.requests

    @property
    def interactions(self) -> list[Interaction]:
        return self._desk.all

    @property
    def violations(self) -> list[str]:
        """Where requests of the bot broke Discord's OpenAPI description; checked when asked for."""
        if self._openapi is not None:
            for record in self.requests[self._checked :]:
                found = self._openapi.check(record.method, record.path, record.json)
                self._violations += [f"{record.method} {record.path}: {each}" for each in found]
            self._checked = len(self.requests)
        return self._violations

    # places and people

    def person(self, name: str) -> Person:
        """A person at their client: owner, mod, ada, bob, eve, or whoever was added. KeyError for nobody."""
        return Person(self.world.user(name), self._client)

    def add_person(self, name: str, *guilds: Guild) -> Person:
        user = self.world.add_user(name)
        for guild in guilds:
            self.world.join(guild, user)
        return Person(user, self._client)

    def guild(self, name: str) -> Guild:
        return next(guild for guild in self.world.guilds.values() if guild.name == name)

    def channel(self, name: str) -> Channel:
        """A text channel by its name, with or without #."""
        wanted = name.removeprefix("#")
        found = next((each for each in self.world.channels.values() if each.name == wanted and not each.deleted), None)
        if found is None:
            raise KeyError(f"there is no channel {name!r}")
        return found

    def dm(self, person: Person) -> Channel:
        """The bot's direct messages with a person."""
        return self.world.dm(person.user)

    def add_guild(self, name: str, owner: Person, *members: Person, with_bot: bool = True) -> Guild:
        guild = self.world.add_guild(name, owner.user, with_bot=with_bot)
        for member in members:
            self.world.join(guild, member.user)
        if with_bot:
            created = payloads.guild_create(guild, self.world)
            self._gateway.dispatch("GUILD_CREATE", created, guild_id=guild.id, intent=GUILDS)
        return guild

    def add_channel(self, guild: Guild, name: str) -> Channel:
        channel = self.world.add_channel(guild, name)
        self._tell_channel("CHANNEL_CREATE", channel)
        return channel

    def delete_channel(self, channel: Channel) -> None:
        channel.deleted = True
        for message in list(self.world.messages_in(channel)):
            message.deleted = True
        self._tell_channel("CHANNEL_DELETE", channel)
        self.bus.tell("channel_delete", channel)

    def set_bot_permission(self, channel: Channel, **permissions: bool) -> None:
        """Grants or denies the bot permissions in a channel: `send_messages=False`, `view_channel=False`, …"""
        self.world.grant(channel, self.world.bot.id, **permissions)
        self._tell_channel("CHANNEL_UPDATE", channel)

    def set_permission(self, channel: Channel, target: Person | Role, **permissions: bool) -> None:
        """Grants or denies permissions in a channel to a member or to a role (`world.guilds[…].roles`)."""
        self.world.grant(channel, target.id if isinstance(target, Role) else target.user.id, **permissions)
        self._tell_channel("CHANNEL_UPDATE", channel)

    def hide(self, channel: Channel, *but_for: Person | Role) -> None:
        """Only these and the bot can see the channel from now on (and who sees everything, as the guild's owner)."""
        self.world.grant(channel, channel.guild_id or 0, view_channel=False)
        self.world.grant(channel, self.world.bot.id, view_channel=True)
        for target in but_for:
            self.world.grant(channel, target.id if isinstance(target, Role) else target.user.id, view_channel=True)
        self._tell_channel("CHANNEL_UPDATE", channel)

    def add_role(self, guild: Guild, name: str, *members: Person) -> Role:
        """A role that grants nothing by itself, and who has it."""
        role = self.world.add_role(guild, name, 0)
        for person in members:
            guild.members[person.user.id].role_ids.append(role.id)
        if self.world.bot_is_in(guild):
            created = {"guild_id": str(guild.id), "role": payloads.role(role)}
            self._gateway.dispatch("GUILD_ROLE_CREATE", created, guild_id=guild.id, intent=GUILDS)
        return role

    def add_thread(self, parent: Channel, name: str, owner: Person, *members: Person, private: bool) -> Channel:
        """A thread. Of a private one the bot hears only where it may see it."""
        thread = self.world.add_thread(parent, name, owner.user, private=private)
        thread.people += [member.user for member in members]
        if self.world.may(self.world.bot.id, thread, "view_channel"):
            self._tell_channel("THREAD_CREATE", thread, newly_created=True)
        return thread

    def add_group(self, name: str, *people: Person) -> Channel:
        """A group's direct messages, in which the bot is no member."""
        return self.world.add_group(name, *(person.user for person in people))

    def install_for_user(self, person: Person) -> None:
        """The person installs the application for themselves: its commands follow them where the bot is no member."""
        self.world.installed_for.add(person.user.id)

    def close_dms(self, person: Person) -> None:
        """The person takes no direct messages any more: the bot gets 50007."""
        person.user.accepts_dms = False

    def close_dms_to_pictures(self, person: Person) -> None:
        """The person's filter takes no pictures in direct messages any more: the bot gets 20009."""
        person.user.accepts_pictures = False

    def block_word(self, guild: Guild, word: str) -> None:
        """The server's AutoMod blocks a word: what the bot says with it, where it is no member, gets 200000."""
        guild.blocked_words.add(word)

    def archive(self, thread: Channel, *, locked: bool = False) -> None:
        """A thread is archived; where it is `locked` too, only moderators open it again."""
        thread.archived, thread.locked = True, locked
        self._tell_channel("THREAD_UPDATE", thread)

    def leave(self, guild: Guild, person: Person) -> None:
        """The person leaves a server."""
        guild.members.pop(person.user.id, None)

    def age(self, message: Message, hours: float) -> None:
        """The message was made so much earlier."""
        message.created_at -= timedelta(hours=hours)

    def remove_bot(self, guild: Guild) -> None:
        """The bot is taken off a server."""
        self._gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild_id=guild.id, intent=GUILDS)
        del guild.members[self.world.bot.id]

    def _tell_channel(self, event: str, channel: Channel, **more: bool) -> None:
        guild = self.world.guild_of(channel)
        if guild is not None and self.world.bot_is_in(guild):
            self._gateway.dispatch(event, payloads.channel(channel) | more, guild_id=guild.id, intent=GUILDS)

    # reading

    def messages(self, channel: Channel) -> list[Message]:
        return list(self.world.messages_in(channel))

    def visible_messages(self, channel: Channel, person: Person) -> list[Message]:
        return [each for each in self.world.messages_in(channel) if person.sees(each)]

    def transcript(self, channel: Channel, person: Person | None = None) -> str:
        """The conversation as text; with a person, as that person sees it."""
        return transcript(channel, self.world, self.interactions, person.user if person else None)

    def subscribe(self) -> Subscription:
        """News from now on, for `async for`; to be closed by who asked."""
        return self.bus.subscribe()

    async def until(self, predicate: Callable[[], T], timeout: float = 10.0) -> T:
        """The predicate's first true value, asked after every change. TimeoutError tells what was said till then."""
        try:
            return await self.bus.until(predicate, timeout)
        except TimeoutError:
            raise TimeoutError(f"not so within {timeout} s\n{self._everything()}") from None

    def _everything(self) -> str:
        spoken_in = {each.channel_id for each in self.world.messages.values()}
        spoken_in |= {each.channel.id for each in self.interactions}
        parts = [self.transcript(self.world.channels[channel_id]) for channel_id in sorted(spoken_in)]
        parts.append("— last requests —\n" + "\n".join(str(each) for each in self.requests[-12:]))
        return "\n\n".join(parts)

    # the bot

    @property
    def connected(self) -> bool:
        return self._gateway.connected

    @property
    def identified(self) -> int:
        """How often a bot has identified: a new session each time."""
        return self._gateway.identified

    @property
    def resumed(self) -> int:
        """How often a session was resumed."""
        return self._gateway.resumed

    async def bot_ready(self, timeout: float = 20.0) -> None:
        """Waits until a bot has been sent READY."""
        await self.until(lambda: self.connected, timeout)

    async def bot_gone(self, timeout: float = 20.0) -> None:
        """Waits until no bot is connected."""
        await self.until(lambda: not self.connected, timeout)

    def inject(self, person: Person, channel: Channel, event: Event) -> Interaction:
        """Sends an INTERACTION_CREATE that no client would lead to; see `Event`."""
        interaction = event.interaction(self.world.snowflakes.new(), person.user, channel)
        return self._desk.inject(interaction, event.data, event.change)

    def redeliver(self, interaction: Interaction) -> None:
        """Sends an interaction's event a second time, as Discord sometimes does."""
        self._desk.deliver(interaction)

    def delete_message(self, message: Message) -> None:
        """A moderator deletes a message."""
        self._messages.delete(message)

    # faults

    def drop_gateway(self, *, resumable: bool = True) -> None:
        self._gateway.drop(resumable=resumable)

    def ask_to_reconnect(self) -> None:
        """The gateway's opcode 7."""
        self._gateway.ask_to_reconnect()

    def invalidate_session(self, *, resumable: bool = False) -> None:
        """The gateway's opcode 9."""
        self._gateway.invalidate(resumable=resumable)

    def close_gateway(self, code: int) -> None:
        """Closes every connection with this close code; none of the sessions can be resumed."""
        self._gateway.end(code)

    def refuse_gateway(self, code: int | None) -> None:
        """From now on every connection is closed with this code before HELLO; None takes them again."""
        self._gateway.refuse_code = code

    def reset_token(self) -> None:
        """The token is reset in the developer portal: the bot is cut off with 4004 and refused from then on."""
        self.account.reset_token()
        self._gateway.end(4004)

    def delay_ready(self, seconds: float) -> None:
        """READY comes this much later for every bot that identifies from now on."""
        self._gateway.ready_delay = seconds
