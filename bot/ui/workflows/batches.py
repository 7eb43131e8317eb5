"""Several images from one prompt: the confirmation with its cost, the start of all, and one summary.

Each image is a separate request in the journal, with an id that follows the command's interaction id. Therefore each is
sent only once, however often the button is used and whenever the bot stops.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import Any

import discord

from bot.i18n import Translator
from bot.tasks.errors import UserError
from bot.tasks.permutations import MAX_JOBS, prompts_of, typed_as
from bot.tasks.policy import InteractionContext
from bot.tasks.prompt import clean
from bot.tasks.user_defaults import with_defaults
from bot.ui.components.dynamic_items import ControlButton
from bot.ui.components.markdown import escape_markdown
from bot.ui.components.message_components import CheckedLayout, Control, ControlId
from bot.ui.inputs import image_attachments
from bot.ui.inputs.message_images import download_image
from bot.ui.interactions.availability import engine_for, settled_engine
from bot.ui.interactions.context import Interaction, actor_of, context_of, translator_of
from bot.ui.interactions.responses import ErrorSender, draw_panel, open_panel
from bot.ui.interactions.router import check_running, handle_errors
from bot.ui.services import Services
from bot.ui.workflows.drafts import attachment_of, draft_of_batch, draft_sender, files_of
from bot.ui.workflows.submit_command import check_prompt, submit_with_files
from storage import Action, Batch, Draft, Request

MAX_SHOWN = 150


async def ask_about(
    interaction: Interaction,
    services: Services,
    asked: Request,
    prompts: list[str] | int,
    attachments: Sequence[discord.Attachment],
    *,
    aspect: str | None,
) -> None:
    """Asks whether to start all of these prompts; nothing is sent yet. `prompts` is their number if there are too many.

    Raises UserError.
    """
    check_running(interaction)
    if isinstance(prompts, int):
        raise UserError("too_many_jobs", count=str(prompts), limit=str(MAX_JOBS))
    image_attachments.check_attachments(attachments)
    if asked.engine:
        _check_prompts(services, asked, prompts)
    if not interaction.response.is_done():
        await open_panel(interaction)
    if not asked.engine:
        preferred = await services.store.user_settings.of(interaction.user.id)
        t = Translator(context_of(interaction).card_locale)
        asked = settled_engine(services.engines, asked, preferred, t)
        _check_prompts(services, asked, prompts)
    spoiler = image_attachments.is_spoiler(attachments, asked)
    request = dataclasses.replace(asked, spoiler=spoiler)
    files = files_of(attachments)
    batch = Batch(interaction.id, interaction.user.id, request, tuple(map(clean, prompts)), files, aspect)
    await services.store.batches.add(batch, time.time())
    await draw_panel(interaction, _question(batch, translator_of(interaction)))


def _check_prompts(services: Services, asked: Request, prompts: Sequence[str]) -> None:
    for prompt in prompts:
        check_prompt(services, dataclasses.replace(asked, prompt=prompt))


async def start_draft(interaction: Interaction, services: Services, draft: Draft) -> None:
    """Starts the command of an edited draft, or asks about it if its prompt stands for several images. The interaction
    is acknowledged. Raises UserError."""
    attachments = [attachment_of(interaction, file) for file in draft.files]
    prompts = prompts_of(draft.prompt)
    one = isinstance(prompts, list) and len(prompts) <= 1
    asked, aspect = draft.request, draft.aspect
    if one or asked.action is not Action.IMAGINE:
        await submit_with_files(interaction, services, asked, attachments, aspect=aspect, draft=draft)
    else:
        async with handle_errors(interaction, draft_sender(interaction, services.store, draft)):
            await ask_about(interaction, services, asked, prompts, attachments, aspect=aspect)


async def start_batch(interaction: Interaction, services: Services, batch_id: int, *, expanded: bool) -> None:
    """Starts a confirmed batch and shows a summary: every prompt, or without `expanded` the text as typed as one
    prompt.

    The user gets refused prompts back as drafts. Raises UserError.
    """
    batch = await services.service.policy.batch(actor_of(interaction), batch_id)
    prompts = batch.prompts if expanded else (batch.request.prompt,)
    async with handle_errors(interaction, _draft_sender(interaction, services, batch, batch.request.prompt)):
        async with services.attachments.room(batch.user_id, len(batch.files) * image_attachments.MAX_GIVEN):
            given = await _given(services, batch)
            # Both buttons may have been used before either was answered.
            if not await services.store.batches.begin(batch_id, expanded=expanded):
                raise UserError("batch_started")
            context = context_of(interaction)
            refusals = [
                await _start(
                    services, batch, each, given, dataclasses.replace(context, interaction_id=batch_id + number)
                )
                for number, each in enumerate(prompts, 1 if expanded else 0)
            ]
        await draw_panel(interaction, _summary(refusals, translator_of(interaction)))
        for refusal, typed in _refused(batch, prompts, refusals):
            await _draft_sender(interaction, services, batch, typed)(refusal)


def _draft_sender(interaction: Interaction, services: Services, batch: Batch, typed: str) -> ErrorSender:
    return draft_sender(interaction, services.store, draft_of_batch(batch, typed))


def _refused(batch: Batch, prompts: Sequence[str], refusals: Sequence[UserError | None]) -> list[tuple[UserError, str]]:
    """The refused prompts as the user could type them, with their errors. Prompts with the same error are combined."""
    refused: list[tuple[UserError, list[str]]] = []
    for prompt, refusal in zip(prompts, refusals, strict=True):
        if refusal is None:
            continue
        alike = next((some for other, some in refused if str(other) == str(refusal)), None)
        if alike is None:
            refused.append((refusal, [prompt]))
        else:
            alike.append(prompt)
    if len(refused) == 1 and len(refused[0][1]) == len(prompts):
        return [(refused[0][0], batch.request.prompt)]
    return [(refusal, typed) for refusal, some in refused for typed in typed_as(some)]


async def _given(services: Services, batch: Batch) -> image_attachments.GivenImages:
    given = image_attachments.GivenImages(())
    for file in batch.files:
        one = await download_image(services.fetcher, (file.url,))
        given = image_attachments.GivenImages((*given.pictures, *one.pictures), (*given.notes, *one.notes))
    return given


async def _start(
    services: Services, batch: Batch, prompt: str, given: image_attachments.GivenImages, context: InteractionContext
) -> UserError | None:
    """Starts one prompt of a batch. Returns its error, because the other prompts are started anyway."""
    preferred = await services.store.user_settings.of(batch.user_id)
    asked = given.remarked(dataclasses.replace(batch.request, prompt=prompt), Translator(context.card_locale))
    try:
        capabilities = engine_for(services.engines, asked).capabilities
        complete = with_defaults(asked, preferred, capabilities, aspect=batch.aspect)
        await services.service.start(context, complete, given.pictures)
    except UserError as error:
        return error
    return None


def _question(batch: Batch, t: Translator) -> discord.ui.LayoutView:
    count = len(batch.prompts)
    lines = [f"{number}. {escape_markdown(prompt, MAX_SHOWN, t)}" for number, prompt in enumerate(batch.prompts, 1)]
    view = CheckedLayout()
    view.add_item(discord.ui.TextDisplay("\n".join([t("batch.question", count=count), *lines])))
    every = ControlId(str(batch.interaction_id), Control.START_ALL)
    one = ControlId(str(batch.interaction_id), Control.START_ONE)
    view.add_item(
        discord.ui.ActionRow[Any](
            ControlButton.make(every, label=t("button.start_all", count=count), style=discord.ButtonStyle.primary),
            ControlButton.make(one, label=t("button.start_one")),
        )
    )
    return view


def _summary(refusals: Sequence[UserError | None], t: Translator) -> discord.ui.LayoutView:
    started = refusals.count(None)
    name = "batch.started" if started == len(refusals) else "batch.some_refused"
    view = CheckedLayout()
    view.add_item(discord.ui.TextDisplay(t(name, started=started, count=len(refusals))))
    return view
