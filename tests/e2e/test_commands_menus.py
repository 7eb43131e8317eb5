"""Right-click menus: *Describe*, *Task info*, *Get seed*."""

from __future__ import annotations

from playground.discord import UploadedFile
from playground.driver import Environment
from tests.support.environments import captions, task_id_of
from tests.support.panels import drawn, panel_of, posted_after
from tests.support.pictures import png


async def test_any_message_with_a_picture_can_be_described(env: Environment) -> None:
    message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
    asked = await env.person("ada").context_menu(message, "Describe")
    described = await env.result_of(await asked.answered())
    assert "**1.**" in described.text
    assert env.images.submits[0].body["base64"].startswith("data:image/png;base64,")


async def test_a_result_of_ours_can_be_described(env: Environment) -> None:
    (grid,) = await drawn(env, "a fox")
    asked = await env.person("bob").context_menu(grid, "Describe")
    assert "**1.**" in (await env.result_of(await asked.answered())).text


async def test_a_message_without_a_picture_cannot_be_described(env: Environment) -> None:
    for files in ([], [UploadedFile("notes.txt", "text/plain", b"words")]):
        message = await env.person("bob").say(env.studio, "only words", files)
        asked = await env.person("ada").context_menu(message, "Describe")
        assert "no image in that message" in await env.private_answer(asked)
    assert env.images.submits == []


async def test_task_info_tells_what_is_known_and_leads_to_parent_and_children(env: Environment) -> None:
    (grid,) = await drawn(env, "a fox")
    single = await env.result_of(await env.press(grid, "U2", by="bob"))
    info = await panel_of(env, await env.person("mod").context_menu(grid, "Task info"))
    assert f"`{task_id_of(grid)}`" in info.text
    assert next(iter(env.images.tasks)) in info.text.replace("\\", "")
    assert f"<@{env.person('ada').user.id}>" in info.text
    assert "finished" in info.text
    seen = await panel_of(env, await env.press(info, "U2", by="mod"))
    assert captions(seen) == [*captions(single), "Post here"]
    assert seen.ephemeral
    child = await posted_after(env, await env.press(seen, "Post here", by="mod"))
    assert task_id_of(child) == task_id_of(single)
    assert captions(child) == captions(single)
    of_child = await panel_of(env, await env.person("mod").context_menu(child, "Task info"))
    parent = await panel_of(env, await env.press(of_child, "Parent", by="mod"))
    assert task_id_of(parent) == task_id_of(grid)


async def test_the_seed_is_told_from_the_menu_and_from_the_info(env: Environment) -> None:
    (grid,) = await drawn(env, "a fox")
    info = await panel_of(env, await env.person("ada").context_menu(grid, "Task info"))
    seed = str(next(iter(env.images.tasks.values())).seed)
    assert seed in await env.private_answer(await env.press(info, "Get seed"))
    menu = await env.person("bob").context_menu(grid, "Get seed")
    assert seed in await env.private_answer(menu)
    again = await panel_of(env, await env.person("ada").context_menu(grid, "Task info"))
    assert seed in again.text
    assert "Get seed" not in captions(again)


async def test_a_message_that_is_no_result_of_ours_has_no_info_and_no_seed(env: Environment) -> None:
    message = await env.person("bob").say(env.studio, "hello")
    for menu in ("Task info", "Get seed"):
        asked = await env.person("ada").context_menu(message, menu)
        assert "one of my results" in await env.private_answer(asked)
