"""Refused prompts, opened again: *Edit and send again*, *Recent drafts*, and *Edit prompt* under a task that failed."""

from __future__ import annotations

import dataclasses
import time
from functools import partial
from typing import Any

import discord
from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.permutations import prompts_of
from bot.tasks.results import Refusal
from bot.ui.components.custom_ids import (
    CHOSEN_DRAFT,
    DRAFT_MODAL_PATTERN,
    EDIT_MODAL_PATTERN,
    MODAL_PATTERN,
    ActionId,
    DraftId,
)
from bot.ui.components.panel_items import chosen_values
from bot.ui.interactions.context import public_context_of
from bot.ui.interactions.error_handling import Interaction, handle_errors, send_ephemeral, send_error
from bot.ui.interactions.maintenance import is_shutting_down
from bot.ui.interactions.router import on_private_message
from bot.ui.modals.action_modals import UploadedFile, read_fields
from bot.ui.modals.image_use_modal import used_in
from bot.ui.workflows.batches import ask_about
from bot.ui.workflows.drafts import (
    DraftSource,
    draft_modal,
    draft_of_edit,
    own_draft,
    send_draft,
    source_of,
    with_prompt,
    written_prompt,
)
from bot.ui.workflows.submit_command import forget_draft, submit_with_files
from storage import Action, Draft, DraftFile, Request

# A window cannot be opened later than Discord waits for an answer (three seconds).
OPEN_SECONDS = 2.0
GONE = Refusal("refused.draft_gone")


class Drafts(commands.Cog):
    """What was refused, once more."""

    def __init__(self, bot: AtelierBot) -> None:
        self._bot = bot
        self._services = bot.services

    async def cog_load(self) -> None:
        """From here on every use of a draft comes to this cog."""
        self._bot.draft_handler = self.on_draft

    async def cog_unload(self) -> None:
        """Drafts are not taken any more."""
        self._bot.draft_handler = None

    async def on_draft(self, interaction: Interaction, key: DraftId) -> None:
        """A draft's button was pressed, or a draft was chosen: opens its window."""
        async with handle_errors(interaction):
            chosen = chosen_values(interaction) if key.draft_id == CHOSEN_DRAFT else [key.draft_id]
            found = await own_draft(self._services.store, interaction.user.id, "".join(chosen), seconds=OPEN_SECONDS)
            if found is None:
                await send_error(interaction, GONE)
            else:
                await interaction.response.send_modal(self._modal(interaction, found))

    def _modal(self, interaction: Interaction, draft: Draft) -> discord.ui.Modal:
        return draft_modal(draft, self._services.midjourney.capabilities, str(interaction.locale))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Takes the windows of drafts, which are known by their custom_ids alone."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        data: Any = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        if match := EDIT_MODAL_PATTERN.fullmatch(custom_id):
            async with handle_errors(interaction):
                await interaction.response.defer()
                await self._try_again(interaction, draft_of_edit(interaction, match["task"], written_prompt(data)))
        elif match := DRAFT_MODAL_PATTERN.fullmatch(custom_id):
            if not on_private_message(interaction):
                await send_ephemeral(interaction, "refused.foreign_window")
                return
            typed = Request(Action.BUTTON, prompt=written_prompt(data))
            unread = Draft(match["draft"], interaction.user.id, typed, time.time())
            say_no = partial(send_draft, interaction, self._services.store, draft=unread, keep=False)
            async with handle_errors(interaction, say_no):
                await interaction.response.defer()
                draft = await self._services.store.drafts.get(unread.id, unread.user_id)
                if draft is None:
                    await say_no(GONE)
                else:
                    await self._send(interaction, with_prompt(draft, unread.prompt))

    async def _send(self, interaction: Interaction, draft: Draft) -> None:
        match source_of(draft):
            case DraftSource.COMMAND:
                await self._command(interaction, draft)
            case DraftSource.PRESS:
                await self._press(interaction, draft)
            case DraftSource.USE:
                await self._use(interaction, draft)
            case DraftSource.AGAIN:
                await self._try_again(interaction, draft)

    async def _command(self, interaction: Interaction, draft: Draft) -> None:
        attachments = [_attachment(interaction, file) for file in draft.files]
        prompts = prompts_of(draft.prompt)
        one = isinstance(prompts, list) and len(prompts) <= 1
        asked, parts, aspect = draft.request, self._services, draft.aspect
        if one or asked.action is not Action.IMAGINE:
            await submit_with_files(interaction, parts, asked, attachments, aspect=aspect, draft=draft)
        else:
            say_no = partial(send_draft, interaction, parts.store, draft=draft)
            await ask_about(interaction, parts, asked, prompts, attachments, aspect=aspect, say_no=say_no)

    async def _press(self, interaction: Interaction, draft: Draft) -> None:
        match = MODAL_PATTERN.fullmatch(draft.modal or "")
        modal = read_fields(interaction.data or {}, ActionId.read(match)) if match else None
        if modal is None or self._bot.press_handler is None:
            await send_error(interaction, GONE)
            return
        await self._bot.press_handler.modal_custom_id(interaction, modal, draft)

    async def _use(self, interaction: Interaction, draft: Draft) -> None:
        use = used_in(interaction.data or {}, draft.modal or "")
        if use is None or self._bot.use_handler is None:
            await send_error(interaction, GONE)
            return
        # What was attached before counts where nothing takes its place.
        before = [UploadedFile(file.filename, file.url, file.size) for file in draft.files]
        await self._bot.use_handler(interaction, dataclasses.replace(use, more=use.more or before), draft)

    async def _try_again(self, interaction: Interaction, draft: Draft) -> None:
        say_no = partial(send_draft, interaction, self._services.store, draft=draft)
        async with handle_errors(interaction, say_no):
            closing = Refusal("refused.restarting") if is_shutting_down(interaction) else None
            empty = None if draft.prompt.strip() else Refusal("refused.no_prompt")
            refusal = closing or empty
            answer = refusal or await self._services.service.try_again(
                public_context_of(interaction), draft.task_id or "", prompt=draft.prompt
            )
            if isinstance(answer, Refusal):
                await say_no(answer)
            else:
                await forget_draft(self._services.store, draft)


def _attachment(interaction: Interaction, file: DraftFile) -> discord.Attachment:
    """The file as discord.py has it."""
    data: Any = dataclasses.asdict(file) | {"proxy_url": file.url}
    return discord.Attachment(data=data, state=interaction._state)


async def setup(bot: AtelierBot) -> None:
    """Loads the cog."""
    await bot.add_cog(Drafts(bot))
