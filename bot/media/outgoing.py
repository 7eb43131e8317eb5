"""Prepares a user's image for the image service: a format that every service reads, upright, without private data, and
small enough. It is encoded again only if necessary. The images API takes fewer formats, and masks in its own form
(docs/platform-api.md#edits). One image of a grid is cut out of it.

CPU-bound: call it through the image pool.
"""

from __future__ import annotations

import io
import math
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from bot.media.containers.cleaned import UPRIGHT
from bot.media.containers.recognition import FORMATS, MAX_PIXELS
from bot.media.fitting import fit, fit_flat
from bot.media.image import OpenedImage, flat, measure, open_image
from bot.media.pillow import Image, ImageChops

# The formats that the image services read.
SENT = ("PNG", "JPEG", "WEBP", "GIF")
# The formats that the images API reads.
EDITABLE = ("PNG", "JPEG", "WEBP")
# Lossy formats. PNG would be many times as large.
_PHOTOS = ("JPEG", "AVIF")
QUALITY = 95
# From this orientation on, width and height are swapped.
_LYING = 5


class Altered(StrEnum):
    """Changes to an image that its user should know about."""

    SMALLER = "smaller"
    CUT_SHORT = "cut_short"


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """An image ready to be sent. `altered` lists changes to its content.

    Sizes are (width, height) in pixels, upright: original and sent.
    """

    media_type: str
    data: bytes = field(repr=False)
    given_size: tuple[int, int]
    size: tuple[int, int]
    altered: tuple[Altered, ...] = ()


@dataclass(frozen=True, slots=True)
class EditableImage:
    """An image as it is sent."""

    media_type: str
    extension: str
    size: tuple[int, int]
    data: bytes = field(repr=False)


def prepare(data: bytes, limit: int, kinds: Collection[str] = SENT) -> PreparedImage:
    """Returns the image in at most `limit` bytes and in one of these formats, which must include PNG and JPEG. Raises
    NotAnImage."""
    with open_image(data) as each:
        each.check_whole()
        given = _upright_size(each)
        cut_short = (Altered.CUT_SHORT,) if each.completed else ()
        if _goes_as_it_is(each, limit, kinds):
            return PreparedImage(each.facts.media_type, each.data, given, given, cut_short)
        # A JPEG was decoded at low resolution only.
        drawn = None if each.kind == "JPEG" else flat(each)
        fits = given[0] * given[1] <= MAX_PIXELS and not (each.kind == "JPEG" and len(each.data) > limit)
        kind = "JPEG" if each.kind in _PHOTOS and (drawn is None or drawn.mode == "RGB") else "PNG"
    if fits:
        drawn = drawn or _whole(data)
        encoded = _encoded(drawn, kind)
        if len(encoded) <= limit:
            return PreparedImage(FORMATS[kind][1], encoded, given, given, cut_short)
    smaller, _ = fit_flat(drawn, limit) if drawn else fit(data, limit)
    facts = measure(smaller)
    return PreparedImage(facts.media_type, smaller, given, (facts.width, facts.height), (Altered.SMALLER, *cut_short))


def editable(data: bytes, limit: int) -> EditableImage:
    """Returns the image in at most `limit` bytes, in a format that the images API reads. Raises NotAnImage."""
    ready = prepare(data, limit, EDITABLE)
    facts = measure(ready.data)
    return EditableImage(facts.media_type, facts.extension, (facts.width, facts.height), ready.data)


def clear_where_white(mask: bytes, size: tuple[int, int]) -> bytes:
    """Returns a mask whose white pixels mark the region to change as a PNG of `size` in which these pixels are
    transparent. Raises NotAnImage."""
    with open_image(mask) as each:
        each.load(*each.size)
        marks = each.picture.convert("L")
    if marks.size != size:
        marks = marks.resize(size, Image.Resampling.NEAREST)
    clear = Image.new("RGBA", size, (0, 0, 0, 255))
    clear.putalpha(ImageChops.invert(marks))
    buffer = io.BytesIO()
    clear.save(buffer, "PNG")
    return buffer.getvalue()


def cell_of(data: bytes, number: int, count: int) -> bytes:
    """Image `number`, from 1, of a square grid of `count` images of equal size, row by row, as PNG. Raises
    NotAnImage."""
    columns = math.isqrt(count)
    with open_image(data) as opened:
        picture = opened.picture
        width, height = picture.width // columns, picture.height // columns
        left, top = (number - 1) % columns * width, (number - 1) // columns * height
        cell = picture.crop((left, top, left + width, top + height))
        file = io.BytesIO()
        (cell if cell.mode in ("RGB", "RGBA", "L") else cell.convert("RGBA")).save(file, "PNG", compress_level=3)
        return file.getvalue()


def _upright_size(each: OpenedImage) -> tuple[int, int]:
    width, height = each.size
    return (height, width) if each.orientation >= _LYING else (width, height)


def _goes_as_it_is(each: OpenedImage, limit: int, kinds: Collection[str]) -> bool:
    small = len(each.data) <= limit and each.size[0] * each.size[1] <= MAX_PIXELS
    # Only the first frame of an animation, or of a completed file, was checked.
    sound = not (each.completed and each.kind in ("GIF", "WEBP"))
    return small and sound and each.kind in kinds and each.orientation == UPRIGHT and each.picture.mode != "CMYK"


def _whole(data: bytes) -> Image.Image:
    with open_image(data) as each:
        each.load(*each.size)
        return flat(each)


def _encoded(drawn: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    drawn.save(buffer, kind, quality=QUALITY)
    return buffer.getvalue()
