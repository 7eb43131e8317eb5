"""The gateway, version 10: uncompressed JSON over a WebSocket (developer documentation, "Gateway")."""

import asyncio
import contextlib
import json
from typing import Any

from aiohttp import WSMsgType, web

from playground.discord import payloads
from playground.discord.account import Account
from playground.discord.events import Bus
from playground.discord.records import Json
from playground.discord.sessions import Outbox, Session
from playground.discord.world import World

GUILDS = 1 << 0
GUILD_MESSAGES = 1 << 9
DIRECT_MESSAGES = 1 << 12
MESSAGE_CONTENT = 1 << 15
PRIVILEGED = 1 << 1 | 1 << 8 | MESSAGE_CONTENT
KNOWN_INTENTS = (1 << 26) - 1

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, MEMBERS, INVALID, HELLO, ACK = 1, 2, 3, 4, 6, 7, 8, 9, 10, 11
TOLERATED = (PRESENCE, VOICE, MEMBERS)


class Refused(Exception):
    """The connection has to be closed with a code (developer documentation, "Gateway Close Event Codes")."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Gateway:
    """All sessions of the bot. `dispatch` is synchronous; each connection has a writer of its own."""

    def __init__(self, world: World, bus: Bus, account: Account) -> None:
        self.url = ""
        self.heartbeat_interval = 41.25
        self.ready_delay = 0.0
        self.refuse_code: int | None = None
        self.identified = 0
        self.resumed = 0
        self._world = world
        self._bus = bus
        self._account = account
        self._sessions: dict[str, Session] = {}
        self._open: set[Outbox] = set()

    @property
    def connected(self) -> bool:
        return any(session.connected for session in self._sessions.values())

    def dispatch(self, event: str, data: Json, *, guild_id: int | None, intent: int = 0) -> None:
        """Sends an event to the sessions of its shard that have the intent, connected or resumable."""
        for session in self._sessions.values():
            if session.ready and session.serves(guild_id) and session.wants(intent):
                session.dispatch(event, _without_content(event, data, session, self._world))

    def drop(self, *, resumable: bool) -> None:
        """Cuts all connections, as a server that goes away does; the sessions can be resumed or not."""
        for outbox in list(self._open):
            outbox.end(4000)
        for session in list(self._sessions.values()):
            session.outbox = None
            if not resumable:
                del self._sessions[session.id]
        self._bus.tell("gateway")

    def ask_to_reconnect(self) -> None:
        """Opcode 7: the client has to connect again and resume."""
        for outbox in list(self._open):
            outbox.send(RECONNECT)

    def invalidate(self, *, resumable: bool) -> None:
        """Opcode 9 to every connection."""
        for session in list(self._sessions.values()):
            if session.outbox is not None:
                session.outbox.send(INVALID, resumable)
            if not resumable:
                del self._sessions[session.id]

    def end(self, code: int) -> None:
        """Closes every connection with a close code, and the sessions with it."""
        for outbox in list(self._open):
            outbox.end(code)
        self._sessions.clear()
        self._bus.tell("gateway")

    def close(self) -> None:
        for outbox in list(self._open):
            outbox.end(1001)

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
        except Refused as refusal:
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
        if self.refuse_code is not None:
            raise Refused(self.refuse_code, "Made to refuse.")
        outbox.send(HELLO, {"heartbeat_interval": int(self.heartbeat_interval * 1000)})
        _check_version(request)

    async def _write(self, socket: web.WebSocketResponse, outbox: Outbox) -> None:
        while True:
            frame = await outbox.queue.get()
            try:
                if frame is None:
                    await socket.close(code=outbox.close_code or 4000)
                    return
                if isinstance(frame, float):
                    await asyncio.sleep(frame)
                else:
                    await asyncio.wait_for(socket.send_str(json.dumps(frame)), 10)
                    self._sent(outbox, frame)
            except (ConnectionError, TimeoutError):
                return

    def _sent(self, outbox: Outbox, frame: Json) -> None:
        if frame["t"] in ("READY", "RESUMED"):
            outbox.live = True
            self._bus.tell("gateway")

    async def _read(self, socket: web.WebSocketResponse, outbox: Outbox) -> Session | None:
        session: Session | None = None
        while True:
            try:
                message = await socket.receive(timeout=self.heartbeat_interval * 1.5)
            except TimeoutError:
                raise Refused(4009, "Session timed out.") from None
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return session
            op, data = _decode(message.data)
            if op == HEARTBEAT:
                outbox.send(ACK)
            elif op == IDENTIFY:
                if session is not None:
                    raise Refused(4005, "Already authenticated.")
                session = self._identify(outbox, data)
            elif op == RESUME:
                session = self._resume(outbox, data) or session
            elif session is None:
                raise Refused(4003, "Not authenticated.")
            elif op not in TOLERATED:
                raise Refused(4001, "Unknown opcode.")

    def _leave(self, outbox: Outbox, socket: web.WebSocketResponse, session: Session | None) -> None:
        if session is not None and session.outbox is outbox:
            session.outbox = None
            # A client that says goodbye with 1000 or 1001 ends its session; any other end can be resumed.
            if socket.close_code in (1000, 1001):
                self._sessions.pop(session.id, None)
        self._bus.tell("gateway")

    # what a client asks

    def _identify(self, outbox: Outbox, data: Json) -> Session:
        self._authenticate(data)
        self._count_start()
        intents = _checked_intents(data, self._world.privileged_intents)
        session = Session(intents, _checked_shard(data))
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
        self._bus.tell("gateway")
        return session

    def _welcome(self, session: Session) -> None:
        guilds = [guild for guild in self._world.bot_guilds() if session.serves(guild.id)]
        ready = {
            "v": 10,
            "user": payloads.own_user(self._world.bot),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "shard": list(session.shard),
            "application": {"id": str(self._world.application_id), "flags": 0},
            "user_settings": {},
            "private_channels": [],
            "presences": [],
            "relationships": [],
        }
        session.dispatch("READY", ready)
        if session.wants(GUILDS):
            for guild in guilds:
                session.dispatch("GUILD_CREATE", payloads.guild_create(guild, self._world))

    def _resume(self, outbox: Outbox, data: Json) -> Session | None:
        self._authenticate(data)
        session = self._sessions.get(str(data.get("session_id")))
        after = data.get("seq")
        if session is None or not isinstance(after, int):
            outbox.send(INVALID, False)
            return None
        session.outbox = outbox
        if not session.replay(after):
            del self._sessions[session.id]
            session.outbox = None
            outbox.send(INVALID, False)
            return None
        session.dispatch("RESUMED", {})
        self.resumed += 1
        return session

    def _authenticate(self, data: Json) -> None:
        if str(data.get("token", "")).removeprefix("Bot ") != self._account.token:
            raise Refused(4004, "Authentication failed.")

    def _count_start(self) -> None:
        """One session start less. Who starts more than are left loses the token, as with Discord ("Sharding")."""
        if self._account.remaining <= 0:
            self._account.reset_token()
            raise Refused(4004, "Authentication failed.")
        self._account.remaining -= 1


def _check_version(request: web.Request) -> None:
    if request.query.get("v", "10") not in ("9", "10"):
        raise Refused(4012, "Invalid API version.")
    if request.query.get("encoding", "json") != "json":
        raise Refused(4002, "Only JSON is spoken here.")


def _decode(text: str | bytes) -> tuple[int, Any]:
    try:
        frame = json.loads(text)
        op, data = int(frame["op"]), frame.get("d")
    except (ValueError, KeyError, TypeError):
        raise Refused(4002, "Decode error.") from None
    if op in (IDENTIFY, RESUME) and not isinstance(data, dict):
        raise Refused(4002, "Decode error.")
    return op, data


def _checked_intents(data: Json, allowed_privileged: int) -> int:
    intents = data.get("intents")
    if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
        raise Refused(4013, "Invalid intent(s).")
    if intents & PRIVILEGED & ~allowed_privileged:
        raise Refused(4014, "Disallowed intent(s).")
    return intents


def _checked_shard(data: Json) -> tuple[int, int]:
    shard = data.get("shard", [0, 1])
    match shard:
        case [int(shard_id), int(shards)] if 0 <= shard_id < shards:
            return shard_id, shards
    raise Refused(4010, "Invalid shard.")


def _without_content(event: str, data: Json, session: Session, world: World) -> Json:
    """Messages of others come empty without the message content intent, but for direct messages and mentions."""
    if event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or session.intents & MESSAGE_CONTENT:
        return data
    bot = str(world.bot.id)
    mentioned = any(user["id"] == bot for user in data["mentions"])
    if data["author"]["id"] == bot or mentioned or "guild_id" not in data:
        return data
    return data | {"content": "", "embeds": [], "attachments": [], "components": []}
