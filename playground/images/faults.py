"""Faults on request: which request goes wrong next, and how."""

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from aiohttp import web

from playground.images.replies import PLACE, Reply, banned, envelope, filter_error, relay_error
from playground.images.tasks import Json


class Fault(StrEnum):
    """How a request goes wrong; `code_…`, `limit`, `not_routed` and `unready` are refusals of a submit."""

    HTTP_500 = "http_500"
    HTML_502 = "html_502"
    RATE_LIMITED = "rate_limited"
    SATURATED = "saturated"
    TIMEOUT = "timeout"
    SLOW = "slow"
    DROP = "drop"
    GARBAGE = "garbage"
    EMPTY = "empty"
    HTML_200 = "html_200"
    WRONG_TYPES = "wrong_types"
    LONG_ID = "long_id"
    CODE_3 = "code_3"
    CODE_4 = "code_4"
    CODE_5 = "code_5"
    CODE_9 = "code_9"
    CODE_23 = "code_23"
    CODE_24 = "code_24"
    LIMIT = "limit"
    NOT_ROUTED = "not_routed"
    UNREADY = "unready"


_REFUSALS = {fault for fault in Fault if fault.startswith("code_")} | {Fault.LIMIT, Fault.NOT_ROUTED, Fault.UNREADY}
# Writes an answer to the wire by itself; the connection is closed behind it. Images can be answered so, too.
Framing = Callable[[Reply], bytes]


@dataclass
class Planned:
    """A fault waiting for `times` requests whose path behind `/mj/` matches `endpoint`.

    With `accepted` the request takes effect and only its answer goes wrong. A reply is sent instead of the service's.
    """

    endpoint: re.Pattern[str]
    fault: Fault | Framing | Reply
    times: int = 1
    accepted: bool = False
    seconds: float = 1.0
    retry_after: float | None = None
    seen: int = 0

    @property
    def takes_effect(self) -> bool:
        """Whether the request is carried out before its answer goes wrong."""
        return self.accepted or self.fault is Fault.SLOW or callable(self.fault)


class Faults:
    """The faults that are planned. `alter` changes every answer before them; what it gets may be what is stored."""

    def __init__(self) -> None:
        self.closing = asyncio.Event()
        self.alter: Callable[[Reply], Reply] = lambda reply: reply
        self._planned: list[Planned] = []
        self._holds: list[tuple[re.Pattern[str], asyncio.Event]] = []

    def plan(self, planned: Planned) -> None:
        """Add a fault. Raises `ValueError` for a refusal that should come after acceptance."""
        if planned.accepted and isinstance(planned.fault, Fault) and planned.fault in _REFUSALS:
            raise ValueError(f"{planned.fault} refuses a submit: it cannot follow its acceptance")
        self._planned.append(planned)

    def clear(self) -> None:
        self._planned.clear()

    def take(self, endpoint: str, *, of_picture: bool = False) -> Planned | None:
        """The fault for this request, counted down; for images only how their answer is altered on its way."""
        for planned in self._planned:
            if of_picture and not callable(planned.fault):
                continue
            if planned.endpoint.search(endpoint):
                planned.seen += 1
                if planned.seen >= planned.times:
                    self._planned.remove(planned)
                return planned
        return None

    @contextlib.contextmanager
    def holding(self, pattern: str) -> Iterator[None]:
        """Keep back the answers to matching paths while the block runs."""
        entry = (re.compile(pattern), asyncio.Event())
        self._holds.append(entry)
        try:
            yield
        finally:
            entry[1].set()
            self._holds.remove(entry)

    async def held(self, path: str) -> None:
        for pattern, released in list(self._holds):
            if pattern.search(path):
                await released.wait()

    def close(self) -> None:
        """End every request that would never be answered."""
        self.closing.set()
        for _, released in self._holds:
            released.set()

    async def play(self, planned: Planned, request: web.Request, reply: Reply | None) -> Reply | None:
        """The answer of a faulty request; None when the connection was dropped."""
        if callable(planned.fault):
            if reply is not None and request.transport is not None:
                request.transport.write(planned.fault(reply))
                request.transport.close()
            return None
        if isinstance(planned.fault, Reply):
            return planned.fault
        if planned.fault not in (Fault.DROP, Fault.TIMEOUT, Fault.SLOW):
            headers = {} if planned.retry_after is None else {"Retry-After": f"{planned.retry_after:g}"}
            return replace(_BROKEN[planned.fault], headers=headers)
        if planned.fault is not Fault.DROP:
            try:
                await asyncio.wait_for(self.closing.wait(), planned.seconds if planned.fault is Fault.SLOW else None)
            except TimeoutError:
                return reply
        if request.transport is not None:
            request.transport.abort()
        return None


_HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"
_WRONG_TYPES: Json = {"code": [], "id": {}, "status": 7.5, "result": {"x": None}, "description": 3, "buttons": "U1"}
_SATURATED: Json = {"code": 30, "description": "当前分组负载已饱和，请稍后再试", "type": "upstream_error"}
_BROKEN = {
    Fault.EMPTY: Reply(200, None),
    Fault.NOT_ROUTED: Reply(404, None),
    Fault.LONG_ID: Reply(200, {"code": 1, "description": "success", "result": "9" * 129}),
    Fault.WRONG_TYPES: Reply(200, _WRONG_TYPES),
    Fault.HTTP_500: Reply(500, {"timestamp": "2026-05-01T10:00:00", "status": 500, "error": "Internal Server Error"}),
    Fault.HTML_502: Reply(502, _HTML.format("502 Bad Gateway"), content_type="text/html"),
    Fault.RATE_LIMITED: Reply(429, None),
    Fault.SATURATED: Reply(429, _SATURATED),
    Fault.GARBAGE: Reply(200, '{"code": 1, "descr', content_type="application/json"),
    Fault.HTML_200: Reply(200, _HTML.format("Welcome"), content_type="text/html"),
    Fault.CODE_3: Reply(200, envelope(3, "无可用的账号实例")),
    Fault.CODE_4: Reply(200, envelope(4, "参数错误")),
    Fault.CODE_5: relay_error("do_request_failed", code=5, status=500),
    Fault.CODE_9: Reply(200, envelope(9, "提交失败，系统异常", None, PLACE)),
    Fault.CODE_23: Reply(200, envelope(23, "队列已满，请稍后尝试", None, PLACE)),
    Fault.CODE_24: banned("a forbiddenword owl", "forbiddenword").reply,
    Fault.LIMIT: filter_error("limit reached"),
    Fault.UNREADY: relay_error("task_status_not_success"),
}
