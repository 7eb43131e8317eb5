"""Clips: told by the first bytes, not decoded."""

from __future__ import annotations

from bot.pictures.decode import inspect


def clip_extension(data: bytes) -> str:
    """The file ending that fits: a video Discord plays, or a moving picture. Raises NotAPicture for anything else."""
    if data[4:8] == b"ftyp":
        return "mov" if data[8:10] == b"qt" else "mp4"
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm"
    return inspect(data).extension
