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
# The frames still to be sent on one connection, in order. A number closes it with that code.
Outbox = asyncio.Queue[Frame | int]


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


class Session:
    """What outlives a connection: identity, intents, shard, and the events with their numbers."""

    def __init__(self, intents: int, shard: tuple[int, int], outbox: Outbox) -> None:
        self.id = secrets.token_hex(16)
        self.intents = intents
        self.shard = shard
        self.sequence = 0
        self.outbox: Outbox | None = outbox
        self._kept: deque[Frame] = deque(maxlen=MAX_KEPT_EVENTS)

    def wants(self, guild_id: int | None, intent: int) -> bool:
        """Whether it gets such events of this guild: by intent and shard; direct messages go to shard 0."""
        shard_id, shards = self.shard
        own = (guild_id >> 22) % shards if guild_id is not None else 0
        return own == shard_id and (not intent or bool(self.intents & intent))

    def dispatch(self, event: str, data: Any) -> None:
        """Numbers an event, keeps it, and sends it if there is a connection."""
        self.sequence += 1
        # A copy, because the records may change before it is sent.
        frame = {"op": 0, "d": json.loads(json.dumps(data)), "s": self.sequence, "t": event}
        self._kept.append(frame)
        if self.outbox is not None:
            self.outbox.put_nowait(frame)

    def resume(self, after: int, outbox: Outbox) -> bool:
        """Sends the events after a number again. False if they are no longer kept, or the number is too high."""
        oldest = self._kept[0]["s"] if self._kept else self.sequence + 1
        if not oldest - 1 <= after <= self.sequence:
            return False
        self.outbox = outbox
        for frame in self._kept:
            if frame["s"] > after:
                outbox.put_nowait(frame)
        return True
