"""The table of a platform's endpoints: each on each profile, and each with each failure, as people in Discord see it,
and how often it was sent."""

from __future__ import annotations

import pytest

from playground.driver import Environment, Scenario
from playground.platform.faults import MEANINGS
from playground.platform.profiles import PROFILES
from tests.support.environments import MakeEnvironment
from tests.support.platform_calls import CALLS, CHAT, COMPLETIONS, EMBEDDINGS, PlatformCall, listed, shown

# What a profile lacks, and what people see of that.
LACKS = {
    ("one-api", "edit"): "doesn't offer this for",
    ("reverse", "search"): "by exact words only",
    ("reverse", "transcription"): "no model that can write down speech",
    ("reverse", "translation"): "no model that can translate speech",
}
# After one of these the bot knows that something is missing, until its next start.
TEACH = ("model", "endpoint")


def sent(env: Environment, path: str) -> int:
    """How often an endpoint was called."""
    return len(env.platform.calls_of(path))


async def seen(env: Environment, call: PlatformCall, said: str) -> int:
    """Makes the call and waits until this is shown. Returns how often its endpoint was called."""
    before = sent(env, call.path)
    used = await call.use(env)
    await env.until(lambda: said in shown(used))
    return sent(env, call.path) - before


@pytest.mark.parametrize("profile", PROFILES)
async def test_every_endpoint_works_on_every_kind_of_platform(make_env: MakeEnvironment, profile: str) -> None:
    env = await listed(await make_env(Scenario(platform=profile)))
    for name, call in CALLS.items():
        count = await seen(env, call, LACKS.get((profile, name), call.said))
        if call.path != EMBEDDINGS:  # the index of images uses it too, and both may repeat a call
            assert count == 1, name
    # A model that is no chat model is asked once in vain, which costs nothing.
    assert [call.model for call in env.platform.calls_of(CHAT) if not call.carried_out] == ["gpt-3.5-turbo-instruct"]
    assert env.platform_key not in "\n".join(env.bot.lines)


FAULTS = {**MEANINGS, **{name: name for name in ("no_result", "cut", "done_early", "delta_error", "error_chunk")}}
FAULTS |= {name: name for name in ("error_event", "refused_text", "failed_text", "close")}


@pytest.mark.parametrize("name", [name for name, call in CALLS.items() if call.path != EMBEDDINGS])
async def test_every_failure_of_every_endpoint_is_explained_and_sent_once(make_env: MakeEnvironment, name: str) -> None:
    env, call = await listed(await make_env(Scenario(platform="clean"))), CALLS[name]
    faults = [(fault, call.failures[meaning]) for fault, meaning in FAULTS.items() if meaning in call.failures]
    for fault, said in sorted(faults, key=lambda each: FAULTS[each[0]] in TEACH):
        env.platform.fail_next(call.path, fault, model=call.model)
        try:
            count = await seen(env, call, said)
        except TimeoutError as error:
            raise AssertionError(f"{fault}: {error}") from error
        assert count == 1, fault
        if FAULTS[fault] in TEACH:
            await env.stop_bot()
            await env.start_bot()
    assert env.platform_key not in "\n".join(env.bot.lines)


@pytest.mark.parametrize("meaning", CALLS["search"].failures)
async def test_a_search_falls_back_to_words_after_any_failure(make_env: MakeEnvironment, meaning: str) -> None:
    env, call = await listed(await make_env(Scenario(platform="clean"))), CALLS["search"]
    fault = next(name for name, each in MEANINGS.items() if each == meaning)
    env.platform.fail_next(call.path, fault)
    assert await seen(env, call, call.failures[meaning]) == 1
    assert sent(env, COMPLETIONS) == sent(env, CHAT) == 0
