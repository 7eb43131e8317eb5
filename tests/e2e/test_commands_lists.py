"""`/tasks`, `/queue`, `/cancel`, `/seed`, and what is suggested while typing."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest

from playground.driver import Environment, Scenario, public_messages
from tests.support.environments import MakeEnvironment, captions, task_id_of
from tests.support.panels import choose, drawn, panel_of, posted_after


async def test_ones_own_tasks_are_listed_newest_first_in_pages_and_the_buttons_show_them(env: Environment) -> None:
    await drawn(env, *(f"boat number {number}" for number in range(10)))
    await drawn(env, "a fox of bob", by="bob")
    panel = await panel_of(env, await env.slash("tasks"))
    assert "boat number 9" in panel.text
    assert "boat number 4" not in panel.text
    assert "bob" not in panel.text
    assert panel.text.index("boat number 9") < panel.text.index("boat number 5")
    await env.press(panel, "▶️")
    await env.until(lambda: "boat number 0" in panel.text)
    assert "Page 2 of 2" in captions(panel)
    pressed = await env.press(panel, "Show")
    shown = await panel_of(env, pressed)
    assert captions(shown)[0] == "U1"
    assert public_messages(pressed) == []
    posted = await posted_after(env, await env.press(shown, "Post here"))
    assert "boat number 4" in posted.text
    assert posted.channel_id == env.studio.id
    await env.press(panel, "◀️")
    await env.until(lambda: "boat number 9" in panel.text)


async def test_a_list_is_narrowed_by_state_and_words_also_after_a_restart(env: Environment) -> None:
    env.images.fail_task("no luck")
    failed = await env.result_of(await env.slash("imagine", {"prompt": "a broken kite"}))
    assert "no luck" in failed.text
    await drawn(env, "a red kite", "a blue boat")
    panel = await panel_of(env, await env.slash("tasks", {"words": "KITE"}))
    assert "red kite" in panel.text
    assert "boat" not in panel.text
    await env.kill_bot()
    await env.start_bot()
    await choose(env, panel, 0, "failed")
    await env.until(lambda: "red kite" not in panel.text)
    assert "broken kite" in panel.text


async def test_everybodys_tasks_are_for_the_bots_owner_alone(env: Environment) -> None:
    await drawn(env, "a fox of bob", by="bob")
    refused = await env.slash("tasks", {"everyone": True})
    assert "Only the bot's owner" in await env.private_answer(refused)
    panel = await panel_of(env, await env.slash("tasks", {"everyone": True}, by="owner"))
    assert "a fox of bob" in panel.text


async def test_the_queue_tells_ones_own_place_and_nothing_of_other_servers(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario())
    env.images.hold()
    for number in range(5):
        # More than four of his would wait in the bot.
        await env.slash("imagine", {"prompt": f"boat {number}"}, by="bob" if number else "mod")
    await env.until(lambda: len(env.images.tasks) == 5)  # before hers
    await env.slash("imagine", {"prompt": "a fox of ada"})
    await env.until(lambda: len(env.images.tasks) == 6)
    panel = await panel_of(env, await env.slash("queue"))
    assert "number **3** in the queue" in panel.text, panel.text
    assert "boat 4" in panel.text
    dm = env.discord.dm(env.person("bob"))
    elsewhere = await panel_of(env, await env.slash("queue", by="bob", where=dm))
    assert "boat 4" in elsewhere.text
    assert "a fox of ada" not in elsewhere.text
    env.images.release()
    await env.until(lambda: all(task.status.final for task in env.images.tasks.values()))
    await env.press(panel, "Refresh")
    await env.until(lambda: "nothing in the queue" in panel.text or "generating" in panel.text)


@pytest.mark.parametrize("profile", ["plus", "trueai"])
async def test_a_running_card_is_stopped_by_its_owner_and_says_so(make_env: MakeEnvironment, profile: str) -> None:
    env = await make_env(Scenario(profile=profile))
    env.images.options.admin = True
    env.images.stall_next()
    asked = await env.slash("imagine", {"prompt": "a fox"})
    await env.until(lambda: "Cancel" in captions(asked.messages[0]))
    card = asked.messages[0]
    refused = await env.press(card, "Cancel", by="bob")
    assert "moderator" in await env.private_answer(refused)
    await env.press(card, "Cancel")
    await env.until(lambda: "Canceled" in card.text)
    assert captions(card) == ["Try again", "Edit prompt"]


async def test_a_moderator_stops_a_task_by_command_and_is_told(env: Environment) -> None:
    env.images.stall_next()
    asked = await env.slash("imagine", {"prompt": "a fox"})
    await env.until(lambda: "%" in asked.messages[0].text)
    (choice,) = await env.person("ada").autocomplete(env.studio, "cancel", {"task": "fox"}, focused="task")
    assert "generating" in choice["name"]
    stopped = await env.slash("cancel", {"task": choice["value"]}, by="mod")
    assert "Canceled" in await env.private_answer(stopped)
    await env.until(lambda: "Canceled" in asked.messages[0].text)
    again = await env.slash("cancel", {"task": choice["value"]})
    assert "already ended" in await env.private_answer(again)


async def test_where_the_service_cannot_stop_tasks_there_is_no_button_and_the_command_says_so(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(Scenario(profile="newapi", settings={"MJ_PROFILE": "newapi"}))
    env.images.stall_next()
    asked = await env.slash("imagine", {"prompt": "a fox"})
    card = asked.messages[0]
    await env.until(lambda: "%" in card.text)
    assert captions(card) == []
    refused = await env.slash("cancel", {"task": task_id_of(card)})
    assert "can't cancel tasks" in await env.private_answer(refused)


async def test_a_service_that_stops_tasks_only_for_its_administrator_is_believed_in_its_refusal(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(Scenario(profile="trueai"))
    env.images.options.admin = False
    env.images.stall_next()
    asked = await env.slash("imagine", {"prompt": "a fox"})
    card = asked.messages[0]
    await env.until(lambda: "Cancel" in captions(card))
    refused = await env.press(card, "Cancel")
    assert "can't cancel tasks" in await env.private_answer(refused)
    assert "Canceled" not in card.text


async def test_a_seed_is_asked_for_once_and_remembered(env: Environment) -> None:
    (grid,) = await drawn(env, "a fox")
    (choice,) = await env.person("ada").autocomplete(env.studio, "seed", {"task": "fo"}, focused="task")
    assert choice["name"].startswith("a fox · finished · ")
    first = await env.private_answer(await env.slash("seed", {"task": choice["value"]}))
    second = await env.private_answer(await env.slash("seed", {"task": f"`{task_id_of(grid)}`"}, by="bob"))
    assert first == second
    assert str(next(iter(env.images.tasks.values())).seed) in first
    assert len([seen for seen in env.images.requests if "image-seed" in seen.path]) == 1


async def test_only_ones_own_tasks_are_suggested(env: Environment) -> None:
    await drawn(env, "a fox")
    typing = env.person("ada")
    assert len(await typing.autocomplete(env.studio, "show", {"task": ""}, focused="task")) == 1
    assert await typing.autocomplete(env.studio, "show", {"task": "nothing like this"}, focused="task") == []
    assert await env.person("bob").autocomplete(env.studio, "show", {"task": "fox"}, focused="task") == []


async def test_nothing_is_suggested_while_the_database_hangs_but_discord_has_its_answer(env: Environment) -> None:
    await drawn(env, "a fox")
    with closing(sqlite3.connect(env.folder / "atelier.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        # The bot's own writing waits now, and with it everybody who wants to read.
        asked = await env.slash("imagine", {"prompt": "an owl"})
        async with asyncio.timeout(10):
            # The write begins a moment after the acknowledgement; until then there is still something to suggest.
            while await env.person("ada").autocomplete(env.studio, "show", {"task": "fox"}, focused="task"):
                pass
        connection.execute("ROLLBACK")
    await env.result_of(asked)


async def test_a_service_that_turns_out_not_to_stop_tasks_takes_the_button_off_the_card(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(Scenario(profile="newapi", settings={"MJ_PROFILE": "unknown"}))
    env.images.stall_next()
    asked = await env.slash("imagine", {"prompt": "a fox"})
    card = asked.messages[0]
    await env.until(lambda: "Cancel" in captions(card))
    assert "can't cancel tasks" in await env.private_answer(await env.press(card, "Cancel"))
    await env.until(lambda: captions(card) == [])
