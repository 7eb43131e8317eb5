"""Detects truncated files of formats whose missing end cannot be completed."""

from __future__ import annotations

_MAX_BOXES = 1_000


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
