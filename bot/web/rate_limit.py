"""Rate limit of the web server: requests per client. Rejected requests count more."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

# Requests per client: per second on average, and in a burst. Enough for the callbacks of a thousand tasks.
RATE = 200.0
BURST = 1_000.0
# The cost of a rejected request. It is high because most guesses of a secret are wrong.
REFUSED_COSTS = 40.0
MAX_CLIENTS = 10_000
RETRY_SECONDS = 5


class RateLimit:
    """Counts requests per client in bounded memory: the client that has been idle longest is dropped first."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns seconds and never goes backwards."""
        self._clock = clock
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._spent)

    def admits(self, client: str) -> bool:
        """Whether this client may send a request now. An allowed request is counted."""
        if self._now_spent(client) + 1 > BURST:
            return False
        self._spend(client, 1)
        return True

    def refused(self, client: str) -> None:
        """Counts a rejected request of this client."""
        self._spend(client, REFUSED_COSTS)

    def _spend(self, client: str, cost: float) -> None:
        self._spent[client] = (min(BURST, self._now_spent(client) + cost), self._clock())
        self._spent.move_to_end(client)
        while len(self._spent) > MAX_CLIENTS:
            self._spent.popitem(last=False)

    def _now_spent(self, client: str) -> float:
        spent, at = self._spent.get(client, (0.0, 0.0))
        return max(0.0, spent - RATE * (self._clock() - at))
