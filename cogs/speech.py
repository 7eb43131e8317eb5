"""`/speak`: reads a text aloud."""

from __future__ import annotations

import re
from functools import partial

from discord import app_commands
from discord.ext import commands

from bot.chat.speech import Speech, spoken_parts
from bot.client import AtelierBot
from bot.platform.requests import MAX_SPEECH
from bot.tasks.errors import UserError
from bot.ui.chat.custom_ids import SPEECH_MODAL_PATTERN
from bot.ui.chat.forms import MAX_FIELD, speech_form, written
from bot.ui.chat.speech_messages import read_aloud, reading
from bot.ui.components.catalog_texts import localized
from bot.ui.components.message_components import MAX_CHOICES
from bot.ui.interactions.context import Interaction, translator_of
from bot.ui.interactions.responses import send_error
from bot.ui.interactions.router import Routes, check_running, handle_errors


class SpeechCog(commands.Cog, name="Speech"):
    """The `/speak` command, and the form that confirms a long text."""

    def __init__(self, routes: Routes, speech: Speech | None) -> None:
        self._speech = speech
        routes.add_modal(SPEECH_MODAL_PATTERN, self.on_modal, holds_text=True)

    @app_commands.command(name="speak", description=localized("speak.description"))
    @app_commands.describe(text=localized("speak.text"), voice=localized("speak.voice"))
    async def speak(
        self, interaction: Interaction, text: app_commands.Range[str, 1, MAX_SPEECH], voice: str | None = None
    ) -> None:
        """Reads a text aloud. One that takes several calls is confirmed in a form."""
        async with handle_errors(interaction, partial(send_error, interaction, typed=text)):
            check_running(interaction)
            speech = _available(self._speech)
            speech.model()
            chosen, parts = speech.voice(voice), spoken_parts(text)
            if len(parts) == 1:
                async with reading(interaction, speech) as slot:
                    await read_aloud(interaction, slot, speech, parts, chosen)
            elif len(text) <= MAX_FIELD:
                form = speech_form(chosen, text, len(parts), translator_of(interaction))
                await interaction.response.send_modal(form)
            else:
                raise UserError("speech_too_long_here", limit=str(MAX_FIELD))

    @speak.autocomplete("voice")
    async def _voices(self, _: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        voices = self._speech.voices if self._speech else ()
        found = [voice for voice in voices if typed.strip().casefold() in voice.casefold()]
        return [app_commands.Choice(name=voice, value=voice) for voice in found[:MAX_CHOICES]]

    async def on_modal(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Reads a confirmed text aloud."""
        text = written(interaction.data or {})
        async with handle_errors(interaction, partial(send_error, interaction, typed=text)):
            check_running(interaction)
            speech = _available(self._speech)
            chosen, parts = speech.voice(match["voice"]), spoken_parts(text)
            async with reading(interaction, speech) as slot:
                await read_aloud(interaction, slot, speech, parts, chosen)


def _available(speech: Speech | None) -> Speech:
    if speech is None:
        raise UserError("no_platform")
    return speech


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(SpeechCog(bot.routes, bot.services.speech))
