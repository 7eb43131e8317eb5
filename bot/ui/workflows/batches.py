"""Several pictures from one prompt: the question before, with what it costs, their start, and one summary.

Each picture is a request of its own in the journal, under ids that follow the command's, so that however often the
button is pressed, and whenever the program stops in between, each is sent once.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import Any

import discord

from bot.tasks.permutations import MAX_JOBS
from bot.tasks.prompt import clean
from bot.tasks.results import InteractionContext, Refusal, SubmitResult
from bot.tasks.user_defaults import with_defaults
from bot.texts import say
from bot.ui.components.custom_ids import Control, ControlId
from bot.ui.components.dynamic_items import ControlButton
from bot.ui.components.markdown import escape_markdown
from bot.ui.components.safe_text import catalog_text
from bot.ui.inputs import image_attachments
from bot.ui.inputs.message_images import download_image
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.context import context_of
from bot.ui.interactions.error_handling import ErrorSender, send_error
from bot.ui.interactions.maintenance import is_shutting_down
from bot.ui.interactions.panel_responses import draw_panel, open_panel
from bot.ui.services import Services
from bot.ui.workflows.submit_command import prompt_problem
from storage import Batch, Request

MAX_SHOWN = 150


async def ask_about(
    interaction: Interaction,
    parts: Services,
    asked: Request,
    prompts: list[str] | int,
    attachments: Sequence[discord.Attachment],
    *,
    aspect: str | None,
    say_no: ErrorSender,
) -> None:
    """Asks whether all of these are to be made; nothing is sent yet. `prompts` are so many where they are too many."""
    if is_shutting_down(interaction):
        await say_no(Refusal("refused.restarting"))
        return
    if isinstance(prompts, int):
        await say_no(Refusal("refused.too_many_jobs", {"count": str(prompts), "limit": str(MAX_JOBS)}))
        return
    requests = [dataclasses.replace(asked, prompt=prompt) for prompt in prompts]
    objections = [objection for each in requests if (objection := prompt_problem(parts, each))]
    if objection := next(iter(objections), image_attachments.attachment_problem(attachments)):
        await say_no(objection)
        return
    if not interaction.response.is_done():
        await open_panel(interaction)
    spoiler = image_attachments.is_spoiler(attachments, asked)
    request = dataclasses.replace(asked, spoiler=spoiler)
    urls = tuple(each.url for each in attachments)
    batch = Batch(interaction.id, interaction.user.id, request, tuple(map(clean, prompts)), urls, aspect)
    await parts.store.batches.add(batch, time.time())
    await draw_panel(interaction, _question(batch, str(interaction.locale)))


async def start_batch(interaction: Interaction, parts: Services, batch_id: int, *, expanded: bool) -> None:
    """Starts what was asked about: each prompt, or with `expanded` off what was typed as one; then says how it went."""
    batch = await parts.store.batches.get(batch_id)
    if batch is None or batch.user_id != interaction.user.id:
        await send_error(interaction, Refusal("refused.batch_forgotten"))
        return
    prompts = batch.prompts if expanded else (batch.request.prompt,)
    async with parts.attachments.room(batch.user_id, len(batch.urls) * image_attachments.MAX_GIVEN) as busy:
        given = busy or await _given(parts, batch)
        if isinstance(given, Refusal):
            await send_error(interaction, dataclasses.replace(given, typed=batch.request.prompt))
            return
        context = context_of(interaction)
        answers = [
            await _start(parts, batch, prompt, given, dataclasses.replace(context, interaction_id=batch_id + number))
            for number, prompt in enumerate(prompts, 1 if expanded else 0)
        ]
    await draw_panel(interaction, _summary(prompts, answers, str(interaction.locale)))


async def _given(parts: Services, batch: Batch) -> image_attachments.GivenImages | Refusal:
    given = image_attachments.GivenImages(())
    for url in batch.urls:
        one = await download_image(parts.fetcher, (url,))
        if isinstance(one, Refusal):
            return one
        given = image_attachments.GivenImages((*given.pictures, *one.pictures), (*given.notes, *one.notes))
    return given


async def _start(
    parts: Services, batch: Batch, prompt: str, given: image_attachments.GivenImages, context: InteractionContext
) -> SubmitResult:
    preferred = await parts.store.user_settings.of(batch.user_id)
    asked = given.remarked(dataclasses.replace(batch.request, prompt=prompt))
    return await parts.service.start(context, with_defaults(asked, preferred, aspect=batch.aspect), given.pictures)


def _question(batch: Batch, locale: str) -> discord.ui.LayoutView:
    count = len(batch.prompts)
    lines = [f"{number}. {escape_markdown(prompt, MAX_SHOWN)}" for number, prompt in enumerate(batch.prompts, 1)]
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay("\n".join([say("batch.question", locale, count=count), *lines])))
    every = ControlId(str(batch.interaction_id), Control.START_ALL)
    one = ControlId(str(batch.interaction_id), Control.START_ONE)
    view.add_item(
        discord.ui.ActionRow[Any](
            ControlButton.make(
                every, label=say("button.start_all", locale, count=count), style=discord.ButtonStyle.primary
            ),
            ControlButton.make(one, label=say("button.start_one", locale)),
        )
    )
    return view


def _summary(prompts: Sequence[str], answers: Sequence[SubmitResult], locale: str) -> discord.ui.LayoutView:
    refused = [(prompt, each) for prompt, each in zip(prompts, answers, strict=True) if isinstance(each, Refusal)]
    started = len(prompts) - len(refused)
    name = "batch.started" if not refused else "batch.some_refused"
    lines = [say(name, locale, started=started, count=len(prompts))]
    for prompt, refusal in refused:
        why = catalog_text(refusal.text, locale, **refusal.values)
        lines.append(f"- {escape_markdown(prompt, MAX_SHOWN)}\n{why}")
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay("\n".join(lines)))
    return view
