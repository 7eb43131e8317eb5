"""The order in which requests go out: people take turns, and who has nothing at the service does not wait."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from bot.tasks.fair_queue import FairQueue, QueuedRequest
from storage import Task, TaskState
from tests.support.cards import a_task

ADA, BOB, EVE = 1, 2, 3


@dataclasses.dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class Rig:
    """A queue, and what it has sent."""

    def __init__(self, *, per_person: int = 2, at_once: int = 100, waiting_seconds: float = 60.0) -> None:
        self.sent: list[str] = []
        self.clock = Clock()
        self.queue = FairQueue(
            lambda waiting: self.sent.append(waiting.task_id),
            per_person=per_person,
            at_once=at_once,
            waiting_seconds=waiting_seconds,
            clock=self.clock,
        )
        self._number = 0

    def ask(self, person: int, *, number: int | None = None) -> str:
        """Asks for something; its name."""
        self._number += 1
        number = self._number if number is None else number
        name = f"{person}-{number}"
        if self.queue.admit(person, name):
            self.sent.append(name)
        else:
            with self.queue.arriving(person):
                self.queue.add(QueuedRequest(number, person, name))
        return name

    def news(self, name: str, state: TaskState) -> None:
        """The service says how far a task is."""
        self.queue.landed(name)
        self.queue.task_changed(_task(name, state))


def _task(name: str, state: TaskState) -> Task:
    return dataclasses.replace(a_task(state), id=name, owner_id=int(name.partition("-")[0]))


def test_a_person_has_a_few_tasks_waiting_at_the_service_and_the_rest_here() -> None:
    rig = Rig()
    names = [rig.ask(ADA) for _ in range(5)]
    assert rig.sent == names[:2]
    assert dict(rig.queue.places()) == {names[2]: 0, names[3]: 1, names[4]: 2}
    rig.news(names[0], TaskState.PENDING)
    assert rig.sent == names[:2]
    rig.news(names[0], TaskState.RUNNING)
    assert rig.sent == names[:3]
    rig.news(names[1], TaskState.FAILURE)
    assert rig.sent == names[:3], "the one that left the queue is still being sent"
    rig.news(names[2], TaskState.PENDING)
    assert rig.sent == names[:4]


def test_somebody_else_never_waits_for_them() -> None:
    rig = Rig(at_once=2)
    for _ in range(50):
        rig.ask(ADA)
    name = rig.ask(BOB)
    assert rig.sent[-1] == name


def test_people_take_turns_where_only_so_many_submits_may_be_under_way() -> None:
    rig = Rig(per_person=10, at_once=3)
    for person in (ADA, BOB, EVE):
        for _ in range(4):
            rig.ask(person)
    # Ada came first and took all places; Bob and Eve had nothing at the service, so one each went out besides.
    assert [name[0] for name in rig.sent] == ["1", "1", "1", "2", "3"]
    for number in range(12):
        rig.queue.landed(rig.sent[number])
    assert [name[0] for name in rig.sent[5:]] == ["1", "2", "3", "2", "3", "2", "3"]


def test_one_persons_requests_go_in_the_order_of_their_interactions() -> None:
    rig = Rig(per_person=1)
    first = rig.ask(ADA, number=1)
    rig.ask(ADA, number=9)
    rig.ask(ADA, number=5)
    for name in (first, f"{ADA}-5", f"{ADA}-9"):
        assert rig.sent[-1] == name
        rig.news(name, TaskState.SUCCESS)


def test_a_task_that_never_starts_blocks_its_owner_for_a_while_only() -> None:
    rig = Rig(per_person=1, waiting_seconds=60)
    stuck, later = rig.ask(ADA), rig.ask(ADA)
    rig.news(stuck, TaskState.PENDING)
    rig.clock.now = 59.0
    rig.queue.go_on()
    assert rig.sent == [stuck]
    rig.clock.now = 61.0
    rig.queue.task_changed(_task(stuck, TaskState.PENDING))  # the same again does not count again
    rig.queue.go_on()
    assert rig.sent == [stuck, later]


def test_places_are_right_and_kept_while_requests_are_still_being_journalled() -> None:
    rig = Rig(per_person=1)
    first = rig.ask(ADA)
    with rig.queue.arriving(ADA) as second, rig.queue.arriving(ADA) as third:
        assert (second, third) == (0, 1)
        rig.news(first, TaskState.RUNNING)
        assert not rig.queue.admit(ADA, "1-99")  # it would overtake them
        assert rig.queue.admit(BOB, "2-1")
    assert rig.queue.admit(ADA, "1-99")


def test_what_is_withdrawn_is_not_sent_and_makes_room_in_line() -> None:
    rig = Rig(per_person=1)
    first, second, third = rig.ask(ADA), rig.ask(ADA), rig.ask(ADA)
    assert rig.queue.withdraw(second)
    assert rig.queue.withdraw(second) is None
    assert dict(rig.queue.places()) == {third: 0}
    rig.news(first, TaskState.RUNNING)
    assert rig.sent == [first, third]


def test_a_closed_queue_sends_nothing() -> None:
    rig = Rig(per_person=1)
    first = rig.ask(ADA)
    rig.ask(ADA)
    rig.queue.close()
    rig.news(first, TaskState.SUCCESS)
    assert rig.sent == [first]


@given(st.lists(st.tuples(st.sampled_from([ADA, BOB, EVE]), st.booleans()), max_size=60))
def test_whatever_happens_each_is_sent_once_in_order_and_never_too_many_wait(
    moves: list[tuple[int, bool]],
) -> None:
    rig = Rig(per_person=2, at_once=3)
    asked: list[str] = []
    ended: set[str] = set()
    for person, asks in moves:
        if asks:
            asked.append(rig.ask(person))
        elif going := [name for name in rig.sent if name not in ended]:
            ended.add(going[0])
            rig.news(going[0], TaskState.SUCCESS)
        for one in (ADA, BOB, EVE):
            assert sum(name.startswith(f"{one}-") for name in rig.sent if name not in ended) <= 2
    while going := [name for name in rig.sent if name not in ended]:
        ended.add(going[0])
        rig.news(going[0], TaskState.SUCCESS)
    assert sorted(rig.sent) == sorted(asked)
    for one in (ADA, BOB, EVE):
        assert [name for name in rig.sent if name.startswith(f"{one}-")] == [
            name for name in asked if name.startswith(f"{one}-")
        ]
    assert len(rig.queue) == 0
