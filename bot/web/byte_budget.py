"""A bound for the bytes that requests hold in memory together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class BudgetExceeded(Exception):
    """There is no room for these bytes just now."""


class ByteBudget:
    """Counts the bytes that are held. It never waits: a request that finds no room is refused and may come again."""

    def __init__(self, total: int) -> None:
        """`total`: bytes that may be held at once."""
        self._total = total
        self.held = 0

    @contextmanager
    def holding(self) -> Iterator[Hold]:
        """A hold of no bytes yet; all that it has grown to is given back at the end."""
        hold = Hold(self)
        try:
            yield hold
        finally:
            hold.resize(0)

    def take(self, count: int) -> None:
        """Counts so many bytes more, or fewer if negative. Raises BudgetExceeded."""
        if count > 0 and self.held + count > self._total:
            raise BudgetExceeded
        self.held += count


class Hold:
    """The bytes that one request holds of a budget."""

    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget
        self._held = 0

    def resize(self, count: int) -> None:
        """Holds so many bytes from now on. Raises BudgetExceeded, and then holds what it held."""
        self._budget.take(count - self._held)
        self._held = count

    def grow(self, count: int) -> None:
        """Holds so many bytes more. Raises BudgetExceeded."""
        self.resize(self._held + count)
