"""The length of a recording, read from its headers. It is a check of the cost before the recording is sent, so a file
whose length is not found is not refused for it."""

from __future__ import annotations

import re
import struct

# Samples in a second of Opus, whatever it was recorded at (RFC 7845, 4).
_OPUS_RATE = 48_000
# Bytes at the end of a file in which its last Ogg page begins: a page is at most that large (RFC 3533, 6).
_PAGE = 65_307
_LONGEST = 1e6
# Layer III: kbit/s of the versions 1, and 2 or 2.5 (ISO/IEC 11172-3 and 13818-3); samples in a second of version 1.
_BITRATES = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MP3_RATES = (44_100, 48_000, 32_000)
_MP3_FRAME = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef]", re.DOTALL)


def seconds_of(data: bytes, extension: str) -> float | None:
    """The length in seconds of a file of this kind, None if its headers do not say."""
    readers = {"ogg": _ogg, "wav": _wav, "flac": _flac, "mp3": _mp3, "m4a": _mp4, "mp4": _mp4}
    read = readers.get(extension)
    try:
        seconds = read(data) if read else None
    except (struct.error, IndexError, ValueError, ZeroDivisionError):
        return None
    return seconds if seconds is not None and 0 <= seconds < _LONGEST else None


def _number(form: str, data: bytes, at: int) -> int:
    return int(struct.unpack_from(form, data, at)[0])


def _ogg(data: bytes) -> float | None:
    head, last = data[:256], data.rfind(b"OggS", max(0, len(data) - _PAGE))
    if last < 0:
        return None
    granule = _number("<q", data, last + 6)
    if (opus := head.find(b"OpusHead")) >= 0:
        return (granule - _number("<H", head, opus + 10)) / _OPUS_RATE
    if (vorbis := head.find(b"\x01vorbis")) >= 0:
        return granule / _number("<I", head, vorbis + 12)
    return None


def _wav(data: bytes) -> float | None:
    if (found := data.find(b"fmt ", 0, 4096)) < 0:
        return None
    return (len(data) - found) / _number("<I", data, found + 16)


def _flac(data: bytes) -> float | None:
    packed = _number(">Q", data, 18)
    rate, samples = packed >> 44, packed & (2**36 - 1)
    return samples / rate if samples else None


def _mp4(data: bytes) -> float | None:
    if (found := data.find(b"mvhd")) < 0:
        return None
    long = data[found + 4] == 1
    at = found + (24 if long else 16)
    return _number(">Q" if long else ">I", data, at + 4) / _number(">I", data, at)


def _mp3(data: bytes) -> float | None:
    start = 0
    if data.startswith(b"ID3"):
        size = sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
        start = 10 + size
    frame = _MP3_FRAME.search(data, start, start + 8192)
    if frame is None:
        return None
    at = frame.start()
    first = data[at + 1] & 0x18 == 0x18
    rate_index = (data[at + 2] >> 2) & 3
    rate = _MP3_RATES[rate_index] // (1 if first else 2 if data[at + 1] & 0x18 == 0x10 else 4)
    for name in (b"Xing", b"Info"):
        if (found := data.find(name, at, at + 64)) >= 0 and data[found + 7] & 1:
            return _number(">I", data, found + 8) * (1152 if first else 576) / rate
    bitrate = (_BITRATES if first else _BITRATES_2)[(data[at + 2] >> 4) - 1]
    return (len(data) - at) * 8 / (bitrate * 1000)
