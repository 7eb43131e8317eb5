"""Converts masks from image editors to masks that the service accepts.

Soft edges become hard, transparency counts as a mark, and a mask of the same aspect ratio is scaled. The result lists
these conversions, so that the user learns how the mask was read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.media.containers.recognition import NotAnImage
from bot.media.image import flat, open_image
from bot.media.masks import EMPTY, GREY, NO_PICTURE, OTHER_SIZE, WrongMask, as_png, check_maskable
from bot.media.pillow import Image, ImageChops

# From this brightness (or opacity), a pixel counts as white (or opaque).
HALF = 128
# Black and white of a JPEG are slightly off.
NEAR = 32
# A mask may have soft edges, but most of it has to be black or white. Maximum shares of the image:
MAX_GREY = 0.5
MAX_COLOURED = 0.02
# The maximum distance from gray: JPEG compression colors edges.
COLOURED = 64
# The maximum deviation from the same aspect ratio in pixels, caused by rounding.
ROUNDING = 2


class Reading(StrEnum):
    """How an uploaded mask was read."""

    SOFT = "soft"
    CLEAR = "clear"
    PAINTED = "painted"
    SCALED = "scaled"


@dataclass(frozen=True, slots=True)
class UploadedMask:
    """A single-channel mask as a PNG, and how the uploaded file was read."""

    data: bytes = field(repr=False)
    readings: tuple[Reading, ...] = ()


def uploaded_mask(data: bytes, size: tuple[int, int]) -> UploadedMask:
    """Converts an uploaded file to a mask for an image of `size`. CPU-bound: call it through the image pool.

    White marks the region to change. In a file with transparency, the transparent region is marked, except for white
    paint on a transparent layer: there the paint is marked. Raises WrongMask for a file that is not an image, has
    another aspect ratio, does not look like a mask, or marks nothing, and for a `size` with more pixels than a mask may
    have.
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
    """Raises WrongMask unless one size is a scaled copy of the other, within rounding in the smaller one."""
    for small, large in ((size, wanted), (wanted, size)):
        scale = min(small[0] / large[0], small[1] / large[1])
        if scale <= 1 and all(abs(large[side] * scale - small[side]) <= ROUNDING for side in (0, 1)):
            return
    raise WrongMask(OTHER_SIZE)


def _marks(drawn: Image.Image) -> tuple[Image.Image, list[Reading]]:
    """Returns the marked region, bright on dark. Raises WrongMask for an image that is not a mask."""
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
    """Whether every pixel that is not transparent is white."""
    opaque = alpha.point(lambda value: 255 if value >= HALF else 0)
    if opaque.getbbox() is None:
        return False
    histogram = drawn.convert("RGB").convert("L").histogram(opaque)
    return sum(histogram[: 255 - NEAR]) == 0


def _share(channel: Image.Image, low: int, high: int) -> float:
    return sum(channel.histogram()[low : high + 1]) / (channel.width * channel.height)
