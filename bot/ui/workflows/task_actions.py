"""Actions on an existing task: cancel it, show it, or read its data.

All of them require that the interaction was acknowledged, privately or silently.
"""

from __future__ import annotations

from bot.engines.models import ButtonGroup, Feature
from bot.platform.roles import Role
from bot.search.documents import has_image
from bot.tasks.errors import UserError
from bot.tasks.policy import Actor, InteractionContext, Operation, permits
from bot.tasks.request_prompts import is_improvable
from bot.tasks.results import Accepted, SubmitResult
from bot.tasks.service import TaskService
from bot.ui.cards.card_attachments import has_images
from bot.ui.interactions.context import Interaction, actor_of, public_context_of
from bot.ui.interactions.responses import send_ephemeral
from bot.ui.panels.task_info import Family
from bot.ui.services import Services
from storage import Task, TaskId, TaskState


async def cancel_task(interaction: Interaction, services: Services, task_id: TaskId, *, confirm: bool = False) -> None:
    """Cancels a task. `confirm`: send a confirmation even if the card already shows it.

    Raises UserError, StorageError.
    """
    try:
        answer = await services.service.cancel(actor_of(interaction), task_id)
    except UserError as error:
        if error.code == "no_cancel":
            await services.delivery.force_update(task_id)  # without the button that cannot work here
        raise
    if answer.too_late:
        await send_ephemeral(interaction, "cancel.too_late")
    elif not answer.ended:
        await send_ephemeral(interaction, "cancel.asked")
    elif confirm:
        await send_ephemeral(interaction, "cancel.done")


async def send_seed(interaction: Interaction, service: TaskService, task_id: TaskId) -> None:
    """Sends a task's seed; may take over a minute. Raises UserError, StorageError."""
    seed = await service.seed(actor_of(interaction), task_id)
    await send_ephemeral(interaction, "seed.is", seed=seed, task=task_id)


async def show_task(interaction: Interaction, services: Services, task_id: TaskId) -> None:
    """Shows a task in a new message. Raises UserError, StorageError."""
    await show_for_author(services, public_context_of(interaction), task_id)


async def show_for_author(services: Services, context: InteractionContext, task_id: TaskId) -> SubmitResult:
    """Shows a task in the message that answers `context`. Raises UserError, StorageError."""
    task = await services.service.policy.task_for(context.actor, Operation.SHOW, task_id)
    await services.store.messages.add(task.id, context.message())
    services.delivery.task_changed(task)
    return Accepted(task)


async def family_of(services: Services, actor: Actor, task: Task) -> Family:
    """A task with its parent and derived tasks, as far as this user may see them. Raises StorageError."""
    parent = await services.store.tasks.get(task.parent_id) if task.parent_id else None
    if parent and not await services.service.policy.may_see(actor, parent):
        parent = None
    made = [child for child in await services.store.tasks.children(task.id) if not _is_favorite(child)]
    children = await services.service.policy.visible(actor, made)
    # Canceling a task in the bot's queue does not involve the image service.
    possible = services.engines.has(task, Feature.CANCEL) or task.state is TaskState.QUEUED
    cancellable = possible and permits(actor, Operation.CANCEL, task)
    deletable = permits(actor, Operation.DELETE, task)
    relatives = [task, *([parent] if parent else []), *children]
    thumbnails = await services.thumbnails.of(relatives)
    seeds = services.engines.has(task, Feature.SEED)
    improvable = services.serves(Role.ENHANCE) and is_improvable(task)
    describable = services.serves(Role.VISION) and has_images(task) and task.deleted_at is None
    return Family(
        task,
        parent,
        children,
        seeds,
        cancellable,
        deletable,
        improvable,
        describable,
        comparable=has_image(task),
        thumbnails=thumbnails,
    )


def _is_favorite(task: Task) -> bool:
    """Whether the task comes from a button that creates no image."""
    return task.request.group == ButtonGroup.FAVORITE or task.result.acknowledged
