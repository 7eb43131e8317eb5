"""What is laid over a painted world: repainted regions, given pictures, a face put into a picture."""

import functools
import io
import math
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from playground.images.drawing import Extra, paint
from playground.images.scenes import Scene, View

_FEATHER = 0.03
ARRANGEMENTS = ("bands", "round", "down", "across")


@dataclass(frozen=True)
class Patch:
    """Another scene wherever `mask` (a PNG, white is repainted) is white; `where` is what the mask covers."""

    scene: Scene
    where: View
    mask: bytes

    def laid_on(self, image: Image.Image, window: View, moment: float, extras: tuple[Extra, ...]) -> Image.Image:
        """The image with this layer on it."""
        other = paint(self.scene, window, image.width, image.height, moment, extras)
        left, top, right, bottom = window.place(self.where, image.width, image.height)
        mask = Image.new("L", image.size)
        if right > left and bottom > top:
            fitted = _opened(self.mask, "L").resize((right - left, bottom - top), Image.Resampling.NEAREST)
            mask.paste(fitted, (left, top))
        return Image.composite(other, image, mask)


@dataclass(frozen=True)
class Photo:
    """Given pictures, mixed in one of the arrangements, on the part of the world called `where`."""

    images: tuple[bytes, ...]
    where: View
    arrangement: str = "bands"
    strength: float = 1.0
    feather: bool = True

    def laid_on(self, image: Image.Image, window: View, moment: float, extras: tuple[Extra, ...]) -> Image.Image:
        """The image with this layer on it."""
        left, top, right, bottom = window.place(self.where, image.width, image.height)
        size = (max(right - left, 1), max(bottom - top, 1))
        parts = [ImageOps.fit(_opened(data, "RGB"), size) for data in self.images]
        mixed = functools.reduce(
            lambda base, step: Image.composite(step[1], base, _share(self.arrangement, size, step[0] / len(parts))),
            list(enumerate(parts))[1:],
            parts[0],
        )
        mask = Image.new("L", size, round(255 * self.strength))
        if self.feather:
            mask = ImageChops.multiply(mask, _soft_edge(size))
        result = image.copy()
        result.paste(mixed, (left, top), mask)
        return result


@dataclass(frozen=True)
class Portrait:
    """A face from another picture, in a round frame in the upper middle of `where`."""

    source: bytes
    where: View

    def laid_on(self, image: Image.Image, window: View, moment: float, extras: tuple[Extra, ...]) -> Image.Image:
        """The image with this layer on it."""
        left, top, right, bottom = window.place(self.where, image.width, image.height)
        edge = max(round(min(right - left, bottom - top) * 0.42), 4)
        face = ImageOps.fit(_opened(self.source, "RGB"), (edge, edge), centering=(0.5, 0.4))
        ring = max(edge // 24, 1)
        result = image.copy()
        x, y = (left + right - edge) // 2, top + round((bottom - top) * 0.18)
        ImageDraw.Draw(result).ellipse((x - ring, y - ring, x + edge + ring, y + edge + ring), fill=(255, 250, 238))
        result.paste(face, (x, y), _round_mask(edge))
        return result


def _opened(data: bytes, mode: str) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert(mode)


def _share(arrangement: str, size: tuple[int, int], start: float) -> Image.Image:
    """How much of the next picture is seen where; `start` is the share of those before it."""
    if arrangement == "round":
        inner = 90 + 110 * start  # those that come later lie in smaller circles
        levels = [min(max(round((step - inner) * 4), 0), 255) for step in range(256)]
        return ImageOps.invert(Image.radial_gradient("L")).point(levels).resize(size, Image.Resampling.BICUBIC)
    small = Image.new("L", (128, 128))
    curve = [(128 * start + 9 * math.sin(step / 10), step) for step in range(-16, 145)]
    ImageDraw.Draw(small).polygon([*curve, (160, 144), (160, -16)], fill=255)
    soft = small.filter(ImageFilter.GaussianBlur(4 if arrangement == "bands" else 26))
    turned = soft.transpose(Image.Transpose.ROTATE_270) if arrangement == "down" else soft
    return turned.resize(size, Image.Resampling.BICUBIC)


def _soft_edge(size: tuple[int, int]) -> Image.Image:
    small = (64, 64)
    rim = max(round(64 * _FEATHER), 1)
    mask = Image.new("L", small, 0)
    mask.paste(255, (rim, rim, small[0] - rim, small[1] - rim))
    return mask.filter(ImageFilter.GaussianBlur(rim * 0.8)).resize(size, Image.Resampling.BILINEAR)


def _round_mask(edge: int) -> Image.Image:
    mask = Image.new("L", (edge * 4, edge * 4))
    ImageDraw.Draw(mask).ellipse((0, 0, edge * 4 - 1, edge * 4 - 1), fill=255)
    return mask.reduce(4)
