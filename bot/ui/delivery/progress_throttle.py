"""How often the progress of running tasks is shown, and which messages wait for their time."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

# With this many running messages in one channel, each is updated half as often.
CROWD = 10
# Number of updates after which a message reaches its normal interval. The first update follows after half of it: an
# earlier one would show almost nothing and cost as much.
WARM = 2


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
