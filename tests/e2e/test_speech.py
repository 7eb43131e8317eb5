"""Text read aloud: one call for each part, a real sound file with the text as its description, and clear refusals."""

from __future__ import annotations

import pytest

from playground.discord import Interaction, Message
from playground.driver import Environment, Scenario, public_messages
from playground.platform.speech import heard_in
from tests.support.chats import answer_of, is_over, until_listed
from tests.support.environments import MakeEnvironment, captions

SPEECH = "/v1/audio/speech"
# Twice what one call takes, in bytes.
CHINESE = "一只纸船。" * 400


@pytest.fixture
async def env(make_env: MakeEnvironment) -> Environment:
    env = await make_env(Scenario(platform="clean"))
    await until_listed(env)
    return env


async def spoken(env: Environment, used: Interaction) -> Message:
    """The message with the sound."""
    return (await env.until(lambda: [each for each in public_messages(used) if each.attachments]))[0]


async def test_a_text_becomes_a_sound_file_that_says_it(env: Environment) -> None:
    message = await spoken(env, await env.slash("speak", {"text": "a paper boat @everyone", "voice": "Nova"}))
    (file,) = message.attachments
    assert (file.filename, file.description) == ("speech.ogg", "a paper boat @everyone")
    assert heard_in(file.data) == "a paper boat @everyone"
    (call,) = env.platform.calls_of(SPEECH)
    assert (call.body["voice"], call.body["response_format"]) == ("nova", "opus")
    assert not message.mention_everyone
    voices = await env.person("ada").autocomplete(env.studio, "speak", {"text": "x", "voice": "s"}, focused="voice")
    assert "sage" in [voice["value"] for voice in voices]


async def test_an_answer_is_read_without_its_markdown(env: Environment) -> None:
    answer = await answer_of(env, await env.slash("chat", {"prompt": "**bold** boats"}))
    message = await spoken(env, await env.press(answer, "Read aloud", by="bob"))
    said = heard_in(message.attachments[0].data)
    assert said.startswith("About “bold boats”")
    assert len(env.platform.calls_of(SPEECH)) == 1


async def test_a_text_for_several_calls_is_confirmed_first(env: Environment) -> None:
    used = await env.slash("speak", {"text": CHINESE, "voice": "nova"})
    assert used.modal
    assert "2 calls" in str(used.modal)
    assert env.platform.calls_of(SPEECH) == []
    message = await spoken(env, await env.submit_modal(used, {"prompt": CHINESE}))
    calls = env.platform.calls_of(SPEECH)
    assert [file.filename for file in message.attachments] == ["speech-1.ogg", "speech-2.ogg"]
    assert all(len(call.body["input"].encode()) <= 4_096 for call in calls)
    assert "".join(call.body["input"] for call in calls) == CHINESE
    assert calls[0].body["voice"] == "nova"


async def test_a_long_answer_is_read_after_a_question(env: Environment) -> None:
    answer = await answer_of(env, await env.slash("chat", {"prompt": "1000 words about boats"}))
    pressed = await env.press(answer, "Read aloud")
    assert "2 calls" in await env.private_answer(pressed)
    assert env.platform.calls_of(SPEECH) == []
    question = next(message for message in pressed.messages if message.buttons and message.ephemeral)
    message = await spoken(env, await env.press(question, "Read all of it"))
    assert len(message.attachments) == 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [("error_200", "platform"), ("quota_403", "out of credit"), ("close", "may have been billed")],
)
async def test_a_failure_is_told_in_private_with_the_text(env: Environment, fault: str, said: str) -> None:
    env.platform.fail_next(SPEECH, fault)
    used = await env.slash("speak", {"text": "a paper boat"})
    told = await env.private_answer(used)
    assert said in told
    assert "a paper boat" in told
    assert public_messages(used) == []
    assert len(env.platform.calls_of(SPEECH)) == 1


async def test_what_was_made_stays_if_a_later_part_fails(env: Environment) -> None:
    env.platform.fail_next(SPEECH, "slow", seconds=0.0)
    env.platform.fail_next(SPEECH, "close")
    used = await env.slash("speak", {"text": CHINESE})
    message = await spoken(env, await env.submit_modal(used, {"prompt": CHINESE}))
    assert [file.filename for file in message.attachments] == ["speech-1.ogg"]
    assert "Only 1 of 2 parts" in message.text
    assert "may have been billed" in message.text
    assert len(env.platform.calls_of(SPEECH)) == 2


async def test_a_kill_leaves_a_message_that_says_what_it_means(env: Environment) -> None:
    async with env.platform.holding(SPEECH):
        used = await env.slash("speak", {"text": "a paper boat"})
        await env.until(lambda: env.platform.calls_of(SPEECH))
        (message,) = public_messages(used)
        await env.kill_bot()
    await env.start_bot()
    assert "may have been billed" in message.text
    assert len(env.platform.calls_of(SPEECH)) == 1


async def test_without_a_model_or_a_voice_people_are_told_what_is_missing(env: Environment) -> None:
    refused = await env.private_answer(await env.slash("speak", {"text": "a boat", "voice": "Pavarotti"}))
    assert "Pavarotti" in refused
    assert "nova" in refused
    assert env.platform.calls_of(SPEECH) == []


async def test_a_platform_without_speech_has_no_button_for_it(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(platform="clean"))
    await until_listed(env)
    answer = await answer_of(env, await env.slash("chat", {"prompt": "a boat"}))
    env.platform.catalog.withdraw("tts-1")
    env.platform.fail_next(SPEECH, "no_channel")
    refused = await env.private_answer(await env.press(answer, "Read aloud"))
    assert "tts" in refused
    await env.press(answer, "Regenerate")
    await env.until(lambda: is_over(answer) and "Read aloud" not in captions(answer))
    assert "No model for speech" in await env.private_answer(await env.slash("speak", {"text": "a boat"}))
