"""Rate limits as a client meets them: a bucket for each route and major parameter, and one over all."""

import hashlib
import time
from dataclasses import dataclass, field

from playground.discord.errors import ApiError, rate_limited


@dataclass(frozen=True)
class Window:
    """At most `count` requests in `seconds`, counted from the first."""

    count: int
    seconds: float


_PLENTY = Window(100_000, 1.0)


@dataclass(frozen=True)
class Limits:
    """Discord's limits, as observed: its documentation forbids relying on any number, so all can be changed.

    `acknowledge` and `token` are the seconds within which an interaction is answered and its token lives, `ended` is
    the code that tells of an ended token. `late_edits`: how often a message older than an hour is edited.
    """

    send: Window = Window(5, 5.0)
    edit: Window = Window(5, 5.0)
    delete: Window = Window(5, 1.0)
    webhook: Window = Window(5, 2.0)
    other: Window = Window(30, 1.0)
    everywhere: Window = Window(50, 1.0)
    acknowledge: float = 3.0
    token: float = 900.0
    ended: int = 50027
    late_edits: int = 30

    @classmethod
    def off(cls, *, acknowledge: float = 3.0, token: float = 900.0, ended: int = 50027) -> "Limits":
        """Rates nobody reaches; the headers are still sent."""
        return cls(_PLENTY, _PLENTY, _PLENTY, _PLENTY, _PLENTY, _PLENTY, acknowledge, token, ended)


@dataclass
class _Count:
    window: Window
    used: int = 0
    until: float = 0.0

    def take(self, now: float) -> bool:
        if now >= self.until:
            self.used, self.until = 0, now + self.window.seconds
        if self.used >= self.window.count:
            return False
        self.used += 1
        return True


@dataclass
class Buckets:
    """Counts requests. `clock` is monotonic seconds."""

    limits: Limits
    _counts: dict[tuple[str, str], _Count] = field(default_factory=dict)
    _everywhere: _Count | None = None

    def window(self, method: str, route: str) -> Window:
        if route.startswith("/webhooks/"):
            return self.limits.webhook
        if route == "/channels/{channel_id}/messages" and method == "POST":
            return self.limits.send
        if route == "/channels/{channel_id}/messages/{message_id}" and method in ("PATCH", "DELETE"):
            return self.limits.edit if method == "PATCH" else self.limits.delete
        return self.limits.other

    def take(self, method: str, route: str, major: str) -> dict[str, str]:
        """Counts one request. Returns its X-RateLimit headers; raises ApiError 429 with them when there was no room."""
        now = time.monotonic()
        by_token = route.startswith("/webhooks/")
        if not by_token:
            self._take_everywhere(now)
        bucket = "webhook" if by_token else f"{method} {route}"
        count = self._counts.get((bucket, major))
        if count is None:
            count = self._counts[bucket, major] = _Count(self.window(method, route))
        taken = count.take(now)
        headers = self._headers(bucket, count, now)
        if not taken:
            raise self._refusal(count.until - now, headers, everywhere=False)
        return headers

    def _take_everywhere(self, now: float) -> None:
        if self._everywhere is None:
            self._everywhere = _Count(self.limits.everywhere)
        if not self._everywhere.take(now):
            raise self._refusal(self._everywhere.until - now, {"X-RateLimit-Global": "true"}, everywhere=True)

    def _headers(self, bucket: str, count: _Count, now: float) -> dict[str, str]:
        left = max(0.0, count.until - now)
        return {
            "X-RateLimit-Limit": str(count.window.count),
            "X-RateLimit-Remaining": str(count.window.count - count.used),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(bucket.encode()).hexdigest()[:32],
        }

    def _refusal(self, retry_after: float, headers: dict[str, str], *, everywhere: bool) -> ApiError:
        error = rate_limited(retry_after, everywhere=everywhere)
        error.headers = headers | refusal_headers(retry_after, "global" if everywhere else "user")
        return error


def refusal_headers(retry_after: float, scope: str) -> dict[str, str]:
    """What tells a client that a 429 comes from Discord and not from a wall in front of it."""
    return {"Retry-After": str(max(1, round(retry_after + 0.5))), "X-RateLimit-Scope": scope, "Via": "1.1 google"}
