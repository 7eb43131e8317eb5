"""Masks for repainting a region: white where to repaint, black elsewhere (image API reference, 9.8)."""

from __future__ import annotations

import io
from collections.abc import Iterable

from PIL import Image, ImageDraw

TWELFTHS = 12


def mask_of(size: tuple[int, int], areas: Iterable[tuple[int, int, int, int]]) -> bytes:
    """A PNG of exactly `size` pixels, without grey and transparency; areas are in twelfths of the picture."""
    width, height = size
    mask = Image.new("L", size, 0)
    draw = ImageDraw.Draw(mask)
    for left, top, right, bottom in areas:
        box = (left * width // TWELFTHS, top * height // TWELFTHS)
        end = (right * width // TWELFTHS - 1, bottom * height // TWELFTHS - 1)
        draw.rectangle((box, end), fill=255)
    buffer = io.BytesIO()
    mask.save(buffer, "PNG")
    return buffer.getvalue()
