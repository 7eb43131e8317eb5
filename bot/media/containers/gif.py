"""GIF: blocks, each of them a frame or an extension (GIF89a specification)."""

from __future__ import annotations

import struct

from bot.media.containers.cleaned import MAX_MISSING, CleanedImage
from bot.media.containers.recognition import NotAnImage

_FRAME, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_CONTROL, _APPLICATION = 0xF9, 0xFF
# Application extensions with the number of repetitions of an animation.
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_MAX_BLOCKS = 500_000
# The maximum number of bits per pixel, and the capacity of a data block.
_CODE_BITS, _BLOCK = 12, 255


def cleaned(data: bytes) -> CleanedImage:
    """Returns the frames without comments. A truncated animation ends after its last complete frame; a small part of
    the end of the first frame may be missing. Raises NotAnImage."""
    walk = _Walk(data)
    at = 13 + _table(data[10])
    parts, frames = [data[:at]], 0
    while at < len(data) and data[at] != _TRAILER:
        start = at
        if data[at] == _FRAME:
            # Left, top, width, height, flags; the minimum code size; the data.
            at = walk.blocks(at + 11 + _table(_byte(data, at + 9)))
            if at > len(data):
                return CleanedImage(
                    b"".join([*parts, *([] if frames else _padded(data[start:])), b";"]), completed=True
                )
            frames += 1
            parts.append(data[start:at])
        elif data[at] == _EXTENSION:
            at = walk.blocks(at + 2)
            if at <= len(data) and _is_kept(data[start:at]):
                parts.append(data[start:at])
        else:
            at += 1  # stray bytes between the blocks
    return CleanedImage(b"".join([*parts, b";"]))


class _Walk:
    """Skips data blocks and counts them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._count = 0

    def blocks(self, at: int) -> int:
        """Returns the end of a chain of blocks; beyond the end of the file if the chain is incomplete."""
        data = self._data
        while at < len(data) and data[at]:
            self._count += 1
            if self._count > _MAX_BLOCKS:
                raise NotAnImage("too many blocks")
            at += 1 + data[at]
        return at + 1


def _table(flags: int) -> int:
    """Returns the size of the color table in bytes."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _byte(data: bytes, at: int) -> int:
    return data[at] if at < len(data) else 0


def _is_kept(extension: bytes) -> bool:
    return extension[1] == _CONTROL or (extension[1] == _APPLICATION and extension[3:14] in _LOOPS)


def _padded(frame: bytes) -> list[bytes]:
    """Completes a truncated frame with the maximum number of bytes that it may lack."""
    if len(frame) < 11:
        raise NotAnImage("cut off in the header")
    width, height = struct.unpack_from("<HH", frame, 5)
    at = 11 + _table(frame[9])
    while at < len(frame) and at + 1 + frame[at] <= len(frame):
        at += 1 + frame[at]
    rest = frame[at + 1 :]  # of the truncated block
    last = bytes((len(rest),)) + rest if rest else b""
    lacking = int(width * height * MAX_MISSING * _CODE_BITS / 8)
    return [frame[:at], last, (bytes((_BLOCK,)) + bytes(_BLOCK)) * (lacking // _BLOCK + 1), b"\0"]
