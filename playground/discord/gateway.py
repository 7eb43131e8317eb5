"""The gateway, version 10: uncompressed JSON over a WebSocket (developer documentation, "Gateway")."""

import asyncio
import contextlib
import json
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


class CloseConnection(Exception):
    """The connection has to be closed with a code (developer documentation, "Gateway Close Event Codes")."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Gateway:
    """All sessions of the bot. `dispatch` is synchronous; each connection has its own writer task.

    `url` is the address in `GET /gateway/bot`; it can be changed before a bot connects, to a name that a proxy knows.
    `ready_delay`: seconds until READY after IDENTIFY. `identified` and `resumed` count the sessions' starts.
    """

    def __init__(self, state: ServerState) -> None:
        self.url = ""
        self.heartbeat_interval = 41.25
        self.ready_delay = 0.0
        self.identified = 0
        self.resumed = 0
        self._state = state
        self._sessions: dict[str, Session] = {}
        self._open: set[Outbox] = set()
        self._refuse_code: int | None = None

    @property
    def connected(self) -> bool:
        """Whether a bot was sent READY or RESUMED, and is still connected."""
        return any(session.connected for session in self._sessions.values())

    def dispatch(self, event: str, data: Json, *, guild_id: int | None, intent: int = 0) -> None:
        """Sends an event to the sessions of its shard that have the intent, connected or resumable."""
        for session in self._sessions.values():
            if session.ready and session.serves(guild_id) and session.wants(intent):
                session.dispatch(event, _without_content(event, data, session, self._state))

    def dispatch_guild(self, event: str, data: Json, guild_id: int) -> None:
        """Sends an event that needs the GUILDS intent."""
        self.dispatch(event, data, guild_id=guild_id, intent=Intent.GUILDS)

    def drop(self, *, resumable: bool = True) -> None:
        """Cuts all connections, as a server that goes away does."""
        for outbox in self._open:
            outbox.end(4000)
        for session in self._sessions.values():
            session.outbox = None
        if not resumable:
            self._sessions.clear()
        self._state.bus.publish("gateway")

    def request_reconnect(self) -> None:
        """Opcode 7: the client has to connect again and resume."""
        for outbox in self._open:
            outbox.send(Op.RECONNECT)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Opcode 9 to every connection."""
        for session in self._sessions.values():
            if session.outbox is not None:
                session.outbox.send(Op.INVALID_SESSION, resumable)
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
            outbox.end(code)

    # one connection

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Handles one WebSocket from HELLO to its close."""
        socket = web.WebSocketResponse(compress=False, timeout=0.5)
        await socket.prepare(request)
        outbox = Outbox()
        self._open.add(outbox)
        writer = asyncio.create_task(self._write(socket, outbox), name="gateway-writer")
        session: Session | None = None
        try:
            self._greet(request, outbox)
            session = await self._read(socket, outbox)
        except CloseConnection as refusal:
            outbox.end(refusal.code)
            await asyncio.wait([writer], timeout=5)
        finally:
            self._open.discard(outbox)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
            self._leave(outbox, socket, session)
        return socket

    def _greet(self, request: web.Request, outbox: Outbox) -> None:
        if self._refuse_code is not None:
            raise CloseConnection(self._refuse_code, "Injected fault.")
        outbox.send(Op.HELLO, {"heartbeat_interval": int(self.heartbeat_interval * 1000)})
        if request.query.get("v", "10") not in ("9", "10"):
            raise CloseConnection(4012, "Invalid API version.")
        if request.query.get("encoding", "json") != "json":
            raise CloseConnection(4002, "Only JSON is supported.")

    async def _write(self, socket: web.WebSocketResponse, outbox: Outbox) -> None:
        while True:
            frame = await outbox.queue.get()
            try:
                if frame is None:
                    await socket.close(code=outbox.close_code or 4000)
                    return
                if isinstance(frame, float):
                    await asyncio.sleep(frame)
                    continue
                await asyncio.wait_for(socket.send_str(json.dumps(frame)), 10)
            except (ConnectionError, TimeoutError):
                return
            if frame["t"] in ("READY", "RESUMED"):
                outbox.live = True
                self._state.bus.publish("gateway")

    async def _read(self, socket: web.WebSocketResponse, outbox: Outbox) -> Session | None:
        session: Session | None = None
        while True:
            try:
                message = await socket.receive(timeout=self.heartbeat_interval * 1.5)
            except TimeoutError:
                raise CloseConnection(4009, "Session timed out.") from None
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return session
            op, data = _decode(message.data)
            if op == Op.HEARTBEAT:
                outbox.send(Op.HEARTBEAT_ACK)
            elif op == Op.IDENTIFY:
                if session is not None:
                    raise CloseConnection(4005, "Already authenticated.")
                session = self._identify(outbox, data)
            elif op == Op.RESUME:
                session = self._resume(outbox, data) or session
            elif session is None:
                raise CloseConnection(4003, "Not authenticated.")
            elif op not in IGNORED:
                raise CloseConnection(4001, "Unknown opcode.")

    def _leave(self, outbox: Outbox, socket: web.WebSocketResponse, session: Session | None) -> None:
        if session is not None and session.outbox is outbox:
            session.outbox = None
            # A client that closes with 1000 or 1001 ends its session; after any other end it can resume.
            if socket.close_code in (1000, 1001):
                self._sessions.pop(session.id, None)
        self._state.bus.publish("gateway")

    # what a client requests

    def _identify(self, outbox: Outbox, data: Json) -> Session:
        self._authenticate(data)
        self._count_start()
        session = Session(_checked_intents(data, self._state.privileged_intents), _checked_shard(data))
        for old in list(self._sessions.values()):
            if old.shard == session.shard and old.outbox is None:
                del self._sessions[old.id]
        self._sessions[session.id] = session
        session.outbox = outbox
        if self.ready_delay:
            outbox.queue.put_nowait(float(self.ready_delay))
        self._welcome(session)
        self.identified += 1
        session.ready = True
        self._state.bus.publish("gateway")
        return session

    def _welcome(self, session: Session) -> None:
        guilds = [guild for guild in self._state.bot_guilds() if session.serves(guild.id)]
        ready = {
            "v": 10,
            "user": payloads.own_user(self._state.bot),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "shard": list(session.shard),
            "application": {"id": str(self._state.application_id), "flags": 0},
            "user_settings": {},
            "private_channels": [],
            "presences": [],
            "relationships": [],
        }
        session.dispatch("READY", ready)
        for guild in guilds if session.wants(Intent.GUILDS) else ():
            session.dispatch("GUILD_CREATE", payloads.guild_create(guild, self._state))

    def _resume(self, outbox: Outbox, data: Json) -> Session | None:
        self._authenticate(data)
        session = self._sessions.get(str(data.get("session_id")))
        after = data.get("seq")
        if session is not None and isinstance(after, int):
            session.outbox = outbox
            if session.replay(after):
                session.dispatch("RESUMED", {})
                self.resumed += 1
                return session
            del self._sessions[session.id]
            session.outbox = None
        outbox.send(Op.INVALID_SESSION, False)
        return None

    def _authenticate(self, data: Json) -> None:
        if str(data.get("token", "")).removeprefix("Bot ") != self._state.account.token:
            raise CloseConnection(4004, "Authentication failed.")

    def _count_start(self) -> None:
        """A bot that starts more sessions than are left loses its token, as with Discord ("Sharding")."""
        if self._state.account.remaining <= 0:
            self._state.account.reset_token()
            raise CloseConnection(4004, "Authentication failed.")
        self._state.account.remaining -= 1


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
