"""Masks as image editors write them, made into masks as the service wants them.

Soft edges become hard, transparency is read as a mark, and another size of the same shape is scaled. What was done is
told, because the person who made the mask has to know how it was read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from PIL import Image, ImageChops

from bot.media.containers.headers import NotAnImage
from bot.media.image import open_image
from bot.media.masks import EMPTY, GREY, NO_PICTURE, OTHER_SIZE, WrongMask, as_png, check_maskable
from bot.media.normalize import flat

# From this brightness (or opacity) on, a pixel counts as white (or opaque).
HALF = 128
# A JPEG's black and white are a little off.
NEAR = 32
# Edges may be as soft as somebody wants, but a mask is mostly black and white: in shares of the picture.
MAX_GREY = 0.5
MAX_COLOURED = 0.02
# How far from grey a pixel may be: JPEG colours edges.
COLOURED = 64
# Widths that differ by so many pixels from the same shape are a matter of rounding.
ROUNDING = 2


class Reading(StrEnum):
    """How an uploaded mask was read."""

    SOFT = "soft"
    CLEAR = "clear"
    PAINTED = "painted"
    SCALED = "scaled"


@dataclass(frozen=True, slots=True)
class UploadedMask:
    """A mask of one channel as a PNG, and how it came out of the file that was uploaded."""

    data: bytes = field(repr=False)
    readings: tuple[Reading, ...] = ()


def uploaded_mask(data: bytes, size: tuple[int, int]) -> UploadedMask:
    """The mask in a file, for a picture of `size`. It takes time: call it through the image pool.

    White is what to repaint. Where parts are transparent, these are; but of white paint on a transparent layer it is
    the paint. Raises WrongMask for what is no picture, has another shape, is no mask to look at, or marks nothing, and
    for a `size` of more pixels than a mask may have.
    """
    check_maskable(size)
    try:
        with open_image(data) as each:
            _check_shape(_upright(each.size, each.orientation), size)
            each.load(*each.size)
            drawn = flat(each)
    except WrongMask:
        raise
    except NotAnImage as error:
        raise WrongMask(NO_PICTURE) from error
    marks, readings = _marks(drawn)
    if marks.size != size:
        marks = marks.resize(size, Image.Resampling.BILINEAR)
        readings.append(Reading.SCALED)
    mask = marks.point(lambda value: 255 if value >= HALF else 0)
    if mask.getextrema() == (0, 0):
        raise WrongMask(EMPTY)
    return UploadedMask(as_png(mask), tuple(readings))


def _upright(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    return size[::-1] if orientation >= 5 else size


def _check_shape(size: tuple[int, int], wanted: tuple[int, int]) -> None:
    """Raises WrongMask unless one is a scaled copy of the other, but for rounding in the smaller one."""
    for small, large in ((size, wanted), (wanted, size)):
        scale = min(small[0] / large[0], small[1] / large[1])
        if scale <= 1 and all(abs(large[side] * scale - small[side]) <= ROUNDING for side in (0, 1)):
            return
    raise WrongMask(OTHER_SIZE)


def _marks(drawn: Image.Image) -> tuple[Image.Image, list[Reading]]:
    """What is marked, bright on dark. Raises WrongMask for a picture that is no mask."""
    if drawn.mode == "RGBA":
        alpha = drawn.getchannel("A")
        if _share(alpha, 0, HALF - 1):
            soft = [Reading.SOFT] if _share(alpha, 1, 254) else []
            if _is_white_paint(drawn, alpha):
                return alpha, [Reading.PAINTED, *soft]
            return ImageChops.invert(alpha), [Reading.CLEAR, *soft]
    plain = drawn.convert("RGB")
    red, green, blue = plain.split()
    distance = ImageChops.lighter(
        ImageChops.difference(red, green),
        ImageChops.lighter(ImageChops.difference(red, blue), ImageChops.difference(green, blue)),
    )
    grey = plain.convert("L")
    if _share(distance, COLOURED, 255) > MAX_COLOURED or _share(grey, NEAR, 255 - NEAR) > MAX_GREY:
        raise WrongMask(GREY)
    return grey, [Reading.SOFT] if _share(grey, 1, 254) else []


def _is_white_paint(drawn: Image.Image, alpha: Image.Image) -> bool:
    """Is everything that is not transparent white?"""
    opaque = alpha.point(lambda value: 255 if value >= HALF else 0)
    if opaque.getbbox() is None:
        return False
    histogram = drawn.convert("RGB").convert("L").histogram(opaque)
    return sum(histogram[: 255 - NEAR]) == 0


def _share(channel: Image.Image, low: int, high: int) -> float:
    return sum(channel.histogram()[low : high + 1]) / (channel.width * channel.height)
