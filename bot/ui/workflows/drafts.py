"""Drafts of refused prompts: shown to their author in private, with a button to edit and send them again.

A draft is in the database, so the button works after a restart. Its id is created here, so that an interaction that is
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

from bot.engines.registry import EngineRegistry
from bot.i18n import Translator, has
from bot.platform.roles import Role
from bot.runtime.units import DAY
from bot.tasks.errors import UserError
from bot.tasks.policy import Actor, Policy
from bot.tasks.prompt import MAX_PROMPT
from bot.tasks.requests import new_task_id
from bot.ui.components.catalog_texts import error_text
from bot.ui.components.custom_ids import CONTINUE_MODAL_PATTERN, DraftId, Writing, WritingId, edit_modal
from bot.ui.components.dynamic_items import DraftItem, WritingButton
from bot.ui.components.markdown import escape_markdown, sanitize_line
from bot.ui.components.message_components import MODAL_PATTERN, ActionId, CheckedLayout
from bot.ui.components.payloads import fields_of, text_in
from bot.ui.interactions.availability import engine_for
from bot.ui.interactions.context import Interaction, translator_of
from bot.ui.interactions.responses import ErrorSender, best_effort, send_error, with_command_heading
from bot.ui.modals.action_modals import PROMPT_FIELD, SubmittedModal, modal_for
from bot.ui.modals.continue_modal import Continuation, continue_modal
from bot.ui.modals.image_use_modal import IMAGE_USE_PATTERN, ImageUse, image_use_modal
from storage import Action, Batch, Draft, DraftFile, Request, StorageError, Store, TaskId

log = logging.getLogger(__name__)

# Seconds for which drafts are offered. `bot.cleanup` removes older ones.
DRAFT_SECONDS = DAY
# Characters of a prompt shown with the error. The modal contains all of it.
MAX_SHOWN = 1_400
# Error codes: nothing can be stored; there is nothing to send again.
_STORE, _STARTED = "store", "batch_started"


class DraftSource(Enum):
    """How an edited draft is sent: as a command, as a button with its modal, as a use of an image, as a retry of a
    task, or to another engine with the image of a task."""

    COMMAND = "command"
    PRESS = "press"
    USE = "use"
    AGAIN = "again"
    CONTINUE = "continue"


def draft_of_command(
    interaction: Interaction, asked: Request, attachments: Sequence[discord.Attachment], aspect: str | None
) -> Draft:
    """The input of a command: prompt, options and attachments."""
    files = files_of(attachments)
    return Draft(new_task_id(), interaction.user.id, asked, time.time(), aspect=aspect, files=files)


def files_of(attachments: Sequence[discord.Attachment]) -> tuple[DraftFile, ...]:
    """What is stored of attachments: enough to read them again."""
    return tuple(DraftFile(str(each.id), each.filename, each.url, each.size, each.content_type) for each in attachments)


def draft_of_batch(batch: Batch, prompt: str) -> Draft:
    """One or more prompts of a batch, with the batch's options."""
    asked = dataclasses.replace(batch.request, prompt=prompt)
    return Draft(new_task_id(), batch.user_id, asked, time.time(), aspect=batch.aspect, files=batch.files)


def draft_of_modal(interaction: Interaction, modal: SubmittedModal) -> Draft:
    """The input of a button's modal: prompt and areas."""
    key = modal.key
    title = f"modal.title.{key.modal.name.lower()}"
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
    """The input of the *Use this image…* modal: action, prompt and files."""
    request = Request(use.action or Action.IMAGINE, prompt=use.prompt)
    files = [DraftFile("0", each.name, each.url, each.size, None) for each in use.more]
    modal = use.modal_custom_id()
    return Draft(new_task_id(), interaction.user.id, request, time.time(), files=files, modal=modal)


def draft_of_continuation(interaction: Interaction, typed: Continuation) -> Draft:
    """The input of the *Continue with…* modal: engine, image and prompt."""
    request = Request(Action.IMAGINE, prompt=typed.prompt, engine=typed.engine or "")
    return Draft(new_task_id(), interaction.user.id, request, time.time(), modal=typed.modal_custom_id())


def draft_of_edit(interaction: Interaction, task_id: TaskId, prompt: str) -> Draft:
    """A new prompt for a failed task."""
    request = Request(Action.BUTTON, prompt=prompt, label=translator_of(interaction)("button.edit"))
    return Draft(new_task_id(), interaction.user.id, request, time.time(), task_id=task_id)


def with_prompt(draft: Draft, prompt: str) -> Draft:
    """The edited draft."""
    return dataclasses.replace(draft, request=dataclasses.replace(draft.request, prompt=prompt), created_at=time.time())


def draft_sender(interaction: Interaction, store: Store, draft: Draft, *, keep: bool = True) -> ErrorSender:
    """An error sender that shows the error with the user's input, and keeps the input as a draft for a day."""
    return partial(_send_refused, interaction, store, draft, keep)


async def _send_refused(interaction: Interaction, store: Store, draft: Draft, keep: bool, error: UserError) -> None:
    if sanitize_line(draft.prompt) and error.code != _STARTED:
        text = error_text(error, translator_of(interaction))
        await send_draft(interaction, store, text, draft, keep=keep and error.code != _STORE)
    else:
        await send_error(interaction, error)


