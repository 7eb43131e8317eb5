"""Callbacks: when they come, in which shape, and how they go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from playground.images.service_state import Options
from tests.playground_images.caller import Caller
from tests.playground_images.conftest import Play


class Hook:
    """A server that takes callbacks."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: list[dict[str, Any]] = []
        self.status = 200
        self.stuck: asyncio.Event | None = None

    async def take(self, request: web.Request) -> web.Response:
        if self.stuck:
            await self.stuck.wait()
        self.bodies.append(await request.json())
        return web.Response(status=self.status)

    @property
    def seen(self) -> list[tuple[str, str]]:
        return [(body["status"], body["progress"]) for body in self.bodies]


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    await runner.cleanup()


async def told(caller: Caller, hook: Hook, **fields: Any) -> str:
    """A finished task whose callbacks are all settled."""
    task_id = await caller.imagine(notifyHook=hook.url, **fields)
    await caller.images.service.callbacks.settled()
    return task_id


STEPS = [("SUBMITTED", "0%"), ("IN_PROGRESS", "33%"), ("IN_PROGRESS", "67%"), ("SUCCESS", "100%")]


@pytest.mark.parametrize("profile", ["novicezk", "plus", "trueai"])
async def test_every_change_is_told_in_the_shape_of_a_fetch(play: Play, hook: Hook, profile: str) -> None:
    caller = await play(profile)
    task_id = await told(caller, hook, state="n1")
    assert hook.seen == STEPS
    assert hook.bodies[-1]["state"] == "n1"
    assert hook.bodies[-1]["properties"]["notifyHook"] == hook.url
    assert hook.bodies[-1].keys() == (await caller.fetch(task_id)).keys()
    assert [entry.status for entry in caller.images.callback_log] == [200] * 4


async def test_newapi_tells_nobody_unless_its_operator_lets_the_upstream(play: Play, hook: Hook) -> None:
    await told(await play("newapi"), hook)
    assert hook.bodies == []
    await told(await play("newapi", options=Options(hooks=True)), hook)
    assert [status for status, _ in hook.seen] == [status for status, _ in STEPS]
    assert "clientIp" in hook.bodies[0]


async def test_entering_a_modal_and_being_cancelled_is_not_told(plus: Caller, hook: Hook) -> None:
    single = await plus.upscaled()
    await plus.click(single, "Custom Zoom", notifyHook=hook.url)
    plus.images.hold()
    running = (await plus.post("submit/imagine", {"prompt": "x", "notifyHook": hook.url})).task_id
    await plus.images.until(lambda: plus.images.shown(running)["status"] == "SUBMITTED")
    await plus.post(f"task/{running}/cancel")
    await plus.images.service.callbacks.settled()
    assert hook.seen == [("SUBMITTED", "0%")]


async def test_after_a_modal_the_hook_of_the_press_counts(trueai: Caller, hook: Hook) -> None:
    modal = (await trueai.click(await trueai.upscaled(), "Custom Zoom", notifyHook=hook.url)).task_id
    await trueai.done(await trueai.post("submit/modal", {"taskId": modal, "prompt": "x --zoom 2"}))
    await trueai.images.service.callbacks.settled()
    assert hook.seen == STEPS


async def test_lost_duplicate_swapped_and_stale_callbacks(plus: Caller, hook: Hook) -> None:
    plus.images.callbacks.lose = 1
    plus.images.callbacks.duplicate = 1
    await told(plus, hook)
    assert hook.seen == [STEPS[1], STEPS[1], *STEPS[2:]]
    assert plus.images.callback_log[0].outcome == "lost"
    hook.bodies.clear()
    plus.images.callbacks.swap = 1
    await told(plus, hook)
    assert hook.seen == [STEPS[1], STEPS[0], *STEPS[2:]]
    hook.bodies.clear()
    plus.images.callbacks.stale = 1
    await told(plus, hook)
    assert hook.seen == [*STEPS, STEPS[2]]


async def test_a_refused_callback_is_not_repeated(plus: Caller, hook: Hook) -> None:
    hook.status = 503
    await told(plus, hook)
    assert hook.seen == STEPS
    assert {entry.status for entry in plus.images.callback_log} == {503}


async def test_a_hook_that_cannot_be_reached_hurts_nobody(plus: Caller, hook: Hook) -> None:
    hook.url = "http://127.0.0.1:1/hook"
    task_id = await told(plus, hook)
    assert (await plus.fetch(task_id))["status"] == "SUCCESS"
    assert {entry.status for entry in plus.images.callback_log} == {None}


async def test_a_hook_that_never_answers_is_given_up(plus: Caller, hook: Hook) -> None:
    hook.stuck = asyncio.Event()
    plus.images.callbacks.seconds = 0.05
    await told(plus, hook)
    hook.stuck.set()
    assert {entry.outcome for entry in plus.images.callback_log} == {"TimeoutError"}
