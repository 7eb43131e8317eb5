"""Grids: several images of equal size in one file, row by row."""

from __future__ import annotations

import io
import math

from bot.media.image import open_image


def cell_of(data: bytes, number: int, count: int) -> bytes:
    """Image `number`, from 1, of a square grid of `count` images, as PNG. CPU-bound. Raises NotAnImage."""
    columns = math.isqrt(count)
    with open_image(data) as opened:
        picture = opened.picture
        width, height = picture.width // columns, picture.height // columns
        left, top = (number - 1) % columns * width, (number - 1) // columns * height
        cell = picture.crop((left, top, left + width, top + height))
        file = io.BytesIO()
        (cell if cell.mode in ("RGB", "RGBA", "L") else cell.convert("RGBA")).save(file, "PNG", compress_level=3)
        return file.getvalue()
