"""What the rows of the file hold, and what they do not."""

from __future__ import annotations

from storage import Action, Request, Store
from tests.support.storing import AddTask, database_of


async def test_the_callback_token_is_not_in_the_file(store: Store, add_task: AddTask) -> None:
    await add_task("t1", token="callback-token-in-clear")
    rows = await database_of(store).rows("SELECT * FROM tasks")
    assert "callback-token-in-clear" not in repr([tuple(row) for row in rows])


async def test_a_task_stored_before_spoilers_were_known_is_open(store: Store, add_task: AddTask) -> None:
    await add_task("t1", request=Request(Action.BLEND, spoiler=True, remarks="🔍 smaller"))
    found = await store.tasks.get("t1")
    assert found is not None
    assert (found.request.spoiler, found.request.remarks) == (True, "🔍 smaller")
    await database_of(store).write(
        "UPDATE tasks SET request = json_remove(request, '$.spoiler', '$.remarks') WHERE id = ?", ("t1",)
    )
    store._live.drop("t1")
    found = await store.tasks.get("t1")
    assert found is not None
    assert (found.request.spoiler, found.request.remarks) == (False, "")
