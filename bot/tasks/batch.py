"""One press, several tasks: "Imagine all" starts one a line (docs/image-api.md#text-buttons)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from bot.tasks.results import new_callback_token, new_task_id
from storage import NewMessage, NewTask, Route, Store, Task, TaskState, TaskUpdate


async def add_batch_tasks(store: Store, task: Task, upstream_ids: Sequence[str], now: float) -> list[Task]:
    """Stores the further tasks that a press has started, each with a message to come beside the first one's."""
    parent = await store.tasks.get(task.parent_id) if task.parent_id else None
    lines = parent.result.lines if parent else ()
    shown = await store.messages.for_task(task.id)
    siblings = []
    for number, upstream_id in enumerate(upstream_ids, 1):
        prompt = lines[number] if number < len(lines) else task.request.prompt
        new = NewTask(
            id=new_task_id(),
            parent_id=task.parent_id,
            owner_id=task.owner_id,
            guild_id=task.guild_id,
            channel_id=task.channel_id,
            request=dataclasses.replace(task.request, prompt=prompt),
            callback_token=new_callback_token(),
        )
        await store.tasks.add(new, now)
        for message in shown[:1]:
            await store.messages.add(
                new.id,
                NewMessage(
                    route=Route.FOLLOWUP,
                    user_id=message.user_id,
                    application_id=message.application_id,
                    guild_id=message.guild_id,
                    channel_id=message.channel_id,
                    token=message.token,
                    token_ends_at=message.token_ends_at,
                    upload_limit=message.upload_limit,
                ),
            )
        moved = await store.tasks.move(new.id, TaskUpdate(TaskState.PENDING, upstream_id=upstream_id), now)
        siblings += [moved] if moved else []
    return siblings
