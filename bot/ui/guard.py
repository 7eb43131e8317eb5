"""Private answers, and the net under every handler: nobody is left with "interaction failed"."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp
import discord

from bot.background import Background
from bot.tasks.answers import Refusal
from bot.ui.messages import MAX_CONTENT, message, refusal_message
from storage import StorageError

log = logging.getLogger(__name__)

ANSWER_SECONDS = 15.0
# Discord's "JSON Error Codes".
UNKNOWN_INTERACTION, ALREADY_ACKNOWLEDGED = 10062, 40060

Interaction = discord.Interaction[Any]


class Answers(Protocol):
    """A bot that knows who owns the tasks in which interactions are answered."""

    answers: Background


@asynccontextmanager
async def as_far_as_possible(otherwise: str) -> AsyncIterator[None]:
    """Bounds in time what is said to Discord within. What does not come through is logged as `otherwise`, no more:
    nobody can be told of it."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        log.warning("%s: %r", otherwise, error)


async def tell(interaction: Interaction, name: str, /, **values: object) -> None:
    """Says something to this person alone, in their language, whether or not they had an answer already.

    Values are shown literally, whatever they hold, and cut where they are long (`bot.ui.messages`). What cannot be
    said any more (the interaction has ended) is logged.
    """
    await _say(interaction, name, message(name, str(interaction.locale), **values))


async def refuse(interaction: Interaction, refusal: Refusal) -> None:
    """Tells somebody why something was not taken, and what to do."""
    await _say(interaction, refusal.text, refusal_message(refusal, str(interaction.locale)))


async def _say(interaction: Interaction, name: str, text: str) -> None:
    none = discord.AllowedMentions.none()
    async with as_far_as_possible(f"interaction {interaction.id} is not told {name}"):
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True, allowed_mentions=none)
        else:
            await interaction.response.send_message(text, ephemeral=True, allowed_mentions=none)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should know besides what they asked for: a text of the catalogue and its values."""

    text: str
    values: Mapping[str, str] = field(default_factory=dict)


async def tell_notes(interaction: Interaction, notes: Sequence[Note]) -> None:
    """Says several things to this person alone, in one message, after the interaction was acknowledged."""
    if not notes:
        return
    lines = [message(note.text, str(interaction.locale), **note.values) for note in notes]
    await _say(interaction, notes[0].text, "\n".join(lines)[:MAX_CONTENT])


@asynccontextmanager
async def guarded(interaction: Interaction) -> AsyncIterator[None]:
    """Whatever goes wrong within is logged and answered in words.

    discord.py has no `on_error` for dynamic items: a raising callback would leave the presser without an answer. Nor
    does it wait for its handlers when it is closed; the bot's `answers` own them, so that they end before that.
    """
    client: Answers = interaction.client
    with client.answers.owning():
        async with _told_of_trouble(interaction):
            yield


@asynccontextmanager
async def _told_of_trouble(interaction: Interaction) -> AsyncIterator[None]:
    try:
        yield
    except asyncio.CancelledError:
        # By the owner of answers, when the bot stops; a submit that was cancelled with it is in the journal instead.
        task = asyncio.current_task()
        if task and task.cancelling() and not interaction.client.is_closed():
            await tell(interaction, "refused.interrupted")
        raise
    except StorageError as error:
        log.error("interaction %d: the store cannot be used: %s", interaction.id, error)  # noqa: TRY400 - expected
        await tell(interaction, "refused.store")
    except discord.HTTPException as error:
        if error.code == ALREADY_ACKNOWLEDGED:
            log.info("interaction %d was delivered twice", interaction.id)
        elif error.code == UNKNOWN_INTERACTION:
            log.warning("interaction %d could not be acknowledged in time", interaction.id)
        else:
            log.exception("interaction %d failed", interaction.id)
            await tell(interaction, "refused.defect")
    except Exception:
        if interaction.client.is_closed():
            log.info("interaction %d came when all was over", interaction.id)
            return
        log.exception("interaction %d failed", interaction.id)
        await tell(interaction, "refused.defect")
