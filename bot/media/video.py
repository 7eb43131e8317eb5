"""Clips: told by the first bytes, not decoded."""

from __future__ import annotations

from bot.media.image import NotAnImage, inspect

# How addresses and names of clips end.
CLIP_ENDINGS = (".mp4", ".webm", ".mov")
_MAX_BOXES = 10_000


def clip_extension(data: bytes) -> str:
    """The file ending that fits: a video Discord plays, or a moving picture. Raises NotAPicture for anything else."""
    if data[4:8] == b"ftyp":
        return "mov" if data[8:10] == b"qt" else "mp4"
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm"
    return inspect(data).extension


def is_whole(data: bytes) -> None:
    """Raises NotAPicture for a clip that ends too early, or where that cannot be told."""
    if data[4:8] != b"ftyp":
        inspect(data)
        return
    # An MP4 is a row of boxes that begin with their sizes (ISO/IEC 14496-12, 4.2).
    at, kinds = 0, set()
    for _ in range(_MAX_BOXES):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:
            break  # 0 would be a box up to the end, wherever that was to be
        kinds.add(kind)
        at += size
        if at >= len(data):
            break
    if at != len(data) or b"moov" not in kinds:
        raise NotAnImage("incomplete file")
