"""The only judge of who may do what with a task.

People see what they asked for themselves and what stands in a channel that they can read: a task stands in the channel
that it was asked in, and in every channel where a message shows it. Whoever may see a task may press its buttons, try
it again and have it shown. A task is cancelled and deleted by who asked for it and by the moderators of the channel
that it was asked in. Drafts, batches and chosen pictures are their author's alone. The bot's owner sees and manages
every task.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from bot.tasks.actor import Actor
from bot.tasks.errors import UserError
from storage import TASK_STATES, Batch, ChosenPicture, Draft, Message, Store, Task, TaskId, TaskState

# Tasks whose messages are looked up in one query: a few milliseconds, so that others come in between.
AT_ONCE = 500


class Operation(StrEnum):
    """What a person can want to do with one task."""

    SEE = "see"
    """Read its prompt and look at its result, also in lists and in *Task info*."""
    PRESS = "press"
    """Press one of its buttons, also through a modal or the mask editor."""
    TRY_AGAIN = "try_again"
    LOOK_AGAIN = "look_again"
    FETCH_AGAIN = "fetch_again"
    TURN_PAGE = "turn_page"
    SHOW = "show"
    """Have a new message made that shows it, to everybody or to oneself."""
    SEED = "seed"
    CANCEL = "cancel"
    DELETE = "delete"


class Policy:
    """Decides for one store. Every method that looks something up raises StorageError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def task_for(self, actor: Actor, operation: Operation, task_id: TaskId) -> Task:
        """The task, if this person may do this with it now.

        Raises UserError. A task that they may not see is refused like one that does not exist.
        """
        task = await self._store.tasks.get(task_id)
        if task is None or not await self.may_see(actor, task):
            raise UserError("no_such_task")
        check(actor, operation, task)
        return task

    async def may_see(self, actor: Actor, task: Task) -> bool:
        """May this person read the task's prompt, look at its result, and press its buttons?"""
        return bool(await self.visible(actor, [task]))

    async def visible(self, actor: Actor, tasks: Sequence[Task]) -> list[Task]:
        """Those of the tasks that this person may see, in the same order."""
        known = {task.id for task in tasks if _sees_by_itself(actor, task)}
        others = [task.id for task in tasks if task.id not in known]
        for start in range(0, len(others), AT_ONCE):
            some = others[start : start + AT_ONCE]
            places = await self._store.messages.places(some, guild_id=actor.guild_id, channel_id=actor.channel_id)
            known |= {place.task_id for place in places if actor.access_to(place.guild_id, place.channel_id).view}
        return [task for task in tasks if task.id in known]

    async def may_import(self, actor: Actor | None, task: Task, upstream_id: str) -> bool:
        """May a task that asks for a job by its id have it (docs/image-api.md#show)? Not if the job was made only for
        people in places that the asker may not see.

        Without an `actor`, the asker may see what is theirs and what stands where they asked.
        """
        made = [known for known in await self._store.tasks.by_upstream(upstream_id) if known.id != task.id]
        actor = actor or Actor(task.owner_id, task.guild_id, task.channel_id)
        return not made or bool(await self.visible(actor, made))

    async def draft(self, actor: Actor, draft_id: str) -> Draft:
        """A draft of this person's own. Raises UserError."""
        draft = await self._store.drafts.get(draft_id, actor.user_id)
        if draft is None:
            raise UserError("draft_gone")
        return draft

    async def batch(self, actor: Actor, batch_id: int) -> Batch:
        """A batch that this person was asked about. Raises UserError."""
        batch = await self._store.batches.get(batch_id)
        if batch is None or batch.user_id != actor.user_id:
            raise UserError("batch_forgotten")
        return batch

    async def chosen_picture(self, actor: Actor, interaction_id: int) -> ChosenPicture:
        """The picture that this person chose by that interaction. Raises UserError."""
        chosen = await self._store.chosen_pictures.get(interaction_id)
        if chosen is None or chosen.user_id != actor.user_id:
            raise UserError("picture_forgotten")
        return chosen


def check(actor: Actor, operation: Operation, task: Task) -> None:
    """Raises UserError unless this person may do this with a task that they see, as the task stands now."""
    match operation:
        case Operation.CANCEL:
            _check_cancellable(actor, task)
        case Operation.DELETE:
            _check_deletable(actor, task)
        case Operation.SHOW if task.deleted_at is not None:
            raise UserError("deleted")
        case Operation.SEED if not task.result.seed and (task.state is not TaskState.SUCCESS or not task.upstream_id):
            raise UserError("no_seed_yet")


def permits(actor: Actor, operation: Operation, task: Task) -> bool:
    """May this person do this with a task that they see, as the task stands now?"""
    try:
        check(actor, operation, task)
    except UserError:
        return False
    return True


def check_list(actor: Actor, *, everybodys: bool) -> None:
    """Raises UserError where a list of everybody's tasks is asked for by another than the bot's owner."""
    if everybodys and not actor.owns_bot:
        raise UserError("not_the_owner")


def counts_in_queue(actor: Actor, task: Task) -> bool:
    """Is the task one of those that this person's queue counts: their own, and those of the server or the group that
    they are in?"""
    in_server = task.guild_id is not None and task.guild_id == actor.guild_id
    in_channel = task.channel_id is not None and task.channel_id == actor.channel_id
    return actor.owns_bot or task.owner_id == actor.user_id or in_server or in_channel


def removable(actor: Actor, task: Task, messages: Sequence[Message]) -> list[Message]:
    """The messages that are removed when this person deletes the result: its asker and the bot's owner remove it
    everywhere, a moderator only where they moderate."""
    if _owns(actor, task):
        return list(messages)
    return [each for each in messages if actor.access_to(each.guild_id, each.channel_id).moderate]


def _check_cancellable(actor: Actor, task: Task) -> None:
    if not _manages(actor, task):
        raise UserError("not_yours_to_cancel")
    if task.state.final:
        raise UserError("over_already")
    if not TASK_STATES[task.state].cancellable:
        raise UserError("not_there_yet")


def _check_deletable(actor: Actor, task: Task) -> None:
    if not _manages(actor, task):
        raise UserError("not_yours_to_delete")
    if task.deleted_at is not None:
        raise UserError("deleted_already")
    if not task.state.settled:
        raise UserError("not_finished_yet")


def _owns(actor: Actor, task: Task) -> bool:
    return task.owner_id == actor.user_id or actor.owns_bot


def _manages(actor: Actor, task: Task) -> bool:
    """Did they ask for the task, or do they moderate the channel that it was asked in?"""
    access = actor.access_to(task.guild_id, task.channel_id)
    return _owns(actor, task) or (access.view and access.moderate)


def _sees_by_itself(actor: Actor, task: Task) -> bool:
    return _owns(actor, task) or actor.access_to(task.guild_id, task.channel_id).view