async def send_draft(interaction: Interaction, store: Store, text: str, draft: Draft, *, keep: bool = True) -> None:
    """Sends a text to the user in private, with their input and a button to edit it. `keep`: store it for a day."""
    text = with_command_heading(interaction, text, with_typed=False)
    improves = interaction.client.serves(Role.ENHANCE)
    view = refusal_view(text, draft, translator_of(interaction), keep=keep, improves=improves)
    none = discord.AllowedMentions.none()
    async with best_effort(f"interaction {interaction.id}: cannot send its draft"):
        if interaction.response.is_done():
            # Stored first, so that its button works at once.
            await _keep(store, draft, keep=keep)
            await interaction.followup.send(view=view, ephemeral=True, allowed_mentions=none)
        else:
            # Stored while the answer is on its way, so that its button works as soon as it can be pressed.
            sending = interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=none)
            sent, _ = await asyncio.gather(sending, _keep(store, draft, keep=keep), return_exceptions=True)
            if isinstance(sent, BaseException):
                raise sent


async def _keep(store: Store, draft: Draft, *, keep: bool) -> None:
    if not keep:
        return
    try:
        await store.drafts.save(draft)
    except StorageError as error:
        log.warning("cannot store a draft: %r", error)


def refusal_view(
    said: str, draft: Draft, t: Translator, *, keep: bool = True, improves: bool = False
) -> discord.ui.LayoutView:
    """The text, the prompt below it, and a button to edit it if the draft is stored. `improves`: a model can improve
    prompts."""
    view = CheckedLayout()
    view.add_item(discord.ui.TextDisplay(said))
    heading = t("draft.typed")
    view.add_item(discord.ui.TextDisplay(f"{heading}\n{escape_markdown(draft.prompt, MAX_SHOWN, t)}"))
    if keep:
        edit: discord.ui.Button[Any] = discord.ui.Button(label=t("draft.edit"), emoji="✏️")
        buttons: list[discord.ui.Item[Any]] = [DraftItem.make(DraftId(draft.id), edit)]
        if improves and is_improvable(draft):
            key = WritingId(Writing.DRAFT_VARIANTS, draft.id)
            buttons.append(WritingButton.make(key, label=t("button.improve"), emoji="✨"))
        view.add_item(discord.ui.ActionRow(*buttons))
    return view


async def own_draft(policy: Policy, actor: Actor, draft_id: str, *, seconds: float) -> Draft:
    """The draft, if it belongs to this user and can be read within `seconds`. Raises UserError."""
    try:
        async with asyncio.timeout(seconds):
            return await policy.draft(actor, draft_id)
    except (TimeoutError, StorageError) as error:
        log.warning("cannot read a draft: %r", error)
        raise UserError("draft_gone") from error


def draft_modal(draft: Draft, engines: EngineRegistry, t: Translator) -> discord.ui.Modal:
    """The modal for editing a draft: the modal that the prompt came from, if there was one. Raises UserError."""
    custom_id = DraftId(draft.id).modal_custom_id()
    if source_of(draft) is DraftSource.USE:
        chosen, prompt = draft.request.action, draft.prompt
        capabilities = engine_for(engines, Request(chosen)).capabilities
        return image_use_modal(custom_id, capabilities, t, chosen=chosen, prompt=prompt)
    if typed := _continuation_of(draft):
        names = list(engines.taking_images())
        return (
            continue_modal(typed, names, t, custom_id=custom_id) if names else _prompt_modal(custom_id, draft.prompt, t)
        )
    match = MODAL_PATTERN.fullmatch(draft.modal or "")
    if match and has(f"modal.title.{ActionId.read(match).modal.name.lower()}"):
        return modal_for(ActionId.read(match), draft.prompt, t, areas=draft.areas, custom_id=custom_id)
    return _prompt_modal(custom_id, draft.prompt, t)


def prompt_modal_of(task_id: TaskId, prompt: str, t: Translator) -> discord.ui.Modal:
    """The modal for editing the prompt of a failed task."""
    return _prompt_modal(edit_modal(task_id), prompt, t)


def source_of(draft: Draft) -> DraftSource:
    """How the draft is sent after it was edited."""
    if _continuation_of(draft):
        return DraftSource.CONTINUE
    if draft.modal:
        return DraftSource.USE if IMAGE_USE_PATTERN.fullmatch(draft.modal) else DraftSource.PRESS
    return DraftSource.AGAIN if draft.task_id else DraftSource.COMMAND


def _continuation_of(draft: Draft) -> Continuation | None:
    match = CONTINUE_MODAL_PATTERN.fullmatch(draft.modal or "")
    if match is None:
        return None
    return Continuation.read(match)._replace(engine=draft.request.engine, prompt=draft.prompt)


def is_improvable(draft: Draft) -> bool:
    """Whether the draft is a prompt for a new image, which a model can improve."""
    return source_of(draft) is DraftSource.COMMAND and draft.request.action is Action.IMAGINE


def attachment_of(interaction: Interaction, file: DraftFile) -> discord.Attachment:
    """A stored file as a discord.py attachment."""
    data: Any = dataclasses.asdict(file) | {"proxy_url": file.url}
    return discord.Attachment(data=data, state=interaction._state)


def written_prompt(data: Mapping[str, Any]) -> str:
    """The submitted prompt."""
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
    modal.add_item(discord.ui.Label(text=t("modal.prompt"), component=field))
    modal.stop()  # a stopped modal is sent but not kept in memory
    return modal
