"""A database of an earlier version opens, and what it holds means the same."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import Store, TaskQuery, TaskState, open_store
from storage.sqlite.migrate import migrations
from tests.support.earlier_versions import EarlierTask, database_of_version
from tests.support.storing import database_of

TASKS = (
    EarlierTask("failed", TaskState.FAILURE, 2, 3, 3),
    EarlierTask("refused", TaskState.REFUSED, 1, 2, 2),
    EarlierTask("lost", TaskState.UNKNOWN, 1, 2, 2),
    EarlierTask("behind", TaskState.STALLED, 0, 5, 4),
    EarlierTask("success", TaskState.SUCCESS, 0, 4, 4),
)


@pytest.fixture
def earlier(database_path: Path) -> str:
    database_of_version(2, database_path, TASKS)
    return f"sqlite:///{database_path}"


async def stored_inputs(store: Store) -> dict[str, tuple[int, int]]:
    tasks = [await store.tasks.get(task.id) for task in TASKS]
    return {task.id: (task.input_count, len(await store.tasks.inputs(task.id))) for task in tasks if task}


async def test_what_came_with_tasks_is_counted_and_that_of_refused_ones_removed(earlier: str) -> None:
    for _ in range(2):
        async with open_store(earlier) as store:
            assert await stored_inputs(store) == {
                "failed": (2, 2),
                "refused": (1, 0),
                "lost": (1, 1),
                "behind": (0, 0),
                "success": (0, 0),
            }


async def test_only_messages_that_are_behind_are_unfinished(earlier: str) -> None:
    async with open_store(earlier) as store:
        assert [message.task_id for message in await store.messages.unfinished()] == ["behind"]


async def test_its_messages_are_in_the_default_language(earlier: str) -> None:
    async with open_store(earlier) as store:
        (message,) = await store.messages.for_task("behind")
        assert message.locale is None


async def test_its_tasks_are_found(earlier: str) -> None:
    async with open_store(earlier) as store:
        found = await store.tasks.search(TaskQuery(owner_id=7, words="fox"), limit=9)
        assert [task.id for task in found] == ["success", "behind", "lost", "failed"]


@pytest.mark.parametrize(
    ("fail_kind", "fail_reason", "code", "params"),
    [
        ("refused.banned_prompt_word", "lurid", "banned_prompt_word", {"word": "lurid"}),
        # The word was lost by an early version; the text without it says the rest.
        ("refused.banned_prompt_word", "", "banned_prompt", {}),
        ("refused.invalid", 'a "flag"\\', "invalid", {"reason": 'a "flag"\\'}),
        ("refused.invalid", "", "invalid_silent", {}),
        ("refused.limit_reached", "", "limit_reached_silent", {}),
        ("refused.link_ended", "cdn.example/a.png, …", "link_ended", {"reason": "cdn.example/a.png, …"}),
        ("refused.of_another_place", "", "of_another_place", {}),
        ("timeout", "ran out", "timeout", {"reason": "ran out"}),
        ("forgotten", "", "forgotten", {}),
        ("parent_unready", "", "parent_unready", {}),
        (None, "敏感词", None, {"reason": "敏感词"}),
        (None, "", None, {}),
    ],
)
async def test_the_names_of_texts_become_codes_with_their_values(
    database_path: Path, fail_kind: str | None, fail_reason: str, code: str | None, params: dict[str, str]
) -> None:
    reason = fail_kind if fail_kind and fail_kind.startswith("refused.") else "withdrawn"
    task = EarlierTask("t1", TaskState.FAILURE, fail_kind=fail_kind, fail_reason=fail_reason, press_reason=reason)
    database_of_version(7, database_path, [task])
    for _ in range(2):
        async with open_store(f"sqlite:///{database_path}") as store:
            found, press = await store.tasks.get("t1"), await store.submissions.get(1)
            assert found is not None
            assert press is not None
            assert (found.error_code, found.error_params, found.version) == (code, params, task.version)
            if reason == "withdrawn":
                assert (press.reason, press.error_code, press.error_params) == ("withdrawn", None, {})
            else:
                assert (press.reason, f"refused.{press.error_code}") == (None, reason)


@pytest.mark.parametrize(
    ("custom_id", "label", "shown", "group"),
    [
        ("MJ::JOB::upsample::1::u", "U1", "U1", ""),
        ("MJ::JOB::reroll::0::u::SOLO", "🔄", "🔄 Reroll", ""),
        ("MJ::JOB::pan_left::1::u::SOLO", "⬅️", "⬅️ Pan Left", ""),
        ("MJ::JOB::pan_down::1::u::SOLO", "⬇️", "⬇️ Pan Down", ""),
        ("MJ::Job::PicReader::1", "1️⃣", "1️⃣", ""),
        ("MJ::BOOKMARK::u", "❤️", "❤️ Favorite", "favorite"),
    ],
)
async def test_a_pressed_button_keeps_its_name_and_its_kind(
    tmp_path: Path, custom_id: str, label: str, shown: str, group: str
) -> None:
    path = tmp_path / "earlier.db"
    database_of_version(7, path, TASKS[:1])
    with closing(sqlite3.connect(path)) as connection, connection:
        request = {"action": "button", "prompt": "a fox", "custom_id": custom_id, "label": label, "mode": "fast"}
        connection.execute(
            "UPDATE tasks SET action = 'button', custom_id = ?, request = ?", (custom_id, json.dumps(request))
        )
    async with open_store(f"sqlite:///{path}") as store:
        task = await store.tasks.get(TASKS[0].id)
    assert task is not None
    assert (task.request.label, task.request.group, task.request.engine) == (shown, group, "midjourney")
    assert task.request.options == {"mode": "fast"}


async def test_signed_links_end_and_the_secret_goes(tmp_path: Path) -> None:
    path = tmp_path / "signed.db"
    database_of_version(7, path, TASKS)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO notes VALUES ('what the links of the painter are signed with', 'c0ffee')")
        connection.execute("INSERT INTO notes VALUES ('another', 'stays')")
        connection.execute(
            "INSERT INTO painter_links (id, task_id, digest, interaction_id, application_id, user_id, token,"
            " created_at, upload_limit, locale, expires_at)"
            " VALUES ('as it was signed', 'success', 'digest', 1, 9, 7, 'token', 1000, 1, 'en', 1e12)"
        )
    async with open_store(f"sqlite:///{path}") as store:
        assert await store.mask_editor_links.get("as it was signed") is None
        notes = await database_of(store).rows("SELECT name, value FROM notes")
        assert [tuple(row) for row in notes] == [("another", "stays")]


async def test_the_log_says_that_an_earlier_database_is_changed_and_nothing_of_a_new_one(
    earlier: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "storage.sqlite.migrate")
    async with open_store(f"sqlite:///{tmp_path / 'new.db'}"):
        assert caplog.messages == []
    async with open_store(earlier):
        assert "from version 2" in caplog.messages[0]


async def test_every_version_leads_to_the_same_tables(tmp_path: Path) -> None:
    schemas = []
    for version in range(len(migrations()) + 1):
        path = tmp_path / f"{version}.db"
        with closing(sqlite3.connect(path)) as connection:
            for _, script in migrations()[:version]:
                connection.executescript(script)
            connection.execute(f"PRAGMA user_version = {version}")
        async with open_store(f"sqlite:///{path}") as store:
            rows = await database_of(store).rows("SELECT name, sql FROM sqlite_master ORDER BY name")
            schemas.append([tuple(row) for row in rows])
    assert all(schema == schemas[0] for schema in schemas)
