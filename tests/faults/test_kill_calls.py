"""`kill -9` during every kind of call to a platform: nothing is sent twice, and what was lost is told after the
restart."""

from __future__ import annotations

import pytest

from playground.driver import Scenario
from tests.support.environments import MakeEnvironment
from tests.support.platform_calls import CALLS, EMBEDDINGS, listed, shown

# What the message of a call says after the restart.
TOLD = "may have been"


@pytest.mark.parametrize("name", [name for name, call in CALLS.items() if call.path != EMBEDDINGS])
async def test_a_call_that_was_under_way_is_told_and_not_sent_again(make_env: MakeEnvironment, name: str) -> None:
    env, call = await listed(await make_env(Scenario(platform="clean"))), CALLS[name]
    env.platform.hold(call.path)
    used = await call.use(env)
    await env.platform.until(lambda: any(request.model for request in env.platform.calls_of(call.path)))
    await env.kill_bot()
    await env.platform.release()
    await env.start_bot()
    await env.until(lambda: TOLD in shown(used) and "billed" in shown(used))
    assert len(env.platform.calls_of(call.path)) == 1


async def test_a_search_that_was_under_way_can_be_made_again(make_env: MakeEnvironment) -> None:
    env, call = await listed(await make_env(Scenario(platform="clean"))), CALLS["search"]
    env.platform.hold(call.path)
    await call.use(env)
    await env.platform.until(lambda: bool(env.platform.calls_of(call.path)))
    await env.kill_bot()
    await env.platform.release()
    await env.start_bot()
    again = await call.use(env)
    await env.until(lambda: call.said in shown(again))


async def test_a_press_of_mj_chat_that_was_under_way_is_told_and_not_sent_again(make_env: MakeEnvironment) -> None:
    env, call = await listed(await make_env(Scenario(platform="clean"))), CALLS["mj-chat"]
    card = await env.result_of(await call.use(env))
    env.platform.hold(call.path)
    pressed = await env.press(card, "U2")
    await env.platform.until(lambda: sum(bool(each.model) for each in env.platform.calls_of(call.path)) == 2)
    await env.kill_bot()
    await env.platform.release()
    await env.start_bot()
    await env.until(lambda: "billed" in shown(pressed))
    assert len(env.platform.calls_of(call.path)) == 2
