"""How a command begins a task: a public "thinking…" that becomes the task's message, or a private refusal."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import discord
from discord import app_commands

from bot.midjourney import Mode
from bot.parts import Parts
from bot.tasks.answers import Answer, Origin, Refusal, Repeated, Unrecorded
from bot.tasks.prompt import MAX_PROMPT
from bot.tasks.request_preparation import EMPTY, NO_SUCH_MODE, settled_prompt, typed_prompt
from bot.tasks.user_defaults import with_defaults
from bot.texts import say
from bot.ui import uploads
from bot.ui.asker import origin_beside, origin_of
from bot.ui.availability import unavailable
from bot.ui.door import is_closing
from bot.ui.drafts import draft_of_command, refuse_draft
from bot.ui.found_pictures import fetched
from bot.ui.guard import ANSWER_DELETED, Interaction, Refuse, as_far_as_possible, guarded, refuse, tell
from storage import Action, Draft, Request, StorageError, Store

log = logging.getLogger(__name__)

Prompt = app_commands.Range[str, 1, MAX_PROMPT]


async def begin_with(
    interaction: Interaction,
    parts: Parts,
    asked: Request,
    attachments: Sequence[discord.Attachment],
    *,
    aspect: str | None = None,
    objection: Refusal | None = None,
    draft: Draft | None = None,
) -> None:
    """Checks what was asked and attached, and begins with it and with this person's defaults.

    `aspect` is the shape that they chose, `objection` what the command itself has to say against it. What is refused is
    kept as a draft. `draft` is the one that this is another try of: its window was acknowledged already, and a message
    of its own shows the task.
    """
    kept = draft or draft_of_command(interaction, asked, attachments, aspect)
    say_no = partial(refuse_draft, interaction, parts.store, draft=kept)
    async with guarded(interaction, say_no):
        if objection := objection or _objection(interaction, parts, asked, attachments):
            await say_no(objection)
            return

        request = dataclasses.replace(asked, spoiler=uploads.is_spoiler(attachments, asked))

        async def start(origin: Origin) -> Answer:
            async with _given(parts, origin.user_id, request, attachments) as given:
                if isinstance(given, Refusal):
                    return given
                preferred = await parts.store.preferences.of(origin.user_id)
                sendable = dataclasses.replace(request, link=None) if given.pictures else request
                complete = with_defaults(given.remarked(sendable), preferred, aspect=aspect)
                answer = await parts.service.start(origin, complete, given.pictures)
            if draft and not isinstance(answer, Refusal):
                await forget_draft(parts.store, draft)
            return answer

        if draft is None:
            await begin(interaction, start, say_no)
            return
        answer = await start(origin_beside(interaction))
        if isinstance(answer, Refusal):
            await say_no(answer)
        elif isinstance(answer, Unrecorded):
            await tell(interaction, "refused.unrecorded")


def _objection(
    interaction: Interaction, parts: Parts, asked: Request, attachments: Sequence[discord.Attachment]
) -> Refusal | None:
    """What speaks against a request by itself; no I/O."""
    if is_closing(interaction):
        return Refusal("refused.restarting")
    prompt = prompt_objection(parts, asked)
    if prompt and prompt.text == EMPTY:
        return prompt
    missing = unavailable(parts.midjourney.capabilities, asked)
    return missing or prompt or uploads.objection(attachments, with_clip=asked.action is Action.SWAP_VIDEO)


def prompt_objection(parts: Parts, asked: Request) -> Refusal | None:
    """What speaks against a prompt and a chosen mode by themselves; no I/O. A mode typed in the prompt wins."""
    capabilities, prompt = parts.midjourney.capabilities, typed_prompt(asked)
    typed = prompt.mode if prompt else None
    if asked.mode and not typed and not capabilities.draws_in(Mode(asked.mode)):
        return Refusal(NO_SUCH_MODE)
    settled = settled_prompt(asked, capabilities)
    return settled if isinstance(settled, Refusal) else None


@asynccontextmanager
async def _given(
    parts: Parts, person: int, asked: Request, attachments: Sequence[discord.Attachment]
) -> AsyncIterator[uploads.Given | Refusal]:
    """The pictures that go with a request, held in memory while within.

    Where the service takes no links, the bot fetches what a link leads to.
    """
    if not asked.link or attachments or parts.midjourney.capabilities.describe_link:
        with_clip = asked.action is Action.SWAP_VIDEO
        async with parts.attachments.read(person, attachments, with_clip=with_clip) as given:
            yield given
        return
    fresh = await parts.links.refreshed(asked)
    if isinstance(fresh, Refusal):
        yield fresh
        return
    async with parts.attachments.room(person, uploads.MAX_GIVEN) as busy:
        yield busy or await _linked(parts, fresh.link or "")


async def _linked(parts: Parts, link: str) -> uploads.Given | Refusal:
    found = await fetched(parts.fetcher, (link,))
    unreachable = isinstance(found, Refusal) and found.text in (
        "refused.picture_unreachable",
        "refused.no_picture_there",
    )
    return Refusal("refused.link_unreachable") if unreachable else found


async def forget_draft(store: Store, draft: Draft) -> None:
    """A draft was sent; one that cannot be removed ends after a day."""
    try:
        await store.drafts.remove(draft.id)
    except StorageError as error:
        log.warning("a draft that was sent is not removed: %r", error)


async def begin(
    interaction: Interaction, start: Callable[[Origin], Awaitable[Answer]], say_no: Refuse | None = None
) -> None:
    """Acknowledges, then starts; what comes of it is shown in the acknowledgement's own message.

    `say_no` tells a refusal to the one who asked; plainly where it is None.
    """
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
            await (say_no(answer) if say_no else refuse(interaction, answer))
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
