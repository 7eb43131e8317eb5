"""Copies of results for people who want theirs by direct message, too."""

from __future__ import annotations

from storage import NewMessage, Route, Store, Task

# In bytes: what direct messages take, whatever a server allows.
DM_UPLOAD_LIMIT = 10_000_000


async def add_dm_copy(store: Store, task: Task) -> None:
    """Notes that a finished task is to be shown to its asker directly, if they want that. Raises StorageError.

    To be called within the transaction that ends the task, so that the copy is lost as little as the end itself.
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
