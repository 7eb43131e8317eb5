"""What comes of cleaning a picture file, and the one piece of its metadata that matters: which side is up."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from bot.media.containers.headers import NotAnImage

# A picture that lacks more than this share is not completed.
MAX_MISSING = 0.05
UPRIGHT = 1
_ORIENTATION = 0x0112
_SHORT, _LONG = 3, 4
# Cameras write some dozens of entries.
_MAX_ENTRIES = 1_000


class CutShort(NotAnImage):
    """The file lacks more of its end than can be done without."""


@dataclass(frozen=True, slots=True)
class CleanedImage:
    """A file without private data; `orientation` is Exif's (1 to 8, 1 is upright).

    `completed`: its end was missing and is made up. How much that is shows in decoding.
    """

    data: bytes = field(repr=False)
    orientation: int = UPRIGHT
    completed: bool = False


def orientation_of(exif: bytes) -> int:
    """The orientation in Exif data, with or without their prefix. Data that cannot be read count as upright."""
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
