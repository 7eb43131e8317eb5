"""The fair queue: decides when each request goes to the image service, so that no person's requests delay another's.

The services work first come, first served. So each person may have only a few tasks waiting there; what they ask for
beyond that waits here, and goes out as soon as one of their earlier tasks runs or has ended. People take turns.
"""

from __future__ import annotations

import bisect
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from storage import Task, TaskId, TaskState

# Tasks of one person that may wait at the service: as many as a grid has pictures, so that pressing a button of each
# needs no queue.
PER_PERSON = 4
# Submits under way at the same time. Somebody with nothing at the service is never held back by this.
AT_ONCE = 16
# Seconds for which a task that does not begin to run counts as waiting.
WAITING_SECONDS = 600.0
_BEFORE_RUNNING = (TaskState.SUBMITTING, TaskState.AWAITING_CONFIRMATION, TaskState.PENDING)


@dataclass(frozen=True, slots=True, order=True)
class QueuedRequest:
    """A request that waits for its turn; one person's go in the order of their interactions' ids."""

    interaction_id: int
    person: int = field(compare=False)
    task_id: TaskId = field(compare=False)


class FairQueue:
    """Whose request goes next. In memory; `bot.tasks.held_requests` keeps it in step with the journal."""

    def __init__(
        self,
        send: Callable[[QueuedRequest], None],
        *,
        per_person: int = PER_PERSON,
        at_once: int = AT_ONCE,
        waiting_seconds: float = WAITING_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`send` starts to send a request and returns at once. `clock` gives seconds that never go back."""
        self._send = send
        self._per_person = per_person
        self._at_once = at_once
        self._waiting_seconds = waiting_seconds
        self._clock = clock
        # People in the order of their turns.
        self._lines: dict[int, list[QueuedRequest]] = {}
        self._people: dict[TaskId, int] = {}
        # Tasks that the service has, or is about to get, and that do not run yet: since when.
        self._upstream: dict[int, dict[TaskId, float]] = {}
        self._arriving: Counter[int] = Counter()
        self._in_flight: set[TaskId] = set()
        # The request of each person's line that is being sent. The next one goes after it, or they could arrive in
        # another order.
        self._sending: dict[int, TaskId] = {}
        self._closed = False

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def admit(self, person: int, task_id: TaskId) -> bool:
        """May this request go out now? If so it counts from here on, until `landed` and `task_changed` or `forget`."""
        if person in self._lines or self._arriving[person] or not self._has_room(person):
            return False
        self._depart(person, task_id)
        return True

    @contextmanager
    def arriving(self, person: int) -> Iterator[int]:
        """A request that was not admitted is being journalled, to be added within; how many of this person's go before
        it."""
        ahead = len(self._lines.get(person, ())) + self._arriving[person]
        self._arriving[person] += 1
        try:
            yield ahead
        finally:
            self._arriving[person] -= 1
            if not self._arriving[person]:
                del self._arriving[person]

    def add(self, waiting: QueuedRequest) -> None:
        """A request waits from now on."""
        bisect.insort(self._lines.setdefault(waiting.person, []), waiting)
        self.go_on()

    def withdraw(self, task_id: TaskId) -> QueuedRequest | None:
        """Takes a request out; None when it does not wait (any more)."""
        for person, line in self._lines.items():
            for waiting in line:
                if waiting.task_id == task_id:
                    line.remove(waiting)
                    if not line:
                        del self._lines[person]
                    return waiting
        return None

    def places(self) -> Iterator[tuple[TaskId, int]]:
        """Every task that waits, and how many of the same person's go before it."""
        for line in self._lines.values():
            for ahead, waiting in enumerate(line):
                yield waiting.task_id, ahead

    def landed(self, task_id: TaskId) -> None:
        """A submit is no longer under way: its answer is known, or known to be lost."""
        self._sent(task_id)
        self.go_on()

    def forget(self, task_id: TaskId) -> None:
        """Nothing of this request waits at the service."""
        self._sent(task_id)
        person = self._people.pop(task_id, None)
        if person is None:
            return
        self._upstream[person].pop(task_id, None)
        if not self._upstream[person]:
            del self._upstream[person]
        self.go_on()

    def task_changed(self, task: Task) -> None:
        """Takes note of how far a task is (a listener of `TaskEvents`)."""
        if task.state in _BEFORE_RUNNING:
            self.count(task.owner_id, task.id)
        elif task.state is not TaskState.QUEUED:
            self.forget(task.id)

    def count(self, person: int, task_id: TaskId) -> None:
        """This task waits at the service; counted from the first time on that this is said."""
        self._people[task_id] = person
        self._upstream.setdefault(person, {}).setdefault(task_id, self._clock())

    def go_on(self) -> None:
        """Sends what may go out now, one of each person in turn."""
        sent = True
        while sent and not self._closed:
            sent = False
            for person in list(self._lines):
                if person not in self._sending and self._has_room(person):
                    self._send_next(person)
                    sent = True

    @property
    def closed(self) -> bool:
        """Is nothing sent any more?"""
        return self._closed

    def close(self) -> None:
        """From now on nothing is sent."""
        self._closed = True

    def _send_next(self, person: int) -> None:
        line = self._lines.pop(person)
        waiting = line.pop(0)
        if line:
            self._lines[person] = line  # at the end of those who take turns
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
        upstream = self._upstream.get(person, {})
        since = self._clock() - self._waiting_seconds
        waiting = sum(at > since for at in upstream.values())
        return not upstream or (waiting < self._per_person and len(self._in_flight) < self._at_once)
