"""Small recordings of every kind, made by hand. They hold no speech."""

from __future__ import annotations

import io
import struct
import wave

SECONDS = 3


def wav(seconds: float = SECONDS) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(b"\0\0" * int(8_000 * seconds))
    return file.getvalue()


def _page(granule: int, body: bytes) -> bytes:
    return struct.pack("<4sBBqIIIB", b"OggS", 0, 0, granule, 1, 0, 0, 1) + bytes([len(body)]) + body


def opus(seconds: float = SECONDS) -> bytes:
    """Ogg/Opus, as Discord's voice messages are."""
    head = struct.pack("<8sBBHIhB", b"OpusHead", 1, 1, 312, 48_000, 0, 0)
    return _page(0, head) + _page(0, b"OpusTags") + _page(int(48_000 * seconds) + 312, b"\xfc" * 40)


def vorbis(seconds: float = SECONDS) -> bytes:
    head = struct.pack("<7sIBI", b"\x01vorbis", 0, 2, 44_100)
    return _page(0, head) + _page(int(44_100 * seconds), b"\x00" * 40)


def flac(seconds: float = SECONDS) -> bytes:
    packed = (44_100 << 44) | (int(44_100 * seconds))
    return b"fLaC" + struct.pack(">I", 0x80000022) + bytes(10) + struct.pack(">Q", packed) + bytes(16)


def mp3(seconds: float = SECONDS) -> bytes:
    """Frames of MPEG 1, layer III, 128 kbit/s, 44.1 kHz, behind an empty tag."""
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    return b"ID3\x04\x00\x00\x00\x00\x00\x00" + frame * round(128_000 / 8 * seconds / len(frame))


def mp3_variable(seconds: float = SECONDS) -> bytes:
    """The same with the header of a variable bitrate."""
    head = b"Xing" + struct.pack(">II", 1, round(seconds * 44_100 / 1152))
    return b"\xff\xfb\x90\x00" + bytes(32) + head + bytes(100)


def m4a(seconds: float = SECONDS) -> bytes:
    mvhd = struct.pack(">4sIIIII", b"mvhd", 0, 0, 0, 1_000, int(1_000 * seconds))
    return struct.pack(">I4s4sI", 16, b"ftyp", b"M4A ", 0) + struct.pack(">I", 28) + mvhd


def webm(_: float = SECONDS) -> bytes:
    return b"\x1aE\xdf\xa3" + bytes(100)
