"""WebP: chunks in a RIFF file (RFC 9649, 2)."""

from __future__ import annotations

import struct

from bot.media.containers.cleaned import MAX_MISSING, UPRIGHT, CleanedImage, CutShort, orientation_of
from bot.media.containers.recognition import NotAnImage

_KEPT = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04
# A file has one chunk for each frame and a few more.
_MAX_CHUNKS = 20_000


def cleaned(data: bytes) -> CleanedImage:
    """Returns the image without Exif, XMP and unknown chunks. Raises NotAnImage, CutShort if too much of the end is
    missing."""
    parts: list[bytes] = []
    at, end, orientation, missing = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little")), UPRIGHT, 0
    while at + 8 <= end:
        if len(parts) > _MAX_CHUNKS:
            raise NotAnImage("too many chunks")
        kind = data[at : at + 4]
        (length,) = struct.unpack_from("<I", data, at + 4)
        payload = data[at + 8 : at + 8 + length]
        missing = length - len(payload)
        if kind == b"EXIF":
            orientation = orientation_of(payload)
        elif kind == b"VP8X" and payload:
            payload = bytes((payload[0] & ~(_EXIF_FLAG | _XMP_FLAG),)) + payload[1:]
        if kind in _KEPT and not (missing and kind == b"ANMF" and parts and parts[-1].startswith(b"ANMF")):
            if missing > length * MAX_MISSING:
                raise CutShort("too much of the end is missing")
            parts.append(kind + struct.pack("<I", length) + payload + bytes(missing + length % 2))
        else:
            missing = 0
        at += 8 + length + length % 2
    body = b"WEBP" + b"".join(parts)
    return CleanedImage(b"RIFF" + struct.pack("<I", len(body)) + body, orientation, completed=missing > 0)
