"""A task's current card in a private message, with a button to post it publicly."""

from __future__ import annotations

from bot.platform.roles import Role
from bot.tasks.policy import Operation
from bot.ui.cards.card import card
from bot.ui.cards.card_buttons import CardOptions
from bot.ui.interactions.context import Interaction, context_of, translator_of
from bot.ui.interactions.responses import draw_panel, open_panel
from bot.ui.services import Services
from storage import Message, Route, Task, TaskId


async def send_preview(interaction: Interaction, services: Services, task_id: TaskId) -> None:
    """Answers a button on a private panel. The message is not recorded as one of the task's messages: only this user
    sees it, and it is never updated.

    Raises UserError, StorageError.
    """
    await open_panel(interaction)
    context = context_of(interaction)
    task = await services.service.policy.task_for(context.actor, Operation.SHOW, task_id)
    t = translator_of(interaction)
    build = await services.attachment_builder.build(task, _unsent(task, context.upload_limit), t)
    used = await services.store.submissions.used_buttons(task.id)
    look = CardOptions(
        build.names,
        used,
        trouble=build.trouble,
        notes=build.notes,
        buttons=services.engines.offered(task),
        can_continue=services.engines.can_continue(task),
        preview=True,
        improves=interaction.client.serves(Role.ENHANCE),
        compares=interaction.client.serves(Role.EMBEDDINGS),
    )
    await draw_panel(interaction, card(task, look, t), build.files or ())


def _unsent(task: Task, upload_limit: int) -> Message:
    """A message row without any attachments."""
    return Message(
        id=0,
        task_id=task.id,
        route=Route.FOLLOWUP,
        user_id=0,
        application_id=0,
        guild_id=None,
        channel_id=None,
        message_id=None,
        token=None,
        token_ends_at=0.0,
        upload_limit=upload_limit,
        page=0,
        shown_version=0,
        files=(),
        unreachable=False,
    )
