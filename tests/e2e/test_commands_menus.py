"""Right-click menus: *Describe*, *Task info*, *Get seed*."""

from __future__ import annotations

from playground.discord import UploadedFile
from playground.driver import World
from tests.support.panels import drawn, panel_of, posted_after
from tests.support.pictures import png
from tests.support.worlds import captions, task_id_of


async def test_any_message_with_a_picture_can_be_described(world: World) -> None:
    message = await world.person("bob").say(world.studio, "look", [png("sea.png")])
    asked = await world.person("ada").context_menu(message, "Describe")
    described = await world.result_of(await asked.answered())
    assert "**1.**" in described.text
    assert world.images.submits[0].body["base64"].startswith("data:image/png;base64,")


async def test_a_result_of_ours_can_be_described(world: World) -> None:
    (grid,) = await drawn(world, "a fox")
    asked = await world.person("bob").context_menu(grid, "Describe")
    assert "**1.**" in (await world.result_of(await asked.answered())).text


async def test_a_message_without_a_picture_cannot_be_described(world: World) -> None:
    for files in ([], [UploadedFile("notes.txt", "text/plain", b"words")]):
        message = await world.person("bob").say(world.studio, "only words", files)
        asked = await world.person("ada").context_menu(message, "Describe")
        assert "no image in that message" in await world.private_answer(asked)
    assert world.images.submits == []


async def test_task_info_tells_what_is_known_and_leads_to_parent_and_children(world: World) -> None:
    (grid,) = await drawn(world, "a fox")
    single = await world.result_of(await world.press(grid, "U2", by="bob"))
    info = await panel_of(world, await world.person("mod").context_menu(grid, "Task info"))
    assert f"`{task_id_of(grid)}`" in info.text
    assert next(iter(world.images.tasks)) in info.text.replace("\\", "")
    assert f"<@{world.person('ada').user.id}>" in info.text
    assert "finished" in info.text
    seen = await panel_of(world, await world.press(info, "U2", by="mod"))
    assert captions(seen) == [*captions(single), "Post here"]
    assert seen.ephemeral
    child = await posted_after(world, await world.press(seen, "Post here", by="mod"))
    assert task_id_of(child) == task_id_of(single)
    assert captions(child) == captions(single)
    of_child = await panel_of(world, await world.person("mod").context_menu(child, "Task info"))
    parent = await panel_of(world, await world.press(of_child, "Parent", by="mod"))
    assert task_id_of(parent) == task_id_of(grid)


async def test_the_seed_is_told_from_the_menu_and_from_the_info(world: World) -> None:
    (grid,) = await drawn(world, "a fox")
    info = await panel_of(world, await world.person("ada").context_menu(grid, "Task info"))
    seed = str(next(iter(world.images.tasks.values())).seed)
    assert seed in await world.private_answer(await world.press(info, "Get seed"))
    menu = await world.person("bob").context_menu(grid, "Get seed")
    assert seed in await world.private_answer(menu)
    again = await panel_of(world, await world.person("ada").context_menu(grid, "Task info"))
    assert seed in again.text
    assert "Get seed" not in captions(again)


async def test_a_message_that_is_no_result_of_ours_has_no_info_and_no_seed(world: World) -> None:
    message = await world.person("bob").say(world.studio, "hello")
    for menu in ("Task info", "Get seed"):
        asked = await world.person("ada").context_menu(message, menu)
        assert "one of my results" in await world.private_answer(asked)
