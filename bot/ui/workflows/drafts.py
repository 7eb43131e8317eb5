"""Refused prompts: shown to their author alone, with a button that opens them again to be edited and sent.

The draft is in the store, so the button works after a restart. Its id is made here, so that an interaction which was
not acknowledged yet is answered before the draft is stored.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import partial
from typing import Any

import discord

from bot.i18n import Translator, has
from bot.midjourney import Capabilities
from bot.runtime.units import DAY
from bot.tasks.actor import Actor
from bot.tasks.errors import UserError
from bot.tasks.policy import Policy
from bot.tasks.prompt import MAX_PROMPT
from bot.tasks.results import new_task_id
from bot.ui.components.custom_ids import MODAL_PATTERN, ActionId, DraftId, edit_modal
from bot.ui.components.dynamic_items import DraftItem
from bot.ui.components.limits import check
from bot.ui.components.markdown import escape_markdown, sanitize_line
from bot.ui.components.payloads import fields_of, text_in
from bot.ui.components.safe_text import error_text
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.context import translator_of
from bot.ui.interactions.error_handling import ErrorSender, best_effort, send_error, with_command_heading
from bot.ui.modals.action_modals import PROMPT_FIELD, SubmittedModal, modal_for
from bot.ui.modals.image_use_modal import IMAGE_USE_PATTERN, ImageUse, image_use_modal
from storage import Action, Batch, Draft, DraftFile, Request, StorageError, Store, TaskId

log = logging.getLogger(__name__)

# Drafts are offered for so many seconds; `bot.cleanup` removes older ones.
DRAFT_SECONDS = DAY
# Characters of a prompt that are shown beside the refusal; the window holds all of it.
MAX_SHOWN = 1_400
# The error after which nothing can be stored, and the one after which there is nothing to send again.
_STORE, _STARTED = "store", "batch_started"


class DraftSource(Enum):
    """How a draft goes on once it was edited: as a command, as a press with its window, as a use of a picture, or as
    another try of a task."""

    COMMAND = "command"
    PRESS = "press"
    USE = "use"
    AGAIN = "again"


def draft_of_command(
    interaction: Interaction, asked: Request, attachments: Sequence[discord.Attachment], aspect: str | None
) -> Draft:
    """What was typed, chosen and attached with a command."""
    files = files_of(attachments)
    return Draft(new_task_id(), interaction.user.id, asked, time.time(), aspect=aspect, files=files)


def files_of(attachments: Sequence[discord.Attachment]) -> tuple[DraftFile, ...]:
    """What is kept of attachments: enough to read them once more."""
    return tuple(DraftFile(str(each.id), each.filename, each.url, each.size, each.content_type) for each in attachments)


def draft_of_batch(batch: Batch, prompt: str) -> Draft:
    """One or several prompts of a batch, with all else that was chosen for it."""
    asked = dataclasses.replace(batch.request, prompt=prompt)
    return Draft(new_task_id(), batch.user_id, asked, time.time(), aspect=batch.aspect, files=batch.files)


def draft_of_modal(interaction: Interaction, modal: SubmittedModal) -> Draft:
    """What was written into a button's window, and the parts that were chosen there."""
    key = modal.key
    title = f"window.title.{key.modal.name.lower()}"
    request = Request(Action.BUTTON, prompt=modal.prompt, label=translator_of(interaction)(title) if has(title) else "")
    return Draft(
        new_task_id(),
        interaction.user.id,
        request,
        time.time(),
        task_id=key.task_id,
        modal=key.modal_custom_id(),
        areas=modal.areas,
    )


def draft_of_use(interaction: Interaction, use: ImageUse) -> Draft:
    """What was chosen, written and attached in a picture's window."""
    request = Request(use.action or Action.IMAGINE, prompt=use.prompt)
    files = [DraftFile("0", each.name, each.url, each.size, None) for each in use.more]
    modal = use.modal_custom_id()
    return Draft(new_task_id(), interaction.user.id, request, time.time(), files=files, modal=modal)


def draft_of_edit(interaction: Interaction, task_id: TaskId, prompt: str) -> Draft:
    """Another prompt for a task that failed."""
    request = Request(Action.BUTTON, prompt=prompt, label=translator_of(interaction)("button.edit"))
    return Draft(new_task_id(), interaction.user.id, request, time.time(), task_id=task_id)


def with_prompt(draft: Draft, prompt: str) -> Draft:
    """The draft after it was edited."""
    return dataclasses.replace(draft, request=dataclasses.replace(draft.request, prompt=prompt), created_at=time.time())


