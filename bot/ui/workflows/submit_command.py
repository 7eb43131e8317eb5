"""How a command starts a task: a public "thinking…" that becomes the task's card, or a private error."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Literal

import discord
from discord import app_commands

from bot.engines.models import Feature
from bot.i18n import Translator
from bot.tasks.errors import UserError
from bot.tasks.policy import InteractionContext
from bot.tasks.prompt import MAX_PROMPT
from bot.tasks.request_prompts import check_not_empty
from bot.tasks.requests import check_mode, check_suitable, settled_prompt, typed_prompt
from bot.tasks.results import Duplicate, NotPersisted, SubmitResult
from bot.tasks.user_defaults import with_defaults
from bot.ui.components.message_components import CheckedLayout
from bot.ui.inputs import image_attachments
from bot.ui.inputs.message_images import download_image
from bot.ui.interactions.availability import check_available, engine_for, settled_engine
from bot.ui.interactions.context import Interaction, context_of, public_context_of
from bot.ui.interactions.responses import ANSWER_DELETED, ErrorSender, best_effort, send_ephemeral
from bot.ui.interactions.router import check_running, handle_errors
from bot.ui.services import Services
from bot.ui.workflows.drafts import draft_of_command, draft_sender
from storage import Action, Draft, Request, StorageError, Store

log = logging.getLogger(__name__)

Prompt = app_commands.Range[str, 1, MAX_PROMPT]
NotifyChoice = Literal["auto", "always", "never"]


async def submit_with_files(
    interaction: Interaction,
    services: Services,
    asked: Request,
    attachments: Sequence[discord.Attachment],
    *,
    aspect: str | None = None,
    draft: Draft | None = None,
    refused: ErrorSender | None = None,
) -> None:
    """Checks a request and its attachments, applies the user's defaults, and starts the task.

    `aspect`: the aspect ratio chosen by the user. A refused request is kept as a draft, or answered by `refused`.
    `draft`: the draft that is sent again. In that case the modal is already acknowledged, and the task is shown in a
    message of its own.
    """
    kept = draft or draft_of_command(interaction, asked, attachments, aspect)
    async with handle_errors(interaction, refused or draft_sender(interaction, services.store, kept)):
        check_running(interaction)
        _check_first(services, asked, attachments)
        marked = dataclasses.replace(asked, spoiler=image_attachments.is_spoiler(attachments, asked))

        async def start(context: InteractionContext) -> SubmitResult:
            preferred, t = await services.store.user_settings.of(context.user_id), Translator(context.card_locale)
            request = settled_engine(services.engines, marked, preferred, t)
            if not asked.engine:
                _check(services, request, attachments)
            async with _given(services, context.user_id, request, attachments) as given:
                sendable = dataclasses.replace(request, link=None) if given.pictures else request
                capabilities = engine_for(services.engines, request).capabilities
                complete = with_defaults(given.remarked(sendable, t), preferred, capabilities, aspect=aspect)
                answer = await services.service.start(context, complete, given.pictures)
            if draft:
                await forget_draft(services.store, draft)
            return answer

        await submit_command(interaction, start, acknowledged=draft is not None)


def _check_first(services: Services, asked: Request, attachments: Sequence[discord.Attachment]) -> None:
    """Raises UserError for a request that is invalid whatever the user's default engine is; no I/O. The rest is checked
    when that is known."""
    try:
        _check(services, asked, attachments)
    except UserError:
        if asked.engine or len(services.engines.names) < 2:
            raise


def _check(services: Services, asked: Request, attachments: Sequence[discord.Attachment]) -> None:
    """Raises UserError for an invalid or unsupported request; no I/O."""
    if prompt := typed_prompt(asked):
        check_not_empty(prompt)
    check_available(engine_for(services.engines, asked).capabilities, asked)
    check_prompt(services, asked, len(attachments))
    if asked.action is Action.VIDEO and asked.option("loop") and len(attachments) > 1:
        raise UserError("loop_with_end")
    image_attachments.check_attachments(attachments, with_clip=asked.action is Action.SWAP_VIDEO)


def check_prompt(services: Services, asked: Request, images: int = 0) -> None:
    """Raises UserError for a prompt, a chosen mode or a number of images that cannot be sent; no I/O. A mode in the
    prompt has priority."""
    engine = engine_for(services.engines, asked)
    check_mode(asked, engine.capabilities)
    check_suitable(engine, settled_prompt(asked, engine.capabilities), images)


@asynccontextmanager
async def _given(
    services: Services, person: int, asked: Request, attachments: Sequence[discord.Attachment]
) -> AsyncIterator[image_attachments.GivenImages]:
    """The images of a request, kept in memory inside the context.

    If the image service does not accept links, the bot downloads the linked image.
    """
    if not asked.link or attachments or engine_for(services.engines, asked).capabilities.has(Feature.DESCRIBE_LINK):
        with_clip = asked.action is Action.SWAP_VIDEO
        async with services.attachments.read(person, attachments, with_clip=with_clip) as given:
            yield given
        return
    fresh = await services.links.refreshed(asked)
    async with services.attachments.room(person, image_attachments.MAX_GIVEN):
        yield await _linked(services, fresh.link or "")


async def _linked(services: Services, link: str) -> image_attachments.GivenImages:
    try:
        return await download_image(services.fetcher, (link,))
    except UserError as error:
        if error.code in ("picture_unreachable", "no_picture_there"):
            raise UserError("link_unreachable") from error
        raise


async def forget_draft(store: Store, draft: Draft) -> None:
    """Removes a draft that was sent. If that fails, the draft expires after a day."""
    try:
        await store.drafts.remove(draft.id)
    except StorageError as error:
        log.warning("cannot remove a draft that was sent: %r", error)


async def submit_command(
    interaction: Interaction,
    start: Callable[[InteractionContext], Awaitable[SubmitResult]],
    *,
    acknowledged: bool = False,
) -> None:
    """Acknowledges the interaction, then starts the task.

    The result is shown in the acknowledgement's message, or in a message of its own if the interaction was
    `acknowledged` before. If `start` raises, the acknowledgement's message is deleted, so that the error can be sent in
    private.
    """
    if acknowledged:
        if isinstance(await start(public_context_of(interaction)), NotPersisted):
            await send_ephemeral(interaction, "refused.unrecorded")
        return
    deferral = await interaction.response.defer(thinking=True)
    context = context_of(interaction)
    if deferral and deferral.message_id:
        context = context.showing_in(deferral.message_id)
    try:
        answer = await start(context)
    except Exception:
        await take_back(interaction)
        raise
    match answer:
        case Duplicate():
            await take_back(interaction)
        case NotPersisted():
            await _show_in_place(interaction, "refused.unrecorded")
        case _:
            pass  # the card shows the result


async def take_back(interaction: Interaction) -> None:
    """Deletes the public "thinking…" of an interaction, so that its next answer can be private."""
    # The first follow-up to a public "thinking…" would replace it and be public too (Discord's "Receiving and
    # Responding to Interactions", "Create Followup Message"). After its deletion, an answer can be private.
    async with best_effort(f"interaction {interaction.id} keeps its answer"):
        await interaction.delete_original_response()
        interaction.extras[ANSWER_DELETED] = True


async def _show_in_place(interaction: Interaction, name: str) -> None:
    """Shows a text in the message where the card would be."""
    t = Translator(context_of(interaction).card_locale)
    view = CheckedLayout()
    view.add_item(discord.ui.TextDisplay(t(name)))
    async with best_effort(f"interaction {interaction.id}: cannot send {name}"):
        await interaction.edit_original_response(view=view, allowed_mentions=discord.AllowedMentions.none())
