"""Private responses to interactions: texts, notices, and panels.

Panels are private messages that answer their own buttons and selects (task lists, settings). Like a card's buttons,
their components are recognized by their custom_id alone, so a panel works after a restart. An interaction is
acknowledged first; then the panel is replaced.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import discord
from discord import app_commands

from bot.tasks.errors import UserError
from bot.ui.components.catalog_texts import catalog_text, error_text
from bot.ui.components.markdown import escape_markdown, weight
from bot.ui.components.message_components import MAX_CONTENT
from bot.ui.interactions.context import Interaction, translator_of

log = logging.getLogger(__name__)

ANSWER_SECONDS = 15.0
# Key in `Interaction.extras`: the public answer was deleted, so later answers have no message above them.
ANSWER_DELETED = "answer_deleted"
MAX_COMMAND = 120


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
