"""Callbacks: only a task's own address is listened to, and what comes there is believed as far as it can be."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from playground.images.server import LocalImages
from storage import TaskState
from tests.web.conftest import Site


def fetches(images: LocalImages) -> int:
    return sum("/fetch" in request.path for request in images.requests)


def told(site: Site, upstream_id: str | None, **changes: Any) -> str:
    """A callback's body: the task as a fetch would show it now, with these fields changed."""
    assert upstream_id is not None
    return json.dumps(site.machine.images.shown(upstream_id) | changes)


@pytest.mark.parametrize("path", ["/callback/{task}/wrong", "/callback/nobody/{token}", "/callback/{task}", "/", "/x"])
async def test_every_address_but_a_tasks_own_is_not_there_and_nothing_is_said(site: Site, path: str) -> None:
    task = await site.machine.taken()
    token = site.hook(task).rpartition("/")[2]
    assert await site.post(site.url + path.format(task=task.id, token=token)) == (404, "")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_every_method_but_a_callbacks_own_is_not_there_and_nothing_is_said(site: Site, method: str) -> None:
    task = await site.machine.taken()
    async with site.machine.session.request(method, site.hook(task)) as answer:
        assert (answer.status, await answer.text(), answer.headers.get("Allow")) == (404, "", None)


async def test_answers_carry_security_headers_and_do_not_name_the_program(site: Site) -> None:
    async with site.machine.session.get(site.url + "/nothing") as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Server" not in answer.headers


async def test_a_body_that_is_no_json_by_its_type_is_refused(site: Site) -> None:
    task = await site.machine.taken()
    assert (await site.post(site.hook(task), "{}", "text/plain"))[0] == 415
    assert (await site.post(site.hook(task), b"{}", None))[0] == 415
    assert (await site.post(site.url + "/nothing", "{}", "text/plain"))[0] == 415


@pytest.mark.parametrize("body", ["", "{", '{"id":', "\x00", "[" * 100_000])
async def test_a_body_that_is_no_json_by_its_content_is_refused(site: Site, body: str) -> None:
    task = await site.machine.taken()
    assert (await site.post(site.hook(task), body))[0] == 400


async def test_a_body_that_is_too_large_is_refused(site: Site) -> None:
    task = await site.machine.taken()
    assert (await site.post(site.hook(task), io.BytesIO(b"x" * 1_100_000)))[0] == 413


@pytest.mark.parametrize(
    "body",
    [
        "null",
        "[]",
        "7",
        '"x"',
        "{}",
        '{"id": []}',
        '{"status": {}, "buttons": "U1"}',
        '{"code": 24, "description": "banned"}',
        '[{"id": "1", "status": "SUCCESS"}]',
        "[" + "[]," * 300_000 + "[]]",
        '{"id": "1", "status": "SUCCESS", "buttons": ' + "[" * 5_000 + "]" * 5_000 + "}",
    ],
    ids=lambda body: body[:24],
)
async def test_json_that_is_no_task_is_refused_and_changes_nothing(site: Site, body: str) -> None:
    site.machine.images.hold()
    task = await site.machine.taken()
    assert (await site.post(site.hook(task), body))[0] == 400
    assert (await site.machine.now(task)).state in (TaskState.PENDING, TaskState.RUNNING)


async def test_a_task_is_finished_by_its_callbacks_alone_with_one_fetch_for_its_end(site: Site) -> None:
    task = await site.machine.taken()
    assert task.upstream_id
    await site.machine.images.finished(task.upstream_id)
    await site.machine.images.service.callbacks.settled()
    await site.machine.background.drain(5.0)
    assert {delivery.status for delivery in site.machine.images.callback_log} == {204}
    assert (await site.machine.now(task)).state is TaskState.SUCCESS
    assert fetches(site.machine.images) == 1
    assert set(site.heard) == {task.id}


async def test_a_forged_end_is_not_believed(site: Site) -> None:
    site.machine.images.hold()
    task = await site.machine.taken()
    forged = told(site, task.upstream_id, status="SUCCESS", progress="100%", imageUrl="https://evil.example/x.png")
    assert (await site.post(site.hook(task), forged))[0] == 204
    await site.machine.background.drain(5.0)
    now = await site.machine.now(task)
    assert now.state in (TaskState.PENDING, TaskState.RUNNING)
    assert now.result.image_url is None


async def test_a_callback_that_speaks_of_another_task_changes_nothing(site: Site) -> None:
    site.machine.images.hold()
    task, other = await site.machine.taken(), await site.machine.taken()
    before = await site.machine.now(task), await site.machine.now(other)
    body = told(site, other.upstream_id, status="IN_PROGRESS", progress="77%")
    assert (await site.post(site.hook(task), body))[0] == 204
    await site.machine.background.drain(5.0)
    assert (await site.machine.now(task)).progress == before[0].progress
    assert (await site.machine.now(other)).progress == before[1].progress


async def test_duplicates_and_stale_callbacks_change_nothing_and_ask_nothing(site: Site) -> None:
    task = await site.machine.taken()
    assert task.upstream_id
    early = told(site, task.upstream_id, status="IN_PROGRESS", progress="10%")
    await site.machine.images.finished(task.upstream_id)
    await site.machine.images.service.callbacks.settled()
    await site.machine.background.drain(5.0)
    done, asked = await site.machine.now(task), fetches(site.machine.images)
    for body in (told(site, task.upstream_id), early, told(site, task.upstream_id, status="FAILURE")):
        assert (await site.post(site.hook(task), body))[0] == 204
    await site.machine.background.drain(5.0)
    assert await site.machine.now(task) == done
    assert fetches(site.machine.images) == asked


async def test_progress_never_goes_back(site: Site) -> None:
    site.machine.images.hold()
    task = await site.machine.taken()
    for percent in (60, 20, 40):
        await site.post(site.hook(task), told(site, task.upstream_id, status="IN_PROGRESS", progress=f"{percent}%"))
        await site.machine.background.drain(5.0)
    assert (await site.machine.now(task)).progress == 60
