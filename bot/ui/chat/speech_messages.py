"""Text read aloud in a message: an audio file for each call, with the text as its description."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import discord

from bot.chat.slots import Slot
from bot.chat.speech import Speech
from bot.i18n import Translator
from bot.platform.audio import Sound
from bot.tasks.errors import UserError
from bot.ui.chat.custom_ids import ChatButton, ChatControl, TurnId
from bot.ui.components.catalog_texts import error_text
from bot.ui.components.markdown import escape_markdown, literal_text
from bot.ui.components.message_components import MAX_ALT, CheckedLayout
from bot.ui.interactions.context import Interaction, context_of, translator_of
from bot.ui.interactions.responses import best_effort
from bot.ui.workflows.submit_command import take_back

# Characters of the text in the message. The whole text is the description of the files.
QUOTED_CHARACTERS = 300


@asynccontextmanager
async def reading(interaction: Interaction, speech: Speech) -> AsyncIterator[Slot]:
    """A public answer within which a text is read aloud. If that fails, the answer is deleted, and the error raised.

    Raises UserError if another text of this person is being read, or if there is no model.
    """
    speech.model()
    with speech.slot(interaction.user.id) as slot:
        await interaction.response.defer(thinking=True)
        try:
            yield slot
        except Exception:
            await take_back(interaction)
            raise


async def read_aloud(interaction: Interaction, slot: Slot, speech: Speech, parts: Sequence[str], voice: str) -> None:
    """Reads the parts aloud, inside `reading`, whose slot is free before people see the sound. What was made stays if a
    later part fails. Raises UserError if nothing was made.

    Until then the message says what it means if no sound appears, because after a crash no one completes it.
    """
    t = Translator(context_of(interaction).card_locale)
    async with best_effort(f"interaction {interaction.id}: cannot show that a text is read"):
        await interaction.edit_original_response(content=t("speak.working"))
    sounds: list[Sound] = []
    failure: UserError | None = None
    for part in parts:
        try:
            sounds.append(_checked(await speech.speak(part, voice), interaction.filesize_limit))
        except UserError as error:
            if not sounds:
                raise
            failure = error
            break
    slot.release()
    await _show(interaction, sounds, parts, voice, failure)


async def ask_about_calls(interaction: Interaction, slot: Slot, turn: TurnId, calls: int) -> None:
    """Asks in private whether an answer that takes several calls is to be read aloud, in place of the public answer."""
    slot.release()
    await take_back(interaction)
    t = translator_of(interaction)
    view = CheckedLayout()
    view.add_item(discord.ui.TextDisplay(t("speak.several", calls=calls)))
    confirm = ChatButton.make(
        turn, ChatControl.READ_ALL, label=t("speak.confirm"), emoji="🔊", style=discord.ButtonStyle.primary
    )
    view.add_item(discord.ui.ActionRow(confirm))
    async with best_effort(f"interaction {interaction.id}: cannot ask about several calls"):
        await interaction.followup.send(view=view, ephemeral=True, allowed_mentions=discord.AllowedMentions.none())


def _checked(sound: Sound, limit: int) -> Sound:
    if len(sound.data) > limit:
        raise UserError("speech_too_large")
    return sound


async def _show(
    interaction: Interaction, sounds: Sequence[Sound], parts: Sequence[str], voice: str, failure: UserError | None
) -> None:
    t = Translator(context_of(interaction).card_locale)
    pairs = zip(sounds, parts[: len(sounds)], strict=True)
    files = [_file(sound, part, number, len(parts), t) for number, (sound, part) in enumerate(pairs, 1)]
    lines = [
        f"🔊 {escape_markdown(' '.join(parts), QUOTED_CHARACTERS, t)}",
        f"-# {escape_markdown(voice, QUOTED_CHARACTERS, t)}",
    ]
    if failure:
        lines.append(t("speak.part_missing", made=len(sounds), calls=len(parts), reason=error_text(failure, t)))
    async with best_effort(f"interaction {interaction.id}: cannot send the sound"):
        await interaction.edit_original_response(
            content="\n".join(lines), attachments=files, allowed_mentions=discord.AllowedMentions.none()
        )


def _file(sound: Sound, text: str, number: int, count: int, t: Translator) -> discord.File:
    name = f"speech.{sound.extension}" if count == 1 else f"speech-{number}.{sound.extension}"
    return discord.File(io.BytesIO(sound.data), name, description=literal_text(text, MAX_ALT, t))
