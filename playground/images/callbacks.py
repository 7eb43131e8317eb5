"""Callbacks: POSTs of a task's state to the `notifyHook` of its submit."""

import asyncio
import logging
import time
from collections import defaultdict
from dataclasses import dataclass, field

import aiohttp

from playground.images.tasks import Json

log = logging.getLogger(__name__)
_FINAL = frozenset(("SUCCESS", "FAILURE", "CANCEL"))


@dataclass
class CallbackPolicy:
    """What goes wrong with the next callbacks; the first four count down."""

    lose: int = 0  # not sent
    duplicate: int = 0  # sent twice
    swap: int = 0  # held back until after the following one
    stale: int = 0  # after a final one, the one before it is sent again
    seconds: float = 5.0  # the time limit of a POST


@dataclass(frozen=True)
class Delivery:
    """One callback: `status` is the HTTP status answered, None when it was lost or could not be sent."""

    task_id: str
    url: str
    body: Json
    status: int | None
    outcome: str
    at: float = field(default_factory=time.monotonic)


class Callbacks:
    """Sends callbacks once each, without retry (docs/image-api.md#callbacks). Close it at the end."""

    def __init__(self, policy: CallbackPolicy) -> None:
        self.policy = policy
        self.log: list[Delivery] = []
        self._session: aiohttp.ClientSession | None = None
        self._sending: set[asyncio.Task[None]] = set()
        # Those of one task are sent one after another.
        self._in_order: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._held_back: dict[str, Json] = {}
        self._last: dict[str, Json] = {}
        self._limit = asyncio.Semaphore(10)

    def start(self) -> None:
        no_limit = aiohttp.ClientTimeout(total=None)
        self._session = aiohttp.ClientSession(timeout=no_limit, cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        for sending in list(self._sending):
            sending.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        if self._session:
            await self._session.close()

    def notify(self, task_id: str, url: str, body: Json) -> None:
        final, before = body["status"] in _FINAL, self._last.get(task_id)
        self._last[task_id] = body
        if self._take("lose"):
            self.log.append(Delivery(task_id, url, body, None, "lost"))
            return
        if not final and task_id not in self._held_back and self._take("swap"):
            self._held_back[task_id] = body
            return
        self._send(task_id, url, body)
        if self._take("duplicate"):
            self._send(task_id, url, body)
        if task_id in self._held_back:
            self._send(task_id, url, self._held_back.pop(task_id))
        if final and before is not None and self._take("stale"):
            self._send(task_id, url, before)

    async def settled(self) -> None:
        """Wait until every callback has been answered or has failed."""
        while self._sending:
            await asyncio.gather(*self._sending, return_exceptions=True)

    def _take(self, name: str) -> bool:
        left: int = getattr(self.policy, name)
        if left > 0:
            setattr(self.policy, name, left - 1)
        return left > 0

    def _send(self, task_id: str, url: str, body: Json) -> None:
        job = asyncio.create_task(self._post(task_id, url, body), name=f"callback {task_id}")
        self._sending.add(job)
        job.add_done_callback(self._sending.discard)

    async def _post(self, task_id: str, url: str, body: Json) -> None:
        assert self._session is not None  # noqa: S101 - start() is called before any task can change
        status, outcome = None, "sent"
        try:
            async with (
                self._in_order[task_id],
                self._limit,
                asyncio.timeout(self.policy.seconds),
                self._session.post(url, json=body, allow_redirects=False) as answer,
            ):
                await answer.read()
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as problem:
            outcome = type(problem).__name__
            log.info("callback of task %s failed: %s", task_id, outcome)
        self.log.append(Delivery(task_id, url, body, status, outcome))
