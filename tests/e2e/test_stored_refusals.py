"""Why something was refused is stored with its values, and told with them by every card, whenever that is drawn."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.tasks.requests import new_nonce
from playground.discord import Message
from playground.driver import Environment, Scenario
from storage import TaskState
from tests.support.earlier_versions import EarlierTask, database_of_version
from tests.support.environments import MakeEnvironment, task_id_of
from tests.support.panels import drawn, panel_of

WORD = "forbiddenword"
LOOKED_FOR = 60.0


async def shown_again(env: Environment, task_id: str) -> Message:
    """The card that /show makes of a task."""
    asked = await env.slash("show", {"task": task_id})
    await env.until(lambda: any(task_id in each.text for each in asked.messages))
    return asked.messages[0]


def stored_errors(folder: Path, task_id: str) -> list[tuple[str, dict[str, str]]]:
    """The errors that the database holds of a task and of the press that made it."""
    with closing(sqlite3.connect(f"file:{folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT error_code, error_params FROM tasks WHERE id = :task"
            " UNION ALL SELECT error_code, error_params FROM presses WHERE task_id = :task",
            {"task": task_id},
        )
        return [(code, json.loads(params)) for code, params in rows]


async def test_a_word_that_is_banned_when_a_modal_is_confirmed_after_a_restart_stands_on_the_card(
    make_env: MakeEnvironment,
) -> None:
    env = await make_env(Scenario(profile="plus", remix=True, callbacks=False))
    (grid,) = await drawn(env, "a brass owl")
    panel = await panel_of(env, await env.slash("settings"))
    await env.press(panel, "Remix: off")
    await env.until(lambda: any(":remix:off" in each["custom_id"] for each in panel.buttons))
    opened = await env.press(grid, "V2")
    assert opened.modal is not None
    env.images.fail_next("submit/modal", "code_24")
    with env.images.hold_requests("submit/action"):
        pressed = await env.person("ada").submit_modal(opened, {"prompt": f"a {WORD} owl"})
        await env.until(lambda: len(env.images.submits) == 2)
        await env.kill_bot()
    await env.start_bot()
    await env.until(lambda: any(WORD in each.text.partition("❌")[2] for each in pressed.messages), LOOKED_FOR)
    task_id = task_id_of(pressed.messages[0])
    assert stored_errors(env.folder, task_id) == [("banned_prompt_word", {"word": WORD})] * 2
    await env.kill_bot()
    await env.start_bot()
    assert WORD in (await shown_again(env, task_id)).text.partition("❌")[2]


async def test_a_word_that_is_banned_when_a_request_leaves_the_queue_stands_on_the_card(env: Environment) -> None:
    env.images.hold()
    asked = [await env.slash("imagine", {"prompt": f"owl {number}"}) for number in range(8)]
    waiting = await env.slash("imagine", {"prompt": f"a {WORD} kite"})
    await env.until(lambda: bool(waiting.messages and waiting.messages[0].text))
    env.images.release()
    for each in asked:
        await env.result_of(each)
    await env.until(lambda: WORD in waiting.messages[0].text.partition("❌")[2])
    task_id = task_id_of(waiting.messages[0])
    await env.kill_bot()
    await env.start_bot()
    assert WORD in (await shown_again(env, task_id)).text.partition("❌")[2]


@pytest.mark.parametrize(
    ("fail_kind", "fail_reason", "said"),
    [
        ("refused.banned_prompt_word", WORD, WORD),
        ("refused.invalid", "unknown flag", "unknown flag"),
        ("timeout", "ran out", "ran out"),
        (None, "an odd reason", "an odd reason"),
    ],
)
async def test_what_the_version_before_has_stored_is_told_with_its_values(
    env: Environment, fail_kind: str | None, fail_reason: str, said: str
) -> None:
    await env.stop_bot()
    for file in env.folder.glob("atelier.db*"):
        file.unlink()
    owner, task_id = env.person("ada").user.id, new_nonce()[:10]
    task = EarlierTask(task_id, TaskState.FAILURE, owner=owner, fail_kind=fail_kind, fail_reason=fail_reason)
    database_of_version(7, env.folder / "atelier.db", [task])
    await env.start_bot()
    assert said in (await shown_again(env, task_id)).text.partition("❌")[2].replace("\\", "")
