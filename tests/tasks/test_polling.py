"""Polling: what spoils an answer is found in few requests, and nobody is given up whom the service did not speak of."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import aiohttp
import pytest

from bot.engines.errors import EngineError, Unavailable
from bot.engines.midjourney import AuthStyle, Capabilities, MidjourneyClient, MidjourneyEngine, TimeLimits
from bot.tasks.poll_state import PolledTask, UpdatesSink
from bot.tasks.poller import EXTRA_REQUESTS, FAST_LIMIT, RESTART_SECONDS, PolledTasks, PollRound
from bot.tasks.unreadable_lists import IN_VAIN, IN_VAIN_UNREADABLE
from playground.images.faults import Fault
from storage import PolledTaskRow, TaskState
from tests.midjourney.service import Reply, ScriptedService, empty, js, page
from tests.support.machine import Machine
from tests.support.odd_tasks import Oddity, OddTasks
from tests.tasks.conftest import INTERVAL, Reaches, running, until, watcher_of


@dataclass
class Steady:
    """A clock that stands until it is set forward."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Polled:
    """A poller before a scripted service, and what it told."""

    service: ScriptedService
    poller: PollRound
    clock: Steady
    told: list[str]

    @property
    def asked(self) -> list[int]:
        """How many ids each request for a list named."""
        return [len(heard.json["ids"]) for heard in self.service.heard if heard.method == "POST"]


@pytest.fixture
async def polled() -> AsyncIterator[Polled]:
    clock = Steady()
    async with ScriptedService() as service, aiohttp.ClientSession() as session:
        client = MidjourneyClient(
            session,
            service.url,
            key="",
            auth=AuthStyle.SECRET,
            capabilities=Capabilities.of("plus"),
            limits=TimeLimits(read=5.0, reads=5.0, attempts=4, backoff=0.001),
        )

        told: list[str] = []

        async def apply_remote(news: Sequence[UpdatesSink]) -> None:
            told.extend(followed.upstream_id for followed, _ in news)

        yield Polled(service, PollRound(MidjourneyEngine(client), apply_remote, interval=4.0, clock=clock), clock, told)


def many(count: int) -> list[PolledTask]:
    return [PolledTask(str(number)) for number in range(count)]


DOWN = {
    "500": (empty(500), IN_VAIN),
    "502 page": (page(502), IN_VAIN),
    "401": (empty(401), 1),
    "402": (empty(402), 1),
    "429": (empty(429), 1),
    "redirect": (empty(302), 1),
    "dropped": (Reply(misdeed="drop"), IN_VAIN),
    "half an answer": (Reply(misdeed="half"), IN_VAIN),
    "no JSON": (Reply(200, b"{", "application/json"), IN_VAIN_UNREADABLE),
    "another shape": (js({"hello": "world"}), IN_VAIN_UNREADABLE),
    "refused": (js({"code": 4, "description": "no"}, 400), IN_VAIN_UNREADABLE),
}


@pytest.mark.parametrize("name", DOWN)
async def test_a_service_that_answers_nothing_is_asked_little(polled: Polled, name: str) -> None:
    reply, most = DOWN[name]
    polled.service.will(reply)
    followed = many(1_000)
    with pytest.raises(EngineError):
        await polled.poller.ask(followed)
    assert len(polled.service.heard) <= most
    assert not any(each.alone for each in followed)
    # Once it answers again, everything is asked about, at once or nearly so.
    polled.service.heard.clear()
    polled.service.will(js([{"id": str(number), "status": "IN_PROGRESS"} for number in range(1_000)]))
    await polled.poller.ask(followed)
    assert len(polled.told) == 1_000
    assert len(polled.service.heard) <= 5 + IN_VAIN_UNREADABLE


async def test_a_service_that_cannot_be_reached_is_asked_once(polled: Polled) -> None:
    await polled.service.__aexit__()
    with pytest.raises(EngineError):
        await polled.poller.ask(many(1_000))
    assert polled.service.heard == []


