"""Videos: recognized by their first bytes, not decoded."""

from __future__ import annotations

from bot.media.image import NotAnImage, inspect, recognized

# The file extensions of videos in URLs and names.
CLIP_ENDINGS = (".mp4", ".webm", ".mov")
_MAX_BOXES = 10_000


def clip_extension(data: bytes) -> str:
    """Returns the file extension of a video that Discord plays, or of an image. Raises NotAnImage for anything else.

    CPU-bound for some images: call it through the image pool.
    """
    return recognized_extension(data) or inspect(data).extension


def recognized_extension(data: bytes) -> str | None:
    """Same as `clip_extension`, without decoding. None if only decoding shows whether it is an image."""
    if data[4:8] == b"ftyp":
        return "mov" if data[8:10] == b"qt" else "mp4"
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm"
    facts = recognized(data)
    return facts.extension if facts else None


def is_whole(data: bytes) -> None:
    """Raises NotAnImage for a truncated video, and for one whose end cannot be determined."""
    if data[4:8] != b"ftyp":
        inspect(data)
        return
    # An MP4 is a sequence of boxes that begin with their size (ISO/IEC 14496-12, 4.2).
    at, kinds = 0, set()
    for _ in range(_MAX_BOXES):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:
            break  # 0 is a box up to the end of the file, which would accept any end
        kinds.add(kind)
        at += size
        if at >= len(data):
            break
    if at != len(data) or b"moov" not in kinds:
        raise NotAnImage("incomplete file")
