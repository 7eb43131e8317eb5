"""Whose turn it is to write: finals before progress in each channel, and progress at a pace that everybody can bear.

Discord counts the edits of one channel together, whosever messages they are, while an interaction's token counts for
itself (its "Rate Limits"). discord.py waits for the limits in the order of arrival, so what is to be overtaken must
not have got as far as that: it waits here. No number of Discord's stands here; how long a turn took tells how tight
the limit is.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

# Finals of one channel that may be on their way at once: their pictures are fetched meanwhile, which takes time.
AT_ONCE = 10
# After a turn of progress the channel's progress rests as long as the turn took, so that half of what Discord allows
# is left to whoever comes next; at most so many seconds.
MAX_REST = 10.0
# So many running messages in one channel make each of them be shown half as often.
CROWD = 10
# After so many showings a message has come to its usual pace.
WARM = 4


@dataclass(slots=True)
class _Lane:
    """The turns of one channel."""

    finals: deque[asyncio.Future[None]] = field(default_factory=deque)
    progress: deque[asyncio.Future[None]] = field(default_factory=deque)
    finals_under_way: int = 0
    progress_under_way: bool = False
    rests_until: float = 0.0
    alarm: asyncio.TimerHandle | None = None


class Turns:
    """Turns in channels."""

    def __init__(self) -> None:
        self._lanes: dict[int, _Lane] = {}

    def __len__(self) -> int:
        return len(self._lanes)

    @asynccontextmanager
    async def final(self, channel_id: int) -> AsyncIterator[None]:
        """A turn for what has to be seen: before all progress that waits."""
        lane = self._lanes.setdefault(channel_id, _Lane())
        await self._come(channel_id, lane, lane.finals)
        try:
            yield
        finally:
            lane.finals_under_way -= 1
            self._admit(channel_id, lane)

    @asynccontextmanager
    async def progress(self, channel_id: int) -> AsyncIterator[None]:
        """A turn for what may as well be skipped: one at a time, and only while no final waits or is under way."""
        lane = self._lanes.setdefault(channel_id, _Lane())
        await self._come(channel_id, lane, lane.progress)
        began = time.monotonic()
        try:
            yield
        finally:
            now = time.monotonic()
            lane.progress_under_way = False
            lane.rests_until = now + min(MAX_REST, now - began)
            self._admit(channel_id, lane)

    async def _come(self, channel_id: int, lane: _Lane, queue: deque[asyncio.Future[None]]) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        self._admit(channel_id, lane)
        try:
            await turn
        except asyncio.CancelledError:
            if turn in queue:
                queue.remove(turn)
            elif turn.cancelled():
                pass  # it was passed over
            elif queue is lane.finals:
                lane.finals_under_way -= 1
            else:
                lane.progress_under_way = False
            self._admit(channel_id, lane)
            raise

    def _admit(self, channel_id: int, lane: _Lane) -> None:
        while lane.finals_under_way < AT_ONCE and _call_next(lane.finals):
            lane.finals_under_way += 1
        if lane.finals_under_way or lane.progress_under_way or lane.alarm:
            return
        rest = lane.rests_until - time.monotonic()
        if rest > 0:
            lane.alarm = asyncio.get_running_loop().call_later(rest, self._rested, channel_id, lane)
        elif _call_next(lane.progress):
            lane.progress_under_way = True
        else:
            self._lanes.pop(channel_id, None)

    def _rested(self, channel_id: int, lane: _Lane) -> None:
        lane.alarm = None
        self._admit(channel_id, lane)


def _call_next(queue: deque[asyncio.Future[None]]) -> bool:
    while queue:
        turn = queue.popleft()
        if not turn.done():  # whoever waited may have been cancelled
            turn.set_result(None)
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Shown:
    """A running message: where, when it was shown last, and how often."""

    channel_id: int | None
    at: float
    times: int


class Pace:
    """How often progress is shown: each message every `seconds`, less often where many run in one channel, and a
    little quicker in the beginning, while people look at it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._shown: dict[int, _Shown] = {}
        self._crowds: Counter[int | None] = Counter()

    def __len__(self) -> int:
        return len(self._shown)

    def wait(self, row_id: int, channel_id: int | None) -> float:
        """Seconds until a message's progress may be shown again; 0 for one that was not shown yet."""
        shown = self._shown.get(row_id)
        if shown is None:
            return 0.0
        crowd = 1 + self._crowds[channel_id] / CROWD
        interval = self._seconds * crowd * min(1.0, shown.times / WARM)
        return max(0.0, shown.at + interval - time.monotonic())

    def shown(self, row_id: int, channel_id: int | None, *, rest: float = 0.0) -> None:
        """A running message was shown just now, or cannot be shown for so many seconds."""
        before = self._shown.get(row_id)
        self.ended(row_id)
        self._shown[row_id] = _Shown(channel_id, time.monotonic() + rest, before.times + 1 if before else 1)
        self._crowds[channel_id] += 1

    def ended(self, row_id: int) -> None:
        """A message has nothing to show any more."""
        known = self._shown.pop(row_id, None)
        if known is None:
            return
        self._crowds[known.channel_id] -= 1
        if not self._crowds[known.channel_id]:
            del self._crowds[known.channel_id]
