"""The cog of the image service's buttons and their modals.

The order of steps is fixed: parse the custom id (no I/O), acknowledge the interaction, and only then read the store or
call the image service. The exceptions are modals, which must be the first response and are prefilled within a time
limit, and buttons that submit at once: those are journaled while the acknowledgment is under way, and sent after it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.client import AtelierBot
from bot.tasks.errors import UserError
from bot.tasks.prompt import parse
from bot.tasks.request_prompts import check_not_empty
from bot.tasks.results import (
    ACKNOWLEDGED_BEFORE,
    Accepted,
    Acknowledged,
    Acknowledgement,
    ModalInput,
    NotPersisted,
    OutcomeUnknown,
    Queued,
    SubmitResult,
)
from bot.ui.components.message_components import ACTION_PATTERN, MODAL_PATTERN, ActionId, ModalKind
from bot.ui.inputs.region_masks import MaskedImage, RegionMask, attached_url, region_bytes, region_mask
from bot.ui.interactions.context import (
    Interaction,
    actor_of,
    context_of,
    public_context_of,
    token_of,
    translator_of,
    used_message,
)
from bot.ui.interactions.responses import send_ephemeral, send_notices
from bot.ui.interactions.router import Deferral, Routes, check_running, ensure_available, handle_errors
from bot.ui.modals.action_modals import REGIONS, SubmittedModal, modal_for, read_fields
from bot.ui.modals.modal_prefill import PREFILL_SECONDS, prefill
from bot.ui.modals.remix_cache import RemixUsers
from bot.ui.services import Services
from bot.ui.workflows.drafts import draft_of_command, draft_of_modal, draft_sender, send_draft
from bot.ui.workflows.mask_editor_link import send_editor_link
from bot.ui.workflows.submit_command import forget_draft
from storage import Action, Draft, Request, StorageError, Store, TaskId

if TYPE_CHECKING:
    from bot.web.mask_editor import MaskEditor

log = logging.getLogger(__name__)


class Actions(commands.Cog):
    """Handles the image service's buttons under a task's message, and their modals."""

    def __init__(self, routes: Routes, services: Services, remix_users: RemixUsers) -> None:
        self._services = services
        self._remix_users = remix_users
        # Interactions with buttons that submit at once, and that are being answered.
        self._pressing: set[int] = set()
        routes.add_component(ACTION_PATTERN, self.on_action)
        routes.add_modal(MODAL_PATTERN, self.on_modal, holds_text=True)

    async def on_action(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Handles one of the image service's buttons. The router answers its errors."""
        key = ActionId.read(match)
        if key.modal is ModalKind.REGION and self._services.mask_editor:
            await self._send_editor_link(interaction, key, self._services.mask_editor)
        elif key.modal.always or (key.modal is ModalKind.REMIX and interaction.user.id in self._remix_users):
            await self._open_modal(interaction, key)
        else:
            await self._press(interaction, key)

    async def on_modal(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Handles the modal of a button, including modals opened before a restart."""
        async with handle_errors(interaction):
            modal = read_fields(interaction.data or {}, ActionId.read(match))
            if modal:
                await interaction.response.defer()
                await self.submit_modal(interaction, modal, draft_of_modal(interaction, modal))
            elif await ensure_available(interaction):
                raise UserError("foreign_window")

    async def submit_modal(self, interaction: Interaction, modal: SubmittedModal, draft: Draft) -> None:
        """Submits the input of a button's modal. `draft` keeps the input if it is refused."""
        store = self._services.store
        async with handle_errors(interaction, draft_sender(interaction, store, draft)):
            check_running(interaction)
            answer = await self._sent(interaction, modal)
            await forget_draft(store, draft)
            await show_answer(interaction, self._services, answer, modal.key.task_id)
            if isinstance(answer, Accepted) and answer.prompt_unused:
                unused = draft_of_command(interaction, Request(Action.IMAGINE, prompt=modal.prompt), (), None)
                await send_draft(interaction, store, translator_of(interaction)("told.prompt_unused"), unused)

    async def _send_editor_link(self, interaction: Interaction, key: ActionId, mask_editor: MaskEditor) -> None:
        """Responds with a private link to the mask editor.

        The interaction is deferred as an update of its own message, so that its token can edit that message and the
        result replies to it.
        """
        await interaction.response.defer()
        context = context_of(interaction)
        await self._services.service.submissions.pressable(context.actor, key.task_id, key.digest)
        await refresh_token(interaction, self._services.store)
        link = await mask_editor.create_link(context, key, attached_url(used_message(interaction)))
        await mask_editor.record_notice(link, await send_editor_link(interaction, link.url, key))

    async def _open_modal(self, interaction: Interaction, key: ActionId) -> None:
        await interaction.response.send_modal(
            modal_for(key, await self._proposed(interaction, key), translator_of(interaction))
        )

    async def _proposed(self, interaction: Interaction, key: ActionId) -> str:
        """The prompt with which the modal opens, if this user may see it; empty if the store does not answer in time.
        Raises UserError."""
        try:
            async with asyncio.timeout(PREFILL_SECONDS):
                task, button = await self._services.service.submissions.pressable(
                    actor_of(interaction), key.task_id, key.digest
                )
        except (TimeoutError, StorageError) as error:
            log.warning("opening a form without its prompt: %r", error)
            return ""
        return prefill(task, key.modal, button.line)

    async def _sent(self, interaction: Interaction, modal: SubmittedModal) -> SubmitResult:
        if modal.aspect is None:
            check_not_empty(parse(modal.prompt))
        mask = None
        if modal.key.modal in REGIONS:
            key = modal.key
            mask = await self._mask(interaction, modal, key)
        given = ModalInput(modal.prompt, mask.data if mask else None, modal.aspect)
        answer = await self._pressed(interaction, modal.key, given)
        await send_notices(interaction, mask.notes if mask else ())
        return answer

    async def _mask(self, interaction: Interaction, modal: SubmittedModal, key: ActionId) -> RegionMask:
        services, message = self._services, used_message(interaction)
        task, _ = await services.service.submissions.pressable(actor_of(interaction), key.task_id, key.digest)
        number = services.service.pressed_image(task, key.digest)
        wanted = MaskedImage(task, number, attached_url(message), message.images() if message else ())
        async with services.attachments.room(interaction.user.id, region_bytes(modal)):
            return await region_mask(services.fetcher, services.task_images, wanted, modal)

    async def _press(self, interaction: Interaction, key: ActionId) -> None:
        if interaction.id in self._pressing:
            # Of two acknowledgments under way, either may be the one that succeeds.
            log.info("interaction %d was delivered twice", interaction.id)
            return
        self._pressing.add(interaction.id)
        try:
            async with Deferral(interaction) as deferral:
                answer = await self._pressed(interaction, key, None, deferral)
            await show_answer(interaction, self._services, answer, key.task_id)
        finally:
            self._pressing.discard(interaction.id)

    async def _pressed(
        self,
        interaction: Interaction,
        key: ActionId,
        modal: ModalInput | None,
        acknowledged: Acknowledgement = ACKNOWLEDGED_BEFORE,
    ) -> SubmitResult:
        try:
            return await self._services.service.submissions.press(
                public_context_of(interaction), key.task_id, key.digest, modal, acknowledged
            )
        except UserError as error:
            if error.code in ("unsupported_button", "endpoint_not_offered"):
                await acknowledged.written()
                await self._update_card(key.task_id)  # removes the buttons that cannot work
            raise

    async def _update_card(self, task_id: TaskId) -> None:
        try:
            await self._services.delivery.force_update(task_id)
        except StorageError as error:
            log.warning("task %s: its card is not updated: %r", task_id, error)


async def show_answer(
    interaction: Interaction, services: Services, answer: SubmitResult, pressed: TaskId | None = None
) -> None:
    """Shows how a submission ended, unless a new message shows it. `pressed`: the task whose button was used."""
    match answer:
        case NotPersisted():
            await send_ephemeral(interaction, "refused.unrecorded")
        case Acknowledged():
            if pressed:
                await _mark_pressed(interaction, services, pressed)
            await send_ephemeral(interaction, "told.favored")
        case Accepted() | Queued() | OutcomeUnknown() if pressed:
            await _mark_pressed(interaction, services, pressed)
        case _:
            pass  # a new message shows it; a duplicate needs no response


async def _mark_pressed(interaction: Interaction, services: Services, task_id: TaskId) -> None:
    try:
        used = used_message(interaction)
        if _has_updating_token(interaction) and used:
            pressed = await services.store.messages.mark_pressed(task_id, used.id, *token_of(interaction))
            services.delivery.force_update_of(pressed)
        else:
            await services.delivery.force_update(task_id)
    except StorageError as error:
        log.warning("task %s: cannot mark the pressed button: %r", task_id, error)


async def refresh_token(interaction: Interaction, store: Store) -> None:
    """Stores the interaction's token with its message, so that the bot can edit that message in channels it is not a
    member of.

    Only an interaction deferred as a message update has such a token.
    """
    if not _has_updating_token(interaction):
        return
    used = used_message(interaction)
    message = await store.messages.by_message_id(used.id) if used else None
    if message:
        await store.messages.refresh_token(message.id, *token_of(interaction))


def _has_updating_token(interaction: Interaction) -> bool:
    """Whether the token can edit the interaction's message. After any other response, it edits that response."""
    return interaction.response.type is discord.InteractionResponseType.deferred_message_update


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(Actions(bot.routes, bot.services, bot.remix_users))
