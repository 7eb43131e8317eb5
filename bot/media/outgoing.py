"""Prepares a user's image for the image service: a format that every service reads, upright, without private data, and
small enough. It is encoded again only if necessary.

CPU-bound: call it through the image pool.
"""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from bot.media.containers.cleaned import UPRIGHT
from bot.media.containers.headers import MAX_PIXELS
from bot.media.fitting import fit, fit_flat
from bot.media.image import FORMATS, OpenedImage, flat, measure, open_image
from bot.media.pillow import Image

# The formats that the image services read.
SENT = ("PNG", "JPEG", "WEBP", "GIF")
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
