"""Copies of results for users who also want them by direct message."""

from __future__ import annotations

from storage import NewMessage, Route, Store, Task

# Upload limit of direct messages in bytes; a server's own limit does not apply there.
DM_UPLOAD_LIMIT = 10_000_000


async def add_dm_copy(store: Store, task: Task) -> None:
    """Stores a direct message to be sent with a finished task's result, if its owner's settings ask for that. Raises
    StorageError.

    Must be called within the transaction that ends the task, so that both are saved or neither is.
    """
    preferred = await store.user_settings.of(task.owner_id)
    shown = await store.messages.for_task(task.id)
    if not preferred.direct or not shown:
        return
    copy = NewMessage(
        route=Route.DIRECT,
        user_id=task.owner_id,
        application_id=shown[0].application_id,
        guild_id=None,
        channel_id=None,
        token=None,
        token_ends_at=0.0,
        upload_limit=DM_UPLOAD_LIMIT,
        locale=shown[0].locale,
    )
    await store.messages.add(task.id, copy)
