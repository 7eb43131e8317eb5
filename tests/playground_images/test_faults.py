"""Faults on request: what goes wrong, for how often, and what has happened all the same."""

from __future__ import annotations

import asyncio
import json
import time

import aiohttp
import pytest

from playground.images import LocalImages, Pace
from tests.playground_images.caller import KEY, Caller
from tests.playground_images.conftest import Play
from tests.support.odd_tasks import Oddity, OddTasks

BODY = {"prompt": "a fox", "state": "n1"}


@pytest.mark.parametrize(
    ("fault", "status", "kind", "text"),
    [
        ("http_500", 500, "application/json", "Internal Server Error"),
        ("html_502", 502, "text/html", "502 Bad Gateway"),
        ("rate_limited", 429, "application/octet-stream", ""),
        ("saturated", 429, "application/json", '"code":30'),
        ("garbage", 200, "application/json", '{"code": 1, "descr'),
        ("empty", 200, "application/octet-stream", ""),
        ("html_200", 200, "text/html", "Welcome"),
        ("wrong_types", 200, "application/json", '"code":[]'),
        ("long_id", 200, "application/json", "9" * 129),
    ],
)
@pytest.mark.parametrize("accepted", [False, True])
async def test_an_answer_is_spoilt_before_or_after_acceptance(
    plus: Caller, fault: str, status: int, kind: str, text: str, accepted: bool
) -> None:
    plus.images.fail_next("submit/imagine", fault, accepted=accepted)
    answer = await plus.post("submit/imagine", BODY)
    assert (answer.status, answer.content_type) == (status, kind)
    assert text in answer.text
    assert len(plus.images.tasks) == accepted
    assert plus.images.submits[-1].task_ids == tuple(plus.images.tasks)
    assert (await plus.post("submit/imagine", BODY)).json["code"] == 1


@pytest.mark.parametrize("accepted", [False, True])
@pytest.mark.parametrize("fault", ["drop", "timeout"])
async def test_an_answer_is_lost_before_or_after_acceptance(plus: Caller, fault: str, accepted: bool) -> None:
    plus.images.fail_next("submit/imagine", fault, accepted=accepted)
    with pytest.raises((aiohttp.ClientError, TimeoutError)):
        async with asyncio.timeout(0.2):
            await plus.post("submit/imagine", BODY)
    assert len(plus.images.tasks) == accepted
    submit = plus.images.submits[-1]
    assert (submit.state, submit.status, submit.answer) == ("n1", None, None)
    if accepted:
        task = await plus.images.finished(submit.task_id or "")
        assert (task.status, task.state) == ("SUCCESS", "n1")


async def test_a_slow_answer_comes_in_the_end(plus: Caller) -> None:
    plus.images.fail_next("submit/imagine", "slow", seconds=0.1)
    begun = time.monotonic()
    assert (await plus.post("submit/imagine", BODY)).json["code"] == 1
    assert time.monotonic() - begun >= 0.1


async def test_retry_after_is_sent_when_wanted(plus: Caller) -> None:
    plus.images.fail_next("submit/", "rate_limited", retry_after=2)
    url = plus.images.base_url + "/mj/submit/imagine"
    async with plus.session.post(url, json=BODY, headers=plus.headers) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "2")


async def test_a_fault_meets_only_matching_endpoints_and_as_often_as_wanted(plus: Caller) -> None:
    task_id = await plus.imagine()
    plus.images.fail_next(f"task/{task_id}/fetch", "http_500", times=2)
    assert (await plus.post("submit/imagine", BODY)).status == 200
    assert [(await plus.get(f"task/{task_id}/fetch")).status for _ in range(3)] == [500, 500, 200]
    plus.images.fail_next(".*", "http_500")
    plus.images.faults.clear()
    assert (await plus.get(f"task/{task_id}/fetch")).status == 200


def test_a_refusal_cannot_follow_acceptance() -> None:
    images = LocalImages("plus")
    with pytest.raises(ValueError, match="cannot follow"):
        images.fail_next("submit/", "code_23", accepted=True)
    with pytest.raises(ValueError, match="nonsense"):
        images.fail_next("submit/", "nonsense")


async def test_a_task_fails_when_told_to_and_how_far_it_was(plus: Caller) -> None:
    plus.images.fail_task("Request cancelled due to image filters", at=60)
    task = await plus.fetch(await plus.imagine())
    assert (task["status"], task["failReason"], task["imageUrl"]) == (
        "FAILURE",
        "Request cancelled due to image filters",
        None,
    )
    assert task["progress"] == "67%"
    assert (await plus.fetch(await plus.imagine()))["status"] == "SUCCESS"