async def test_what_reads_as_before_is_not_told_again(polled: Polled) -> None:
    followed = many(3)
    tasks = [{"id": str(number), "status": "IN_PROGRESS", "progress": "10%"} for number in range(3)]
    for body in (tasks, tasks, [tasks[0], {**tasks[1], "progress": "20%"}, tasks[2]]):
        polled.service.will(js(body))
        await polled.poller.ask(followed)
    assert polled.told == ["0", "1", "2", "1"]


@pytest.mark.parametrize("status", ["MODAL", "SUCCESS"])
async def test_a_window_and_an_end_are_told_each_time(polled: Polled, status: str) -> None:
    followed = many(1)
    polled.service.will(js([{"id": "0", "status": status}]))
    for _ in range(3):
        await polled.poller.ask(followed)
    assert polled.told == ["0"] * 3


async def test_what_cannot_be_taken_over_holds_up_no_other(polled: Polled, caplog: pytest.LogCaptureFixture) -> None:
    async def apply_remote(news: Sequence[UpdatesSink]) -> None:
        if any(each.upstream_id == "1" for each, _ in news):
            raise OverflowError("an odd task")
        polled.told += [each.upstream_id for each, _ in news]

    poller = PollRound(polled.poller._engine, apply_remote, interval=4.0, clock=polled.clock)
    followed = many(3)
    polled.service.will(js([{"id": str(number), "status": "IN_PROGRESS"} for number in range(3)]))
    await poller.ask(followed)
    assert polled.told == ["0", "2"]
    assert [each.alone for each in followed] == [False, True, False]


@pytest.mark.parametrize("step", [3_600.0, -3_600.0, 86_400.0])
def test_a_step_of_the_wall_clock_gives_nothing_up_and_holds_nothing_back(step: float) -> None:
    steady, wall = Steady(), Steady(time.time())
    tasks = PolledTasks(clock=steady, wall=wall)
    tasks.update([])
    row = PolledTaskRow("ours", "17", wall.now, None)
    tasks.update([row])
    wall.now += step
    tasks.update([row, PolledTaskRow("later", "18", wall.now - 2 * step, None)])
    for seconds, given_up in ((FAST_LIMIT - 1, []), (2, ["ours", "later"])):
        steady.now += seconds
        tasks.update([row, PolledTaskRow("later", "18", wall.now - 2 * step, None)])
        for each in tasks:
            each.asked_at = each.answered_at = steady.now
        assert [task_id for task_id, _ in tasks.stuck(4.0)] == given_up


@pytest.mark.parametrize(("away", "waits"), [(0.0, FAST_LIMIT), (300.0, 300.0), (1e9, RESTART_SECONDS)])
def test_time_before_a_restart_counts_but_leaves_time_to_ask(away: float, waits: float) -> None:
    steady, wall = Steady(), Steady(2e9)
    tasks = PolledTasks(clock=steady, wall=wall)
    rows = [PolledTaskRow("ours", "17", wall.now - away, None)]
    for moment, given_up in ((0.0, []), (waits - 1, []), (waits + 1, ["ours"])):
        steady.now = 1_000.0 + moment
        tasks.update(rows)
        for each in tasks:
            each.asked_at = each.answered_at = steady.now
        assert [task_id for task_id, _ in tasks.stuck(4.0)] == given_up


def test_a_task_that_was_not_answered_lately_is_not_given_up() -> None:
    steady = Steady()
    tasks = PolledTasks(clock=steady, wall=Steady(2e9))
    rows = [PolledTaskRow("silent", "17", 2e9, None), PolledTaskRow("still", "18", 2e9, None)]
    tasks.update(rows)
    steady.now += 2 * FAST_LIMIT
    tasks.update(rows)
    silent, still = tasks
    still.asked_at = still.answered_at = steady.now
    assert [task_id for task_id, _ in tasks.stuck(4.0)] == ["still"]
    steady.now += FAST_LIMIT
    silent.asked_at = silent.answered_at = steady.now
    assert [task_id for task_id, _ in tasks.stuck(4.0)] == ["silent"]


