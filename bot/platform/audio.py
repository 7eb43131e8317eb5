"""Audio: the words of a recording, and text as sound (docs/platform-api.md#audio)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.engines.errors import AnswerLost
from bot.net.untrusted_data import mapping, text
from bot.platform.answer_json import BodyForm, form_of, json_answer, no_result, without_json
from bot.platform.calls import Calls
from bot.platform.error_bodies import problem_of
from bot.platform.error_mapping import error_of
from bot.platform.errors import NoResult
from bot.platform.event_stream import EventReader
from bot.platform.requests import SpeechRequest, TranscriptionRequest, TranslationRequest
from bot.platform.transport import PlatformAnswer

_MAX_TRANSCRIPT = 100_000


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of a recording, "" if nothing was understood. `language` is a code or an English word, `seconds` the
    length of the recording, as far as the platform says."""

    text: str
    language: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Sound:
    """Sound, with the media type and the file extension that its first bytes show."""

    data: bytes = field(repr=False)
    media_type: str
    extension: str


class AudioApi:
    """The audio endpoints of one platform. Each call is billed and sent once."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def transcribe(self, request: TranscriptionRequest | TranslationRequest) -> Transcript:
        """The words of a recording, in its language or in English. Raises NotSent, ServiceRefused, AnswerLost."""
        return await self._calls.post(request, read_transcript)

    async def speak(self, request: SpeechRequest) -> Sound:
        """Text as sound. Raises NotSent, ServiceRefused, AnswerLost (NoResult)."""
        return await self._calls.post(request, read_sound)


async def read_transcript(answer: PlatformAnswer) -> Transcript:
    """Reads a transcript, as JSON or as text. Raises ServiceRefused, AnswerLost."""
    if form_of(answer.body) is BodyForm.TEXT and answer.head.status < 300 and answer.whole:
        return Transcript(answer.body.decode("utf-8", "replace").strip()[:_MAX_TRANSCRIPT])
    body = mapping(await json_answer(answer))
    if "text" not in body:
        raise no_result(body, answer.head, "the answer has no text")
    seconds = body.get("duration")
    return Transcript(
        text(body.get("text"), _MAX_TRANSCRIPT).strip(),
        text(body.get("language")).strip(),
        float(seconds) if isinstance(seconds, int | float) and 0 <= seconds < 1e6 else None,
    )


async def read_sound(answer: PlatformAnswer) -> Sound:
    """Reads sound. An error in its place counts as one, whatever its status. Raises ServiceRefused, AnswerLost."""
    if answer.head.status < 300 and (kind := sound_kind(answer.body)):
        if not answer.whole:
            raise AnswerLost("the sound was cut off")
        return Sound(answer.body, *kind)
    if form_of(answer.body) is BodyForm.EVENTS:
        data = b"".join(_sound_of_events(answer))
        if kind := sound_kind(data):
            return Sound(data, *kind)
        raise NoResult("the stream has no sound")
    if form_of(answer.body) is BodyForm.JSON:
        raise no_result(await json_answer(answer), answer.head, "the answer has no sound")
    raise without_json(answer.head, form_of(answer.body), answer.body)


def sound_kind(data: bytes) -> tuple[str, str] | None:
    """The media type and the file extension of sound by its first bytes, None for anything else."""
    if data.startswith(b"OggS"):
        return "audio/ogg", "ogg"
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return "audio/wav", "wav"
    if data.startswith(b"fLaC"):
        return "audio/flac", "flac"
    if data.startswith(b"ID3"):
        return "audio/mpeg", "mp3"
    if data[:1] == b"\xff" and len(data) > 1 and data[1] & 0xE0 == 0xE0:
        # The layer of an MPEG frame is never 0; AAC has 0 there (ISO/IEC 13818-7, ADTS).
        return ("audio/mpeg", "mp3") if data[1] & 0x06 else ("audio/aac", "aac")
    return None


def _sound_of_events(answer: PlatformAnswer) -> Iterator[bytes]:
    reader = EventReader()
    for event in (*reader.feed(answer.body), *reader.end()):
        if problem := problem_of(event.document, answer.head.status):
            raise error_of(problem)
        part = event.document.get("audio") or event.document.get("delta")
        if isinstance(part, str):
            try:
                yield base64.b64decode(part, validate=True)
            except (binascii.Error, ValueError) as error:
                raise AnswerLost("the stream holds something that is no sound") from error
