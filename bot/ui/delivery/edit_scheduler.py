"""When messages may be edited: per channel, final edits before progress edits, and the interval between the progress
edits of a message.

The number of simultaneous edits is limited. Discord counts all edits of a channel together, no matter whose messages
they are; an interaction's token has its own limit (its "Rate Limits"). discord.py waits for rate limits in the order of
arrival, so an edit that others may overtake must not reach discord.py yet: it waits here, as a row id in a queue. This
module contains none of Discord's limits. The duration of an edit shows how tight the limit is.
"""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

# Simultaneous final edits per channel: more than one, because their images are downloaded meanwhile, which takes time.
CHANNEL_FINALS, CHANNEL_PROGRESS = 10, 1
# Messages edited through tokens share no rate limit of Discord's, but they share the bot's memory.
TOKEN_FINALS, TOKEN_PROGRESS = 25, 10
# Simultaneous edits in all channels together.
MOST_IN_CHANNELS = 150
# Maximum pause in seconds. After a progress edit, the channel's progress edits pause for as long as the edit took. This
# leaves half of the rate limit to other edits.
MAX_REST = 10.0
# The bucket of the messages that are edited through tokens.
TOKENS = None

EditBucket = int | None
# With this many running messages in one channel, each is updated half as often.
CROWD = 10
# Number of updates after which a message reaches its normal interval. The first update follows after half of it: an
# earlier one would show almost nothing and cost as much.
WARM = 2


class ScheduledEdit(NamedTuple):
    """Permission to edit a message row now, in this bucket. The caller returns it with `EditScheduler.end`."""

    row_id: int
    bucket: EditBucket
    final: bool
    began: float


@dataclass(slots=True, eq=False)
class _BucketQueue:
    """One bucket's queues, oldest first, and the numbers of its running edits."""

    finals: dict[int, None] = field(default_factory=dict)
    progress: dict[int, None] = field(default_factory=dict)
    finals_under_way: int = 0
    progress_under_way: int = 0
    rests_until: float = 0.0

    @property
    def empty(self) -> bool:
        return not (self.finals or self.progress or self.finals_under_way or self.progress_under_way)


class EditScheduler:
    """Message rows that wait for an edit. No I/O; times are those of `time.monotonic`."""

    def __init__(self) -> None:
        self._lanes: dict[EditBucket, _BucketQueue] = {}
        self._waiting: dict[int, EditBucket] = {}
        self._changed: dict[EditBucket, None] = {}  # buckets that may have an edit to start
        self._rests: list[tuple[float, int]] = []
        self._in_channels = 0

    def __len__(self) -> int:
        return len(self._lanes)

    def __contains__(self, row_id: int) -> bool:
        return row_id in self._waiting

    def add(self, row_id: int, bucket: EditBucket, *, final: bool) -> None:
        """Queues a row in its bucket. A row that waits for a progress edit moves to the final edits if `final`."""
        if row_id in self._waiting:
            known = self._lanes[self._waiting[row_id]]
            if known is self._lanes.get(bucket) and (row_id in known.finals or not final):
                return
            self._remove(row_id, known)
        found = self._lanes.setdefault(bucket, _BucketQueue())
        (found.finals if final else found.progress)[row_id] = None
        self._waiting[row_id] = bucket
        self._changed[bucket] = None

    def ready(self, now: float) -> Iterator[ScheduledEdit]:
        """The edits that may start now."""
        while self._rests and self._rests[0][0] <= now:
            self._changed[heapq.heappop(self._rests)[1]] = None
        for bucket in list(self._changed):
            if bucket is not TOKENS and self._in_channels >= MOST_IN_CHANNELS:
                continue
            del self._changed[bucket]
            yield from self._edits_in(bucket, now)

    def next_at(self) -> float | None:
        """When the next paused bucket continues. None if no bucket is paused."""
        return self._rests[0][0] if self._rests else None

    def end(self, turn: ScheduledEdit) -> None:
        """Ends an edit and frees its slot."""
        found = self._lanes[turn.bucket]
        if turn.bucket is not TOKENS:
            self._in_channels -= 1
        if turn.final:
            found.finals_under_way -= 1
        else:
            found.progress_under_way -= 1
            if turn.bucket is not TOKENS:
                now = time.monotonic()
                found.rests_until = now + min(MAX_REST, now - turn.began)
                heapq.heappush(self._rests, (found.rests_until, turn.bucket))
        self._changed[turn.bucket] = None

    def _edits_in(self, bucket: EditBucket, now: float) -> Iterator[ScheduledEdit]:
        found = self._lanes.get(bucket)
        if found is None:
            return
        by_token = bucket is TOKENS
        while found.finals and found.finals_under_way < (TOKEN_FINALS if by_token else CHANNEL_FINALS):
            found.finals_under_way += 1
            yield self._begun(found, bucket, found.finals, now)
        while found.progress and self._takes_progress(found, bucket, now):
            found.progress_under_way += 1
            yield self._begun(found, bucket, found.progress, now)
        if found.empty and found.rests_until <= now:
            del self._lanes[bucket]

    def _takes_progress(self, found: _BucketQueue, bucket: EditBucket, now: float) -> bool:
        if bucket is TOKENS:
            return found.progress_under_way < TOKEN_PROGRESS
        return not found.finals_under_way and found.progress_under_way < CHANNEL_PROGRESS and found.rests_until <= now

    def _begun(self, found: _BucketQueue, bucket: EditBucket, queue: dict[int, None], now: float) -> ScheduledEdit:
        row_id = next(iter(queue))
        self._remove(row_id, found)
        self._in_channels += bucket is not TOKENS
        return ScheduledEdit(row_id, bucket, queue is found.finals, now)

    def _remove(self, row_id: int, bucket: _BucketQueue) -> None:
        del self._waiting[row_id]
        bucket.finals.pop(row_id, None)
        bucket.progress.pop(row_id, None)


