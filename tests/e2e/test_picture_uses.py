"""*Use this image…* on any message: one window with what can be made of it, and the prompt."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from playground.discord import FieldValue, Interaction, Message, OptionValue, walk
from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment, captions
from tests.support.journal import nothing_can_be_written
from tests.support.panels import drawn, panel_of, posted_after, selects
from tests.support.pictures import png

MENU = "Use this image…"
EDIT = "Edit and send again"


async def opened(env: Environment, message: Message, by: str = "ada") -> Interaction:
    return await (await env.person(by).context_menu(message, MENU)).answered()


def offered(modal: Interaction) -> list[str]:
    """What the window lets one choose."""
    assert modal.modal is not None
    parts: list[dict[str, Any]] = walk(modal.modal["components"])
    (select,) = [each for each in parts if each["type"] == 3]
    return [option["value"] for option in select["options"]]


def preset(modal: Interaction) -> tuple[str, str]:
    """What is chosen and written in the window when it opens."""
    assert modal.modal is not None
    parts: list[dict[str, Any]] = walk(modal.modal["components"])
    (select,) = [each for each in parts if each["type"] == 3]
    (field,) = [each for each in parts if each["type"] == 4]
    (use,) = [option["value"] for option in select["options"] if option.get("default")]
    return use, field.get("value") or ""


async def drafts_left(env: Environment) -> list[str]:
    """The prompts of the drafts that /tasks offers."""
    panel = await panel_of(env, await env.slash("tasks", {"status": "failed"}))
    drafts = [each for each in selects(panel) if "drafts" in each.get("placeholder", "")]
    return [option["label"] for each in drafts for option in each["options"]]


def chosen(env: Environment) -> int:
    """How many pictures are noted for windows."""
    with closing(sqlite3.connect(f"file:{env.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM chosen_pictures").fetchone()[0])


@pytest.mark.parametrize(
    ("use", "endpoint"),
    [("edit", "submit/edits"), ("video", "submit/video"), ("retexture", "submit/retexture")],
)
async def test_anybodys_picture_can_be_edited_animated_and_restyled(
    make_env: MakeEnvironment, use: str, endpoint: str
) -> None:
    env = await make_env(Scenario("trueai"))
    message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
    modal = await opened(env, message)
    assert {"edit", "video", "retexture", "imagine", "blend", "swap"} == set(offered(modal))
    done = await env.result_of(await env.submit_modal(modal, {"use": [use], "prompt": "make it stormy"}))
    assert done.attachments
    (submit,) = env.images.submits
    assert endpoint in submit.endpoint
    assert "make it stormy" in str(submit.body)


async def test_a_result_of_the_bot_begins_a_new_picture_after_a_restart(env: Environment) -> None:
    (fox,) = await drawn(env, "a fox")
    modal = await opened(env, fox, "bob")
    await env.until(lambda: chosen(env))
    await env.kill_bot()
    await env.start_bot()
    done = await env.submit_modal(modal, {"use": ["imagine"], "prompt": "a fox by the sea"})
    await env.result_of(done)
    submit = env.images.submits[-1]
    assert submit.body["prompt"] == "a fox by the sea"
    assert submit.body["base64Array"][0].startswith("data:image/")


async def test_a_blend_takes_further_pictures_and_no_words(env: Environment) -> None:
    message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
    alone = await env.submit_modal(await opened(env, message), {"use": ["blend"], "prompt": "words"})
    answer = await env.private_answer(alone)
    assert "at least one more" in answer
    assert "words" in answer
    files = [png("b.png", "red"), png("c.png", "blue")]
    await env.result_of(await env.submit_modal(await opened(env, message), {"use": ["blend"], "more": files}))
    (submit,) = env.images.submits
    assert len(submit.body["base64Array"]) == 3


async def test_a_form_that_is_submitted_before_its_image_is_stored_waits_for_it(env: Environment) -> None:
    message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
    with nothing_can_be_written(env.folder):
        modal = await opened(env, message)
        submitted = await env.submit_modal(modal, {"use": ["blend"], "more": [png("b.png", "red")]})
    await env.result_of(submitted)
    (submit,) = env.images.submits
    assert len(submit.body["base64Array"]) == 2


async def handed_back(env: Environment, submitted: Interaction) -> Message:
    """The private message in which a refused use can be edited."""
    message = await panel_of(env, submitted)
    await env.until(lambda: EDIT in captions(message))
    return message


@pytest.mark.parametrize("fault", ["code_23", "code_4", "rate_limited"])
async def test_a_refused_use_is_edited_and_sent_again_after_a_restart(make_env: MakeEnvironment, fault: str) -> None:
    env = await make_env(Scenario("trueai"))
    message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
    env.images.fail_next("submit/edits", fault)
    typed = "make it stormy, " * 30
    modal = await opened(env, message)
    refused = await handed_back(env, await env.submit_modal(modal, {"use": ["edit"], "prompt": typed}))
    assert refused.text.count("make it stormy") == 30
    await env.kill_bot()
    await env.start_bot()
    again = await env.press(refused, EDIT)
    assert preset(again) == ("edit", typed)
    await posted_after(env, await env.submit_modal(again, {"use": ["retexture"], "prompt": "as a woodcut"}))
    submit = env.images.submits[-1]
    assert submit.endpoint == "submit/retexture"
    assert "as a woodcut" in str(submit.body)
    assert await drafts_left(env) == []


async def test_a_use_that_is_refused_again_is_handed_back_as_it_was_edited(env: Environment) -> None:
    message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
    modal = await opened(env, message)
    values: dict[str, FieldValue] = {"use": ["imagine"], "prompt": "a forbiddenword owl"}
    refused = await handed_back(env, await env.submit_modal(modal, values))
    again = await env.press(refused, EDIT)
    values = {"use": ["imagine"], "prompt": "a forbiddenword kite"}
    second = await handed_back(env, await env.submit_modal(again, values))
    assert preset(await env.press(second, EDIT)) == ("imagine", "a forbiddenword kite")
    assert await drafts_left(env) == ["a forbiddenword kite"]


async def test_what_was_attached_to_a_refused_use_is_still_there_when_it_is_sent_again(env: Environment) -> None:
    message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
    env.images.fail_next("submit/blend", "code_23")
    files = [png("b.png", "red"), png("c.png", "blue")]
    values: dict[str, FieldValue] = {"use": ["blend"], "prompt": "words", "more": files}
    refused = await handed_back(env, await env.submit_modal(await opened(env, message), values))
    again = await env.press(refused, EDIT)
    await posted_after(env, await env.submit_modal(again, {"use": ["blend"], "prompt": "words"}))
    assert len(env.images.submits[-1].body["base64Array"]) == 3


async def test_what_the_service_lacks_is_not_offered(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="novicezk", settings={"MJ_PROFILE": "novicezk"}))
    message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
    choices = offered(await opened(env, message))
    assert "imagine" in choices
    assert not {"edit", "video", "retexture"} & set(choices)


async def test_an_empty_prompt_and_a_message_without_a_picture_are_refused(env: Environment) -> None:
    message = await env.person("bob").say(env.studio, "only words")
    assert "no image in that message" in await env.private_answer(await opened(env, message))
    message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
    empty = await env.submit_modal(await opened(env, message), {"use": ["imagine"], "prompt": " "})
    assert "prompt is empty" in await env.private_answer(empty)
    assert env.images.submits == []


async def test_another_face_goes_into_the_result_of_a_swap_also_after_a_restart(env: Environment) -> None:
    options: dict[str, OptionValue] = {"source": png("a.png", "navy"), "target": png("b.png", "gold")}
    swapped = await env.result_of(await env.slash("swap", options))
    modal = await opened(env, swapped, "bob")
    assert "swap" in offered(modal)
    await env.until(lambda: chosen(env))
    await env.kill_bot()
    await env.start_bot()
    values: dict[str, FieldValue] = {"use": ["swap"], "prompt": "", "more": [png("face.png", "red")]}
    again = await env.result_of(await env.submit_modal(modal, values))
    assert "Face swap" in again.text
    first, second = env.images.submits
    assert second.endpoint == "insight-face/swap"
    # The first result is the target now, not the source that stands on its card, too.
    assert second.body["targetBase64"] not in (first.body["targetBase64"], first.body["sourceBase64"])


async def test_the_result_of_a_swap_is_animated_where_the_service_makes_clips(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario("trueai"))
    options: dict[str, OptionValue] = {"source": png("a.png", "navy"), "target": png("b.png", "gold")}
    swapped = await env.result_of(await env.slash("swap", options))
    modal = await opened(env, swapped)
    video = await env.result_of(await env.submit_modal(modal, {"use": ["video"], "prompt": "she smiles"}))
    assert "she smiles" in video.text
    assert env.images.submits[-1].endpoint == "submit/video"


async def test_a_swap_without_a_face_says_what_is_missing(env: Environment) -> None:
    message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
    modal = await opened(env, message)
    asked = await env.submit_modal(modal, {"use": ["swap"], "prompt": ""})
    assert "A face swap needs" in await env.private_answer(asked)
    assert env.images.submits == []
