"""A conversation is read and continued in the place where it began, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bot.ui.chat.custom_ids import ChatControl
from playground.discord import Message, payloads
from playground.discord.gateway import Intent
from playground.driver import Environment, Scenario
from tests.support.chats import CHAT, answer_of, replies_in, until_listed
from tests.support.environments import MakeEnvironment
from tests.support.forging import everything_told, forged_modal, forged_press

SECRET = "moonlit heron"


@pytest.fixture
async def env(make_env: MakeEnvironment) -> Environment:
    env = await make_env(Scenario(platform="clean"))
    await until_listed(env)
    return env


async def hidden_answer(env: Environment) -> tuple[Message, str]:
    """An answer in a channel that ada can see and bob cannot, and the id of its turn."""
    lounge = env.discord.channel("lounge")
    env.discord.hide(lounge, env.person("ada"))
    answer = await answer_of(env, await env.slash("chat", {"prompt": SECRET}, where=lounge))
    return answer, answer.button("Continue")["custom_id"].removeprefix("ct:1:").rpartition(":")[0]


async def test_no_button_and_no_form_of_an_answer_works_in_another_channel(env: Environment) -> None:
    _, turn = await hidden_answer(env)
    carrier = await answer_of(env, await env.slash("chat", {"prompt": "a kettle"}, by="bob"))
    for control in ChatControl:
        if control is not ChatControl.CONTINUE:  # it opens a form, which is refused
            pressed = await forged_press(env, "bob", carrier, f"ct:1:{turn}:{control}")
            assert "can't find that conversation" in await env.private_answer(pressed), control
    sent = await forged_modal(env, "bob", carrier, f"cm:1:{turn}", prompt="what did she say first?")
    assert "can't find that conversation" in await env.private_answer(sent)
    assert SECRET not in everything_told(env, "bob")
    assert len(env.platform.calls_of(CHAT)) == 2
    assert env.platform.calls_of("/v1/audio/speech") == []


async def test_a_reply_that_claims_to_be_to_an_answer_elsewhere_is_refused(env: Environment) -> None:
    answer, _ = await hidden_answer(env)
    said = await env.person("bob").say(env.studio, f"<@{env.discord.state.bot.id}> what did she say first?")
    event = payloads.message(said, env.discord.state) | {"guild_id": str(env.studio.guild_id), "type": 19}
    event["message_reference"] = {"message_id": str(answer.id), "channel_id": str(answer.channel_id)}
    env.discord.gateway.dispatch("MESSAGE_CREATE", event, guild_id=env.studio.guild_id, intent=Intent.GUILD_MESSAGES)
    await env.until(lambda: "can't find that conversation" in everything_told(env, "bob"))
    assert SECRET not in everything_told(env, "bob")
    assert len(env.platform.calls_of(CHAT)) == 1


ODD: Sequence[dict[str, Any]] = (
    {"author": {"id": "x"}},
    {"id": "99999999999999999999"},
    {"mentions": [{"id": None}]},
    {"message_reference": {"message_id": "x"}},
    {"message_reference": []},
    {"attachments": [{"content_type": "image/png"}]},
    {"attachments": "x"},
    {"content": 5},
    {"content": ""},
)


async def test_an_event_that_discord_does_not_send_changes_nothing(env: Environment) -> None:
    ada = env.person("ada")
    dm = env.discord.dm(ada)
    said = await ada.say(dm, "hello")
    await replies_in(env, dm, 1)
    for number, change in enumerate(ODD, 1):
        event = payloads.message(said, env.discord.state) | {"id": str(said.id + number), "mentions": []} | change
        env.discord.gateway.dispatch("MESSAGE_CREATE", event, guild_id=None, intent=Intent.DIRECT_MESSAGES)
    await ada.say(dm, "and then?")
    await replies_in(env, dm, 2)


async def test_an_event_that_comes_twice_is_answered_once(env: Environment) -> None:
    ada = env.person("ada")
    dm = env.discord.dm(ada)
    said = await ada.say(dm, "hello")
    await replies_in(env, dm, 1)
    event = payloads.message(said, env.discord.state)
    for _ in range(3):
        env.discord.gateway.dispatch("MESSAGE_CREATE", event, guild_id=None, intent=Intent.DIRECT_MESSAGES)
    await ada.say(dm, "and then?")
    assert len(await replies_in(env, dm, 2)) == 2
    assert len(env.platform.calls_of(CHAT)) == 2