def draft_sender(interaction: Interaction, store: Store, draft: Draft, *, keep: bool = True) -> ErrorSender:
    """Tells one person why something was refused, shows them what they typed, and keeps it for a day."""
    return partial(_send_refused, interaction, store, draft, keep)


async def _send_refused(interaction: Interaction, store: Store, draft: Draft, keep: bool, error: UserError) -> None:
    if sanitize_line(draft.prompt) and error.code != _STARTED:
        text = error_text(error, translator_of(interaction))
        await send_draft(interaction, store, text, draft, keep=keep and error.code != _STORE)
    else:
        await send_error(interaction, error)


async def send_draft(interaction: Interaction, store: Store, text: str, draft: Draft, *, keep: bool = True) -> None:
    """Sends a text to one person, with what they typed and a button to edit it, and keeps that for a day."""
    text = with_command_heading(interaction, text, with_typed=False)
    view = refusal_view(text, draft, translator_of(interaction), keep=keep)
    none = discord.AllowedMentions.none()
    async with best_effort(f"interaction {interaction.id}: cannot send its draft"):
        if interaction.response.is_done():
            # Kept first, so that the button under it works from the beginning.
            await _keep(store, draft, keep=keep)
            await interaction.followup.send(view=view, ephemeral=True, allowed_mentions=none)
        else:
            await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=none)
            await _keep(store, draft, keep=keep)


async def _keep(store: Store, draft: Draft, *, keep: bool) -> None:
    if not keep:
        return
    try:
        await store.drafts.save(draft)
    except StorageError as error:
        log.warning("cannot store a draft: %r", error)


def refusal_view(said: str, draft: Draft, t: Translator, *, keep: bool = True) -> discord.ui.LayoutView:
    """What is said, with the prompt under it, and a button to edit it if the draft is kept."""
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(said))
    heading = t("draft.typed")
    view.add_item(discord.ui.TextDisplay(f"{heading}\n{escape_markdown(draft.prompt, MAX_SHOWN, t)}"))
    if keep:
        edit: discord.ui.Button[Any] = discord.ui.Button(label=t("draft.edit"), emoji="✏️")
        view.add_item(discord.ui.ActionRow(DraftItem.make(DraftId(draft.id), edit)))
    check(view)
    return view


async def own_draft(policy: Policy, actor: Actor, draft_id: str, *, seconds: float) -> Draft:
    """The draft, if it is this person's and comes within so many seconds. Raises UserError."""
    try:
        async with asyncio.timeout(seconds):
            return await policy.draft(actor, draft_id)
    except (TimeoutError, StorageError) as error:
        log.warning("cannot read a draft: %r", error)
        raise UserError("draft_gone") from error


def draft_modal(draft: Draft, capabilities: Capabilities, t: Translator) -> discord.ui.Modal:
    """The window in which a draft is edited: the one that it was typed into where there was one."""
    custom_id = DraftId(draft.id).modal_custom_id()
    if source_of(draft) is DraftSource.USE:
        chosen, prompt = draft.request.action, draft.prompt
        return image_use_modal(custom_id, capabilities, t, chosen=chosen, prompt=prompt)
    match = MODAL_PATTERN.fullmatch(draft.modal or "")
    if match and has(f"window.title.{ActionId.read(match).modal.name.lower()}"):
        return modal_for(ActionId.read(match), draft.prompt, t, areas=draft.areas, custom_id=custom_id)
    return _prompt_modal(custom_id, draft.prompt, t)


def prompt_modal_of(task_id: TaskId, prompt: str, t: Translator) -> discord.ui.Modal:
    """The window in which the prompt of a task that failed is edited."""
    return _prompt_modal(edit_modal(task_id), prompt, t)


def source_of(draft: Draft) -> DraftSource:
    """How it goes on once it was edited."""
    if draft.modal:
        return DraftSource.USE if IMAGE_USE_PATTERN.fullmatch(draft.modal) else DraftSource.PRESS
    return DraftSource.AGAIN if draft.task_id else DraftSource.COMMAND


def written_prompt(data: Mapping[str, Any]) -> str:
    """The prompt that was written into the window."""
    return text_in(fields_of(data).get(PROMPT_FIELD))[:MAX_PROMPT]


def _prompt_modal(custom_id: str, prompt: str, t: Translator) -> discord.ui.Modal:
    modal = discord.ui.Modal(title=t("draft.title"), custom_id=custom_id)
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=PROMPT_FIELD,
        style=discord.TextStyle.paragraph,
        default=prompt[:MAX_PROMPT] or None,
        required=True,
        max_length=MAX_PROMPT,
    )
    modal.add_item(discord.ui.Label(text=t("window.prompt"), component=field))
    modal.stop()  # a finished modal is sent but not kept
    return modal
