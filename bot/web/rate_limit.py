"""Rate limit of the web server: how many requests a client may send, refused ones counting more."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

# Requests that one client may send: in the long run a second, and at once. Callbacks of a thousand tasks pass.
RATE = 200.0
BURST = 1_000.0
# A refused request counts as many, because guesses are mostly wrong.
REFUSED_COSTS = 40.0
MAX_CLIENTS = 10_000
RETRY_SECONDS = 5


class RateLimit:
    """Counts requests by client, in bounded memory: the client that was quiet longest is forgotten first."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds and never goes back."""
        self._clock = clock
        self._spent: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._spent)

    def admits(self, client: str) -> bool:
        """May this client send a request now? It is counted if so."""
        if self._now_spent(client) + 1 > BURST:
            return False
        self._spend(client, 1)
        return True

    def refused(self, client: str) -> None:
        """Counts that a request of this client was refused."""
        self._spend(client, REFUSED_COSTS)

    def _spend(self, client: str, cost: float) -> None:
        self._spent[client] = (min(BURST, self._now_spent(client) + cost), self._clock())
        self._spent.move_to_end(client)
        while len(self._spent) > MAX_CLIENTS:
            self._spent.popitem(last=False)

    def _now_spent(self, client: str) -> float:
        spent, at = self._spent.get(client, (0.0, 0.0))
        return max(0.0, spent - RATE * (self._clock() - at))
