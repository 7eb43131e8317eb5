"""Scales and compresses an image to a size in bytes, or to a small edge. The size is estimated from a sample, so that
the image is usually encoded only once.

CPU-bound except for `reduced`: call it through the image pool.
"""

from __future__ import annotations

import io
import math
from typing import NamedTuple

from bot.media import image_pool
from bot.media.containers.recognition import FORMATS, NotAnImage, SmallImage
from bot.media.image import flat as flattened
from bot.media.image import open_image
from bot.media.pillow import Image

PREVIEW_EDGE = 512
# WebP's maximum edge in pixels. JPEG's is longer.
MAX_EDGE = 16_383
# An image that has to be reduced keeps at most this many pixels.
MAX_KEPT_PIXELS = 4_096 * 4_096
# WebP takes ten times as long to encode as JPEG.
MAX_KEPT_PIXELS_WEBP = MAX_KEPT_PIXELS // 2
BEST, GOOD, LEAST = 97, 80, 55
# The target size as a share of the limit. An estimate from a sample is accurate within a few percent.
AIM = 0.88
# A result below this share of the limit is encoded again, unless the plan already was the maximum.
TOO_SMALL = 0.6
NEAR = 0.8
# The sample: number of tiles, and their edge, a multiple of JPEG's 16-pixel blocks.
TILES, TILE = 64, 48


class CannotFit(NotAnImage):
    """An image that cannot be reduced to the size limit."""


class _Plan(NamedTuple):
    scale: float
    quality: int


def fit(data: bytes, limit: int) -> tuple[bytes, str]:
    """Returns the image in at most `limit` bytes, with its file extension: at lower quality, and smaller if necessary.

    An animation is reduced to its first frame; transparency is kept. Raises CannotFit, NotAnImage.
    """
    return fit_flat(_flat(data, limit), limit)


def preview(data: bytes, *, edge: int = PREVIEW_EDGE) -> bytes:
    """Returns a small upright JPEG of an image; its longer edge has at most `edge` pixels. Raises NotAnImage."""
    with open_image(data) as each:
        scale = min(1.0, edge / max(each.size))
        each.load(round(each.size[0] * scale), round(each.size[1] * scale))
        each.picture.thumbnail((edge, edge))
        buffer = io.BytesIO()
        flattened(each).convert("RGB").save(buffer, "JPEG", quality=80)
        return buffer.getvalue()


async def reduced(data: bytes) -> SmallImage:
    """Returns a preview of an image, decoded once in the image pool. Raises NotAnImage."""
    return SmallImage(await image_pool.run(preview, data), "jpg")


def fit_flat(flat: Image.Image, limit: int) -> tuple[bytes, str]:
    """Same as `fit`, for an image that is already decoded (`bot.media.image.flat`)."""
    flat = _scaled(flat, _largest(flat, "WEBP" if flat.mode == "RGBA" else "JPEG"))
    kind = "WEBP" if flat.mode == "RGBA" else "JPEG"
    plan = _planned(flat, kind, limit * AIM)
    best = _encoded(_scaled(flat, plan.scale), kind, plan.quality)
    if len(best) > limit or (len(best) < limit * TOO_SMALL and plan != _Plan(_largest(flat, kind), BEST)):
        # The estimate was wrong: correct the target by the ratio of the estimated to the actual size.
        corrected = _planned(flat, kind, limit * AIM * AIM * _estimated(flat, kind, plan) / len(best))
        again = _encoded(_scaled(flat, corrected.scale), kind, corrected.quality)
        if len(best) > limit or len(best) < len(again) <= limit:
            best = again
    if len(best) > limit:
        raise CannotFit(f"cannot be made to fit {limit} bytes")
    return best, FORMATS[kind][0]


def _flat(data: bytes, limit: int) -> Image.Image:
    """Returns the image upright and decoded, with three or four channels; a large image is already reduced."""
    with open_image(data) as each:
        width, height = each.size
        kept = min(1.0, math.sqrt(MAX_KEPT_PIXELS / (width * height)), 2 * math.sqrt(limit / len(data)))
        each.load(math.ceil(width * kept), math.ceil(height * kept))
        return flattened(each)


def _largest(flat: Image.Image, kind: str) -> float:
    pixels = MAX_KEPT_PIXELS_WEBP if kind == "WEBP" else MAX_KEPT_PIXELS
    return min(1.0, MAX_EDGE / max(flat.size), math.sqrt(pixels / (flat.width * flat.height)))


def _planned(flat: Image.Image, kind: str, aim: float) -> _Plan:
    """Returns the largest size at good quality, and the best quality for that size."""
    scale = largest = _largest(flat, kind)
    for _ in range(5):
        size = _estimated(flat, kind, _Plan(scale, GOOD))
        if size <= aim and (scale == largest or size > aim * NEAR):
            break
        # The number of bytes per pixel depends on the scale, so iterate.
        scale = min(largest, max(scale * math.sqrt(aim / size), 1 / max(flat.size)))
    return _Plan(scale, _best_quality(flat, kind, scale, aim))


def _best_quality(flat: Image.Image, kind: str, scale: float, aim: float) -> int:
    low, high = LEAST, BEST
    while low < high:
        middle = (low + high + 1) // 2
        if _estimated(flat, kind, _Plan(scale, middle)) <= aim:
            low = middle
        else:
            high = middle - 1
    return low


def _estimated(flat: Image.Image, kind: str, plan: _Plan) -> float:
    """Estimates the encoded size of a plan in bytes from a sample."""
    sample = _sample(flat, plan.scale)
    pixels = _pixels(flat, plan.scale)
    header = len(_encoded(Image.new(flat.mode, (16, 16)), kind, plan.quality))
    return header + max(0, len(_encoded(sample, kind, plan.quality)) - header) * pixels / (sample.width * sample.height)


def _pixels(flat: Image.Image, scale: float) -> int:
    width, height = _size(flat, scale)
    return width * height


def _size(flat: Image.Image, scale: float) -> tuple[int, int]:
    return max(1, round(flat.width * scale)), max(1, round(flat.height * scale))


def _sample(flat: Image.Image, scale: float) -> Image.Image:
    """Returns tiles from all parts of the scaled image side by side, or the whole image if it is small."""
    width, height = _size(flat, scale)
    if width * height <= TILES * TILE * TILE:
        return _scaled(flat, scale)
    size = min(TILE, width), min(TILE, height)
    # Use as many tiles as fit, for any aspect ratio.
    columns = min(width // size[0], math.isqrt(TILES))
    rows = min(height // size[1], TILES // columns)
    columns = min(width // size[0], TILES // rows)
    around = min(flat.width, round(size[0] / scale)), min(flat.height, round(size[1] / scale))
    sample = Image.new(flat.mode, (columns * size[0], rows * size[1]))
    for row in range(rows):
        for column in range(columns):
            left = column * (flat.width - around[0]) // max(1, columns - 1)
            top = row * (flat.height - around[1]) // max(1, rows - 1)
            tile = flat.crop((left, top, left + around[0], top + around[1]))
            if around != size:
                tile = tile.resize(size, Image.Resampling.LANCZOS)
            sample.paste(tile, (column * size[0], row * size[1]))
    return sample


def _scaled(flat: Image.Image, scale: float) -> Image.Image:
    size = _size(flat, scale)
    return flat if size == flat.size else flat.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _encoded(picture: Image.Image, kind: str, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, quality=quality, method=2)
    return buffer.getvalue()
