"""The gateway, version 10: uncompressed JSON over a WebSocket (developer documentation, "Gateway")."""

import asyncio
import contextlib
import json
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from aiohttp import WSMsgType, web

from playground.discord import payloads
from playground.discord.gateway_sessions import Outbox, Session
from playground.discord.records import Json
from playground.discord.state import ServerState


class Intent(IntEnum):
    """Gateway, "List of Intents": those that matter here."""

    GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15


class Op(IntEnum):
    """Opcodes and status codes, "Gateway Opcodes"."""

    HEARTBEAT, IDENTIFY, PRESENCE_UPDATE, VOICE_STATE_UPDATE, RESUME, RECONNECT = 1, 2, 3, 4, 6, 7
    REQUEST_GUILD_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 8, 9, 10, 11


PRIVILEGED = 1 << 1 | 1 << 8 | Intent.MESSAGE_CONTENT
KNOWN_INTENTS = (1 << 26) - 1
IGNORED = (Op.PRESENCE_UPDATE, Op.VOICE_STATE_UPDATE, Op.REQUEST_GUILD_MEMBERS)


@dataclass(eq=False)
class CloseConnection(Exception):
    """The connection has to be closed with a code (developer documentation, "Gateway Close Event Codes")."""

    code: int
    reason: str


class Gateway:
    """All sessions of the bot. `dispatch` is synchronous; each connection has its own writer task.

    `url` is the address in `GET /gateway/bot`; it can be changed before a bot connects, to a name that a proxy knows.
    `ready_delay`: seconds until READY after IDENTIFY. `identified` counts IDENTIFY, `ready` READY, `resumed` RESUMED.
    """

    def __init__(self, state: ServerState) -> None:
        self.url = ""
        self.heartbeat_interval = 41.25
        self.ready_delay = 0.0
        self.identified = 0
        self.ready = 0
        self.resumed = 0
        self._state = state
        self._sessions: dict[str, Session] = {}
        self._open: set[Outbox] = set()
        self._refuse_code: int | None = None

    @property
    def connected(self) -> bool:
        """Whether a bot was sent READY or RESUMED, and is still connected."""
        return any(session.outbox is not None for session in self._sessions.values())

    def dispatch(self, event: str, data: Json, *, guild_id: int | None, intent: int = 0) -> None:
        """Sends an event to the sessions of its shard that have the intent, connected or resumable."""
        for session in self._sessions.values():
            if session.wants(guild_id, intent):
                session.dispatch(event, _without_content(event, data, session, self._state))

    def drop(self, *, resumable: bool = True) -> None:
        """Cuts all connections, as a server that stops does."""
        self.close(4000)
        for session in self._sessions.values():
            session.outbox = None
        if not resumable:
            self._sessions.clear()
        self._state.bus.publish("gateway")

    def request_reconnect(self) -> None:
        """Opcode 7: the client has to connect again and resume."""
        for outbox in self._open:
            _send(outbox, Op.RECONNECT)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Opcode 9 to every connection."""
        for outbox in self._open:
            _send(outbox, Op.INVALID_SESSION, resumable)
        if not resumable:
            self._sessions.clear()

    def end(self, code: int) -> None:
        """Closes every connection with a close code, and ends the sessions."""
        self.close(code)
        self._sessions.clear()
        self._state.bus.publish("gateway")

    def refuse(self, code: int | None) -> None:
        """Closes every new connection with this code before HELLO; None accepts them again."""
        self._refuse_code = code

    def close(self, code: int = 1001) -> None:
        for outbox in self._open:
            outbox.put_nowait(code)

    # one connection

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Handles one WebSocket from HELLO to its close."""
        socket = web.WebSocketResponse(compress=False, timeout=0.5)
        await socket.prepare(request)
        outbox: Outbox = asyncio.Queue()
        self._open.add(outbox)
        writer = asyncio.create_task(_write(socket, outbox), name="gateway-writer")
        try:
            self._greet(request, outbox)
            await self._read(socket, outbox)
        except CloseConnection as refusal:
            outbox.put_nowait(refusal.code)
            await asyncio.wait([writer], timeout=5)
        finally:
            self._open.discard(outbox)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            self._leave(socket, outbox)
        return socket

    def _greet(self, request: web.Request, outbox: Outbox) -> None:
        if self._refuse_code is not None:
            raise CloseConnection(self._refuse_code, "Injected fault.")
        _send(outbox, Op.HELLO, {"heartbeat_interval": int(self.heartbeat_interval * 1000)})
        if request.query.get("v", "10") not in ("9", "10"):
            raise CloseConnection(4012, "Invalid API version.")
        if request.query.get("encoding", "json") != "json":
            raise CloseConnection(4002, "Only JSON is supported.")

    async def _read(self, socket: web.WebSocketResponse, outbox: Outbox) -> None:
        while True:
            try:
                message = await socket.receive(timeout=self.heartbeat_interval * 1.5)
            except TimeoutError:
                raise CloseConnection(4009, "Session timed out.") from None
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            op, data = _decode(message.data)
            session = self._session_of(outbox)
            if op == Op.HEARTBEAT:
                _send(outbox, Op.HEARTBEAT_ACK)
            elif op == Op.IDENTIFY:
                if session is not None:
                    raise CloseConnection(4005, "Already authenticated.")
                await self._identify(outbox, data)
            elif op == Op.RESUME:
                self._resume(outbox, data)
            elif session is None:
                raise CloseConnection(4003, "Not authenticated.")
            elif op not in IGNORED:
                raise CloseConnection(4001, "Unknown opcode.")

    def _session_of(self, outbox: Outbox) -> Session | None:
        return next((each for each in self._sessions.values() if each.outbox is outbox), None)

    def _leave(self, socket: web.WebSocketResponse, outbox: Outbox) -> None:
        session = self._session_of(outbox)
        if session is not None:
            session.outbox = None
            # A client that closes with 1000 or 1001 ends its session; after any other end it can resume.
            if socket.close_code in (1000, 1001):
                del self._sessions[session.id]
        self._state.bus.publish("gateway")

    # what a client requests

    async def _identify(self, outbox: Outbox, data: Json) -> None:
        self._authenticate(data)
        self._count_start()
        session = Session(_checked_intents(data, self._state.privileged_intents), _checked_shard(data), outbox)
        self.identified += 1
        self._state.bus.publish("gateway")
        await asyncio.sleep(self.ready_delay)
        for old in list(self._sessions.values()):
            if old.shard == session.shard and old.outbox is None:
                del self._sessions[old.id]
        self._sessions[session.id] = session
        guilds = [guild for guild in self._state.bot_guilds() if session.wants(guild.id, 0)]
        session.dispatch("READY", payloads.ready(session, guilds, self._state) | {"resume_gateway_url": self.url})
        for guild in guilds if session.intents & Intent.GUILDS else ():
            session.dispatch("GUILD_CREATE", payloads.guild_create(guild, self._state))
        self.ready += 1
        self._state.bus.publish("gateway")

    def _resume(self, outbox: Outbox, data: Json) -> None:
        self._authenticate(data)
        session = self._sessions.pop(str(data.get("session_id")), None)
        after = data.get("seq")
        if session is None or not isinstance(after, int) or not session.resume(after, outbox):
            _send(outbox, Op.INVALID_SESSION, False)
            return
        self._sessions[session.id] = session
        session.dispatch("RESUMED", {})
        self.resumed += 1
        self._state.bus.publish("gateway")

    def _authenticate(self, data: Json) -> None:
        if str(data.get("token", "")).removeprefix("Bot ") != self._state.account.token:
            raise CloseConnection(4004, "Authentication failed.")

    def _count_start(self) -> None:
        """A bot that starts more sessions than are left loses its token, as with Discord ("Sharding")."""
        if self._state.account.remaining <= 0:
            self._state.account.reset_token()
            raise CloseConnection(4004, "Authentication failed.")
        self._state.account.remaining -= 1


