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


def png(name: str, colour: str = "teal", size: tuple[int, int] = (64, 48)) -> UploadedFile:
    """A PNG of one colour, as somebody attaches it."""
    return UploadedFile(name, "image/png", png_bytes(colour, size))
