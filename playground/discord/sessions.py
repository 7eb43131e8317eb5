"""A gateway session: numbered events, kept for a while so that a client that lost its connection can resume."""

import asyncio
import json
import secrets
from collections import deque
from typing import Any

KEPT_EVENTS = 5000
Frame = dict[str, Any]


class Outbox:
    """What one connection still has to be sent, in order. A number in it is a pause in seconds, None the end."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Frame | float | None] = asyncio.Queue()
        self.close_code: int | None = None
        self.live = False

    def send(self, op: int, data: Any = None) -> None:
        self.queue.put_nowait({"op": op, "d": data, "s": None, "t": None})

    def end(self, code: int) -> None:
        """Closes the connection once everything before is sent."""
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
        self._kept: deque[Frame] = deque(maxlen=KEPT_EVENTS)

    @property
    def connected(self) -> bool:
        """Whether its client has been sent READY or RESUMED."""
        return self.outbox is not None and self.outbox.live

    def wants(self, intent: int) -> bool:
        return not intent or bool(self.intents & intent)

    def serves(self, guild_id: int | None) -> bool:
        """Whether events of this guild go to this shard; direct messages go to shard 0."""
        shard_id, shards = self.shard
        return shard_id == ((guild_id >> 22) % shards if guild_id is not None else 0)

    def dispatch(self, event: str, data: Any) -> None:
        """Numbers an event, keeps it, and sends it if there is a connection."""
        self.sequence += 1
        # What is sent later is what was true now, so the record is frozen here.
        frame = {"op": 0, "d": json.loads(json.dumps(data)), "s": self.sequence, "t": event}
        self._kept.append(frame)
        if self.outbox is not None:
            self.outbox.queue.put_nowait(frame)

    def replay(self, after: int) -> bool:
        """Sends again what came after an event. False when that is no longer, or not yet, known."""
        oldest = self._kept[0]["s"] if self._kept else self.sequence + 1
        if after > self.sequence or after + 1 < oldest or self.outbox is None:
            return False
        for frame in self._kept:
            if frame["s"] > after:
                self.outbox.queue.put_nowait(frame)
        return True
