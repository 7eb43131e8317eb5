"""Rate limits: a bucket for each route and major parameter, and a global one; the limits of interactions."""

import hashlib
import time
from dataclasses import dataclass
from typing import Any

from playground.discord.errors import rate_limited


@dataclass(frozen=True)
class RateLimit:
    """At most `count` requests in `seconds`, counted from the first."""

    count: int
    seconds: float


@dataclass(frozen=True)
class Limits:
    """Discord's limits as observed; its documentation forbids relying on any number, so all can be changed.

    `acknowledge` and `token` are the seconds within which an interaction is answered and its token lives,
    `expired_code` the error code of an expired token. `late_edits`: how often a message older than an hour is edited.
    """

    send: RateLimit = RateLimit(5, 5.0)
    edit: RateLimit = RateLimit(5, 5.0)
    delete: RateLimit = RateLimit(5, 1.0)
    webhook: RateLimit = RateLimit(5, 2.0)
    other: RateLimit = RateLimit(30, 1.0)
    overall: RateLimit = RateLimit(50, 1.0)
    acknowledge: float = 3.0
    token: float = 900.0
    expired_code: int = 50027
    late_edits: int = 30

    @classmethod
    def off(cls, **changes: Any) -> "Limits":
        """Rates that no test reaches; the headers are still sent."""
        rates = dict.fromkeys(("send", "edit", "delete", "webhook", "other", "overall"), RateLimit(100_000, 1.0))
        return cls(**(rates | changes))

    def of_route(self, method: str, route: str) -> RateLimit:
        """The limit of one route."""
        if route.startswith("/webhooks/"):
            return self.webhook
        if not route.startswith("/channels/{channel_id}/messages"):
            return self.other
        return {"POST": self.send, "PATCH": self.edit, "DELETE": self.delete}.get(method, self.other)


class _Bucket:
    """The requests counted in the current window; `resets_at` is monotonic seconds."""

    def __init__(self, limit: RateLimit) -> None:
        self.limit = limit
        self.used = 0
        self.resets_at = 0.0

    def take(self, now: float) -> bool:
        if now >= self.resets_at:
            self.used, self.resets_at = 0, now + self.limit.seconds
        if self.used >= self.limit.count:
            return False
        self.used += 1
        return True


class Buckets:
    """Counts the bot's requests."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._overall = _Bucket(limits.overall)

    def take(self, method: str, route: str, major: str) -> dict[str, str]:
        """Counts one request. Returns its X-RateLimit headers; raises ApiError 429 with them when none is left."""
        now = time.monotonic()
        by_token = route.startswith("/webhooks/")
        if not by_token and not self._overall.take(now):
            raise rate_limited(self._overall.resets_at - now, "global", {"X-RateLimit-Global": "true"})
        name = "webhook" if by_token else f"{method} {route}"
        bucket = self._buckets.setdefault((name, major), _Bucket(self._limits.of_route(method, route)))
        taken = bucket.take(now)
        left = max(0.0, bucket.resets_at - now)
        headers = {
            "X-RateLimit-Limit": str(bucket.limit.count),
            "X-RateLimit-Remaining": str(bucket.limit.count - bucket.used),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(name.encode()).hexdigest()[:32],
        }
        if not taken:
            raise rate_limited(left, "user", headers)
        return headers