class _Shown(NamedTuple):
    """A running message: its channel, the time of its last update, and the number of updates."""

    channel_id: int | None
    at: float
    times: int


class ProgressThrottle:
    """The interval between progress updates of a message: `seconds`, longer if many messages run in one channel, and
    shorter for the first updates, while users are watching."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._shown: dict[int, _Shown] = {}
        self._crowds: Counter[int | None] = Counter()

    def __len__(self) -> int:
        return len(self._shown)

    def wait(self, row_id: int) -> float:
        """Seconds until a message's progress may be shown again. 0 if it was not shown yet."""
        shown = self._shown.get(row_id)
        if shown is None:
            return 0.0
        crowd = 1 + self._crowds[shown.channel_id] / CROWD
        interval = self._seconds * crowd * min(1.0, shown.times / WARM)
        return max(0.0, shown.at + interval - time.monotonic())

    def shown(self, row_id: int, channel_id: int | None, *, rest: float = 0.0) -> None:
        """Records an update of a running message. `rest`: seconds in which the message cannot be updated."""
        before = self._shown.get(row_id)
        self.ended(row_id)
        self._shown[row_id] = _Shown(channel_id, time.monotonic() + rest, before.times + 1 if before else 1)
        self._crowds[channel_id] += 1

    def ended(self, row_id: int) -> None:
        """Removes a message that needs no further updates."""
        known = self._shown.pop(row_id, None)
        if known is None:
            return
        self._crowds[known.channel_id] -= 1
        if not self._crowds[known.channel_id]:
            del self._crowds[known.channel_id]


class EditTimes:
    """Message rows by due time (`time.monotonic`)."""

    def __init__(self) -> None:
        self._at: dict[int, float] = {}
        self._heap: list[tuple[float, int]] = []

    def __len__(self) -> int:
        return len(self._at)

    def __contains__(self, row_id: int) -> bool:
        return row_id in self._at

    def set(self, row_id: int, at: float) -> None:
        """Sets the row's due time and replaces an earlier one."""
        self._at[row_id] = at
        heapq.heappush(self._heap, (at, row_id))

    def remove(self, row_id: int) -> None:
        """Removes the row if it is there."""
        self._at.pop(row_id, None)

    def due(self, now: float) -> Iterator[int]:
        """Removes and yields the rows that are due, in order."""
        while self._heap and self._heap[0][0] <= now:
            at, row_id = heapq.heappop(self._heap)
            if self._at.get(row_id) == at:
                del self._at[row_id]
                yield row_id

    def next_at(self) -> float | None:
        """The due time of the next row, or None."""
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)  # the row was removed or has another due time
        return self._heap[0][0] if self._heap else None
