"""The fair queue: decides when each request goes to the image service, so that no user's requests delay another's; and
the positions that cards show, in it and in the service's own queue.

The services process tasks first come, first served. Each user may therefore have only a few tasks waiting there.
Further requests wait here and are sent as soon as one of the user's earlier tasks runs or ends. Users are served round
robin.
"""

from __future__ import annotations

import asyncio
import bisect
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.engines.base import ImageEngine
from bot.engines.errors import EngineError
from bot.engines.models import Feature
from storage import StorageError, Store, Task, TaskId, TaskState, TaskUpdate

log = logging.getLogger(__name__)

# Tasks of one user that may wait at the service: the number of images in a grid, so that pressing one button per image
# needs no queue.
PER_PERSON = 4
# Concurrent submits. This limit never delays a user without tasks at the service.
AT_ONCE = 16
# Seconds after which a task that has not started to run no longer counts as waiting.
WAITING_SECONDS = 600.0
_BEFORE_RUNNING = (TaskState.SUBMITTING, TaskState.AWAITING_CONFIRMATION, TaskState.PENDING)

# Interval of position updates, and how many are made at a time, here and for the service's queue. Each one is an edit
# of a message.
COUNT_SECONDS = 2.0
COUNTED_AT_ONCE = 20
# Seconds between two requests for the service's queue, and the time limit of one.
INTERVAL = 4.0
READ_SECONDS = 8.0

# Applies updates to many tasks, and publishes the changes.
MoveAll = Callable[[Mapping[TaskId, TaskUpdate]], Awaitable[None]]


@dataclass(frozen=True, slots=True, order=True)
class QueuedRequest:
    """A waiting request. One user's requests are ordered by interaction id."""

    interaction_id: int
    person: int = field(compare=False)
    task_id: TaskId = field(compare=False)


