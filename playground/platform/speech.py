"""The local voice: a tone for each letter, as Ogg/Opus or WAV, and a listener that understands it again.

The file carries its text in its comments, so that the local transcription returns what was spoken.
"""

import functools
import io
import math
import struct
import wave
from importlib import resources

from playground.platform.ogg import opus_comment, opus_file, opus_seconds, packets_of

_RATE = 24_000  # of WAV and PCM, as the official service has it
_LETTER_SECONDS = 0.08
_LETTER_PACKETS = 4
_BASE_HERTZ = 220.0
_LONGEST_COMMENT = 20_000
_LOUDNESS = 8_000
_MOST_LETTERS = 600  # 48 seconds; a longer text is cut in sound, not in its comment
# WAV files keep the text in a chunk of their own behind the sound.
_TEXT_CHUNK = b"text"


@functools.cache
def _notes() -> list[list[bytes]]:
    """The packets of each tone in `notes.opus`: sixteen, a semitone apart from 220 Hz, with a weak octave each.

    The file was encoded from sine waves with libopus 1.4.
    """
    _, _, *packets = packets_of(resources.files(__package__).joinpath("notes.opus").read_bytes())
    return [packets[at : at + _LETTER_PACKETS] for at in range(0, len(packets), _LETTER_PACKETS)]


def _melody(text: str, voice: str) -> list[int]:
    """The tone of each letter; voices are shifted against each other."""
    shift = sum(voice.encode())
    return [(ord(letter) + shift) % len(_notes()) for letter in text[:_MOST_LETTERS] if letter.isalnum()] or [0]


def as_opus(text: str, voice: str = "") -> bytes:
    """The text as Ogg/Opus: a tone of 80 ms for each letter or digit."""
    packets = [packet for note in _melody(text, voice) for packet in _notes()[note]]
    return opus_file(packets, text[:_LONGEST_COMMENT])


def as_pcm(text: str, voice: str = "") -> bytes:
    """The text as raw samples: 16 bits, little endian, mono, 24 kHz."""
    return b"".join(_samples(note) for note in _melody(text, voice))


@functools.cache
def _samples(note: int) -> bytes:
    count, hertz = round(_RATE * _LETTER_SECONDS), _BASE_HERTZ * 2 ** (note / 12)
    waves = (math.sin(2 * math.pi * hertz * n / _RATE) * math.sin(math.pi * n / count) for n in range(count))
    return struct.pack(f"<{count}h", *(round(_LOUDNESS * value) for value in waves))


def as_wav(text: str, voice: str = "") -> bytes:
    """The text as a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(as_pcm(text, voice))
    words = text[:_LONGEST_COMMENT].encode()
    chunk = _TEXT_CHUNK + struct.pack("<I", len(words)) + words + b"\0" * (len(words) % 2)
    data = out.getvalue() + chunk
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def heard_in(data: bytes) -> str:
    """The words of a recording: those of the local voice, else a sentence about the recording."""
    if data.startswith(b"RIFF"):
        at = data.rfind(_TEXT_CHUNK)
        if at > 0:
            (length,) = struct.unpack_from("<I", data, at + 4)
            return data[at + 8 : at + 8 + length].decode("utf-8", "replace")
    return opus_comment(data) or f"A recording of {seconds_of(data):.1f} seconds"


def seconds_of(data: bytes) -> float:
    """The length of a recording in seconds; 0 for formats that are not measured."""
    if data.startswith(b"RIFF"):
        try:
            with wave.open(io.BytesIO(data)) as file:
                return float(file.getnframes() / file.getframerate())
        except (wave.Error, EOFError):
            return 0.0
    return opus_seconds(data)
