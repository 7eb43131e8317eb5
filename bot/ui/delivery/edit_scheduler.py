"""Decides which messages may be edited now: per channel, final edits before progress edits.

The number of simultaneous edits is limited. Discord counts all edits of a channel together, no matter whose messages
they are; an interaction's token has its own limit (its "Rate Limits"). discord.py waits for rate limits in the order of
arrival, so an edit that others may overtake must not reach discord.py yet: it waits here, as a row id in a queue. This
module contains none of Discord's limits. The duration of an edit shows how tight the limit is.
"""

from __future__ import annotations

import heapq
import time
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
