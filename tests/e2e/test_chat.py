"""A chat as people use it: answers that grow, buttons, replies, direct messages, and what is left after a crash."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing

import pytest

from playground.discord import Message
from playground.driver import Environment, Scenario, public_messages
from playground.platform import Pace
from playground.platform.replies import Part, Reply
from tests.support.chats import CHAT, answer_of, asked_of, is_over, replies_in, until_listed
from tests.support.environments import MakeEnvironment, captions
from tests.support.pictures import png

ENDED = ["Continue", "Regenerate", "Create image", "Read aloud", "🗑️"]


@pytest.fixture
async def env(make_env: MakeEnvironment) -> Environment:
    return await make_env(Scenario(platform="clean"))


PART, DONE = b'data: {"choices": [{"index": 0, "delta": {"content": "A paper"}}]}', b"data: [DONE]"


def stream(*events: bytes) -> Reply:
    """A stream of these events."""
    return Reply(200, None, "text/event-stream", parts=tuple(Part(event + b"\n\n") for event in events))


async def asked(env: Environment, prompt: str = "a paper boat", **options: str) -> Message:
    await until_listed(env)
    return await answer_of(env, await env.slash("chat", {"prompt": prompt, **options}))


async def test_an_answer_has_the_prompt_the_text_and_its_buttons(env: Environment) -> None:
    answer = await asked(env)
    assert "a paper boat" in answer.text
    assert "here is what I think" in answer.text
    assert "gpt\\-5\\-mini" in answer.text
    assert captions(answer) == ENDED
    assert len(env.platform.billed) == 1
    assert not answer.mentions


async def test_a_long_answer_grows_with_at_most_one_edit_a_second(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(platform="clean", platform_pace=Pace(part=0.02)))
    answer = await asked(env, "200 words about boats")
    texts = [str(revision.payload["components"]) for revision in answer.revisions]
    grown = [len(text) for text in texts[1:]]
    assert len(grown) >= 4
    assert grown == sorted(grown)
    times = [revision.at for revision in answer.revisions[1:]]
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 0.99
    assert "word189" in answer.text


async def test_an_answer_is_continued_in_a_new_message_and_knows_what_was_said(env: Environment) -> None:
    first = await asked(env, "a tin robot")
    opened = await env.press(first, "Continue", by="bob")
    second = await answer_of(env, await env.submit_modal(opened, {"prompt": "make it dance"}))
    assert "Before, you said “a tin robot”" in second.text
    assert [message["role"] for message in asked_of(env)] == ["user", "assistant", "user"]
    assert len(env.platform.billed) == 2
    assert is_over(first)


async def test_an_answer_goes_on_from_the_message_whose_button_is_pressed(env: Environment) -> None:
    first = await asked(env, "a tin robot")
    for prompt in ("one", "two"):
        opened = await env.press(first, "Continue")
        await answer_of(env, await env.submit_modal(opened, {"prompt": prompt}))
    assert [message["content"] for message in asked_of(env) if message["role"] == "user"] == ["a tin robot", "two"]


async def test_regenerate_replaces_the_answer_and_is_refused_to_others(env: Environment) -> None:
    answer = await asked(env)
    refused = await env.private_answer(await env.press(answer, "Regenerate", by="bob"))
    assert "Only the person who asked" in refused
    await env.press(answer, "Regenerate")
    await env.until(lambda: len(env.platform.billed) == 2 and is_over(answer))
    assert asked_of(env) == asked_of(env, 0)


async def test_a_repetition_that_fails_keeps_the_earlier_answer(env: Environment) -> None:
    answer = await asked(env)
    env.platform.fail_next(CHAT, "quota_403")
    await env.press(answer, "Regenerate")
    await env.until(lambda: "out of credit" in answer.text)
    assert "here is what I think" in answer.text
    assert captions(answer) == ENDED


async def test_stop_keeps_the_text_and_says_that_it_may_have_been_billed(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(platform="clean", platform_pace=Pace(part=0.05)))
    await until_listed(env)
    used = await env.slash("chat", {"prompt": "300 words about boats"})
    (message,) = public_messages(used)
    await env.until(lambda: captions(message) == ["Stop"] and "word3" in message.text)
    refused = await env.private_answer(await env.press(message, "Stop", by="bob"))
    assert "can stop it" in refused
    await env.press(message, "Stop")
    await env.until(lambda: is_over(message))
    assert "Stopped. It may have been billed." in message.text
    assert "word3" in message.text
    assert "word280" not in message.text


async def test_one_answer_at_a_time_for_a_person_and_for_a_conversation(env: Environment) -> None:
    first = await asked(env)
    async with env.platform.holding(CHAT):
        opened = [await env.press(first, "Continue", by=name) for name in ("ada", "bob")]
        used = await env.submit_modal(opened[0], {"prompt": "one"})
        await env.until(lambda: len(env.platform.calls_of(CHAT)) == 2)
        told = [
            await env.private_answer(await env.submit_modal(opened[1], {"prompt": "my long text"})),
            await env.private_answer(await env.press(first, "Regenerate")),
            await env.private_answer(await env.slash("chat", {"prompt": "another"})),
        ]
    assert all("still being written" in text for text in told)
    assert "my long text" in told[0]
    await answer_of(env, used)
    assert len(env.platform.billed) == 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (stream(PART, DONE), "The answer is incomplete"),
        (stream(PART, b'data: {"error": {"message": "out of paper"}}'), "The platform failed: out of paper"),
        ("quota_403", "out of credit"),
        ("saturated", "busy"),
        ("safety_400", "doesn't allow this content"),
        ("close", "may have been billed"),
        ("empty", "may have been billed"),
    ],
)
async def test_every_end_has_its_text_and_nothing_is_sent_twice(
    env: Environment, fault: Reply | str, said: str
) -> None:
    await until_listed(env)
    env.platform.fail_next(CHAT, fault)
    answer = await answer_of(env, await env.slash("chat", {"prompt": "a paper boat"}))
    assert said in answer.text
    assert "a paper boat" in answer.text
    assert len(env.platform.calls_of(CHAT)) == 1
    await env.press(answer, "Regenerate")
    await env.until(lambda: "here is what I think" in answer.text and is_over(answer))


async def test_images_of_an_answer_are_attached_and_no_data_url_is_shown(env: Environment) -> None:
    for model in ("gpt-4o-image", "stable-diffusion", "gemini-2.5-flash-image"):
        answer = await asked(env, "draw a paper boat", model=model)
        (attachment,) = answer.attachments
        assert attachment.data in [painted.data for painted in env.platform.pictures.files.values()]
        assert "data:" not in str([revision.payload for revision in answer.revisions])
        used = await (await env.person("bob").context_menu(answer, "Use this image…")).answered()
        assert used.modal
    assert "data:image" not in "\n".join(env.bot.lines)


async def test_a_model_sees_the_image_of_a_prompt_and_of_earlier_ones(env: Environment) -> None:
    await until_listed(env)
    upload = png("boat.png", "red")
    answer = await answer_of(env, await env.slash("chat", {"prompt": "what is this?", "image": upload}))
    assert "You asked: what is this?" in answer.text
    opened = await env.press(answer, "Continue")
    await answer_of(env, await env.submit_modal(opened, {"prompt": "and the color?"}))
    first, _, last = asked_of(env)
    assert "data:image/jpeg;base64," in str(first["content"])
    assert last["content"] == "and the color?"


async def test_models_behind_an_account_get_the_link_of_an_image(env: Environment) -> None:
    await until_listed(env)
    used = await env.slash("chat", {"prompt": "make it blue", "image": png("a.png", "red"), "model": "gpt-4-all"})
    answer = await answer_of(env, used)
    (message,) = asked_of(env)
    assert f"{env.discord.base_url}/" in str(message["content"])
    assert "data:image" not in str(message["content"])
    assert answer.attachments


async def test_a_gpt_is_named_by_the_url_of_its_page(env: Environment) -> None:
    await asked(env, "hello", model="https://chatgpt.com/g/g-bo0FiWLY7-researcher")
    assert env.platform.calls_of(CHAT)[0].body["model"] == "gpt-4-gizmo-g-bo0FiWLY7"
    choices = await env.person("ada").autocomplete(
        env.studio, "chat", {"prompt": "x", "model": "gemini"}, focused="model"
    )
    assert [choice["value"] for choice in choices] == ["gemini-2.5-flash", "gemini-2.5-flash-image"]
    refused = await env.private_answer(await env.slash("chat", {"prompt": "hello", "model": "dall-e-3"}))
    assert "isn't a chat model" in refused
    assert "gpt\\-4o" in refused


async def test_an_answer_that_is_longer_than_a_message_is_attached_as_a_whole(env: Environment) -> None:
    answer = await asked(env, "60 paragraphs about boats")
    (file,) = answer.attachments
    assert file.filename == "answer.txt"
    assert "(59)" in file.data.decode()
    assert "The attached file has all of it" in answer.text
    assert "(3)" in answer.text


async def test_an_answer_becomes_the_prompt_of_an_image(env: Environment) -> None:
    answer = await asked(env, "a paper boat")
    opened = await env.press(answer, "Create image", by="bob")
    assert opened.modal
    assert "here is what I think" in str(opened.modal)
    card = await env.result_of(await env.submit_modal(opened, {"prompt": "a paper boat at dusk"}))
    assert card.attachments
    assert env.images.submits[0].body["prompt"] == "a paper boat at dusk"


async def test_buttons_work_after_a_restart(env: Environment) -> None:
    answer = await asked(env, "a tin robot")
    await env.stop_bot()
    await env.start_bot()
    opened = await env.press(answer, "Continue")
    second = await answer_of(env, await env.submit_modal(opened, {"prompt": "and then?"}))
    assert "Before, you said “a tin robot”" in second.text


@pytest.mark.parametrize("kill", [True, False])
async def test_an_answer_that_was_interrupted_says_so_and_is_not_asked_again(
    make_env: MakeEnvironment, *, kill: bool
) -> None:
    env = await make_env(Scenario(platform="clean", platform_pace=Pace(part=0.05)))
    await until_listed(env)
    used = await env.slash("chat", {"prompt": "300 words about boats"})
    (message,) = public_messages(used)
    await env.until(lambda: captions(message) == ["Stop"] and "word3" in message.text)
    await (env.kill_bot() if kill else env.stop_bot())
    await env.start_bot()
    await env.until(lambda: is_over(message))
    assert "interrupted" in message.text
    assert "may have been billed" in message.text
    assert "word3" in message.text
    assert len(env.platform.calls_of(CHAT)) == 1
    await env.press(message, "Regenerate")
    await env.until(lambda: captions(message) == ["Stop"])
    assert len(env.platform.calls_of(CHAT)) == 2
    await env.press(message, "Stop")
    await env.until(lambda: "Stopped" in message.text)


def stored_states(env: Environment) -> list[str]:
    """How far the answers are, as the bot has stored it."""
    with closing(sqlite3.connect(f"file:{env.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        return [row[0] for row in connection.execute("SELECT state FROM chat_turns")]


async def test_an_answer_that_was_not_shown_before_a_kill_is_shown_after_it(env: Environment) -> None:
    await until_listed(env)
    with env.discord.hold("messages", method="PATCH", when="before") as hold:
        used = await env.slash("chat", {"prompt": "draw a paper boat", "model": "stable-diffusion"})
        await env.until(lambda: hold.waiting and stored_states(env) == ["complete"])
        (message,) = public_messages(used)
        await env.kill_bot()
    await env.start_bot()
    await env.until(lambda: is_over(message))
    assert "interrupted" not in message.text
    assert [attachment.filename for attachment in message.attachments] == ["answer-1.png"]
    assert len(env.platform.calls_of(CHAT)) == 1


async def test_a_kill_before_the_message_is_known_sends_nothing_and_leaves_no_answer_open(env: Environment) -> None:
    await until_listed(env)
    ada = env.person("ada")
    dm = env.discord.dm(ada)
    with env.discord.hold(f"channels/{dm.id}/messages$", method="POST") as hold:
        await ada.say(dm, "a tin robot")
        await env.until(lambda: hold.waiting)
        await env.kill_bot()
    await env.start_bot()
    (message,) = await replies_in(env, dm, 1)
    assert "interrupted" in message.text
    assert env.platform.calls_of(CHAT) == []
    await env.press(message, "Regenerate")
    await env.until(lambda: "here is what I think" in message.text)
    assert len(env.platform.calls_of(CHAT)) == 1


async def test_a_reply_that_mentions_the_bot_goes_on_and_others_are_not_read(env: Environment) -> None:
    answer = await asked(env, "a tin robot")
    bob = env.person("bob")
    await bob.say(env.studio, "how nice", reply_to=answer, ping=False)
    await bob.say(env.studio, "look at this")
    said = await bob.say(env.studio, f"<@{env.discord.state.bot.id}> make it dance", reply_to=answer)
    messages = await replies_in(env, env.studio, 2)
    assert "Before, you said “a tin robot”" in messages[-1].text
    assert messages[-1].reference_id == said.id
    assert not messages[-1].mentions
    assert asked_of(env)[-1]["content"] == "make it dance"
    assert len(env.platform.calls_of(CHAT)) == 2


async def test_a_reply_to_an_image_is_no_chat(env: Environment) -> None:
    card = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    await env.person("bob").say(env.studio, "wonderful", reply_to=card)
    await asked(env)
    assert len(env.platform.calls_of(CHAT)) == 1


async def test_direct_messages_are_a_conversation(env: Environment) -> None:
    await until_listed(env)
    ada = env.person("ada")
    dm = env.discord.dm(ada)
    await ada.say(dm, "a tin robot")
    await replies_in(env, dm, 1)
    await ada.say(dm, "make it dance")
    messages = await replies_in(env, dm, 2)
    assert "Before, you said “a tin robot”" in messages[-1].text
    await ada.say(dm, "", files=[png("a.png", "blue")])
    await replies_in(env, dm, 3)
    assert "data:image/jpeg;base64," in str(asked_of(env)[-1]["content"])


async def test_the_owner_deletes_the_conversation(env: Environment) -> None:
    first = await asked(env, "a tin robot")
    opened = await env.press(first, "Continue")
    second = await answer_of(env, await env.submit_modal(opened, {"prompt": "and then?"}))
    refused = await env.private_answer(await env.press(second, "🗑️", by="bob"))
    assert "Only the person who began" in refused
    question = await env.press(second, "🗑️")
    private = await env.until(lambda: [each for each in question.messages if each.ephemeral and each.buttons])
    await env.press(private[0], "Delete conversation")
    await env.until(lambda: first.deleted and second.deleted)
    await env.until(lambda: "is deleted" in private[0].text)