async def test_a_stalled_task_keeps_its_slot_until_it_is_cancelled(play: Play) -> None:
    caller = await play("plus", slots=1)
    caller.images.stall_next()
    stalled = (await caller.post("submit/imagine", BODY)).task_id
    waiting = (await caller.post("submit/imagine", BODY)).task_id
    await caller.images.until(lambda: caller.images.shown(stalled)["status"] == "IN_PROGRESS")
    assert caller.images.shown(waiting)["status"] == "NOT_START"
    await caller.post(f"task/{stalled}/cancel")
    assert (await caller.images.finished(waiting)).status == "SUCCESS"


async def test_held_tasks_do_not_progress_until_they_are_released(plus: Caller) -> None:
    plus.images.hold()
    task_id = (await plus.post("submit/imagine", BODY)).task_id
    await plus.images.until(lambda: plus.images.shown(task_id)["status"] == "SUBMITTED")
    with pytest.raises(TimeoutError):
        await plus.images.finished(task_id, 0.1)
    plus.images.release()
    assert (await plus.images.finished(task_id)).status == "SUCCESS"


async def test_held_requests_are_done_and_answered_later(plus: Caller) -> None:
    with plus.images.hold_requests(r"submit/imagine"):
        asking = asyncio.create_task(plus.post("submit/imagine", BODY))
        await plus.images.until(lambda: plus.images.tasks)
        assert (await plus.post("task/list-by-condition", {"ids": []})).status == 200
        assert not asking.done()
        assert plus.images.requests[0].status is None
    assert (await asking).json["code"] == 1
    assert plus.images.requests[0].status == 200


async def test_the_pace_can_be_changed_while_it_works(play: Play) -> None:
    caller = await play("plus", pace=Pace(queue=0, step=0.01, steps=200, side=64))
    task_id = (await caller.post("submit/imagine", BODY)).task_id
    await caller.images.until(lambda: caller.images.shown(task_id)["status"] == "IN_PROGRESS")
    caller.images.pace = Pace(queue=0, step=0, steps=1, side=64)
    assert (await caller.images.finished(task_id, 1)).status == "SUCCESS"


async def test_requests_record_which_credentials_came(plus: Caller) -> None:
    task_id = await plus.imagine()
    await plus.picture(task_id)
    assert plus.images.requests[0].credentials == ("mj-api-secret",)
    assert plus.images.requests[-1].credentials == ()
    assert plus.images.requests[-1].path.startswith("/pictures/")


async def test_closing_leaves_no_task_behind() -> None:
    before = asyncio.all_tasks()
    async with LocalImages("plus", key=KEY, pace=Pace(side=64), slots=1) as images, aiohttp.ClientSession() as session:
        caller = Caller(images, session)
        images.fail_next("task/list-by-condition", "timeout")
        unanswered = asyncio.create_task(caller.post("task/list-by-condition", {"ids": []}))
        for _ in range(3):
            await caller.post("submit/imagine", BODY | {"notifyHook": "http://127.0.0.1:1/x"})
        await images.until(lambda: images.tasks)
    assert isinstance((await asyncio.gather(unanswered, return_exceptions=True))[0], aiohttp.ClientError)
    assert asyncio.all_tasks() == before


async def test_a_taken_port_is_an_error_and_not_a_half_open_server() -> None:
    async with LocalImages("plus") as images:
        port = int(images.base_url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="address"):
            async with LocalImages("plus", port=port):
                pass


@pytest.mark.parametrize(
    ("oddity", "readable", "ids"),
    [(Oddity.CUT_OFF, False, 0), (Oddity.LONG_ID, True, 1), (Oddity.REFUSED, True, 0), (Oddity.HUGE, True, 2)],
)
async def test_an_odd_task_spoils_what_it_is_part_of_and_nothing_else(
    plus: Caller, oddity: Oddity, readable: bool, ids: int
) -> None:
    odd, good = await plus.imagine(), await plus.imagine("an owl")
    oddities = OddTasks(plus.images, {odd: oddity})
    assert (await plus.fetch(good))["id"] == good
    answer = await plus.post("task/list-by-condition", {"ids": [odd, good]})
    if readable:
        found = answer.json
        assert len({odd, good} & {task["id"] for task in found} if isinstance(found, list) else ()) == ids
    else:
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            json.loads(answer.text)
    oddities.clear()
    assert (await plus.fetch(odd))["id"] == odd