def _send(outbox: Outbox, op: Op, data: Any = None) -> None:
    outbox.put_nowait({"op": op, "d": data, "s": None, "t": None})


async def _write(socket: web.WebSocketResponse, outbox: Outbox) -> None:
    with contextlib.suppress(ConnectionError, TimeoutError):
        while not isinstance(frame := await outbox.get(), int):
            await asyncio.wait_for(socket.send_str(json.dumps(frame)), 10)
        await socket.close(code=frame)


def _decode(text: str | bytes) -> tuple[int, Any]:
    try:
        frame = json.loads(text)
        op, data = int(frame["op"]), frame.get("d")
    except (ValueError, KeyError, TypeError):
        raise CloseConnection(4002, "Decode error.") from None
    if op in (Op.IDENTIFY, Op.RESUME) and not isinstance(data, dict):
        raise CloseConnection(4002, "Decode error.")
    return op, data


def _checked_intents(data: Json, allowed_privileged: int) -> int:
    intents = data.get("intents")
    if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
        raise CloseConnection(4013, "Invalid intent(s).")
    if intents & PRIVILEGED & ~allowed_privileged:
        raise CloseConnection(4014, "Disallowed intent(s).")
    return intents


def _checked_shard(data: Json) -> tuple[int, int]:
    match data.get("shard", [0, 1]):
        case [int(shard_id), int(shards)] if 0 <= shard_id < shards:
            return shard_id, shards
    raise CloseConnection(4010, "Invalid shard.")


def _without_content(event: str, data: Json, session: Session, state: ServerState) -> Json:
    """Without the message content intent, other people's messages are empty, but for DMs and mentions of the bot."""
    if event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or session.intents & Intent.MESSAGE_CONTENT:
        return data
    bot = str(state.bot.id)
    mentioned = any(user["id"] == bot for user in data["mentions"])
    if data["author"]["id"] == bot or mentioned or "guild_id" not in data:
        return data
    return data | {"content": "", "embeds": [], "attachments": [], "components": []}
