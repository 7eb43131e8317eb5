"""Refused prompts, opened again: *Edit and send again*, *Recent drafts*, and *Edit prompt* under a task that failed."""

from __future__ import annotations

import dataclasses
import time
from functools import partial
from typing import Any

import discord
from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.answers import Refusal
from bot.tasks.permutations import prompts_of
from bot.ui.asker import origin_beside
from bot.ui.batches import ask_about
from bot.ui.dispatch import on_private_message
from bot.ui.door import is_closing
from bot.ui.drafts import (
    Way,
    draft_of_edit,
    draft_window,
    own_draft,
    refuse_draft,
    way_of,
    with_prompt,
    written_prompt,
)
from bot.ui.guard import Interaction, guarded, refuse, tell
from bot.ui.keys import (
    CHOSEN_DRAFT,
    DRAFT_WINDOW_PATTERN,
    EDIT_WINDOW_PATTERN,
    WINDOW_PATTERN,
    ActionKey,
    DraftKey,
)
from bot.ui.panels import chosen_values
from bot.ui.starts import begin_with, forget_draft
from bot.ui.windows import filled_in
from storage import Action, Draft, DraftFile, Request

# A window cannot be opened later than Discord waits for an answer (three seconds).
OPEN_SECONDS = 2.0
GONE = Refusal("refused.draft_gone")


class Drafts(commands.Cog):
    """What was refused, once more."""

    def __init__(self, bot: AtelierBot) -> None:
        self._bot = bot
        self._parts = bot.parts

    async def cog_load(self) -> None:
        """From here on every use of a draft comes to this cog."""
        self._bot.draft_handler = self.on_draft

    async def cog_unload(self) -> None:
        """Drafts are not taken any more."""
        self._bot.draft_handler = None

    async def on_draft(self, interaction: Interaction, key: DraftKey) -> None:
        """A draft's button was pressed, or a draft was chosen: opens its window."""
        async with guarded(interaction):
            chosen = chosen_values(interaction) if key.draft_id == CHOSEN_DRAFT else [key.draft_id]
            found = await own_draft(self._parts.store, interaction.user.id, "".join(chosen), seconds=OPEN_SECONDS)
            if found is None:
                await refuse(interaction, GONE)
            else:
                await interaction.response.send_modal(draft_window(found, str(interaction.locale)))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Takes the windows of drafts, which are known by their custom_ids alone."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        data: Any = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        if match := EDIT_WINDOW_PATTERN.fullmatch(custom_id):
            async with guarded(interaction):
                await interaction.response.defer()
                await self._try_again(interaction, draft_of_edit(interaction, match["task"], written_prompt(data)))
        elif match := DRAFT_WINDOW_PATTERN.fullmatch(custom_id):
            if not on_private_message(interaction):
                await tell(interaction, "refused.foreign_window")
                return
            typed = Request(Action.BUTTON, prompt=written_prompt(data))
            unread = Draft(match["draft"], interaction.user.id, typed, time.time())
            say_no = partial(refuse_draft, interaction, self._parts.store, draft=unread, keep=False)
            async with guarded(interaction, say_no):
                await interaction.response.defer()
                draft = await self._parts.store.drafts.get(unread.id, unread.user_id)
                if draft is None:
                    await say_no(GONE)
                else:
                    await self._send(interaction, with_prompt(draft, unread.prompt))

    async def _send(self, interaction: Interaction, draft: Draft) -> None:
        match way_of(draft):
            case Way.COMMAND:
                await self._command(interaction, draft)
            case Way.PRESS:
                await self._press(interaction, draft)
            case Way.AGAIN:
                await self._try_again(interaction, draft)

    async def _command(self, interaction: Interaction, draft: Draft) -> None:
        attachments = [_attachment(interaction, file) for file in draft.files]
        prompts = prompts_of(draft.prompt)
        one = isinstance(prompts, list) and len(prompts) <= 1
        asked, parts, aspect = draft.request, self._parts, draft.aspect
        if one or asked.action is not Action.IMAGINE:
            await begin_with(interaction, parts, asked, attachments, aspect=aspect, draft=draft)
        else:
            say_no = partial(refuse_draft, interaction, parts.store, draft=draft)
            await ask_about(interaction, parts, asked, prompts, attachments, aspect=aspect, say_no=say_no)

    async def _press(self, interaction: Interaction, draft: Draft) -> None:
        match = WINDOW_PATTERN.fullmatch(draft.window or "")
        window = filled_in(interaction.data or {}, ActionKey.read(match)) if match else None
        if window is None or self._bot.press_handler is None:
            await refuse(interaction, GONE)
            return
        await self._bot.press_handler.on_window(interaction, window, draft)

    async def _try_again(self, interaction: Interaction, draft: Draft) -> None:
        say_no = partial(refuse_draft, interaction, self._parts.store, draft=draft)
        async with guarded(interaction, say_no):
            closing = Refusal("refused.restarting") if is_closing(interaction) else None
            empty = None if draft.prompt.strip() else Refusal("refused.no_prompt")
            refusal = closing or empty
            answer = refusal or await self._parts.service.try_again(
                origin_beside(interaction), draft.task_id or "", prompt=draft.prompt
            )
            if isinstance(answer, Refusal):
                await say_no(answer)
            else:
                await forget_draft(self._parts.store, draft)


def _attachment(interaction: Interaction, file: DraftFile) -> discord.Attachment:
    """The file as discord.py has it."""
    data: Any = dataclasses.asdict(file) | {"proxy_url": file.url}
    return discord.Attachment(data=data, state=interaction._state)


async def setup(bot: AtelierBot) -> None:
    """Loads the cog."""
    await bot.add_cog(Drafts(bot))
