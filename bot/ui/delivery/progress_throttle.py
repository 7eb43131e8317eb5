"""How often the progress of a running task is shown, and which messages wait for that time."""

from __future__ import annotations

import heapq
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

# So many running messages in one channel make each of them be shown half as often.
CROWD = 10
# After so many edits a message has come to its usual pace.
WARM = 4


@dataclass(frozen=True, slots=True)
class _Shown:
    """A running message: where, when it was shown last, and how often."""

    channel_id: int | None
    at: float
    times: int


class ProgressThrottle:
    """How often progress is shown: each message every `seconds`, less often where many run in one channel, and a
    little quicker in the beginning, while people look at it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._shown: dict[int, _Shown] = {}
        self._crowds: Counter[int | None] = Counter()

    def __len__(self) -> int:
        return len(self._shown)

    def wait(self, row_id: int) -> float:
        """Seconds until a message's progress may be shown again; 0 for one that was not shown yet."""
        shown = self._shown.get(row_id)
        if shown is None:
            return 0.0
        crowd = 1 + self._crowds[shown.channel_id] / CROWD
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


class EditTimes:
    """Rows of messages by the time at which they are due (`time.monotonic`)."""

    def __init__(self) -> None:
        self._at: dict[int, float] = {}
        self._heap: list[tuple[float, int]] = []

    def __len__(self) -> int:
        return len(self._at)

    def __contains__(self, row_id: int) -> bool:
        return row_id in self._at

    def set(self, row_id: int, at: float) -> None:
        """The row is due then, and at no other time."""
        self._at[row_id] = at
        heapq.heappush(self._heap, (at, row_id))

    def remove(self, row_id: int) -> None:
        """The row is not due any more, if it was."""
        self._at.pop(row_id, None)

    def due(self, now: float) -> Iterator[int]:
        """Takes out the rows that are due by now, in order."""
        while self._heap and self._heap[0][0] <= now:
            at, row_id = heapq.heappop(self._heap)
            if self._at.get(row_id) == at:
                del self._at[row_id]
                yield row_id

    def next_at(self) -> float | None:
        """When the next row is due."""
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)  # it was removed or set to another time
        return self._heap[0][0] if self._heap else None
