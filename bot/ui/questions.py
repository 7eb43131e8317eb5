"""What people want of a task that is there already: to have it stopped, shown or described in figures.

All of these expect that the interaction was acknowledged, privately or silently.
"""

from __future__ import annotations

from bot.midjourney import custom_ids
from bot.parts import Parts
from bot.tasks.answers import Answer, Origin, Refusal, Taken
from bot.tasks.cancelling import NO_CANCEL, STOPPABLE
from bot.tasks.policy import may_cancel
from bot.tasks.service import TaskService
from bot.tasks.viewer import Viewer
from bot.ui.asker import origin_beside, viewer_of
from bot.ui.guard import Interaction, refuse, tell
from bot.ui.info_panel import Family
from storage import Task, TaskId, TaskState


async def cancel(interaction: Interaction, parts: Parts, task_id: TaskId, *, confirm: bool = False) -> None:
    """Has a task stopped. `confirm`: the presser is told even when its card says so itself."""
    answer = await parts.service.cancel(viewer_of(interaction), task_id)
    if isinstance(answer, Refusal):
        await refuse(interaction, answer)
        if answer.text == NO_CANCEL:
            await parts.delivery.show_afresh(task_id)  # without the button that cannot work here
    elif answer.too_late:
        await tell(interaction, "cancel.too_late")
    elif not answer.ended:
        await tell(interaction, "cancel.asked")
    elif confirm:
        await tell(interaction, "cancel.done")


async def tell_seed(interaction: Interaction, service: TaskService, task_id: TaskId) -> None:
    """Tells a task's seed; may take over a minute."""
    answer = await service.seed(viewer_of(interaction), task_id)
    if isinstance(answer, Refusal):
        await refuse(interaction, answer)
    else:
        await tell(interaction, "seed.is", seed=answer, task=task_id)


async def show(interaction: Interaction, parts: Parts, task_id: TaskId) -> None:
    """Shows a task in a new message."""
    answer = await show_for(parts, origin_beside(interaction), task_id)
    if isinstance(answer, Refusal):
        await refuse(interaction, answer)


async def show_for(parts: Parts, origin: Origin, task_id: TaskId) -> Answer:
    """Shows a task in the message that answers `origin`. Raises StorageError."""
    task = await parts.service.policy.seen(origin.viewer, task_id)
    if isinstance(task, Refusal):
        return task
    if task.deleted_at is not None:
        return Refusal("refused.deleted")
    await parts.store.messages.add(task.id, origin.message())
    parts.delivery.task_changed(task)
    return Taken(task)


async def family_of(parts: Parts, viewer: Viewer, task: Task) -> Family:
    """A task with its relatives, as this person sees them. Raises StorageError."""
    parent = await parts.store.tasks.get(task.parent_id) if task.parent_id else None
    if parent and not await parts.service.policy.may_see(viewer, parent):
        parent = None
    made = [child for child in await parts.store.tasks.children(task.id) if not _is_favorite(child)]
    children = await parts.service.policy.visible(viewer, made)
    capabilities = parts.midjourney.capabilities
    stoppable = task.state in STOPPABLE and may_cancel(viewer, task)
    # What waits in the bot needs no service to be stopped.
    cancellable = stoppable and (capabilities.cancel or task.state is TaskState.QUEUED)
    deletable = task.state.settled and task.deleted_at is None and may_cancel(viewer, task)
    relatives = [task, *([parent] if parent else []), *children]
    thumbnails = await parts.store.thumbnails.results([each.id for each in relatives if each.deleted_at is None])
    return Family(task, parent, children, capabilities.seed, cancellable, deletable, thumbnails)


def _is_favorite(task: Task) -> bool:
    """Was this asked for by a press that makes no picture?"""
    kind = custom_ids.parse(task.request.custom_id or "").kind
    return kind is custom_ids.ActionKind.BOOKMARK
