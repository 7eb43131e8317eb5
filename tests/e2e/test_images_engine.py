"""The image models of a platform in Discord: cards, buttons that never expire, refusals and failures."""

from __future__ import annotations

from typing import Any

import pytest

from playground.driver import Environment, Scenario
from playground.platform import Fault
from tests.support.environments import MakeEnvironment, captions

GENERATE, EDIT = "/v1/images/generations", "/v1/images/edits"


@pytest.fixture
async def env(make_env: MakeEnvironment) -> Environment:
    return await make_env(Scenario(platform="clean"))


def bodies(env: Environment, path: str) -> list[dict[str, Any]]:
    return [dict(request.body) for request in env.platform.calls_of(path)]


async def test_an_image_and_its_buttons_through_restart_refusal_and_failure(env: Environment) -> None:
    asked = await env.slash("imagine", {"prompt": "a paper boat --ar 16:9 --v 7", "engine": "dall-e-3"})
    card = await env.result_of(asked)
    assert "dall-e-3" in card.text
    assert r"left out: \-\-v 7" in card.text
    assert captions(card) == ["Again", "Ratio"]
    assert len(card.attachments) == 1
    first = {"model": "dall-e-3", "prompt": "a paper boat", "size": "1792x1024", "response_format": "url"}
    assert bodies(env, GENERATE) == [first]
    again = await env.result_of(await env.press(card, "Again"))
    opened = await env.press(card, "Ratio")
    square = await env.result_of(await env.submit_modal(opened, {"ratio": ["1:1"]}))
    assert bodies(env, GENERATE) == [first, first, {**first, "size": "1024x1024"}]
    await env.stop_bot()
    await env.start_bot()
    third = await env.result_of(await env.press(square, "Again"))
    assert bodies(env, GENERATE)[3:] == [{**first, "size": "1024x1024"}]
    env.platform.fail_next(GENERATE, "safety_500")
    refused = await env.private_answer(await env.press(again, "Again"))
    assert "doesn't allow" in refused
    env.platform.fail_next(GENERATE, Fault.CLOSE)
    failed = await env.result_of(await env.press(third, "Again"))
    assert "billed" in failed.text
    assert captions(failed) == ["Try again"]
    await env.result_of(await env.press(failed, "Try again"))
    assert len(bodies(env, GENERATE)) == 7
