"""Discord's ids: milliseconds since 2015 above 22 bits that keep ids of one millisecond apart."""

import time
from datetime import UTC, datetime

EPOCH_MS = 1_420_070_400_000


class Snowflakes:
    """Gives ids that grow strictly, whatever the clock does."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._last = 0

    def time(self) -> float:
        """Discord's clock: this machine's, with `ahead` seconds added."""
        return time.time() + self.ahead

    def new(self) -> int:
        now = (int(self.time() * 1000) - EPOCH_MS) << 22
        self._last = max(now, self._last + 1)
        return self._last


def created_at(snowflake: int) -> datetime:
    """The moment an id was given out, in UTC."""
    return datetime.fromtimestamp(((snowflake >> 22) + EPOCH_MS) / 1000, UTC)
