"""Private answers, and the net under every handler: nobody is left with "interaction failed"."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import aiohttp
import discord
from discord import app_commands

from bot.discord_api.errors import Remedy, described, remedy_of
from bot.tasks.errors import UserError
from bot.ui.components.limits import MAX_CONTENT
from bot.ui.components.markdown import escape_markdown, weight
from bot.ui.components.safe_text import catalog_text, error_text
from bot.ui.interactions.client import Interaction
from bot.ui.interactions.context import translator_of
from storage import StorageError

log = logging.getLogger(__name__)

ANSWER_SECONDS = 15.0
# In `Interaction.extras`: the public answer was deleted, so what is said afterwards has nothing above it to belong to.
ANSWER_DELETED = "answer_deleted"
MAX_COMMAND = 120
# Answers after which nothing can be said where the interaction was used.
_NO_PLACE = (Remedy.OTHER_PLACE, Remedy.NEW_MESSAGE, Remedy.DELETED, Remedy.UNREACHABLE)

# Tells one person why something was not taken.
ErrorSender = Callable[[UserError], Awaitable[None]]


@asynccontextmanager
async def best_effort(otherwise: str) -> AsyncIterator[None]:
    """Bounds in time what is said to Discord within. What does not come through is logged as `otherwise`, no more:
    nobody can be told of it."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("%s: %r", otherwise, error)


async def send_ephemeral(interaction: Interaction, name: str, /, **values: object) -> None:
    """Says something to this person alone, in their language, whether or not they had an answer already.

    Values are shown literally, whatever they hold, and truncated where they are long (`bot.ui.components.safe_text`).
    What cannot be sent any more (the interaction has ended) is logged.
    """
    await _send(interaction, name, catalog_text(name, translator_of(interaction), **values))


async def send_error(interaction: Interaction, error: UserError, *, typed: str = "") -> None:
    """Tells one person why something was refused, and what to do. `typed` is given back, so that it can be corrected.

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
    """Something that a person should know besides what they asked for: a text of the catalogue and its values."""

    text: str
    values: Mapping[str, str] = field(default_factory=dict)


async def send_notices(interaction: Interaction, notes: Sequence[Notice]) -> None:
    """Says several things to this person alone, in one message, after the interaction was acknowledged."""
    if not notes:
        return
    lines = [catalog_text(note.text, translator_of(interaction), **note.values) for note in notes]
    await _send(interaction, notes[0].text, "\n".join(lines)[:MAX_CONTENT])


def with_command_heading(interaction: Interaction, text: str, *, with_typed: bool = True) -> str:
    """The text under the command that it answers, where Discord would show "Original message was deleted" there.

    `with_typed`: what was typed with the command stands beside it.
    """
    if ANSWER_DELETED not in interaction.extras:
        return text  # also for what discord.py cannot read: then it has no command to ask for
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


@asynccontextmanager
async def handle_errors(interaction: Interaction, say_no: ErrorSender | None = None) -> AsyncIterator[None]:
    """Whatever is raised within is answered in words, by `say_no` where it is given; defects are logged, too.

    discord.py has no `on_error` for dynamic items: a raising callback would leave the presser without an answer. Nor
    does it wait for its handlers when it is closed; the bot's `answers` own them, so that they end before that.
    """
    with interaction.client.answers.adopting():
        async with _report_errors(interaction, say_no or partial(send_error, interaction)):
            yield


@asynccontextmanager
async def _report_errors(interaction: Interaction, say_no: ErrorSender) -> AsyncIterator[None]:
    try:
        yield
    except UserError as error:
        log.debug("interaction %d is refused: %s", interaction.id, error)
        await say_no(error)
    except asyncio.CancelledError:
        # By the owner of answers, when the bot stops; a submit that was cancelled with it is in the journal instead.
        task = asyncio.current_task()
        if task and task.cancelling() and not interaction.client.is_closed():
            await say_no(UserError("interrupted"))
        raise
    except StorageError as error:
        log.error("interaction %d: the database is unavailable: %s", interaction.id, error)  # noqa: TRY400 - expected
        await say_no(UserError("store"))
    except discord.HTTPException as error:
        await _report_discord_error(interaction, error, say_no)
    except Exception:
        if interaction.client.is_closed():
            log.info("interaction %d arrived after shutdown", interaction.id)
            return
        log.exception("interaction %d failed", interaction.id)
        await say_no(UserError("defect"))


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
