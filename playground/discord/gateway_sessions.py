"""Gateway sessions: numbered events, kept so that a client can resume after a lost connection; and their limit."""

import asyncio
import json
import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import Any

MAX_KEPT_EVENTS = 5000
SESSION_STARTS = 1000
RESET_MS = 14_400_000
Frame = dict[str, Any]


def _new_token() -> str:
    return f"local.{secrets.token_urlsafe(24)}"


@dataclass
class Account:
    """The bot's token, and the session starts left (developer documentation, "Session Start Limit Object")."""

    token: str = field(default_factory=_new_token)
    remaining: int = SESSION_STARTS
    reset_after_ms: int = RESET_MS

    def session_start_limit(self) -> dict[str, int]:
        """The object as `GET /gateway/bot` sends it."""
        limit = {"total": SESSION_STARTS, "remaining": self.remaining}
        return limit | {"reset_after": self.reset_after_ms, "max_concurrency": 1}

    def reset_token(self) -> None:
        """Replaces the token; the old one is refused from now on."""
        self.token = _new_token()


class Outbox:
    """The frames still to be sent on one connection, in order. A number is a pause in seconds, None the end."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Frame | float | None] = asyncio.Queue()
        self.close_code: int | None = None
        self.live = False

    def send(self, op: int, data: Any = None) -> None:
        self.queue.put_nowait({"op": op, "d": data, "s": None, "t": None})

    def end(self, code: int) -> None:
        """Closes the connection after everything before was sent."""
        self.close_code = code
        self.queue.put_nowait(None)


class Session:
    """What outlives a connection: identity, intents, shard, and the events with their numbers."""

    def __init__(self, intents: int, shard: tuple[int, int]) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.shard = shard
        self.sequence = 0
        self.outbox: Outbox | None = None
        self.ready = False
        self._kept: deque[Frame] = deque(maxlen=MAX_KEPT_EVENTS)

    @property
    def connected(self) -> bool:
        """Whether its client was sent READY or RESUMED."""
        return self.outbox is not None and self.outbox.live

    def wants(self, intent: int) -> bool:
        return not intent or bool(self.intents & intent)

    def serves(self, guild_id: int | None) -> bool:
        """Whether this shard gets the events of this guild; direct messages go to shard 0."""
        shard_id, shards = self.shard
        return shard_id == ((guild_id >> 22) % shards if guild_id is not None else 0)

    def dispatch(self, event: str, data: Any) -> None:
        """Numbers an event, keeps it, and sends it if there is a connection."""
        self.sequence += 1
        # A copy, because the records may change before it is sent.
        frame = {"op": 0, "d": json.loads(json.dumps(data)), "s": self.sequence, "t": event}
        self._kept.append(frame)
        if self.outbox is not None:
            self.outbox.queue.put_nowait(frame)

    def replay(self, after: int) -> bool:
        """Sends the events after a number again. False if they are no longer kept, or the number is too high."""
        oldest = self._kept[0]["s"] if self._kept else self.sequence + 1
        if after > self.sequence or after + 1 < oldest or self.outbox is None:
            return False
        for frame in self._kept:
            if frame["s"] > after:
                self.outbox.queue.put_nowait(frame)
        return True
