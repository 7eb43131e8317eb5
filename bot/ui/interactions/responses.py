"""Private responses to interactions: texts, errors, notices, and panels.

Panels are private messages that answer their own buttons and selects (task lists, settings). Like a card's buttons,
their components are recognized by their custom_id alone, so a panel works after a restart. An interaction is
acknowledged first; then the panel is replaced.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import discord
from discord import app_commands

from bot.discord_api.errors import Remedy, described, remedy_of
from bot.tasks.errors import UserError
from bot.ui.components.catalog_texts import catalog_text, error_text
from bot.ui.components.markdown import escape_markdown, weight
from bot.ui.components.message_components import MAX_CONTENT
from bot.ui.interactions.context import Interaction, translator_of
from storage import StorageError

log = logging.getLogger(__name__)

ANSWER_SECONDS = 15.0
# Key in `Interaction.extras`: the public answer was deleted, so later answers have no message above them.
ANSWER_DELETED = "answer_deleted"
MAX_COMMAND = 120
# After these errors the bot cannot answer where the interaction was used.
_NO_PLACE = (Remedy.OTHER_PLACE, Remedy.NEW_MESSAGE, Remedy.DELETED, Remedy.UNREACHABLE)

# Sends an error to one user.
ErrorSender = Callable[[UserError], Awaitable[None]]


@asynccontextmanager
async def best_effort(otherwise: str) -> AsyncIterator[None]:
    """Best effort: sends to Discord with a timeout. Failures are logged as `otherwise` instead of raised."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("%s: %r", otherwise, error)


async def send_ephemeral(interaction: Interaction, name: str, /, **values: object) -> None:
    """Sends a catalog text to the user in private and in their language, as the first answer or as a follow-up.

    Values are shown literally and truncated if they are long (`bot.ui.components.catalog_texts`). If sending fails (the
    interaction has expired), the failure is logged.
    """
    await _send(interaction, name, catalog_text(name, translator_of(interaction), **values))


async def send_error(interaction: Interaction, error: UserError, *, typed: str = "") -> None:
    """Sends an error to the user in private. `typed`: the user's input, which is returned so that it can be corrected.

    Handlers raise the error instead; `handle_errors` sends it.
    """
    await _send(interaction, error.code, error_text(error, translator_of(interaction), typed=typed))


async def _send(interaction: Interaction, name: str, text: str) -> None:
    text = with_command_heading(interaction, text)
    none = discord.AllowedMentions.none()
    async with best_effort(f"interaction {interaction.id}: cannot send {name}"):
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True, allowed_mentions=none)
        else:
            await interaction.response.send_message(text, ephemeral=True, allowed_mentions=none)


async def answer_error(interaction: Interaction, error: BaseException, say_no: ErrorSender) -> bool:
    """Answers an error. Returns False if it has to be raised further."""
    match error:
        case UserError():
            log.debug("interaction %d is refused: %s", interaction.id, error)
            await say_no(error)
        case asyncio.CancelledError():
            # Canceled by the owner of the handlers at shutdown. If only the awaited submission was canceled, the
            # journal has it.
            task = asyncio.current_task()
            if task and task.cancelling() and not interaction.client.is_closed():
                await say_no(UserError("interrupted"))
            return False
        case StorageError():
            log.error("interaction %d: the database is unavailable: %s", interaction.id, error)
            await say_no(UserError("store"))
        case discord.HTTPException():
            await _report_discord_error(interaction, error, say_no)
        case Exception():
            if interaction.client.is_closed():
                log.info("interaction %d arrived after shutdown", interaction.id)
            else:
                log.error("interaction %d failed", interaction.id, exc_info=error)
                await say_no(UserError("defect"))
        case _:
            return False
    return True


async def _report_discord_error(interaction: Interaction, error: discord.HTTPException, say_no: ErrorSender) -> None:
    remedy = remedy_of(error)
    if remedy is Remedy.ACKNOWLEDGED:
        log.info("interaction %d was delivered twice", interaction.id)
    elif remedy is Remedy.OTHER_WAY:
        log.warning("interaction %d was not acknowledged in time", interaction.id)
    elif remedy in _NO_PLACE:
        log.warning("interaction %d: cannot answer in its channel: %s", interaction.id, described(error))
    elif remedy is Remedy.RETRY:
        log.warning("interaction %d failed: %s", interaction.id, described(error))
        await say_no(UserError("defect"))
    else:
        log.error("interaction %d failed", interaction.id, exc_info=error)
        await say_no(UserError("defect"))


@dataclass(frozen=True, slots=True)
class Notice:
    """An additional message for the user: a catalog text and its values."""

    text: str
    values: Mapping[str, str] = field(default_factory=dict)


async def send_notices(interaction: Interaction, notes: Sequence[Notice]) -> None:
    """Sends several notices in one private message, after the interaction was acknowledged."""
    if not notes:
        return
    lines = [catalog_text(note.text, translator_of(interaction), **note.values) for note in notes]
    await _send(interaction, notes[0].text, "\n".join(lines)[:MAX_CONTENT])


def with_command_heading(interaction: Interaction, text: str, *, with_typed: bool = True) -> str:
    """The text under a heading with its command, if Discord would show "Original message was deleted" there.

    `with_typed`: the heading includes the first text that was typed with the command.
    """
    if ANSWER_DELETED not in interaction.extras:
        return text  # also if discord.py cannot parse the interaction, because then it has no command
    command = interaction.command
    if command is None:
        return text
    name = command.name if isinstance(command, app_commands.ContextMenu) else f"/{command.qualified_name}"
    words = (value for _, value in interaction.namespace if isinstance(value, str))
    typed = next(words, "") if with_typed else ""
    t = translator_of(interaction)
    heading = f"**{escape_markdown(name, MAX_COMMAND, t)}** {escape_markdown(typed, MAX_COMMAND, t)}".rstrip()
    both = f"{heading}\n{text}"
    return both if weight(both) <= MAX_CONTENT else text


async def open_panel(interaction: Interaction) -> None:
    """Acknowledges a command that is answered with a panel, if it is not acknowledged yet."""
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=True, thinking=True)


async def draw_panel(interaction: Interaction, view: discord.ui.LayoutView, files: Sequence[discord.File] = ()) -> None:
    """Replaces the acknowledged message with the panel and these files; if it was deleted, the panel is a new private
    message. A failure is logged."""
    async with best_effort(f"interaction {interaction.id}: cannot send the panel"):
        none = discord.AllowedMentions.none()
        if ANSWER_DELETED in interaction.extras:
            await interaction.followup.send(view=view, files=list(files), ephemeral=True, allowed_mentions=none)
            return
        await interaction.edit_original_response(view=view, attachments=list(files), allowed_mentions=none)
