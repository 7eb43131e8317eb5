"""How long a task usually takes: the median of the last ones of its kind, which is what it does and its mode."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from statistics import median

from bot.midjourney import custom_id_facts
from storage import Action, Store, Task

# The newest finished tasks that are read, and how many of one kind are counted.
READ = 400
COUNTED = 15
# Fewer say nothing.
LEAST = 3
# What takes less is there before the words are read.
SHORTEST_SECONDS = 3.0
KEPT_SECONDS = 60.0

DurationKind = tuple[str, str | None]


class UsualDurations:
    """Learns them from the store, at most once a minute."""

    def __init__(self, store: Store, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._known: Mapping[DurationKind, float] = {}
        self._read_at: float | None = None

    async def of(self, task: Task) -> float | None:
        """How many seconds a task like this usually takes; None where that is not known. Raises StorageError."""
        if self._read_at is None or self._monotonic() - self._read_at > KEPT_SECONDS:
            self._read_at = self._monotonic()
            self._known = await self._read()
        seconds = self._known.get(_kind(task.request.action, task.request.custom_id, task.request.mode))
        return seconds if seconds is not None and seconds >= SHORTEST_SECONDS else None

    async def _read(self) -> Mapping[DurationKind, float]:
        found: defaultdict[DurationKind, list[float]] = defaultdict(list)
        for action, custom_id, mode, seconds in await self._store.durations.newest(READ):
            of_kind = found[_kind(action, custom_id, mode)]
            if len(of_kind) < COUNTED:
                of_kind.append(seconds)
        return {kind: median(each) for kind, each in found.items() if len(each) >= LEAST}


def _kind(action: str, custom_id: str | None, mode: str | None) -> DurationKind:
    pressed = custom_id_facts.parse(custom_id).kind if action == Action.BUTTON and custom_id else None
    return (f"{Action.BUTTON} {pressed}" if pressed else str(action), mode)
