"""A shared limit for the memory of requests, in bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class BudgetExceeded(Exception):
    """The budget has not enough free bytes at the moment."""


class BodyBudget:
    """Counts the bytes in use. It never waits: a request that exceeds the budget is rejected and can be repeated."""

    def __init__(self, total: int) -> None:
        """`total` is the maximum number of bytes in use."""
        self._total = total
        self.held = 0

    @contextmanager
    def holding(self) -> Iterator[Hold]:
        """Yields an empty hold and releases all its bytes at the end."""
        hold = Hold(self)
        try:
            yield hold
        finally:
            hold.resize(0)

    def take(self, count: int) -> None:
        """Adds `count` bytes; a negative number releases bytes. Raises BudgetExceeded."""
        if count > 0 and self.held + count > self._total:
            raise BudgetExceeded
        self.held += count


class Hold:
    """The bytes of a budget that one request uses."""

    def __init__(self, budget: BodyBudget) -> None:
        self._budget = budget
        self._held = 0

    def resize(self, count: int) -> None:
        """Sets the size of the hold. Raises BudgetExceeded and then keeps the previous size."""
        self._budget.take(count - self._held)
        self._held = count

    def grow(self, count: int) -> None:
        """Adds `count` bytes to the hold. Raises BudgetExceeded."""
        self.resize(self._held + count)
