"""A byte budget: limits the bytes held in memory at the same time and shares them fairly among users.

A claim that does not fit waits. Each user's share is limited, so that other users' data fits beside it, and users are
served round robin.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

# Number of later claims that may be granted before a claim that does not fit yet; after that it blocks all others.
MAX_OVERTAKEN = 8


@dataclass(slots=True, eq=False)
class _Claim:
    """A waiting claim on bytes."""

    size: int
    turn: asyncio.Future[None]
    overtaken: int = 0


class HeldBytes:
    """The bytes of one claim."""

    def __init__(self, size: int, give_back: Callable[[int], None]) -> None:
        self._size = size
        self._give_back = give_back

    def shrink(self, size: int) -> None:
        """Gives back what exceeds this size, once less is needed than was claimed."""
        if size < self._size:
            excess, self._size = self._size - size, size
            self._give_back(excess)


class ByteBudget:
    """A shared number of bytes. A claim larger than the total takes the whole budget."""

    def __init__(self, total: int, *, share: int | None = None) -> None:
        """`share`: the maximum that one user may hold by several claims together, by default half of the total; a
        single claim may be larger."""
        self._total = total
        self._share = share or total // 2
        self._held: Counter[int] = Counter()
        # Users in round-robin order, each with their waiting claims.
        self._lines: dict[int, deque[_Claim]] = {}

    @property
    def used(self) -> int:
        """Bytes that are currently held."""
        return self._held.total()

    @asynccontextmanager
    async def hold(self, person: int, size: int) -> AsyncIterator[HeldBytes]:
        """Holds `size` bytes for a user within the context; waits until they are available."""
        size = min(size, self._total)
        if size:
            await self._take(person, size)
        held = HeldBytes(size, partial(self._give_back, person))
        try:
            yield held
        finally:
            held.shrink(0)

    async def _take(self, person: int, size: int) -> None:
        claim = _Claim(size, asyncio.get_running_loop().create_future())
        self._lines.setdefault(person, deque()).append(claim)
        self._admit()
        try:
            await claim.turn
        except asyncio.CancelledError:
            if claim.turn.cancelled():
                self._admit()
            else:
                self._give_back(person, size)
            raise

    def _give_back(self, person: int, size: int) -> None:
        self._held[person] -= size
        if not self._held[person]:
            del self._held[person]
        self._admit()

    def _admit(self) -> None:
        """Grants the claims that fit, one per user in turn."""
        self._drop_cancelled()
        admitted = True
        while admitted:
            admitted = False
            for person in list(self._lines):
                claim = self._lines[person][0]
                if self._fits(person, claim.size):
                    self._grant_next(person)
                    admitted = True
                elif self._within_share(person, claim.size) and claim.overtaken >= MAX_OVERTAKEN:
                    return

    def _grant_next(self, person: int) -> None:
        line = self._lines.pop(person)
        claim = line.popleft()
        if line:
            self._lines[person] = line  # back to the end of the round-robin order
        self._held[person] += claim.size
        claim.turn.set_result(None)
        for other, waiting in self._lines.items():
            if self._within_share(other, waiting[0].size):
                waiting[0].overtaken += 1

    def _within_share(self, person: int, size: int) -> bool:
        own = self._held.get(person, 0)
        return not own or own + size <= self._share

    def _fits(self, person: int, size: int) -> bool:
        return self.used + size <= self._total and self._within_share(person, size)

    def _drop_cancelled(self) -> None:
        for person, line in list(self._lines.items()):
            kept = deque(claim for claim in line if not claim.turn.cancelled())
            if kept:
                self._lines[person] = kept
            else:
                del self._lines[person]
