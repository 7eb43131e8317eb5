"""Faults on request: which call goes wrong next, and how (docs/platform-api.md#errors)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from enum import StrEnum

from playground.platform.replies import Reply, error

_HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"


class Fault(StrEnum):
    """How a call goes wrong."""

    QUOTA_401 = "quota_401"
    QUOTA_403 = "quota_403"
    QUOTA_429 = "quota_429"
    WRONG_KEY = "wrong_key"
    SATURATED = "saturated"
    RATE_LIMITED = "rate_limited"
    NO_CHANNEL = "no_channel"
    SAFETY_400 = "safety_400"
    SAFETY_429 = "safety_429"
    SAFETY_500 = "safety_500"
    NO_ENDPOINT = "no_endpoint"
    BAD_GATEWAY = "bad_gateway"
    EMPTY = "empty"
    ERROR_200 = "error_200"
    HTTP_500 = "http_500"
    # Of a stream: they are about its parts, so the first ones arrive.
    CUT = "cut"
    DELTA_ERROR = "delta_error"
    # Of the connection.
    HANG = "hang"
    SLOW = "slow"
    CLOSE_UNREAD = "close_unread"
    CLOSE = "close"


_REPLIES = {
    Fault.QUOTA_401: error(401, "该令牌额度已用尽 (request id: 1)", kind="new_api_error"),
    Fault.QUOTA_403: error(
        403, "用户额度不足, 剩余额度: ＄0.000000", kind="new_api_error", code="insufficient_user_quota"
    ),
    Fault.QUOTA_429: error(
        429, "当前分组上游负载已饱和，请稍后再试", kind="insufficient_quota", code="insufficient_user_quota"
    ),
    Fault.WRONG_KEY: error(401, "无效的令牌", kind="new_api_error"),
    Fault.SATURATED: error(429, "当前分组上游负载已饱和，请稍后再试", kind="upstream_error"),
    Fault.RATE_LIMITED: error(429, "您已达到请求数限制：1分钟内最多请求10次", kind="new_api_error"),
    Fault.NO_CHANNEL: error(
        503, "No available channel for model under group default", kind="new_api_error", code="model_not_found"
    ),
    Fault.SAFETY_400: error(
        400, "Your request was rejected by our safety system.", kind="image_generation_user_error",
        code="moderation_blocked",
    ),
    Fault.SAFETY_429: error(429, "Your request was rejected as a result of our safety system.", kind="upstream_error"),
    Fault.SAFETY_500: error(500, "Your request was rejected by the safety system.", kind="shell_api_error"),
    Fault.BAD_GATEWAY: Reply(502, _HTML.format("502 Bad Gateway"), "text/html"),
    Fault.EMPTY: Reply(200),
    Fault.ERROR_200: error(200, "bad response status code 400", kind="upstream_error", code="bad_response_body"),
    Fault.HTTP_500: error(500, "请求上游地址失败", kind="new_api_error", code="do_request_failed"),
}  # fmt: skip
_NEVER = float("inf")


@dataclass
class Planned:
    """A fault for the next `times` calls of this path and model (any if "").

    `accepted`: the call is carried out, and only its answer goes wrong.
    """

    path: re.Pattern[str]
    model: re.Pattern[str]
    fault: Fault | Reply
    times: float = 1
    accepted: bool = False
    seconds: float = 1.0
    retry_after: float | None = None

    def matches(self, path: str, model: str) -> bool:
        """Whether it is for a call."""
        return self.times > 0 and bool(self.path.search(path) and self.model.search(model))

    @property
    def carries_out(self) -> bool:
        """Whether the call is carried out."""
        return self.accepted or self.fault in (Fault.SLOW, Fault.CUT, Fault.DELTA_ERROR, Fault.CLOSE, Fault.HANG)

    def reply(self) -> Reply | None:
        """The answer in place of the real one, None for a fault of the stream or the connection."""
        if isinstance(self.fault, Reply):
            return self.fault
        if self.fault is Fault.NO_ENDPOINT:
            return error(404, "Invalid URL (POST)", code="")
        found = _REPLIES.get(self.fault)
        if found is None or self.retry_after is None:
            return found
        return Reply(found.status, found.body, found.content_type, {"Retry-After": f"{self.retry_after:g}"})


@dataclass
class Faults:
    """The faults that are planned, and the calls that are held back."""

    planned: list[Planned] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    held: list[re.Pattern[str]] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def take(self, path: str, model: str) -> Planned | None:
        """The fault for this call, counted down."""
        found = next((planned for planned in self.planned if planned.matches(path, model)), None)
        if found:
            found.times -= 1
        return found

    def clear(self) -> None:
        """Forget all faults."""
        self.planned.clear()

    async def wait_held(self, path: str) -> None:
        """Waits as long as calls of this path are held back."""
        async with self.changed:
            while not self.closing.is_set() and any(pattern.search(path) for pattern in self.held):
                await self.changed.wait()

    async def wake(self) -> None:
        """Lets calls see what has changed."""
        async with self.changed:
            self.changed.notify_all()
