"""How a command begins a task: a public "thinking…" that becomes the task's message, or a private refusal."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Sequence

import discord
from discord import app_commands

from bot.midjourney import Mode
from bot.parts import Parts
from bot.tasks.answers import Answer, Origin, Refusal, Repeated, Unrecorded
from bot.tasks.prompt import MAX_PROMPT
from bot.tasks.request_preparation import NO_SUCH_MODE, settled_prompt, typed_prompt
from bot.tasks.user_defaults import with_defaults
from bot.texts import say
from bot.ui import uploads
from bot.ui.asker import origin_of
from bot.ui.guard import ANSWER_DELETED, Interaction, as_far_as_possible, guarded, refuse
from storage import Action, Request

Prompt = app_commands.Range[str, 1, MAX_PROMPT]


async def begin_with(
    interaction: Interaction,
    parts: Parts,
    asked: Request,
    attachments: Sequence[discord.Attachment],
    *,
    aspect: str | None = None,
    objection: Refusal | None = None,
) -> None:
    """Checks what was asked and attached, and begins with it and with this person's defaults.

    `aspect` is the shape that they chose, `objection` what the command itself has to say against it.
    """
    async with guarded(interaction):
        objection = prompt_objection(parts, asked) or objection
        with_clip = asked.action is Action.SWAP_VIDEO
        objection = objection or uploads.objection(attachments, with_clip=with_clip)
        if objection:
            await refuse(interaction, objection)
            return

        request = dataclasses.replace(asked, spoiler=uploads.is_spoiler(attachments, asked))

        async def start(origin: Origin) -> Answer:
            async with parts.attachments.read(origin.user_id, attachments, with_clip=with_clip) as given:
                if isinstance(given, Refusal):
                    return given
                preferred = await parts.store.preferences.of(origin.user_id)
                complete = with_defaults(given.remarked(request), preferred, aspect=aspect)
                return await parts.service.start(origin, complete, given.pictures)

        await begin(interaction, start)


def prompt_objection(parts: Parts, asked: Request) -> Refusal | None:
    """What speaks against a prompt and a chosen mode by themselves; no I/O. A mode typed in the prompt wins."""
    capabilities, prompt = parts.midjourney.capabilities, typed_prompt(asked)
    typed = prompt.mode if prompt else None
    if asked.mode and not typed and not capabilities.draws_in(Mode(asked.mode)):
        return Refusal(NO_SUCH_MODE)
    settled = settled_prompt(asked, capabilities)
    return settled if isinstance(settled, Refusal) else None


async def begin(interaction: Interaction, start: Callable[[Origin], Awaitable[Answer]]) -> None:
    """Acknowledges, then starts; what comes of it is shown in the acknowledgement's own message."""
    deferral = await interaction.response.defer(thinking=True)
    origin = origin_of(interaction)
    if deferral and deferral.message_id:
        origin = origin.showing_in(deferral.message_id)
    try:
        answer = await start(origin)
    except Exception:
        await _take_back(interaction)
        raise
    match answer:
        case Refusal():
            await _take_back(interaction)
            await refuse(interaction, answer)
        case Repeated():
            await _take_back(interaction)
        case Unrecorded():
            await _say_in_place(interaction, "refused.unrecorded")
        case _:
            pass  # the message shows it


async def _take_back(interaction: Interaction) -> None:
    # The first follow-up to a public "thinking…" would take its place and be public too (Discord's "Receiving and
    # Responding to Interactions", "Create Followup Message"); with that gone, an answer can be private.
    async with as_far_as_possible(f"interaction {interaction.id} keeps its answer"):
        await interaction.delete_original_response()
        interaction.extras[ANSWER_DELETED] = True


async def _say_in_place(interaction: Interaction, name: str) -> None:
    """Puts words where the task's card will be."""
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(say(name, str(interaction.locale))))
    async with as_far_as_possible(f"interaction {interaction.id} is not told {name}"):
        await interaction.edit_original_response(view=view, allowed_mentions=discord.AllowedMentions.none())
