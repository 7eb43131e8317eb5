"""The action cog: every press of every button goes through here, and takes no other way.

The order of things is the promise: read the key (no I/O), answer Discord, and only then look anything up.
"""

from __future__ import annotations

import asyncio
import logging
import re
from functools import partial

import discord
from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.prompt import parse
from bot.tasks.request_preparation import EMPTY
from bot.tasks.results import (
    Accepted,
    Acknowledged,
    ModalInput,
    NotPersisted,
    OutcomeUnknown,
    Queued,
    Refusal,
    SubmitResult,
)
from bot.ui.components.custom_ids import (
    ACTION_PATTERN,
    CONTROL_PATTERN,
    MODAL_PATTERN,
    ActionId,
    Control,
    ControlId,
    ModalKind,
)
from bot.ui.components.payloads import MAX_ID
from bot.ui.inputs.region_masks import RegionMask, attached_url, region_bytes, region_mask
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.context import actor_of, context_of, public_context_of
from bot.ui.interactions.error_handling import handle_errors, send_ephemeral, send_error, send_notices
from bot.ui.interactions.maintenance import ensure_available, is_shutting_down
from bot.ui.interactions.router import on_private_message
from bot.ui.interactions.routes import Routes
from bot.ui.modals.action_modals import REGIONS, SubmittedModal, modal_for, read_fields
from bot.ui.modals.modal_prefill import PREFILL_SECONDS, prefill
from bot.ui.modals.remix_cache import RemixUsers
from bot.ui.services import Services
from bot.ui.workflows.batches import start_batch
from bot.ui.workflows.deletion import ask_to_delete, delete
from bot.ui.workflows.drafts import draft_of_command, draft_of_modal, prompt_modal_of, send_draft
from bot.ui.workflows.mask_editor_link import send_editor_link
from bot.ui.workflows.preview import send_preview
from bot.ui.workflows.submit_command import forget_draft
from bot.ui.workflows.task_actions import cancel_task, send_seed, show_task
from bot.web.mask_editor import MaskEditor
from storage import Action, Draft, Request, StorageError, TaskId

log = logging.getLogger(__name__)


