"""Pictures to attach."""

from __future__ import annotations

import io

from PIL import Image

from playground.discord import UploadedFile


def png_bytes(colour: str = "teal", size: tuple[int, int] = (64, 48)) -> bytes:
    """A PNG of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def clip(name: str) -> UploadedFile:
    """The first box of an MP4, which is all that is looked at, as somebody attaches it."""
    return UploadedFile(name, "video/mp4", b"\0\0\0\x14ftypisom\0\0\0\0isom")


def png(name: str, colour: str = "teal", size: tuple[int, int] = (64, 48)) -> UploadedFile:
    """A PNG of one colour, as somebody attaches it."""
    return UploadedFile(name, "image/png", png_bytes(colour, size))
