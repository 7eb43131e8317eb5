"""Reopens refused prompts: *Edit and send again*, *Recent drafts*, and *Edit prompt* on a failed task."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.errors import UserError
from bot.tasks.prompt import parse
from bot.tasks.request_prompts import check_not_empty
from bot.ui.components.custom_ids import CHOSEN_DRAFT, DRAFT_MODAL_PATTERN, DRAFT_PATTERN, EDIT_MODAL_PATTERN, DraftId
from bot.ui.components.message_components import MODAL_PATTERN, ActionId
from bot.ui.interactions.context import Interaction, actor_of, chosen_values, public_context_of, translator_of
from bot.ui.interactions.router import Routes, check_running, handle_errors
from bot.ui.modals.action_modals import SubmittedModal, UploadedFile, read_fields
from bot.ui.modals.continue_modal import Continuation, read_continuation
from bot.ui.modals.image_use_modal import ImageUse, used_in
from bot.ui.modals.modal_prefill import OPEN_SECONDS
from bot.ui.services import Services
from bot.ui.workflows.batches import start_draft
from bot.ui.workflows.drafts import (
    DraftSource,
    draft_modal,
    draft_of_edit,
    draft_sender,
    own_draft,
    source_of,
    with_prompt,
    written_prompt,
)
from bot.ui.workflows.submit_command import forget_draft
from cogs.actions import Actions
from cogs.continuing import Continuing
from cogs.picture_uses import PictureUses
from storage import Action, Draft, Request

UseSubmit = Callable[[Interaction, ImageUse, Draft], Awaitable[None]]
ContinuationSubmit = Callable[[Interaction, Continuation, Draft], Awaitable[None]]
ModalSubmit = Callable[[Interaction, SubmittedModal, Draft], Awaitable[None]]


class DraftButtons(commands.Cog):
    """Handles the buttons, selects and modals of drafts."""

    def __init__(
        self,
        routes: Routes,
        services: Services,
        *,
        submit_modal: ModalSubmit,
        submit_use: UseSubmit,
        submit_continuation: ContinuationSubmit,
    ) -> None:
        """`submit_modal` submits the modal of a button from a draft, `submit_use` that of *Use this image…*,
        `submit_continuation` that of *Continue with…*."""
        self._submit_continuation = submit_continuation
        self._services = services
        self._submit_modal = submit_modal
        self._submit_use = submit_use
        routes.add_component(DRAFT_PATTERN, self.on_draft, private=True)
        routes.add_modal(DRAFT_MODAL_PATTERN, self.on_draft_modal, private=True, holds_text=True)
        routes.add_modal(EDIT_MODAL_PATTERN, self.on_edit_modal, holds_text=True)

    async def on_draft(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Opens the modal of a draft, chosen by its button or in the select."""
        key = DraftId.read(match)
        async with handle_errors(interaction):
            chosen = chosen_values(interaction) if key.draft_id == CHOSEN_DRAFT else [key.draft_id]
            policy = self._services.service.policy
            found = await own_draft(policy, actor_of(interaction), "".join(chosen), seconds=OPEN_SECONDS)
            await interaction.response.send_modal(self._modal(interaction, found))

    def _modal(self, interaction: Interaction, draft: Draft) -> discord.ui.Modal:
        return draft_modal(draft, self._services.engines, translator_of(interaction))

    async def on_edit_modal(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Retries a failed task with its edited prompt."""
        async with handle_errors(interaction):
            await interaction.response.defer()
            prompt = written_prompt(interaction.data or {})
            await self._try_again(interaction, draft_of_edit(interaction, match["task"], prompt))

    async def on_draft_modal(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Submits an edited draft."""
        typed = Request(Action.BUTTON, prompt=written_prompt(interaction.data or {}))
        unread = Draft(match["draft"], interaction.user.id, typed, time.time())
        async with handle_errors(interaction, draft_sender(interaction, self._services.store, unread, keep=False)):
            await interaction.response.defer()
            draft = await self._services.service.policy.draft(actor_of(interaction), unread.id)
            await self._send(interaction, with_prompt(draft, unread.prompt))

    async def _send(self, interaction: Interaction, draft: Draft) -> None:
        match source_of(draft):
            case DraftSource.COMMAND:
                await start_draft(interaction, self._services, draft)
            case DraftSource.PRESS:
                await self._press(interaction, draft)
            case DraftSource.USE:
                await self._use(interaction, draft)
            case DraftSource.CONTINUE:
                await self._continue(interaction, draft)
            case DraftSource.AGAIN:
                await self._try_again(interaction, draft)

    async def _press(self, interaction: Interaction, draft: Draft) -> None:
        match = MODAL_PATTERN.fullmatch(draft.modal or "")
        modal = read_fields(interaction.data or {}, ActionId.read(match)) if match else None
        if modal is None:
            raise UserError("draft_gone")
        await self._submit_modal(interaction, modal, draft)

    async def _use(self, interaction: Interaction, draft: Draft) -> None:
        use = used_in(interaction.data or {}, draft.modal or "")
        if use is None:
            raise UserError("draft_gone")
        # Keep the previous attachments unless new ones replace them.
        before = [UploadedFile(file.filename, file.url, file.size) for file in draft.files]
        await self._submit_use(interaction, use._replace(more=use.more or before), draft)

    async def _continue(self, interaction: Interaction, draft: Draft) -> None:
        typed = read_continuation(interaction.data or {}, draft.modal or "")
        if typed is None:
            raise UserError("draft_gone")
        # Without a select of engines, the draft's is kept.
        typed = typed._replace(engine=typed.engine or draft.request.engine)
        await self._submit_continuation(interaction, typed, draft)

    async def _try_again(self, interaction: Interaction, draft: Draft) -> None:
        async with handle_errors(interaction, draft_sender(interaction, self._services.store, draft)):
            check_running(interaction)
            check_not_empty(parse(draft.prompt))
            context = public_context_of(interaction)
            await self._services.service.try_again(context, draft.task_id or "", prompt=draft.prompt)
            await forget_draft(self._services.store, draft)


async def setup(bot: AtelierBot) -> None:
    """Loads the cog. Must run after the cogs whose modals drafts reopen. Raises TypeError if they are not loaded."""
    actions, uses = bot.get_cog(Actions.__cog_name__), bot.get_cog(PictureUses.__cog_name__)
    continuing = bot.get_cog(Continuing.__cog_name__)
    if not (isinstance(actions, Actions) and isinstance(uses, PictureUses) and isinstance(continuing, Continuing)):
        raise TypeError("the cogs whose modals drafts reopen are not loaded")
    submits: dict[str, Any] = {
        "submit_modal": actions.submit_modal,
        "submit_use": uses.submit,
        "submit_continuation": continuing.submit,
    }
    await bot.add_cog(DraftButtons(bot.routes, bot.services, **submits))
