"""Recordings of speech: what a file is by its first bytes, how long it is, and the words in it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from bot.engines.errors import EngineError
from bot.language.model_calls import model_for, platform_error
from bot.language.recording_lengths import seconds_of
from bot.platform.requests import File, TranscriptionRequest, TranslationRequest
from bot.platform.roles import Role
from bot.platform.service import Platform
from bot.runtime.units import MEGABYTE
from bot.tasks.errors import UserError

log = logging.getLogger(__name__)

# The limit of the platforms (docs/platform-api.md#audio).
MAX_RECORDING = 25 * MEGABYTE
_MP4_BRANDS = (b"M4A ", b"M4B ")
_EBML = b"\x1aE\xdf\xa3"
# The two bytes of an MPEG frame: bitrate and sample rate that exist (ISO/IEC 11172-3, header).
_BAD_BITRATE, _BAD_RATE = 0xF0, 0x0C


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording with a name and a media type that its bytes show. `seconds`: its length, None if it is not known."""

    data: bytes = field(repr=False)
    name: str
    media_type: str
    seconds: float | None


def recording_of(data: bytes) -> Recording | None:
    """The recording in a file, None for what is none that the platforms read. CPU-bound for large files."""
    kind = _kind_of(data)
    if kind is None:
        return None
    media_type, extension = kind
    # The platform judges by the name, and bills by the length that it measures with it.
    return Recording(data, f"voice.{extension}", media_type, seconds_of(data, extension))


def check_length(seconds: float | None, limit: int, name: str) -> None:
    """Raises UserError for a recording that is longer than the limit."""
    if seconds is not None and seconds > limit:
        raise UserError("recording_too_long", name=name, seconds=str(round(seconds)), limit=str(limit))


def check_size(size: int, name: str) -> None:
    """Raises UserError for a file that is empty or larger than the platforms take."""
    if size > MAX_RECORDING:
        raise UserError("recording_too_large", name=name, limit=str(MAX_RECORDING // MEGABYTE))
    if not size:
        raise UserError("not_a_recording", name=name)


async def recorded_words(platform: Platform | None, recording: Recording, *, translated: bool) -> str:
    """What is said in a recording: in its own language, or `translated` into English. Sends one request, which is
    billed. Raises UserError.

    The text is from outside: it has to be escaped before it is shown.
    """
    role = Role.TRANSLATION if translated else Role.TRANSCRIPTION
    platform, model = model_for(platform, role)
    file = File(data=recording.data, name=recording.name, media_type=recording.media_type)
    request = TranslationRequest if translated else TranscriptionRequest
    try:
        transcript = await platform.client.audio.transcribe(request(model=model, file=file))
    except EngineError as error:
        log.info("%s: no answer of %s: %s", role, model, error)
        raise platform_error(error, role) from error
    if not transcript.text:
        raise UserError("no_speech")
    return transcript.text


def _kind_of(data: bytes) -> tuple[str, str] | None:
    """The media type and the extension by the first bytes."""
    if data.startswith(b"OggS"):
        return "audio/ogg", "ogg"
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return "audio/wav", "wav"
    if data.startswith(b"fLaC"):
        return "audio/flac", "flac"
    if data[4:8] == b"ftyp":
        return ("audio/mp4", "m4a") if data[8:12] in _MP4_BRANDS else ("video/mp4", "mp4")
    if data.startswith(_EBML):
        return "audio/webm", "webm"
    return ("audio/mpeg", "mp3") if data.startswith(b"ID3") or _is_mpeg_frame(data) else None


def _is_mpeg_frame(data: bytes) -> bool:
    """Whether an MPEG audio frame of layer II or III begins here. AAC, which no platform reads, has neither, and the
    mark of UTF-16 would be layer I."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0 or data[1] & 0x06 in (0, 0x06):
        return False
    return data[2] & _BAD_BITRATE != _BAD_BITRATE and data[2] & _BAD_RATE != _BAD_RATE and data[1] & 0x18 != 0x08
