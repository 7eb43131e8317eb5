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

from bot.parts import Parts
from bot.tasks.answers import Answer, Origin, Refusal
from bot.tasks.permutations import MAX_JOBS
from bot.tasks.prompt import clean
from bot.tasks.user_defaults import with_defaults
from bot.texts import say
from bot.ui import uploads
from bot.ui.asker import origin_of
from bot.ui.button import ControlButton
from bot.ui.door import is_closing
from bot.ui.found_pictures import fetched
from bot.ui.guard import Interaction, Refuse, refuse
from bot.ui.keys import Control, ControlKey
from bot.ui.messages import message
from bot.ui.panels import draw_panel, open_panel
from bot.ui.starts import prompt_objection
from bot.ui.words import plain
from storage import Batch, Request

MAX_SHOWN = 150


async def ask_about(
    interaction: Interaction,
    parts: Parts,
    asked: Request,
    prompts: list[str] | int,
    attachments: Sequence[discord.Attachment],
    *,
    aspect: str | None,
    say_no: Refuse,
) -> None:
    """Asks whether all of these are to be made; nothing is sent yet. `prompts` are so many where they are too many."""
    if is_closing(interaction):
        await say_no(Refusal("refused.restarting"))
        return
    if isinstance(prompts, int):
        await say_no(Refusal("refused.too_many_jobs", {"count": str(prompts), "limit": str(MAX_JOBS)}))
        return
    requests = [dataclasses.replace(asked, prompt=prompt) for prompt in prompts]
    objections = [objection for each in requests if (objection := prompt_objection(parts, each))]
    if objection := next(iter(objections), uploads.objection(attachments)):
        await say_no(objection)
        return
    if not interaction.response.is_done():
        await open_panel(interaction)
    spoiler = uploads.is_spoiler(attachments, asked)
    request = dataclasses.replace(asked, spoiler=spoiler)
    urls = tuple(each.url for each in attachments)
    batch = Batch(interaction.id, interaction.user.id, request, tuple(map(clean, prompts)), urls, aspect)
    await parts.store.batches.add(batch, time.time())
    await draw_panel(interaction, _question(batch, str(interaction.locale)))


async def start_batch(interaction: Interaction, parts: Parts, batch_id: int, *, expanded: bool) -> None:
    """Starts what was asked about: each prompt, or with `expanded` off what was typed as one; then says how it went."""
    batch = await parts.store.batches.get(batch_id)
    if batch is None or batch.user_id != interaction.user.id:
        await refuse(interaction, Refusal("refused.batch_forgotten"))
        return
    prompts = batch.prompts if expanded else (batch.request.prompt,)
    async with parts.attachments.room(batch.user_id, len(batch.urls) * uploads.MAX_GIVEN) as busy:
        given = busy or await _given(parts, batch)
        if isinstance(given, Refusal):
            await refuse(interaction, dataclasses.replace(given, typed=batch.request.prompt))
            return
        origin = origin_of(interaction)
        answers = [
            await _start(parts, batch, prompt, given, dataclasses.replace(origin, interaction_id=batch_id + number))
            for number, prompt in enumerate(prompts, 1 if expanded else 0)
        ]
    await draw_panel(interaction, _summary(prompts, answers, str(interaction.locale)))


async def _given(parts: Parts, batch: Batch) -> uploads.Given | Refusal:
    given = uploads.Given(())
    for url in batch.urls:
        one = await fetched(parts.fetcher, (url,))
        if isinstance(one, Refusal):
            return one
        given = uploads.Given((*given.pictures, *one.pictures), (*given.notes, *one.notes))
    return given


async def _start(parts: Parts, batch: Batch, prompt: str, given: uploads.Given, origin: Origin) -> Answer:
    preferred = await parts.store.preferences.of(batch.user_id)
    asked = given.remarked(dataclasses.replace(batch.request, prompt=prompt))
    return await parts.service.start(origin, with_defaults(asked, preferred, aspect=batch.aspect), given.pictures)


def _question(batch: Batch, locale: str) -> discord.ui.LayoutView:
    count = len(batch.prompts)
    lines = [f"{number}. {plain(prompt, MAX_SHOWN)}" for number, prompt in enumerate(batch.prompts, 1)]
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay("\n".join([say("batch.question", locale, count=count), *lines])))
    every = ControlKey(str(batch.interaction_id), Control.START_ALL)
    one = ControlKey(str(batch.interaction_id), Control.START_ONE)
    view.add_item(
        discord.ui.ActionRow[Any](
            ControlButton.make(
                every, label=say("button.start_all", locale, count=count), style=discord.ButtonStyle.primary
            ),
            ControlButton.make(one, label=say("button.start_one", locale)),
        )
    )
    return view


def _summary(prompts: Sequence[str], answers: Sequence[Answer], locale: str) -> discord.ui.LayoutView:
    refused = [(prompt, each) for prompt, each in zip(prompts, answers, strict=True) if isinstance(each, Refusal)]
    started = len(prompts) - len(refused)
    name = "batch.started" if not refused else "batch.some_refused"
    lines = [say(name, locale, started=started, count=len(prompts))]
    for prompt, refusal in refused:
        why = message(refusal.text, locale, **refusal.values)
        lines.append(f"- {plain(prompt, MAX_SHOWN)}\n{why}")
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay("\n".join(lines)))
    return view
