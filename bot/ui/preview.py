"""A task shown to one person alone, as it stands now, with a button that shows it to everybody."""

from __future__ import annotations

from functools import partial

from bot.parts import Parts
from bot.tasks.answers import Refusal
from bot.ui.asker import origin_of
from bot.ui.availability import offers
from bot.ui.card import Look, card
from bot.ui.guard import Interaction, refuse
from bot.ui.panels import draw_panel, open_panel
from storage import Message, Route, Task, TaskId


async def preview(interaction: Interaction, parts: Parts, task_id: TaskId) -> None:
    """Answers a press on a private panel. The message is no message of the task's: nobody else sees it, and it stays as
    it is. Raises StorageError."""
    await open_panel(interaction)
    origin = origin_of(interaction)
    task = await parts.service.policy.seen(origin.viewer, task_id)
    if isinstance(task, Refusal):
        await refuse(interaction, task)
        return
    if task.deleted_at is not None:
        await refuse(interaction, Refusal("refused.deleted"))
        return
    exhibits = await parts.exhibitor.exhibits(task, _unsent(task, origin.upload_limit))
    used = await parts.store.presses.used_buttons(task.id)
    look = Look(
        exhibits.names,
        used,
        trouble=exhibits.trouble,
        notes=exhibits.notes,
        offers=partial(offers, parts.midjourney.capabilities),
        preview=True,
    )
    await draw_panel(interaction, card(task, look), exhibits.files or ())


def _unsent(task: Task, upload_limit: int) -> Message:
    """What a message that has nothing attached yet would be."""
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
        gone=False,
    )
