"""The only judge of who may do what with a task.

People see what they asked for themselves and what stands in a channel that they can read: a task stands in the channel
that it was asked in, and in every channel where a message shows it. Whoever may see a task may press its buttons. The
bot's owner sees everything.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.tasks.actor import Actor
from bot.tasks.errors import UserError
from storage import Store, Task, TaskId

# Tasks whose messages are looked up in one query: a few milliseconds, so that others come in between.
AT_ONCE = 500


class Policy:
    """Decides for one store. Every method that looks something up raises StorageError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def seen(self, actor: Actor, task_id: TaskId) -> Task:
        """The task if this person may see it. Raises UserError: a task that they may not see is refused like one that
        does not exist."""
        task = await self._store.tasks.get(task_id)
        if task is None or not await self.may_see(actor, task):
            raise UserError("no_such_task")
        return task

    async def may_see(self, actor: Actor, task: Task) -> bool:
        """May this person read the task's prompt, look at its result, and press its buttons?"""
        return bool(await self.visible(actor, [task]))

    async def visible(self, actor: Actor, tasks: Sequence[Task]) -> list[Task]:
        """Those of the tasks that this person may see, in the same order."""
        known = {task.id for task in tasks if _by_itself(actor, task)}
        maybe_sent = [task.id for task in tasks if task.id not in known]
        for start in range(0, len(maybe_sent), AT_ONCE):
            some = maybe_sent[start : start + AT_ONCE]
            places = await self._store.messages.places(some, guild_id=actor.guild_id, channel_id=actor.channel_id)
            known |= {place.task_id for place in places if actor.access_to(place.guild_id, place.channel_id).view}
        return [task for task in tasks if task.id in known]


def may_cancel(actor: Actor, task: Task) -> bool:
    """A task is stopped by who asked for it, by the moderators of the channel that it was asked in, or by the bot's
    owner."""
    if task.owner_id == actor.user_id or actor.owns_bot:
        return True
    access = actor.access_to(task.guild_id, task.channel_id)
    return access.view and access.moderate


def _by_itself(actor: Actor, task: Task) -> bool:
    if task.owner_id == actor.user_id or actor.owns_bot:
        return True
    return actor.access_to(task.guild_id, task.channel_id).view
