"""The result of cleaning an image file, whether its end is missing, and the orientation, the only metadata that is
read."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from bot.media.containers.recognition import NotAnImage

# A file that lacks more than this share is not completed.
MAX_MISSING = 0.05
UPRIGHT = 1
_ORIENTATION = 0x0112
_SHORT, _LONG = 3, 4
# Cameras write a few dozen entries.
_MAX_ENTRIES = 1_000
_MAX_BOXES = 1_000


class CutShort(NotAnImage):
    """Too much of the end of the file is missing."""


@dataclass(frozen=True, slots=True)
class CleanedImage:
    """A file without private data. `orientation` is the Exif orientation (1 to 8, 1 is upright).

    `completed`: the missing end was filled in. Decoding shows how much was missing.
    """

    data: bytes = field(repr=False)
    orientation: int = UPRIGHT
    completed: bool = False


def orientation_of(exif: bytes) -> int:
    """Returns the orientation in Exif data, with or without their prefix. Unreadable data count as upright."""
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return UPRIGHT
    try:
        (at,) = struct.unpack_from(f"{order}I", exif, 4)
        (entries,) = struct.unpack_from(f"{order}H", exif, at)
        for number in range(min(entries, _MAX_ENTRIES)):
            entry = at + 2 + 12 * number
            tag, kind = struct.unpack_from(f"{order}HH", exif, entry)
            if tag == _ORIENTATION and kind in (_SHORT, _LONG):
                (value,) = struct.unpack_from(order + ("H" if kind == _SHORT else "I"), exif, entry + 8)
                return value if 1 <= value <= 8 else UPRIGHT
    except struct.error:
        pass
    return UPRIGHT


def ends_early(data: bytes, kind: str) -> bool:
    """Whether the file, in this format (Pillow's name), declares more bytes than it has."""
    if kind == "BMP":
        return int.from_bytes(data[2:6], "little") > len(data)
    return kind == "AVIF" and _announced(data) > len(data)


def _announced(data: bytes) -> int:
    """Returns the end of the last box of an ISO media file (ISO/IEC 14496-12, 4.2). Size 0 means up to the end."""
    at = 0
    for _ in range(_MAX_BOXES):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:
            break
        at += size
        if at >= len(data):
            break
    return at
