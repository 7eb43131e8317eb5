"""Deletion of results: who may, and what the store then says."""

from __future__ import annotations

from bot.tasks.actor import Actor
from bot.tasks.errors import UserError
from bot.tasks.policy import Policy, may_cancel
from storage import Message, Store, Task, TaskId


async def deletable(policy: Policy, actor: Actor, task_id: TaskId) -> Task:
    """The task if this person may delete its result now: their own, or as a moderator of the channel that it was asked
    in. Raises UserError, StorageError."""
    task = await policy.seen(actor, task_id)
    if not may_cancel(actor, task):
        raise UserError("not_yours_to_delete")
    if task.deleted_at is not None:
        raise UserError("deleted_already")
    if not task.state.settled:
        raise UserError("not_finished_yet")
    return task


async def mark_deleted(store: Store, actor: Actor, task: Task, now: float) -> list[Message]:
    """Notes that a result is deleted; its messages that have to be removed from Discord now. Raises StorageError.

    Its asker and the bot's owner remove it everywhere, a moderator only where they moderate.
    """
    everywhere = task.owner_id == actor.user_id or actor.owns_bot
    async with store.transaction():
        shown = await store.messages.for_task(task.id)
        removed = [each for each in shown if everywhere or actor.access_to(each.guild_id, each.channel_id).moderate]
        await store.tasks.mark_deleted(task.id, now)
        await store.notifications.remove(task.id)
        for each in removed:
            await store.messages.begin_removal(each.id)
    return removed