class Actions(commands.Cog):
    """Presses."""

    def __init__(self, routes: Routes, services: Services, remix_users: RemixUsers) -> None:
        self._services = services
        self._remix_users = remix_users
        routes.add_component(ACTION_PATTERN, self.on_action)
        routes.add_component(CONTROL_PATTERN, self.on_control)
        routes.add_modal(MODAL_PATTERN, self.on_modal, holds_text=True)

    async def on_action(self, interaction: Interaction, match: re.Match[str]) -> None:
        """One of the service's buttons was pressed."""
        key = ActionId.read(match)
        async with handle_errors(interaction):
            if key.modal is ModalKind.REGION and self._services.mask_editor:
                await self._invite(interaction, key, self._services.mask_editor)
                return
            if key.modal.always or (key.modal is ModalKind.REMIX and interaction.user.id in self._remix_users):
                await self._open_modal(interaction, key)
                return
            await interaction.response.defer()
            await self._press(interaction, key)

    async def on_control(self, interaction: Interaction, match: re.Match[str]) -> None:
        """One of our own controls was pressed."""
        key = ControlId.read(match)
        async with handle_errors(interaction):
            if key.control is Control.EDIT:
                await self._edit(interaction, key.task_id)
                return
            if key.control is Control.SHOW and on_private_message(interaction):
                await send_preview(interaction, self._services, key.task_id)
                return
            await interaction.response.defer()
            if not await self._ask(interaction, key):
                await self._change(interaction, key)

    async def _ask(self, interaction: Interaction, key: ControlId) -> bool:
        """Does what asks nothing of the task's card; whether the control was one of those."""
        match key.control:
            case Control.CANCEL:
                await cancel_task(interaction, self._services, key.task_id)
            case Control.SHOW | Control.POST:
                await show_task(interaction, self._services, key.task_id)
            case Control.SEED:
                await send_seed(interaction, self._services.service, key.task_id)
            case _:
                return False
        return True

    async def _change(self, interaction: Interaction, key: ControlId) -> None:
        """Does what changes the task's card or leads to others."""
        match key.control:
            case Control.PAGE:
                await self._turn(interaction, key)
            case Control.TRY_AGAIN:
                answer = await self._services.service.try_again(context_of(interaction), key.task_id)
                await self._answer(interaction, answer)
            case Control.LOOK_AGAIN:
                refusal = await self._services.service.look_again(actor_of(interaction), key.task_id)
                if refusal:
                    await send_error(interaction, refusal)
            case Control.FETCH_AGAIN:
                await self._fetch_again(interaction, key.task_id)
            case Control.DELETE | Control.DELETE_NOW:
                await self._delete(interaction, key)
            case Control.START_ALL | Control.START_ONE:
                await self._start_batch(interaction, key)

    async def _delete(self, interaction: Interaction, key: ControlId) -> None:
        if not on_private_message(interaction):
            await send_ephemeral(interaction, "refused.foreign_button")
        elif key.control is Control.DELETE:
            await ask_to_delete(interaction, self._services, key.task_id, in_place=False)
        else:
            await delete(interaction, self._services, key.task_id)

    async def _start_batch(self, interaction: Interaction, key: ControlId) -> None:
        if on_private_message(interaction) and key.task_id.isdecimal() and int(key.task_id) <= MAX_ID:
            expanded = key.control is Control.START_ALL
            await start_batch(interaction, self._services, int(key.task_id), expanded=expanded)
        else:
            await send_ephemeral(interaction, "refused.foreign_button")

    async def on_modal(self, interaction: Interaction, match: re.Match[str]) -> None:
        """A button's modal was submitted, before or after a restart."""
        async with handle_errors(interaction):
            modal = read_fields(interaction.data or {}, ActionId.read(match))
            if modal:
                await interaction.response.defer()
                await self.submit_modal(interaction, modal, draft_of_modal(interaction, modal))
            elif await ensure_available(interaction):
                await send_ephemeral(interaction, "refused.foreign_window")

    async def submit_modal(self, interaction: Interaction, modal: SubmittedModal, draft: Draft) -> None:
        """A button's window was submitted, out of this draft or for the first time."""
        say_no = partial(send_draft, interaction, self._services.store, draft=draft)
        async with handle_errors(interaction, say_no):
            answer = (
                Refusal("refused.restarting") if is_shutting_down(interaction) else await self._sent(interaction, modal)
            )
            if isinstance(answer, Refusal):
                await say_no(answer)
                return
            await forget_draft(self._services.store, draft)
            await self._answer(interaction, answer, modal.key.task_id)
            if isinstance(answer, Accepted) and answer.prompt_unused:
                unused = draft_of_command(interaction, Request(Action.IMAGINE, prompt=modal.prompt), (), None)
                await send_draft(interaction, self._services.store, Refusal("told.prompt_unused"), unused)

    async def _edit(self, interaction: Interaction, task_id: TaskId) -> None:
        """Opens the window in which the prompt of a task that failed is edited."""
        try:
            async with asyncio.timeout(PREFILL_SECONDS):
                found = await self._services.service.policy.seen(actor_of(interaction), task_id)
        except TimeoutError:
            found = Refusal("refused.store")
        if isinstance(found, Refusal):
            await send_error(interaction, found)
        else:
            await interaction.response.send_modal(prompt_modal_of(task_id, found.prompt, str(interaction.locale)))

    async def _invite(self, interaction: Interaction, key: ActionId, mask_editor: MaskEditor) -> None:
        """Answers with a private link to the painter.

        The press is deferred on its own message, so that its token reaches that message and the result replies to it.
        """
        await interaction.response.defer()
        context = context_of(interaction)
        found = await self._services.service.pressable(context.actor, key.task_id, key.digest)
        if isinstance(found, Refusal):
            await send_error(interaction, found)
            return
        await self._lend_token(interaction)
        invitation = await mask_editor.invite(context, key, str(interaction.locale), attached_url(interaction.message))
        await mask_editor.invited(invitation, await send_editor_link(interaction, invitation.url, key))

    async def _open_modal(self, interaction: Interaction, key: ActionId) -> None:
        proposed = await self._proposed(interaction, key)
        if isinstance(proposed, Refusal):
            await send_error(interaction, proposed)
        else:
            await interaction.response.send_modal(modal_for(key, proposed))

    async def _proposed(self, interaction: Interaction, key: ActionId) -> str | Refusal:
        """The prompt to begin with, if this person may see it; none where that is not known in time."""
        try:
            async with asyncio.timeout(PREFILL_SECONDS):
                found = await self._services.service.pressable(actor_of(interaction), key.task_id, key.digest)
        except (TimeoutError, StorageError) as error:
            log.warning("opening a form without its prompt: %r", error)
            return ""
        return found if isinstance(found, Refusal) else prefill(found[0], key)

    async def _sent(self, interaction: Interaction, modal: SubmittedModal) -> SubmitResult:
        if parse(modal.prompt).empty:
            return Refusal(EMPTY)
        mask: RegionMask | None = None
        if modal.key.modal in REGIONS:
            key = modal.key
            found = await self._services.service.pressable(actor_of(interaction), key.task_id, key.digest)
            if isinstance(found, Refusal):
                return found
            picture_url = attached_url(interaction.message)
            async with self._services.attachments.room(interaction.user.id, region_bytes(modal)) as busy:
                made = busy or await region_mask(self._services.fetcher, found[0], modal, picture_url)
            if isinstance(made, Refusal):
                return made
            mask = made
        answer = await self._pressed(interaction, modal.key, ModalInput(modal.prompt, mask.data if mask else None))
        await send_notices(interaction, mask.notes if mask else ())
        return answer

    async def _press(self, interaction: Interaction, key: ActionId) -> None:
        answer = await self._pressed(interaction, key, None)
        await self._answer(interaction, answer, key.task_id)

    async def _pressed(self, interaction: Interaction, key: ActionId, modal: ModalInput | None) -> SubmitResult:
        return await self._services.service.press(public_context_of(interaction), key.task_id, key.digest, modal)

    async def _answer(self, interaction: Interaction, answer: SubmitResult, pressed: TaskId | None = None) -> None:
        match answer:
            case Refusal():
                await send_error(interaction, answer)
                if pressed and answer.text == "refused.unsupported_button":
                    await self._services.delivery.force_update(pressed)  # without the button that cannot work here
            case NotPersisted():
                await send_ephemeral(interaction, "refused.unrecorded")
            case Acknowledged():
                if pressed:
                    await self._mark_pressed(interaction, pressed)
                await send_ephemeral(interaction, "told.favored")
            case Accepted() | Queued() | OutcomeUnknown() if pressed:
                await self._mark_pressed(interaction, pressed)
            case _:
                pass  # a new message shows it, or the press that this one repeats has answered

    async def _mark_pressed(self, interaction: Interaction, task_id: TaskId) -> None:
        try:
            await self._lend_token(interaction)
            await self._services.delivery.force_update(task_id)
        except StorageError as error:
            log.warning("task %s: cannot mark the pressed button: %r", task_id, error)

    async def _turn(self, interaction: Interaction, key: ControlId) -> None:
        message = (
            await self._services.store.messages.by_message_id(interaction.message.id) if interaction.message else None
        )
        if message is None or message.task_id != key.task_id:
            await send_ephemeral(interaction, "refused.no_such_task")
            return
        seen = await self._services.service.policy.seen(actor_of(interaction), key.task_id)
        if isinstance(seen, Refusal):
            await send_error(interaction, seen)
            return
        await self._services.store.messages.set_page(message.id, key.page)
        await self._lend_token(interaction)
        await self._services.delivery.force_update(key.task_id)

    async def _fetch_again(self, interaction: Interaction, task_id: TaskId) -> None:
        seen = await self._services.service.policy.seen(actor_of(interaction), task_id)
        if isinstance(seen, Refusal):
            await send_error(interaction, seen)
        else:
            await self._lend_token(interaction)
            await self._services.service.fetch_again(seen)
            await self._services.delivery.force_update(task_id)

    async def _lend_token(self, interaction: Interaction) -> None:
        """The press lets its message be edited where the bot is no member of the channel.

        Only a press that is deferred on its message does: any other answer is what the token edits.
        """
        if interaction.response.type is not discord.InteractionResponseType.deferred_message_update:
            return
        message = (
            await self._services.store.messages.by_message_id(interaction.message.id) if interaction.message else None
        )
        if message:
            context = context_of(interaction).message()
            await self._services.store.messages.refresh_token(message.id, interaction.token, context.token_ends_at)


async def setup(bot: AtelierBot) -> None:
    """Loads the cog."""
    await bot.add_cog(Actions(bot.routes, bot.services, bot.remix_users))