class FairQueue:
    """Selects the next request to send. In memory only; `bot.tasks.held_requests` keeps it in sync with the journal."""

    def __init__(
        self,
        send: Callable[[QueuedRequest], None],
        *,
        per_person: int = PER_PERSON,
        at_once: int = AT_ONCE,
        waiting_seconds: float = WAITING_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`send` starts sending a request and returns at once. `clock` returns monotonic seconds."""
        self._send = send
        self._per_person = per_person
        self._at_once = at_once
        self._waiting_seconds = waiting_seconds
        self._clock = clock
        # Users in round-robin order.
        self._lines: dict[int, list[QueuedRequest]] = {}
        self._people: dict[TaskId, int] = {}
        # Start of waiting for tasks that the service has, or is about to get, and that do not run yet.
        self._upstream: dict[int, dict[TaskId, float]] = {}
        self._arriving: Counter[int] = Counter()
        self._in_flight: set[TaskId] = set()
        # Each user's queued request that is being sent. The next one waits for it, because otherwise they could arrive
        # in another order.
        self._sending: dict[int, TaskId] = {}
        self._closed = False

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def admit(self, person: int, task_id: TaskId) -> bool:
        """Whether this request may be sent now. If so, it counts against the limits until `landed` and `task_changed`,
        or `forget`."""
        if person in self._lines or self._arriving[person] or not self._has_room(person):
            return False
        self._depart(person, task_id)
        return True

    @contextmanager
    def arriving(self, person: int) -> Iterator[int]:
        """Reserves a position while a request that was not admitted is journaled; the caller adds the request within
        this context. Yields how many of the user's requests are ahead of it."""
        ahead = len(self._lines.get(person, ())) + self._arriving[person]
        self._arriving[person] += 1
        try:
            yield ahead
        finally:
            self._arriving[person] -= 1
            if not self._arriving[person]:
                del self._arriving[person]

    def add(self, waiting: QueuedRequest) -> None:
        """Adds a waiting request."""
        bisect.insort(self._lines.setdefault(waiting.person, []), waiting)
        self.go_on()

    def withdraw(self, task_id: TaskId) -> QueuedRequest | None:
        """Removes a request; None if it is not waiting."""
        for person, line in self._lines.items():
            for waiting in line:
                if waiting.task_id == task_id:
                    line.remove(waiting)
                    if not line:
                        del self._lines[person]
                    return waiting
        return None

    def places(self) -> Iterator[tuple[TaskId, int]]:
        """Every waiting task with the number of the same user's requests ahead of it."""
        for line in self._lines.values():
            for ahead, waiting in enumerate(line):
                yield waiting.task_id, ahead

    def landed(self, task_id: TaskId) -> None:
        """Ends a submit: its answer has arrived or is known to be lost."""
        self._sent(task_id)
        self.go_on()

    def forget(self, task_id: TaskId) -> None:
        """Stops counting a request: none of its tasks waits at the service."""
        self._sent(task_id)
        person = self._people.pop(task_id, None)
        if person is None:
            return
        self._upstream[person].pop(task_id, None)
        if not self._upstream[person]:
            del self._upstream[person]
        self.go_on()

    def task_changed(self, task: Task) -> None:
        """Tracks a task's state (a listener of `TaskEvents`)."""
        if task.state in _BEFORE_RUNNING:
            self.count(task.owner_id, task.id)
        elif task.state is not TaskState.QUEUED:
            self.forget(task.id)

    def count(self, person: int, task_id: TaskId) -> None:
        """Counts this task as waiting at the service, starting at the first call."""
        self._people[task_id] = person
        self._upstream.setdefault(person, {}).setdefault(task_id, self._clock())

    def go_on(self) -> None:
        """Sends the requests that may go out now, one per user in turn."""
        sent = True
        while sent and not self._closed:
            sent = False
            for person in list(self._lines):
                if person not in self._sending and self._has_room(person):
                    self._send_next(person)
                    sent = True

    @property
    def closed(self) -> bool:
        """Whether sending has been stopped."""
        return self._closed

    def close(self) -> None:
        """Stops sending."""
        self._closed = True

    def _send_next(self, person: int) -> None:
        line = self._lines.pop(person)
        waiting = line.pop(0)
        if line:
            self._lines[person] = line  # back to the end of the round-robin order
        self._depart(person, waiting.task_id)
        self._sending[person] = waiting.task_id
        self._send(waiting)

    def _depart(self, person: int, task_id: TaskId) -> None:
        self.count(person, task_id)
        self._in_flight.add(task_id)

    def _sent(self, task_id: TaskId) -> None:
        self._in_flight.discard(task_id)
        self._sending = {person: sending for person, sending in self._sending.items() if sending != task_id}

    def _has_room(self, person: int) -> bool:
        upstream = self._upstream.get(person)
        if not upstream:
            return True
        since = self._clock() - self._waiting_seconds
        waiting = sum(at > since for at in upstream.values())
        return waiting < self._per_person and len(self._in_flight) < self._at_once


class HeldPositions:
    """Updates the positions of requests that wait in the bot's own queue."""

    def __init__(self, queue: FairQueue, move_all: MoveAll) -> None:
        self._queue = queue
        self._move_all = move_all
        self._told: dict[TaskId, int] = {}

    def shown(self, task_id: TaskId, ahead: int) -> None:
        """Records the position with which a request was journaled."""
        self._told[task_id] = ahead

    async def run(self) -> None:
        """Updates positions until cancelled."""
        while True:
            await asyncio.sleep(COUNT_SECONDS)
            self._queue.go_on()  # frees the slots of tasks that exceeded the waiting limit
            try:
                await self._count_down()
            except StorageError as error:
                log.warning("cannot update queue positions now: %s", error)
            except Exception:
                log.exception("updating queue positions failed")

    async def _count_down(self) -> None:
        places = dict(self._queue.places())
        self._told = {task_id: told for task_id, told in self._told.items() if task_id in places}
        # An updated task moves to the end of `_told`, so that all tasks are updated in turn.
        behind = [task_id for task_id, told in self._told.items() if told != places[task_id]]
        unknown = [task_id for task_id in places if task_id not in self._told]
        counted = (unknown + behind)[:COUNTED_AT_ONCE]
        if not counted:
            return
        await self._move_all(
            {task_id: TaskUpdate(TaskState.QUEUED, queue_ahead=places[task_id]) for task_id in counted}
        )
        for task_id in counted:
            self._told.pop(task_id, None)
            self._told[task_id] = places[task_id]


class QueuePositions:
    """Requests the service's queue while tasks of the bot wait in it."""

    def __init__(self, store: Store, engine: ImageEngine, move_all: MoveAll, *, interval: float = INTERVAL) -> None:
        self._store = store
        self._engine = engine
        self._move_all = move_all
        self._interval = interval
        self._last: TaskId = ""

    async def run(self) -> None:
        """Updates positions until cancelled."""
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.round()
            except (EngineError, StorageError, TimeoutError) as error:
                log.info("cannot update positions in the image service's queue now: %r", error)
            except Exception:
                log.exception("updating positions in the image service's queue failed")

    async def round(self) -> None:
        """Updates positions once. Raises EngineError, StorageError, TimeoutError."""
        if not self._engine.capabilities.has(Feature.QUEUE):
            return
        waiting = self._store.tasks.waiting()
        if not waiting:
            return
        async with asyncio.timeout(READ_SECONDS):
            order = [remote.id for remote in await self._engine.queue()]
        places = {upstream_id: place for place, upstream_id in enumerate(order)}
        changed = {
            task.id: TaskUpdate(TaskState.PENDING, queue_ahead=places[task.upstream_id])
            for task in waiting
            if task.upstream_id in places and places[task.upstream_id] != task.queue_ahead
        }
        counted = self._in_turn(sorted(changed))
        if counted:
            await self._move_all({task_id: changed[task_id] for task_id in counted})

    def _in_turn(self, task_ids: Sequence[TaskId]) -> list[TaskId]:
        """At most `COUNTED_AT_ONCE` of the ids, starting after the last one of the previous round."""
        later = [task_id for task_id in task_ids if task_id > self._last]
        counted = [*later, *(task_id for task_id in task_ids if task_id <= self._last)][:COUNTED_AT_ONCE]
        self._last = counted[-1] if counted else ""
        return counted
