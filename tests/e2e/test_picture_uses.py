"""*Use this image…* on any message: one window with what can be made of it, and the prompt."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from playground.discord import Interaction, Message
from playground.discord.modal_forms import Entered
from playground.discord.options import OptionValue
from playground.discord.records import walk
from playground.driver import Scene, World
from tests.support.panels import drawn, panel_of, posted_after, selects
from tests.support.pictures import png
from tests.support.worlds import MakeWorld, captions

MENU = "Use this image…"
EDIT = "Edit and send again"


async def opened(world: World, message: Message, by: str = "ada") -> Interaction:
    return await (await world.person(by).context_menu(message, MENU)).answered()


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


async def drafts_left(world: World) -> list[str]:
    """The prompts of the drafts that /tasks offers."""
    panel = await panel_of(world, await world.slash("tasks", {"state": "failed"}))
    drafts = [each for each in selects(panel) if "drafts" in each.get("placeholder", "")]
    return [option["label"] for each in drafts for option in each["options"]]


def chosen(world: World) -> int:
    """How many pictures are noted for windows."""
    with closing(sqlite3.connect(f"file:{world.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM chosen_pictures").fetchone()[0])


@pytest.mark.parametrize(
    ("use", "endpoint"),
    [("edit", "submit/edits"), ("video", "submit/video"), ("retexture", "submit/retexture")],
)
async def test_anybodys_picture_can_be_edited_animated_and_restyled(
    make_world: MakeWorld, use: str, endpoint: str
) -> None:
    world = await make_world(Scene("trueai"))
    message = await world.person("bob").say(world.studio, "look", [png("sea.png")])
    modal = await opened(world, message)
    assert {"edit", "video", "retexture", "imagine", "blend", "swap"} == set(offered(modal))
    done = await world.result_of(await world.submit_modal(modal, {"use": [use], "prompt": "make it stormy"}))
    assert done.attachments
    (submit,) = world.images.submits
    assert endpoint in submit.endpoint
    assert "make it stormy" in str(submit.body)


async def test_a_result_of_the_bot_begins_a_new_picture_after_a_restart(world: World) -> None:
    (fox,) = await drawn(world, "a fox")
    modal = await opened(world, fox, "bob")
    await world.until(lambda: chosen(world))
    await world.kill_bot()
    await world.start_bot()
    done = await world.submit_modal(modal, {"use": ["imagine"], "prompt": "a fox by the sea"})
    await world.result_of(done)
    submit = world.images.submits[-1]
    assert submit.body["prompt"] == "a fox by the sea"
    assert submit.body["base64Array"][0].startswith("data:image/")


async def test_a_blend_takes_further_pictures_and_no_words(world: World) -> None:
    message = await world.person("bob").say(world.studio, "look", [png("sea.png")])
    alone = await world.submit_modal(await opened(world, message), {"use": ["blend"], "prompt": "words"})
    answer = await world.private_answer(alone)
    assert "at least one more" in answer
    assert "words" in answer
    files = [png("b.png", "red"), png("c.png", "blue")]
    await world.result_of(await world.submit_modal(await opened(world, message), {"use": ["blend"], "more": files}))
    (submit,) = world.images.submits
    assert len(submit.body["base64Array"]) == 3


async def handed_back(world: World, submitted: Interaction) -> Message:
    """The private message in which a refused use can be edited."""
    message = await panel_of(world, submitted)
    await world.until(lambda: EDIT in captions(message))
    return message


@pytest.mark.parametrize("fault", ["code_23", "code_4", "rate_limited"])
async def test_a_refused_use_is_edited_and_sent_again_after_a_restart(make_world: MakeWorld, fault: str) -> None:
    world = await make_world(Scene("trueai"))
    message = await world.person("bob").say(world.studio, "look", [png("sea.png")])
    world.images.fail_next("submit/edits", fault)
    typed = "make it stormy, " * 30
    modal = await opened(world, message)
    refused = await handed_back(world, await world.submit_modal(modal, {"use": ["edit"], "prompt": typed}))
    assert refused.text.count("make it stormy") == 30
    await world.kill_bot()
    await world.start_bot()
    again = await world.press(refused, EDIT)
    assert preset(again) == ("edit", typed)
    await posted_after(world, await world.submit_modal(again, {"use": ["retexture"], "prompt": "as a woodcut"}))
    submit = world.images.submits[-1]
    assert submit.endpoint == "submit/retexture"
    assert "as a woodcut" in str(submit.body)
    assert await drafts_left(world) == []


async def test_a_use_that_is_refused_again_is_handed_back_as_it_was_edited(world: World) -> None:
    message = await world.person("bob").say(world.studio, "look", [png("sea.png")])
    modal = await opened(world, message)
    values: dict[str, Entered] = {"use": ["imagine"], "prompt": "a forbiddenword owl"}
    refused = await handed_back(world, await world.submit_modal(modal, values))
    again = await world.press(refused, EDIT)
    values = {"use": ["imagine"], "prompt": "a forbiddenword kite"}
    second = await handed_back(world, await world.submit_modal(again, values))
    assert preset(await world.press(second, EDIT)) == ("imagine", "a forbiddenword kite")
    assert await drafts_left(world) == ["a forbiddenword kite"]


async def test_what_was_attached_to_a_refused_use_is_still_there_when_it_is_sent_again(world: World) -> None:
    message = await world.person("bob").say(world.studio, "look", [png("sea.png")])
    world.images.fail_next("submit/blend", "code_23")
    files = [png("b.png", "red"), png("c.png", "blue")]
    values: dict[str, Entered] = {"use": ["blend"], "prompt": "words", "more": files}
    refused = await handed_back(world, await world.submit_modal(await opened(world, message), values))
    again = await world.press(refused, EDIT)
    await posted_after(world, await world.submit_modal(again, {"use": ["blend"], "prompt": "words"}))
    assert len(world.images.submits[-1].body["base64Array"]) == 3


async def test_what_the_service_lacks_is_not_offered(make_world: MakeWorld) -> None:
    world = await make_world(Scene(profile="novicezk", settings={"MJ_PROFILE": "novicezk"}))
    message = await world.person("bob").say(world.studio, "look", [png("sea.png")])
    choices = offered(await opened(world, message))
    assert "imagine" in choices
    assert not {"edit", "video", "retexture"} & set(choices)


async def test_an_empty_prompt_and_a_message_without_a_picture_are_refused(world: World) -> None:
    message = await world.person("bob").say(world.studio, "only words")
    assert "no image in that message" in await world.private_answer(await opened(world, message))
    message = await world.person("bob").say(world.studio, "look", [png("sea.png")])
    empty = await world.submit_modal(await opened(world, message), {"use": ["imagine"], "prompt": " "})
    assert "prompt is empty" in await world.private_answer(empty)
    assert world.images.submits == []


async def test_another_face_goes_into_the_result_of_a_swap_also_after_a_restart(world: World) -> None:
    options: dict[str, OptionValue] = {"source": png("a.png", "navy"), "target": png("b.png", "gold")}
    swapped = await world.result_of(await world.slash("swap", options))
    modal = await opened(world, swapped, "bob")
    assert "swap" in offered(modal)
    await world.until(lambda: chosen(world))
    await world.kill_bot()
    await world.start_bot()
    values: dict[str, Entered] = {"use": ["swap"], "prompt": "", "more": [png("face.png", "red")]}
    again = await world.result_of(await world.submit_modal(modal, values))
    assert "Face swap" in again.text
    first, second = world.images.submits
    assert second.endpoint == "insight-face/swap"
    # The first result is the target now, not the source that stands on its card, too.
    assert second.body["targetBase64"] not in (first.body["targetBase64"], first.body["sourceBase64"])


async def test_the_result_of_a_swap_is_animated_where_the_service_makes_clips(make_world: MakeWorld) -> None:
    world = await make_world(Scene("trueai"))
    options: dict[str, OptionValue] = {"source": png("a.png", "navy"), "target": png("b.png", "gold")}
    swapped = await world.result_of(await world.slash("swap", options))
    modal = await opened(world, swapped)
    video = await world.result_of(await world.submit_modal(modal, {"use": ["video"], "prompt": "she smiles"}))
    assert "she smiles" in video.text
    assert world.images.submits[-1].endpoint == "submit/video"


async def test_a_swap_without_a_face_says_what_is_missing(world: World) -> None:
    message = await world.person("bob").say(world.studio, "look", [png("sea.png")])
    modal = await opened(world, message)
    asked = await world.submit_modal(modal, {"use": ["swap"], "prompt": ""})
    assert "A face swap needs" in await world.private_answer(asked)
    assert world.images.submits == []
