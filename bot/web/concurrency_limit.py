"""Limits concurrent operations per key: requests of a client, uploads of a link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class TooManyAtOnce(Exception):
    """The key has reached its limit of concurrent operations."""


class ConcurrencyLimit(Generic[K]):
    """Counts running operations per key. A key without running operations takes no memory."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._running: Counter[K] = Counter()

    def __len__(self) -> int:
        """The number of keys with running operations."""
        return len(self._running)

    @contextmanager
    def running(self, key: K) -> Iterator[None]:
        """Counts one operation during the block. Raises TooManyAtOnce."""
        if self._running[key] >= self._most:
            raise TooManyAtOnce
        self._running[key] += 1
        try:
            yield
        finally:
            self._running[key] -= 1
            if not self._running[key]:
                del self._running[key]
