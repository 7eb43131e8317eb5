"""Speech: divides a text into what one call takes, and makes sound of each part (docs/platform-api.md#speech)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

from bot.chat.slots import Slot, Slots
from bot.engines.errors import EngineError
from bot.language.model_calls import chosen_model_error
from bot.platform.audio import Sound
from bot.platform.requests import MAX_SPEECH, SpeechRequest
from bot.platform.roles import Role
from bot.platform.service import Platform
from bot.tasks.errors import UserError

# Some gateways count the characters of a text in bytes.
MAX_PART_BYTES = 4_096
# Calls, each of which is billed.
MAX_PARTS = 4
_VOICE = re.compile(r"[\w.-]{1,40}", re.ASCII)
# The end of a sentence: its mark with what closes it, or a line break.
_SENTENCE = re.compile(r"[^.!?。！？\n]*(?:[.!?。！？]+[\"'”’»)\]]*|\n+|\Z)\s*")
_WORD = re.compile(r"\S*\s*")


class Speech:
    """Makes sound of text. Each person has one text read at a time."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._slots = Slots("speech_running")

    @property
    def voices(self) -> Sequence[str]:
        """The voices to choose from, the default first."""
        return self._platform.file.voices

    def model(self) -> str:
        """The model for speech. Raises UserError if there is none."""
        models = self._platform.models
        model = models.for_role(Role.SPEECH)
        if model is None and not models.models and models.refreshed_at is None:
            raise UserError("models_unknown")
        if model is None:
            raise UserError("no_speech_model")
        return model

    def voice(self, typed: str | None) -> str:
        """The voice of this name, or the default one. Raises UserError for a name that is none."""
        if not typed or not typed.strip():
            return self.voices[0]
        known = {voice.casefold(): voice for voice in self.voices}
        name = known.get(typed.strip().casefold())
        if name is None or not _VOICE.fullmatch(name):
            raise UserError("no_such_voice", voice=typed[:40], voices=", ".join(self.voices))
        return name

    def slot(self, user_id: int) -> AbstractContextManager[Slot]:
        """The right to have a text read. Raises UserError."""
        return self._slots.taken(user_id)

    async def speak(self, text: str, voice: str) -> Sound:
        """One part of a text as sound, by one call. Raises UserError."""
        model = self.model()
        try:
            request = SpeechRequest(model=model, input=text, voice=voice)
            return await self._platform.client.audio.speak(request)
        except EngineError as error:
            raise chosen_model_error(error, model) from error


def spoken_parts(text: str) -> Sequence[str]:
    """The text in parts that one call takes each, divided between sentences where possible. Raises UserError for a text
    that is empty, or too long."""
    parts: list[str] = []
    for piece in _pieces(text.strip()):
        if parts and _fits(parts[-1] + piece):
            parts[-1] += piece
        else:
            parts.append(piece)
    parts = [part.strip() for part in parts if part.strip()]
    if not parts:
        raise UserError("nothing_to_read")
    if len(parts) > MAX_PARTS:
        raise UserError("speech_too_long", limit=str(MAX_PARTS * MAX_PART_BYTES), length=str(len(text.encode())))
    return parts


def _pieces(text: str) -> Iterator[str]:
    """Sentences; of a sentence that is too long its words, and of such a word its characters."""
    for sentence in filter(None, _SENTENCE.findall(text)):
        if _fits(sentence):
            yield sentence
            continue
        for word in filter(None, _WORD.findall(sentence)):
            yield from [word] if _fits(word) else word


def _fits(text: str) -> bool:
    return len(text) <= MAX_SPEECH and len(text.encode()) <= MAX_PART_BYTES
