"""Masks for changing a region: white marks the region to change, black the rest (docs/image-api.md#mask)."""

from __future__ import annotations

import io
from collections.abc import Iterable

from bot.media.containers.recognition import NotAnImage, TooManyPixels, check_size
from bot.media.image import open_image
from bot.media.pillow import Image, ImageChops

TWELFTHS = 12
BLACK_OR_WHITE = {0, 255}
# Rows of a mask that are processed together.
BAND = 256
# Pillow's modes with at most eight bits per channel. Pillow would clip the others.
DEPTH_8 = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")


class WrongMask(NotAnImage):
    """An unusable mask. `problem` is one of `PROBLEMS`."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


NO_PICTURE, OTHER_SIZE, GREY, EMPTY, TOO_LARGE = PROBLEMS = ("no_picture", "other_size", "grey", "empty", "too_large")


def check_maskable(size: tuple[int, int]) -> None:
    """Raises WrongMask for an image with more pixels than a mask may have."""
    try:
        check_size(*size)
    except TooManyPixels as error:
        raise WrongMask(TOO_LARGE) from error


def mask_of(size: tuple[int, int], areas: Iterable[tuple[int, int, int, int]]) -> bytes:
    """Returns a PNG of exactly `size` pixels without gray and transparency. Areas are in twelfths of the image.

    Raises WrongMask for more pixels than a mask may have.
    """
    check_maskable(size)
    width, height = size
    mask = Image.new("L", size, 0)
    for left, top, right, bottom in areas:
        start = (left * width // TWELFTHS, top * height // TWELFTHS)
        end = (right * width // TWELFTHS, bottom * height // TWELFTHS)
        mask.paste(255, (*start, *end))
    return as_png(mask)


def checked(data: bytes, size: tuple[int, int]) -> bytes:
    """Validates a mask and returns it as a single-channel PNG. CPU-bound: call it through the image pool.

    Raises WrongMask for a file that is not an image, has another size than `size`, contains a pixel that is not opaque
    or neither black nor white, or has no white pixel, and for a `size` with more pixels than a mask may have.
    """
    check_maskable(size)
    try:
        with open_image(data) as each:
            _check_header(each.picture, size)  # before any pixel is decoded
            mask = _one_channel(each.picture)
    except WrongMask:
        raise
    except NotAnImage as error:
        raise WrongMask(NO_PICTURE) from error
    if mask.getextrema() == (0, 0):
        raise WrongMask(EMPTY)
    return as_png(mask)


def together(first: bytes, second: bytes) -> bytes:
    """Returns the union of two masks of the same size. Raises OSError for data that is not an image."""
    with Image.open(io.BytesIO(first)) as one, Image.open(io.BytesIO(second)) as other:
        return as_png(ImageChops.lighter(one.convert("L"), other.convert("L")))


def _check_header(picture: Image.Image, size: tuple[int, int]) -> None:
    if picture.size != size:
        raise WrongMask(OTHER_SIZE)
    if picture.mode not in DEPTH_8:
        raise WrongMask(GREY)


def _one_channel(picture: Image.Image) -> Image.Image:
    """Converts the image to one channel in bands: four channels at once would take five times the memory."""
    mask = Image.new("L", picture.size)
    for top in range(0, picture.height, BAND):
        band = picture.crop((0, top, picture.width, min(top + BAND, picture.height)))
        red, green, blue, alpha = band.convert("RGBA").split()
        plain = _values(red) <= BLACK_OR_WHITE and _values(alpha) == {255}
        if not plain or ImageChops.difference(red, green).getbbox() or ImageChops.difference(red, blue).getbbox():
            raise WrongMask(GREY)
        mask.paste(red, (0, top))
    return mask


def _values(channel: Image.Image) -> set[int]:
    return {value for value, count in enumerate(channel.histogram()) if count}


def as_png(mask: Image.Image) -> bytes:
    """Encodes a mask as a PNG."""
    buffer = io.BytesIO()
    mask.save(buffer, "PNG")
    return buffer.getvalue()
