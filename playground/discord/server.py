"""The local Discord as a whole."""

from collections.abc import Callable, Iterable
from email.utils import format_datetime
from typing import TypeVar

from aiohttp import web

from playground.discord.administration import Administration
from playground.discord.commands import Commands
from playground.discord.faults import Faults
from playground.discord.gateway import Gateway
from playground.discord.gateway_sessions import Account
from playground.discord.http_server import PREFIX, HttpServer, RequestRecord, Route
from playground.discord.interaction_flow import InteractionFlow
from playground.discord.interactions import Interaction, RawInteraction
from playground.discord.limits import Limits
from playground.discord.messages import Messages
from playground.discord.people import ClientBackend, Person
from playground.discord.records import Channel, Message
from playground.discord.rest import RestRoutes
from playground.discord.state import ServerState
from playground.discord.transcript import transcript

T = TypeVar("T")
RequestCheck = Callable[[RequestRecord], Iterable[str]]


class LocalDiscord(Administration):
    """Discord's REST API and gateway, version 10, for one bot, on this machine.

    `async with` starts the server and closes everything at its end. `requests` are all REST requests of the bot,
    `interactions` all interactions, oldest first. `redeliver(interaction)` sends one a second time. `subscribe()` gives
    the events from now on, for `async for`; the caller closes it.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        bot_token: str | None = None,
        limits: Limits | None = None,
        check_request: RequestCheck | None = None,
        clock_ahead: float = 0.0,
        bot_name: str = "Test Bot",
        guild_name: str = "Test Server",
    ) -> None:
        """`port` 0 is any free one. `check_request` finds what is wrong in a request of the bot; see `violations`.

        `clock_ahead`: seconds by which this Discord's clock is ahead of this machine's.
        """
        self.account = Account(bot_token) if bot_token else Account()
        self.state = ServerState(bot_name, limits or Limits(), self.account)
        self.state.snowflakes.ahead = clock_ahead
        self.files = self.state.files
        self.faults = Faults()
        self.gateway = Gateway(self.state)
        self._messages = Messages(self.state, self.gateway)
        self._commands = Commands(self.state)
        self._flow = InteractionFlow(self.state, self.gateway, self._messages)
        self._http = HttpServer(self.state, self.faults)
        self._backend = ClientBackend(self.state, self._messages, self._commands, self._flow)
        self.populate(guild_name)
        self.fail_next = self.faults.fail_next
        self.delay_next = self.faults.delay_next
        self.lose_next = self.faults.lose_next
        self.hold = self.faults.hold
        self.redeliver = self._flow.deliver
        self.subscribe = self.state.bus.subscribe
        self.requests = self._http.requests
        self.interactions = self._flow.all
        self._host, self._port = host, port
        self._check_request = check_request
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> "LocalDiscord":
        """Raises OSError if the port is in use."""
        app = self._http.application(self.routes(), self.gateway.serve)
        app.on_response_prepare.append(self._set_date)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._port = self._runner.addresses[0][1]
        self.files.base = self.base_url
        self.gateway.url = f"ws://{self._host}:{self._port}/gateway/"
        return self

    async def __aexit__(self, *error: object) -> None:
        self.faults.clear()
        self._flow.close()
        self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        self.state.bus.close()

    async def _set_date(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(self.state.now(), usegmt=True)

    def routes(self) -> Iterable[Route]:
        """All REST endpoints."""
        yield from RestRoutes(self.state, self.gateway, self._messages).routes()
        yield from self._flow.routes()
        yield from self._commands.routes()

    # addresses

    @property
    def bot_token(self) -> str:
        """The bot's current token."""
        return self.account.token

    @property
    def base_url(self) -> str:
        return f"http://{self._host}:{self._port}"

    @property
    def api_url(self) -> str:
        """The REST base, in place of https://discord.com/api/v10."""
        return self.base_url + PREFIX

    # reading and waiting

    @property
    def violations(self) -> list[str]:
        """What `check_request` finds in all requests; they are checked on access."""
        check = self._check_request
        if check is None:
            return []
        return [f"{each.method} {each.path}: {problem}" for each in self.requests for problem in check(each)]

    def messages(self, channel: Channel) -> list[Message]:
        """All messages of a channel, ephemeral ones too, oldest first."""
        return list(self.state.messages_in(channel))

    def visible_messages(self, channel: Channel, person: Person) -> list[Message]:
        return [each for each in self.state.messages_in(channel) if person.sees(each)]

    def transcript(self, channel: Channel, person: Person | None = None) -> str:
        """The conversation as text; with a person, what that person sees of it."""
        return transcript(channel, self.state, self.interactions, person.user if person else None)

    async def until(self, predicate: Callable[[], T], timeout: float = 10.0, *, poll: float | None = None) -> T:
        """The predicate's first true value. TimeoutError, with all conversations, after `timeout` seconds.

        It is called after every change of this server, and every `poll` seconds if it depends on anything else.
        """
        try:
            return await self.state.bus.until(predicate, timeout, poll)
        except TimeoutError:
            raise TimeoutError(f"not true within {timeout} s\n{self._summary()}") from None

    def _summary(self) -> str:
        used = {each.channel_id for each in self.state.messages.values()}
        used |= {each.channel.id for each in self.interactions}
        parts = [self.transcript(self.state.channels[channel_id]) for channel_id in sorted(used)]
        parts.append("— last requests —\n" + "\n".join(str(each) for each in self.requests[-12:]))
        return "\n\n".join(parts)

    # the bot

    async def bot_ready(self, timeout: float = 20.0) -> None:
        """Waits until a bot was sent READY."""
        await self.until(lambda: self.gateway.connected, timeout)

    async def bot_gone(self, timeout: float = 20.0) -> None:
        """Waits until no bot is connected."""
        await self.until(lambda: not self.gateway.connected, timeout)

    # faults and unusual events

    def inject(self, person: Person, channel: Channel, event: RawInteraction) -> Interaction:
        """Sends an INTERACTION_CREATE that no client would send; see `RawInteraction`."""
        data = event.data if isinstance(event.data, dict) else {}
        new_id = self.state.snowflakes.new()
        made = Interaction(new_id, event.type, person.user, channel, data, event.message, said="(injected)")
        return self._flow.dispatch(made, lambda payload: event.change(payload | {"data": event.data}))

    def reset_token(self) -> None:
        """The token is reset in the developer portal: the bot is disconnected with 4004 and refused from then on."""
        self.account.reset_token()
        self.gateway.end(4004)