def test_ids_that_are_none_are_not_followed() -> None:
    tasks = PolledTasks()
    ids = ["9" * 129, None, "a/b", "", "17"]
    impossible = tasks.update([PolledTaskRow(f"t{n}", upstream_id, 0.0, None) for n, upstream_id in enumerate(ids)])
    assert impossible == ["t0", "t1", "t2", "t3"]
    assert [each.upstream_id for each in tasks] == ["17"]


async def test_a_task_that_cannot_be_read_is_not_given_up_while_others_are(machine: Machine, reaches: Reaches) -> None:
    machine.images.hold()
    odd, still = await machine.taken(), await machine.taken()
    spoiling = OddTasks(machine.images, {odd.upstream_id or "": Oddity.HUGE})
    async with running(watcher_of(machine).run()):
        await until(lambda: any(f"{odd.upstream_id}/fetch" in request.path for request in machine.images.requests))
        machine.clock.ahead = FAST_LIMIT + 1
        await reaches(still, TaskState.STALLED)
        assert (await machine.now(odd)).state in (TaskState.PENDING, TaskState.RUNNING)
        spoiling.clear()
        machine.clock.ahead += 60
        machine.images.release()
        await reaches(odd, TaskState.SUCCESS)


async def test_after_failures_a_task_just_taken_is_asked_about_without_waiting(
    machine: Machine, reaches: Reaches
) -> None:
    stuck = await machine.taken()
    machine.images.fail_next("task/", Fault.HTTP_500, times=1_000_000)
    async with running(watcher_of(machine).run()):
        await until(lambda: machine.images.polls >= 6)  # the pause is 64 intervals by now
        machine.images.faults.clear()
        fresh = await machine.taken()
        began = time.monotonic()
        await reaches(fresh, TaskState.SUCCESS)
        assert time.monotonic() - began < 30 * INTERVAL + 1.0
        await reaches(stuck, TaskState.SUCCESS)


@pytest.mark.parametrize("places", [(0,), (199,), (57, 58), (0, 100, 199)])
async def test_odd_ones_among_two_hundred_are_found_in_few_requests(machine: Machine, places: Sequence[int]) -> None:
    machine.images.hold()
    machine.images.service.queue.queue_limit = 1_000
    tasks = [await machine.taken() for _ in range(200)]
    OddTasks(machine.images, {tasks[place].upstream_id or "": Oddity.CUT_OFF for place in places})
    told: set[str] = set()

    async def apply_remote(news: Sequence[UpdatesSink]) -> None:
        told.update(each.upstream_id for each, _ in news)

    poller = PollRound(machine.engines.default, apply_remote, interval=4.0)
    followed = [PolledTask(task.upstream_id or "") for task in tasks]
    before = machine.images.polls
    await poller.ask(followed)
    assert machine.images.polls - before <= 1 + 16 * len(places)
    assert [number for number, each in enumerate(followed) if each.alone] == list(places)
    assert len(told) == 200 - len(places)
    before = machine.images.polls
    await poller.ask(followed)
    assert machine.images.polls - before == 1


async def test_splitting_is_bounded_however_many_are_odd(machine: Machine) -> None:
    machine.images.hold()
    machine.images.service.queue.queue_limit = 1_000
    tasks = [await machine.taken() for _ in range(200)]
    OddTasks(machine.images, {task.upstream_id or "": Oddity.REFUSED for task in tasks[::2]})

    async def apply_remote(news: Sequence[UpdatesSink]) -> None:
        """Nobody listens."""

    poller = PollRound(machine.engines.default, apply_remote, interval=4.0)
    followed = [PolledTask(task.upstream_id or "") for task in tasks]
    polls = []
    for _ in range(12):
        before = machine.images.polls
        try:
            await poller.ask(followed)
        except Unavailable:
            pytest.fail("half of the tasks can be read")
        polls.append(machine.images.polls - before)
    assert max(polls) <= 1 + EXTRA_REQUESTS + 40
    assert {number % 2 for number, each in enumerate(followed) if each.alone} == {0}
    assert all(each.answered_at > 0 for each in followed[1::2])
