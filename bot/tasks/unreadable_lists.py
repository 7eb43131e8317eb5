"""Running tasks that cannot be read in a list: lists are split, and tasks fetched one by one.

A list that cannot be read, or is refused, is requested again in halves until the failing task is alone. That task is
then polled alone with growing delays and does not affect the others. If the service does not answer at all, lists are
not split further: after a few failed requests the poll ends with the error.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.engines.base import PolledEngine
from bot.engines.errors import (
    AuthFailed,
    EngineError,
    NotSent,
    RateLimited,
    RefusalKind,
    ServiceRefused,
    UnknownTask,
    Unusable,
)
from bot.engines.models import RemoteTask
from bot.tasks.poll_state import BATCH, MISSES, PolledTask, UpdatesSink

SINGLES_AT_ONCE = 8
# Maximum of single fetches per poll; the tasks that were not polled for the longest time come first.
SINGLES_A_POLL = 40
# This many failed requests before the first success mean that the cause is not a task. For errors such as 5xx: three
# full levels of halves, 1 + 2 + 4. For unreadable answers: enough to get from there down to a single task.
IN_VAIN, IN_VAIN_UNREADABLE = 7, 20
IN_VAIN_SECONDS = 60.0

Apply = Callable[[Sequence[UpdatesSink], Mapping[str, int]], Awaitable[None]]


class ListPart(NamedTuple):
    """Tasks to be polled in one request; `whole` is the list from which they were split."""

    members: Sequence[PolledTask]
    whole: Sequence[PolledTask]

    def halves(self) -> tuple[ListPart, ListPart]:
        middle = len(self.members) // 2
        return ListPart(self.members[:middle], self.whole), ListPart(self.members[middle:], self.whole)


@dataclass(slots=True, eq=False)
class PollAttempts:
    """The state of one poll: whether any request succeeded, and what failed."""

    began: float
    requests_left: int
    alive: bool = False
    in_vain: int = 0
    failed: list[tuple[ListPart, EngineError]] = field(default_factory=list)


class SingleFetches:
    """Fetches tasks one by one."""

    def __init__(self, engine: PolledEngine, apply: Apply, interval: float, clock: Callable[[], float]) -> None:
        """`apply` applies the states of tasks with the hashes of those that were listed."""
        self._engine = engine
        self._apply = apply
        self._interval = interval
        self._clock = clock

    async def ask(self, poll: PollAttempts, followed: Sequence[PolledTask]) -> None:
        """Fetches these tasks. Raises EngineError if the service as a whole does not answer, and StorageError."""
        places = asyncio.Semaphore(SINGLES_AT_ONCE)
        failures: list[tuple[PolledTask, EngineError]] = []

        async def ask(each: PolledTask) -> None:
            async with places:
                try:
                    remote = await self._fetched(each)
                except EngineError as error:
                    failures.append((each, error))
                    return
            poll.alive = True
            await self._take_one(each, remote)

        results = await asyncio.gather(*map(ask, followed), return_exceptions=True)
        for error in filter(None, results):
            raise error
        for each, failure in failures:
            each.asked_at = self._clock()
            if not poll.alive and not _is_an_answer(failure):
                raise failure
            each.failed(self._clock(), self._interval, failure)

    async def _fetched(self, followed: PolledTask) -> RemoteTask | None:
        """The task, or None if the service does not know it."""
        try:
            remote = await self._engine.fetch(followed.upstream_id, tries=1)
        except UnknownTask:
            return None
        if remote.id != followed.upstream_id:
            raise Unusable("the answer is about another task")
        return remote

    async def _take_one(self, followed: PolledTask, remote: RemoteTask | None) -> None:
        followed.asked_at = followed.answered_at = self._clock()
        if remote is not None:
            followed.read_alone()
            await self._apply([(followed, remote)], {})
            return
        followed.missed += 1
        if followed.missed >= MISSES:
            await self._apply([(followed, None)], {})


def failed_part(poll: PollAttempts, part: ListPart, error: EngineError, now: float) -> Sequence[ListPart]:
    """Records that a list could not be read. Returns its halves, which are requested next. Raises the error if it
    certainly does not concern single tasks."""
    _count(poll, error, now)
    poll.failed.append((part, error))
    return _split(part) if len(part.members) > 1 else ()


def _count(poll: PollAttempts, error: EngineError, now: float) -> None:
    """Raises the error if it certainly does not concern single tasks."""
    if _is_about_the_service(error):
        raise error
    if poll.alive:
        return
    poll.in_vain += 1
    most = IN_VAIN_UNREADABLE if _is_an_answer(error) else IN_VAIN
    if poll.in_vain >= most or now - poll.began > IN_VAIN_SECONDS:
        raise error


def _split(part: ListPart) -> tuple[ListPart, ListPart]:
    halves = part.halves()
    for half in halves:
        for each in half.members:
            each.batch, each.calm = len(half.members), 0
    return halves


def next_half(poll: PollAttempts, halves: deque[ListPart]) -> ListPart:
    """The half to be requested next. Halves come before other lists, level by level: they show soonest whether anything
    can be read. After `IN_VAIN` failures, depth first."""
    return halves.popleft() if poll.alive or poll.in_vain < IN_VAIN else halves.pop()


def blame(poll: PollAttempts, now: float, interval: float) -> None:
    """Marks tasks that failed alone as failed. Raises EngineError if the service itself may be the cause."""
    alone = [(part, error) for part, error in poll.failed if len(part.members) == 1]
    for _, error in alone:
        if not poll.alive and not _is_an_answer(error):
            raise error
    if poll.alive:
        for part, _ in poll.failed:
            for each in part.members:
                each.too_many = min(each.too_many or BATCH, len(part.members))
    for part, error in alone:
        for each in part.whole:  # the others can be polled together again
            each.batch, each.too_many = BATCH, None
        part.members[0].failed(now, interval, error)


def _is_about_the_service(error: EngineError) -> bool:
    """Whether the error would be the same for any other task."""
    if isinstance(error, NotSent | AuthFailed | RateLimited):
        return True
    return isinstance(error, ServiceRefused) and (error.kind is RefusalKind.NO_CREDIT or 300 <= error.http_status < 400)


def _is_an_answer(error: EngineError) -> bool:
    """Whether the service answered, although without a usable result. 5xx, timeouts and dropped connections may mean
    that it is down."""
    return isinstance(error, Unusable) or (isinstance(error, ServiceRefused) and not _is_about_the_service(error))
