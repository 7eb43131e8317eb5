"""`kill -9` during calls of the images API, which cannot be found again: nothing is sent twice, nothing is lost
silently."""

from __future__ import annotations

from typing import Any

import pytest

from playground.discord import Interaction, Message
from playground.driver import Environment, Scenario
from playground.platform.replies import Reply
from tests.support.environments import MakeEnvironment, captions

GENERATE, EDIT = "/v1/images/generations", "/v1/images/edits"
OWL: dict[str, Any] = {"prompt": "a brass owl", "engine": "gpt-image-2"}


@pytest.fixture
async def env(make_env: MakeEnvironment) -> Environment:
    return await make_env(Scenario(platform="clean"))


async def killed_during(env: Environment, path: str, asked: Interaction, calls: int) -> Message:
    """Kills the bot while the call is held back, and starts it again; the card."""
    # A request has its model once its whole body has arrived.
    await env.platform.until(lambda: sum(bool(request.model) for request in env.platform.calls_of(path)) == calls)
    await env.kill_bot()
    await env.platform.release()
    await env.start_bot()
    return await env.result_of(asked)


async def test_a_command_that_was_sent_fails_and_says_that_it_may_have_been_billed(env: Environment) -> None:
    env.platform.hold(GENERATE)
    asked = await env.slash("imagine", OWL)
    card = await killed_during(env, GENERATE, asked, 1)
    assert "billed" in card.text
    assert captions(card)[:2] == ["Try again", "Edit prompt"]
    again = await env.result_of(await env.press(card, "Try again"))
    assert "Again" in captions(again)
    assert len(env.platform.calls_of(GENERATE)) == 2


async def test_a_stop_does_not_wait_for_a_call_that_takes_minutes_and_tells_so_at_the_next_start(
    env: Environment,
) -> None:
    env.platform.hold(GENERATE)
    asked = await env.slash("imagine", OWL)
    await env.platform.until(lambda: any(request.model for request in env.platform.calls_of(GENERATE)))
    await env.stop_bot()
    await env.platform.release()
    await env.start_bot()
    card = await env.result_of(asked)
    assert "billed" in card.text
    assert len(env.platform.calls_of(GENERATE)) == 1


async def test_a_press_that_sent_an_image_can_be_tried_again_with_the_same_image(env: Environment) -> None:
    card = await env.result_of(await env.slash("imagine", OWL))
    env.platform.hold(EDIT)
    opened = await env.press(card, "Edit")
    asked = await env.submit_modal(opened, {"prompt": "give it a hat"})
    failed = await killed_during(env, EDIT, asked, 1)
    assert "billed" in failed.text
    again = await env.result_of(await env.press(failed, "Try again"))
    assert "Again" in captions(again)
    first, second = env.platform.calls_of(EDIT)
    assert first.body == second.body
    assert [file.data for file in first.files] == [file.data for file in second.files]


async def test_a_task_of_the_platform_is_followed_after_a_kill(env: Environment) -> None:
    env.platform.fail_next(GENERATE, Reply(200, {"id": "job-1", "status": "queued"}))
    processing = Reply(200, {"id": "job-1", "status": "processing", "progress": 30})
    env.platform.fail_always(f"{GENERATE}/job-1", processing)
    asked = await env.slash("imagine", OWL)
    await env.until(lambda: any("30%" in message.text for message in asked.messages))
    await env.kill_bot()
    env.platform.faults.clear()
    painted = env.platform.pictures.paint("a brass owl")
    url = env.platform.state.url_of(painted)
    done = Reply(200, {"id": "job-1", "status": "completed", "data": [{"url": url}]})
    env.platform.fail_always(f"{GENERATE}/job-1", done)
    await env.start_bot()
    card = await env.result_of(asked)
    assert card.attachments[0].data == painted.data
    assert "Again" in captions(card)
    assert len(env.platform.calls_of(GENERATE)) == 1
