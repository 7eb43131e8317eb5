"""The action cog: every press of every button goes through here, and takes no other way.

The order of things is the promise: read the key (no I/O), answer Discord, and only then look anything up.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Any

import discord
from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.answers import Answer, Favored, Queued, Refusal, Taken, Unrecorded, Unsettled, WindowInput
from bot.tasks.prompt import parse
from bot.tasks.request_preparation import EMPTY
from bot.ui.asker import origin_beside, origin_of, viewer_of
from bot.ui.batches import start_batch
from bot.ui.button import Interaction
from bot.ui.deletion import ask_to_delete, delete
from bot.ui.dispatch import on_private_message
from bot.ui.door import is_closing, let_in
from bot.ui.drafts import draft_of_command, draft_of_window, prompt_window_of, refuse_draft
from bot.ui.guard import guarded, refuse, tell, tell_notes
from bot.ui.invitations import offer
from bot.ui.keys import (
    DRAFT_WINDOW_PATTERN,
    EDIT_WINDOW_PATTERN,
    SETTING_WINDOW_PATTERN,
    ActionKey,
    Control,
    ControlKey,
    Window,
)
from bot.ui.payloads import MAX_ID
from bot.ui.picture_window import is_picture_window
from bot.ui.preview import preview
from bot.ui.proposals import proposal
from bot.ui.questions import cancel, show, tell_seed
from bot.ui.regions import RegionMask, attached_url, region_bytes, region_mask
from bot.ui.starts import forget_draft
from bot.ui.windows import REGIONS, Submitted, submitted, window_for
from bot.web.painter import Painter
from storage import Action, Draft, Request, StorageError, TaskId

log = logging.getLogger(__name__)

# A window waits this long for the prompt that it is to propose, then opens without.
PREFILL_SECONDS = 1.0


class Actions(commands.Cog):
    """Presses."""

    def __init__(self, bot: AtelierBot) -> None:
        self._bot = bot
        self._parts = bot.parts

    async def cog_load(self) -> None:
        """From here on every press comes to this cog."""
        self._bot.press_handler = self

    async def cog_unload(self) -> None:
        """Presses are not taken any more."""
        self._bot.press_handler = None

    async def on_action(self, interaction: Interaction, key: ActionKey) -> None:
        """One of the service's buttons was pressed."""
        async with guarded(interaction):
            if key.window is Window.REGION and self._parts.painter:
                await self._invite(interaction, key, self._parts.painter)
                return
            if key.window.always or (key.window is Window.REMIX and interaction.user.id in self._bot.remixers):
                await self._open_window(interaction, key)
                return
            await interaction.response.defer()
            await self._press(interaction, key)

    async def on_control(self, interaction: Interaction, key: ControlKey) -> None:
        """One of our own controls was pressed."""
        async with guarded(interaction):
            if key.control is Control.EDIT:
                await self._edit(interaction, key.task_id)
                return
            if key.control is Control.SHOW and on_private_message(interaction):
                await preview(interaction, self._parts, key.task_id)
                return
            await interaction.response.defer()
            if not await self._ask(interaction, key):
                await self._change(interaction, key)

    async def _ask(self, interaction: Interaction, key: ControlKey) -> bool:
        """Does what asks nothing of the task's card; whether the control was one of those."""
        match key.control:
            case Control.CANCEL:
                await cancel(interaction, self._parts, key.task_id)
            case Control.SHOW | Control.POST:
                await show(interaction, self._parts, key.task_id)
            case Control.SEED:
                await tell_seed(interaction, self._parts.service, key.task_id)
            case _:
                return False
        return True

    async def _change(self, interaction: Interaction, key: ControlKey) -> None:
        """Does what changes the task's card or leads to others."""
        match key.control:
            case Control.PAGE:
                await self._turn(interaction, key)
            case Control.TRY_AGAIN:
                answer = await self._parts.service.try_again(origin_of(interaction), key.task_id)
                await self._answer(interaction, answer)
            case Control.LOOK_AGAIN:
                refusal = await self._parts.service.look_again(viewer_of(interaction), key.task_id)
                if refusal:
                    await refuse(interaction, refusal)
            case Control.FETCH_AGAIN:
                await self._fetch_again(interaction, key.task_id)
            case Control.DELETE | Control.DELETE_NOW:
                await self._delete(interaction, key)
            case Control.START_ALL | Control.START_ONE:
                await self._start_batch(interaction, key)

    async def _delete(self, interaction: Interaction, key: ControlKey) -> None:
        if not on_private_message(interaction):
            await tell(interaction, "refused.foreign_button")
        elif key.control is Control.DELETE:
            await ask_to_delete(interaction, self._parts, key.task_id, in_place=False)
        else:
            await delete(interaction, self._parts, key.task_id)

    async def _start_batch(self, interaction: Interaction, key: ControlKey) -> None:
        if on_private_message(interaction) and key.task_id.isdecimal() and int(key.task_id) <= MAX_ID:
            expanded = key.control is Control.START_ALL
            await start_batch(interaction, self._parts, int(key.task_id), expanded=expanded)
        else:
            await tell(interaction, "refused.foreign_button")

    async def on_foreign(self, interaction: Interaction) -> None:
        """A component was used that this version does not know: nothing is sent."""
        async with guarded(interaction):
            await tell(interaction, "refused.foreign_button")

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Takes the windows that come back; they are known by their custom_id alone, before or after a restart."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        async with guarded(interaction):
            window = submitted(interaction.data or {})
            if window:
                await interaction.response.defer()
                await self.on_window(interaction, window, draft_of_window(interaction, window))
            elif not _is_of_others(interaction) and await let_in(interaction):
                await tell(interaction, "refused.foreign_window")

    async def on_window(self, interaction: Interaction, window: Submitted, draft: Draft) -> None:
        """A button's window was submitted, out of this draft or for the first time."""
        say_no = partial(refuse_draft, interaction, self._parts.store, draft=draft)
        async with guarded(interaction, say_no):
            answer = Refusal("refused.restarting") if is_closing(interaction) else await self._sent(interaction, window)
            if isinstance(answer, Refusal):
                await say_no(answer)
                return
            await forget_draft(self._parts.store, draft)
            await self._answer(interaction, answer, window.key.task_id)
            if isinstance(answer, Taken) and answer.prompt_unused:
                unused = draft_of_command(interaction, Request(Action.IMAGINE, prompt=window.prompt), (), None)
                await refuse_draft(interaction, self._parts.store, Refusal("told.prompt_unused"), unused)

    async def _edit(self, interaction: Interaction, task_id: TaskId) -> None:
        """Opens the window in which the prompt of a task that failed is edited."""
        try:
            async with asyncio.timeout(PREFILL_SECONDS):
                found = await self._parts.service.policy.seen(viewer_of(interaction), task_id)
        except TimeoutError:
            found = Refusal("refused.store")
        if isinstance(found, Refusal):
            await refuse(interaction, found)
        else:
            await interaction.response.send_modal(prompt_window_of(task_id, found.prompt, str(interaction.locale)))

    async def _invite(self, interaction: Interaction, key: ActionKey, painter: Painter) -> None:
        """Answers with a private link to the painter.

        The press is deferred on its own message, so that its token reaches that message and the result replies to it.
        """
        await interaction.response.defer()
        origin = origin_of(interaction)
        found = await self._parts.service.pressable(origin.viewer, key.task_id, key.digest)
        if isinstance(found, Refusal):
            await refuse(interaction, found)
            return
        await self._lend_token(interaction)
        invitation = await painter.invite(origin, key, str(interaction.locale), attached_url(interaction.message))
        await painter.invited(invitation, await offer(interaction, invitation.url, key))

    async def _open_window(self, interaction: Interaction, key: ActionKey) -> None:
        proposed = await self._proposed(interaction, key)
        if isinstance(proposed, Refusal):
            await refuse(interaction, proposed)
        else:
            await interaction.response.send_modal(window_for(key, proposed))

    async def _proposed(self, interaction: Interaction, key: ActionKey) -> str | Refusal:
        """The prompt to begin with, if this person may see it; none where that is not known in time."""
        try:
            async with asyncio.timeout(PREFILL_SECONDS):
                found = await self._parts.service.pressable(viewer_of(interaction), key.task_id, key.digest)
        except (TimeoutError, StorageError) as error:
            log.warning("a window opens without its prompt: %r", error)
            return ""
        return found if isinstance(found, Refusal) else proposal(found[0], key)

    async def _sent(self, interaction: Interaction, window: Submitted) -> Answer:
        if parse(window.prompt).empty:
            return Refusal(EMPTY)
        mask: RegionMask | None = None
        if window.key.window in REGIONS:
            key = window.key
            found = await self._parts.service.pressable(viewer_of(interaction), key.task_id, key.digest)
            if isinstance(found, Refusal):
                return found
            picture_url = attached_url(interaction.message)
            async with self._parts.attachments.room(interaction.user.id, region_bytes(window)) as busy:
                made = busy or await region_mask(self._parts.fetcher, found[0], window, picture_url)
            if isinstance(made, Refusal):
                return made
            mask = made
        answer = await self._pressed(interaction, window.key, WindowInput(window.prompt, mask.data if mask else None))
        await tell_notes(interaction, mask.notes if mask else ())
        return answer

    async def _press(self, interaction: Interaction, key: ActionKey) -> None:
        answer = await self._pressed(interaction, key, None)
        await self._answer(interaction, answer, key.task_id)

    async def _pressed(self, interaction: Interaction, key: ActionKey, window: WindowInput | None) -> Answer:
        return await self._parts.service.press(origin_beside(interaction), key.task_id, key.digest, window)

    async def _answer(self, interaction: Interaction, answer: Answer, pressed: TaskId | None = None) -> None:
        match answer:
            case Refusal():
                await refuse(interaction, answer)
                if pressed and answer.text == "refused.unsupported_button":
                    await self._parts.delivery.show_afresh(pressed)  # without the button that cannot work here
            case Unrecorded():
                await tell(interaction, "refused.unrecorded")
            case Favored():
                if pressed:
                    await self._mark_pressed(interaction, pressed)
                await tell(interaction, "told.favored")
            case Taken() | Queued() | Unsettled() if pressed:
                await self._mark_pressed(interaction, pressed)
            case _:
                pass  # a new message shows it, or the press that this one repeats has answered

    async def _mark_pressed(self, interaction: Interaction, task_id: TaskId) -> None:
        try:
            await self._lend_token(interaction)
            await self._parts.delivery.show_afresh(task_id)
        except StorageError as error:
            log.warning("task %s: its pressed button is not marked: %r", task_id, error)

    async def _turn(self, interaction: Interaction, key: ControlKey) -> None:
        message = await self._parts.store.messages.at(interaction.message.id) if interaction.message else None
        if message is None or message.task_id != key.task_id:
            await tell(interaction, "refused.no_such_task")
            return
        seen = await self._parts.service.policy.seen(viewer_of(interaction), key.task_id)
        if isinstance(seen, Refusal):
            await refuse(interaction, seen)
            return
        await self._parts.store.messages.turn_to(message.id, key.page)
        await self._lend_token(interaction)
        await self._parts.delivery.show_afresh(key.task_id)

    async def _fetch_again(self, interaction: Interaction, task_id: TaskId) -> None:
        seen = await self._parts.service.policy.seen(viewer_of(interaction), task_id)
        if isinstance(seen, Refusal):
            await refuse(interaction, seen)
        else:
            await self._lend_token(interaction)
            await self._parts.service.fetch_again(seen)
            await self._parts.delivery.show_afresh(task_id)

    async def _lend_token(self, interaction: Interaction) -> None:
        """The press lets its message be edited where the bot is no member of the channel.

        Only a press that is deferred on its message does: any other answer is what the token edits.
        """
        if interaction.response.type is not discord.InteractionResponseType.deferred_message_update:
            return
        message = await self._parts.store.messages.at(interaction.message.id) if interaction.message else None
        if message:
            origin = origin_of(interaction).message()
            await self._parts.store.messages.lend_token(message.id, interaction.token, origin.token_ends_at)


def _is_of_others(interaction: Interaction) -> bool:
    """Is this a window that another cog takes?"""
    data: Any = interaction.data or {}
    if is_picture_window(data):
        return True
    patterns = (DRAFT_WINDOW_PATTERN, EDIT_WINDOW_PATTERN, SETTING_WINDOW_PATTERN)
    return any(pattern.fullmatch(str(data.get("custom_id", ""))) for pattern in patterns)


async def setup(bot: AtelierBot) -> None:
    """Loads the cog."""
    await bot.add_cog(Actions(bot))
