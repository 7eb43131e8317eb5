"""How many things may run at once for each key: requests of a client, uploads of a link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class TooManyAtOnce(Exception):
    """As many as may run at once for this key do."""


class ConcurrencyLimit(Generic[K]):
    """Counts what runs by key; a key with nothing running takes no memory."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._running: Counter[K] = Counter()

    def __len__(self) -> int:
        """How many keys have something running."""
        return len(self._running)

    @contextmanager
    def running(self, key: K) -> Iterator[None]:
        """Counts one more while within. Raises TooManyAtOnce."""
        if self._running[key] >= self._most:
            raise TooManyAtOnce
        self._running[key] += 1
        try:
            yield
        finally:
            self._running[key] -= 1
            if not self._running[key]:
                del self._running[key]
