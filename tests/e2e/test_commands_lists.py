"""`/tasks`, `/queue`, `/cancel`, `/seed`, and what is suggested while typing."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest

from playground.driver import Scene, World, public_messages
from tests.support.panels import choose, drawn, panel_of, posted_after
from tests.support.worlds import MakeWorld, captions, task_id_of


async def test_ones_own_tasks_are_listed_newest_first_in_pages_and_the_buttons_show_them(world: World) -> None:
    await drawn(world, *(f"boat number {number}" for number in range(10)))
    await drawn(world, "a fox of bob", by="bob")
    panel = await panel_of(world, await world.slash("tasks"))
    assert "boat number 9" in panel.text
    assert "boat number 4" not in panel.text
    assert "bob" not in panel.text
    assert panel.text.index("boat number 9") < panel.text.index("boat number 5")
    await world.press(panel, "▶️")
    await world.until(lambda: "boat number 0" in panel.text)
    assert "Page 2 of 2" in captions(panel)
    pressed = await world.press(panel, "Show")
    shown = await panel_of(world, pressed)
    assert captions(shown)[0] == "U1"
    assert public_messages(pressed) == []
    posted = await posted_after(world, await world.press(shown, "Post here"))
    assert "boat number 4" in posted.text
    assert posted.channel_id == world.studio.id
    await world.press(panel, "◀️")
    await world.until(lambda: "boat number 9" in panel.text)


async def test_a_list_is_narrowed_by_state_and_words_also_after_a_restart(world: World) -> None:
    world.images.fail_task("no luck")
    failed = await world.result_of(await world.slash("imagine", {"prompt": "a broken kite"}))
    assert "no luck" in failed.text
    await drawn(world, "a red kite", "a blue boat")
    panel = await panel_of(world, await world.slash("tasks", {"words": "KITE"}))
    assert "red kite" in panel.text
    assert "boat" not in panel.text
    await world.kill_bot()
    await world.start_bot()
    await choose(world, panel, 0, "failed")
    await world.until(lambda: "red kite" not in panel.text)
    assert "broken kite" in panel.text


async def test_everybodys_tasks_are_for_the_bots_owner_alone(world: World) -> None:
    await drawn(world, "a fox of bob", by="bob")
    refused = await world.slash("tasks", {"everyone": True})
    assert "Only the bot's owner" in await world.private_answer(refused)
    panel = await panel_of(world, await world.slash("tasks", {"everyone": True}, by="owner"))
    assert "a fox of bob" in panel.text


async def test_the_queue_tells_ones_own_place_and_nothing_of_other_servers(make_world: MakeWorld) -> None:
    world = await make_world(Scene())
    world.images.hold()
    for number in range(5):
        # More than four of his would wait in the bot.
        await world.slash("imagine", {"prompt": f"boat {number}"}, by="bob" if number else "mod")
    await world.until(lambda: len(world.images.tasks) == 5)  # before hers
    await world.slash("imagine", {"prompt": "a fox of ada"})
    await world.until(lambda: len(world.images.tasks) == 6)
    panel = await panel_of(world, await world.slash("queue"))
    assert "number **3** in the queue" in panel.text, panel.text
    assert "boat 4" in panel.text
    dm = world.discord.dm(world.person("bob"))
    elsewhere = await panel_of(world, await world.slash("queue", by="bob", where=dm))
    assert "boat 4" in elsewhere.text
    assert "a fox of ada" not in elsewhere.text
    world.images.release()
    await world.until(lambda: all(task.status.final for task in world.images.tasks.values()))
    await world.press(panel, "Refresh")
    await world.until(lambda: "nothing in the queue" in panel.text or "generating" in panel.text)


@pytest.mark.parametrize("profile", ["plus", "trueai"])
async def test_a_running_card_is_stopped_by_its_owner_and_says_so(make_world: MakeWorld, profile: str) -> None:
    world = await make_world(Scene(profile=profile))
    world.images.options.admin = True
    world.images.stall_next()
    asked = await world.slash("imagine", {"prompt": "a fox"})
    await world.until(lambda: "Cancel" in captions(asked.messages[0]))
    card = asked.messages[0]
    refused = await world.press(card, "Cancel", by="bob")
    assert "moderator" in await world.private_answer(refused)
    await world.press(card, "Cancel")
    await world.until(lambda: "Canceled" in card.text)
    assert captions(card) == ["Try again", "Edit prompt"]


async def test_a_moderator_stops_a_task_by_command_and_is_told(world: World) -> None:
    world.images.stall_next()
    asked = await world.slash("imagine", {"prompt": "a fox"})
    await world.until(lambda: "%" in asked.messages[0].text)
    (choice,) = await world.person("ada").autocomplete(world.studio, "cancel", {"task": "fox"}, focused="task")
    assert "generating" in choice["name"]
    stopped = await world.slash("cancel", {"task": choice["value"]}, by="mod")
    assert "Canceled" in await world.private_answer(stopped)
    await world.until(lambda: "Canceled" in asked.messages[0].text)
    again = await world.slash("cancel", {"task": choice["value"]})
    assert "already ended" in await world.private_answer(again)


async def test_where_the_service_cannot_stop_tasks_there_is_no_button_and_the_command_says_so(
    make_world: MakeWorld,
) -> None:
    world = await make_world(Scene(profile="newapi", settings={"MJ_PROFILE": "newapi"}))
    world.images.stall_next()
    asked = await world.slash("imagine", {"prompt": "a fox"})
    card = asked.messages[0]
    await world.until(lambda: "%" in card.text)
    assert captions(card) == []
    refused = await world.slash("cancel", {"task": task_id_of(card)})
    assert "can't cancel tasks" in await world.private_answer(refused)


async def test_a_service_that_stops_tasks_only_for_its_administrator_is_believed_in_its_refusal(
    make_world: MakeWorld,
) -> None:
    world = await make_world(Scene(profile="trueai"))
    world.images.options.admin = False
    world.images.stall_next()
    asked = await world.slash("imagine", {"prompt": "a fox"})
    card = asked.messages[0]
    await world.until(lambda: "Cancel" in captions(card))
    refused = await world.press(card, "Cancel")
    assert "can't cancel tasks" in await world.private_answer(refused)
    assert "Canceled" not in card.text


async def test_a_seed_is_asked_for_once_and_remembered(world: World) -> None:
    (grid,) = await drawn(world, "a fox")
    (choice,) = await world.person("ada").autocomplete(world.studio, "seed", {"task": "fo"}, focused="task")
    assert choice["name"].startswith("a fox · finished · ")
    first = await world.private_answer(await world.slash("seed", {"task": choice["value"]}))
    second = await world.private_answer(await world.slash("seed", {"task": f"`{task_id_of(grid)}`"}, by="bob"))
    assert first == second
    assert str(next(iter(world.images.tasks.values())).seed) in first
    assert len([seen for seen in world.images.requests if "image-seed" in seen.path]) == 1


async def test_only_ones_own_tasks_are_suggested(world: World) -> None:
    await drawn(world, "a fox")
    typing = world.person("ada")
    assert len(await typing.autocomplete(world.studio, "show", {"task": ""}, focused="task")) == 1
    assert await typing.autocomplete(world.studio, "show", {"task": "nothing like this"}, focused="task") == []
    assert await world.person("bob").autocomplete(world.studio, "show", {"task": "fox"}, focused="task") == []


async def test_nothing_is_suggested_while_the_database_hangs_but_discord_has_its_answer(world: World) -> None:
    await drawn(world, "a fox")
    with closing(sqlite3.connect(world.folder / "atelier.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        # The bot's own writing waits now, and with it everybody who wants to read.
        asked = await world.slash("imagine", {"prompt": "an owl"})
        async with asyncio.timeout(10):
            # The write begins a moment after the acknowledgement; until then there is still something to suggest.
            while await world.person("ada").autocomplete(world.studio, "show", {"task": "fox"}, focused="task"):
                pass
        connection.execute("ROLLBACK")
    await world.result_of(asked)


async def test_a_service_that_turns_out_not_to_stop_tasks_takes_the_button_off_the_card(make_world: MakeWorld) -> None:
    world = await make_world(Scene(profile="newapi", settings={"MJ_PROFILE": "unknown"}))
    world.images.stall_next()
    asked = await world.slash("imagine", {"prompt": "a fox"})
    card = asked.messages[0]
    await world.until(lambda: "Cancel" in captions(card))
    assert "can't cancel tasks" in await world.private_answer(await world.press(card, "Cancel"))
    await world.until(lambda: captions(card) == [])
