"""The usual duration of a task: the median of the newest finished tasks of its kind, which is its action or its
button, and its mode."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from storage import Store, Task

# How many of the newest finished tasks are read, and how many of each kind are counted.
READ = 400
COUNTED = 15
# A kind with fewer tasks has no estimate.
LEAST = 3
# Shorter tasks are finished before the estimate can be read.
SHORTEST_SECONDS = 3.0
KEPT_SECONDS = 60.0

DurationKind = tuple[str, str | None]


class UsualDurations:
    """Reads the durations from the store, at most once a minute."""

    def __init__(self, store: Store, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._known: Mapping[DurationKind, float] = {}
        self._read_at: float | None = None

    async def of(self, task: Task) -> float | None:
        """The usual duration of a task like this, in seconds; None if unknown. Raises StorageError."""
        if self._read_at is None or self._monotonic() - self._read_at > KEPT_SECONDS:
            self._read_at = self._monotonic()
            self._known = await self._read()
        seconds = self._known.get(_kind(task.request.action, task.request.label, task.request.option("mode")))
        return seconds if seconds is not None and seconds >= SHORTEST_SECONDS else None

    async def _read(self) -> Mapping[DurationKind, float]:
        found: defaultdict[DurationKind, list[float]] = defaultdict(list)
        for action, label, mode, seconds in await self._store.tasks.durations(READ):
            of_kind = found[_kind(action, label, mode)]
            if len(of_kind) < COUNTED:
                of_kind.append(seconds)
        return {kind: _median(each) for kind, each in found.items() if len(each) >= LEAST}


def _kind(action: str, label: str, mode: str | None) -> DurationKind:
    """`label` is that of a pressed button. Its number does not matter: U1 takes as long as U2."""
    return (f"{action} {label.rstrip('0123456789')}".strip(), mode)


def _median(seconds: Sequence[float]) -> float:
    """The median. `statistics.median` is the same, but a start should not wait for the import of that module."""
    ordered, middle = sorted(seconds), len(seconds) // 2
    return (ordered[middle] + ordered[~middle]) / 2
