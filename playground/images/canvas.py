"""Drawing in world coordinates with Pillow: larger than wanted, then reduced, so that edges are smooth."""

import functools
import itertools
import math
import random
from collections.abc import Iterable, Iterator, Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from playground.images.palettes import Colour, mix
from playground.images.scenes import View

Point = tuple[float, float]
INK: Colour = (34, 24, 48)
_COARSE = 8  # soft things are drawn this much smaller
_GRAIN = 256
_ENDLESS = 400  # more repeated things than this across a window are too small to see


class Canvas:
    """A picture being painted. `flat` is the cel style: steps instead of gradients, and ink around shapes."""

    def __init__(self, view: View, width: int, height: int, *, flat: bool = False) -> None:
        self.view = view
        self.flat = flat
        edge = max(width, height)
        self.sharp = 2 if edge > 400 else 3 if edge > 200 else 4
        self.image = Image.new("RGB", (width * self.sharp, height * self.sharp))
        self.scale = self.image.width / view.width
        self._draw = ImageDraw.Draw(self.image, "RGBA")

    def finished(self, grain: float = 1.0) -> Image.Image:
        """The picture at its own size, with a soft grain as of paper."""
        picture = self.image.reduce(self.sharp)
        return picture if self.flat or not grain else _grained(picture)

    def cells(self, size: float, margin: float = 1.0) -> Iterator[int]:
        """The numbers of the columns of `size` that the window touches; none when they are too narrow to see."""
        first = math.floor(self.view.left / size - margin)
        last = math.ceil(self.view.right / size + margin)
        if last - first <= _ENDLESS and size * self.scale > 3:
            yield from range(first, last + 1)

    def columns(self, step: float) -> list[float]:
        """Places from edge to edge, always at the same spots of the world."""
        coarse = step * 2 ** max(0, math.ceil(math.log2(max(self.view.width / (step * 600), 1e-9))))
        first, last = math.floor(self.view.left / coarse) - 1, math.ceil(self.view.right / coarse) + 1
        return [index * coarse for index in range(first, last + 1)]

    def backdrop(self, stops: Sequence[tuple[float, Colour]]) -> None:
        """Fill everything with a gradient from top to bottom through the (height, colour) stops."""
        self.image.paste(self._gradient(stops, self.view.top, self.view.bottom, self.image.size))

    def shape(
        self,
        outline: Sequence[Point],
        top: Colour,
        bottom: Colour | None = None,
        *,
        span: tuple[float, float] | None = None,
        shadow: float = 0.0,
    ) -> None:
        """Fill an outline, with a gradient over `span` if `bottom` is given, over a soft shadow."""
        if shadow and not self.flat:
            self.veil(outline, (0, 0, 0), shadow, blur=0.014, shift=(0.0, -0.008))
        if bottom is None:
            self.polygon(outline, top)
            return
        points = self._pixels(outline)
        box = self._box(points, 2)
        if box is None:
            return
        size = (box[2] - box[0], box[3] - box[1])
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).polygon([(x - box[0], y - box[1]) for x, y in points], fill=255)
        upper, lower = span or (min(y for _, y in outline), max(y for _, y in outline))
        here = (self.view.top + box[1] / self.scale, self.view.top + box[3] / self.scale)
        self.image.paste(self._gradient([(upper, top), (lower, bottom)], *here, size), box, mask)
        self._ink(points)

    def polygon(self, outline: Sequence[Point], fill: Colour, alpha: float = 1.0, *, ink: bool = True) -> None:
        """Fill an outline with one colour, `alpha` 0 (nothing) to 1 (opaque); the flat style draws around it."""
        points = self._pixels(outline)
        if self._box(points, 0) is None:
            return
        self._draw.polygon(points, fill=(*fill, round(alpha * 255)))
        if ink and alpha == 1.0:
            self._ink(points)

    def disc(self, x: float, y: float, rx: float, ry: float, fill: Colour, alpha: float = 1.0) -> None:
        """Fill an ellipse around a centre."""
        (left, top), (right, bottom) = self._pixels([(x - rx, y - ry), (x + rx, y + ry)])
        if right < 0 or bottom < 0 or left > self.image.width or top > self.image.height:
            return
        inked = self.flat and alpha == 1.0 and rx * self.scale > 6 * self.sharp
        self._draw.ellipse(
            (left, top, right, bottom),
            fill=(*fill, round(alpha * 255)),
            outline=INK if inked else None,
            width=max(1, round(0.004 * self.scale)) if inked else 0,
        )

    def stroke(self, points: Sequence[Point], width: float, fill: Colour, alpha: float = 1.0) -> None:
        """Draw a line, `width` in world units."""
        thick = max(1, round(width * self.scale))
        self._draw.line(self._pixels(points), fill=(*fill, round(alpha * 255)), width=thick, joint="curve")

    def glow(self, x: float, y: float, radius: float, fill: Colour, strength: float) -> None:
        """Light that fades away from a centre."""
        (left, top), (right, bottom) = self._pixels([(x - radius, y - radius), (x + radius, y + radius)])
        box = self._box([(left, top), (right, bottom)], 0)
        if box is None or right - left < 1:
            return
        back = 256 / (right - left)
        part = tuple((edge - start) * back for edge, start in zip(box, (left, top, left, top), strict=True))
        size = (box[2] - box[0], box[3] - box[1])
        light = _halo(round(strength * 255)).resize(size, Image.Resampling.BILINEAR, box=_inside(part))
        self.image.paste(fill, box, light)

    def veil(
        self,
        outline: Sequence[Point],
        fill: Colour,
        strength: float,
        *,
        blur: float,
        shift: Point = (0.0, 0.0),
    ) -> None:
        """A blurred outline: shadow, mist, northern light. `blur` is in world units."""
        points = self._pixels([(x + shift[0], y + shift[1]) for x, y in outline])
        radius = blur * self.scale
        box = self._box(points, radius * 3)
        if box is None:
            return
        size = (box[2] - box[0], box[3] - box[1])
        small = Image.new("L", (size[0] // _COARSE + 5, size[1] // _COARSE + 5))
        moved = [((x - box[0]) / _COARSE + 2, (y - box[1]) / _COARSE + 2) for x, y in points]
        ImageDraw.Draw(small).polygon(moved, fill=round(strength * 255))
        small = small.filter(ImageFilter.GaussianBlur(radius / _COARSE))
        part = (2.0, 2.0, 2 + size[0] / _COARSE, 2 + size[1] / _COARSE)
        self.image.paste(fill, box, small.resize(size, Image.Resampling.BILINEAR, box=part))

    def _pixels(self, points: Iterable[Point]) -> list[Point]:
        left, top, scale = self.view.left, self.view.top, self.scale
        # Pillow fills the pixels of both edges: half a pixel back keeps shapes where they belong
        return [((x - left) * scale - 0.5, (y - top) * scale - 0.5) for x, y in points]

    def _box(self, points: Sequence[Point], margin: float) -> tuple[int, int, int, int] | None:
        xs, ys = [x for x, _ in points], [y for _, y in points]
        left, top = max(0, math.floor(min(xs) - margin)), max(0, math.floor(min(ys) - margin))
        right = min(self.image.width, math.ceil(max(xs) + margin) + 1)
        bottom = min(self.image.height, math.ceil(max(ys) + margin) + 1)
        return (left, top, right, bottom) if left < right and top < bottom else None

    def _ink(self, points: Sequence[Point]) -> None:
        if self.flat:
            across = max(x for x, _ in points) - min(x for x, _ in points)
            width = max(1, round(min(0.0045 * self.scale, across * 0.045)))
            self._draw.line([*points, points[0]], fill=INK, width=width, joint="curve")

    def _gradient(
        self, stops: Sequence[tuple[float, Colour]], top: float, bottom: float, size: tuple[int, int]
    ) -> Image.Image:
        rows = max(1, min(256, size[1]))  # no more than can be seen
        column = Image.new("RGB", (1, rows))
        heights = [top + (bottom - top) * (row + 0.5) / rows for row in range(rows)]
        column.putdata([self._between(stops, height) for height in heights])
        how = Image.Resampling.NEAREST if self.flat else Image.Resampling.BILINEAR
        return column.resize(size, how)

    def _between(self, stops: Sequence[tuple[float, Colour]], height: float) -> Colour:
        for (upper, first), (lower, second) in itertools.pairwise(stops):
            if height <= lower:
                share = min(max((height - upper) / (lower - upper), 0.0), 1.0)
                return mix(first, second, math.floor(share * 2) / 2 if self.flat else share)
        return stops[-1][1]


def smooth(points: Sequence[Point], *, closed: bool = True, steps: int = 8) -> list[Point]:
    """A curve through the points (Catmull-Rom), as a finer list of points."""
    count = len(points)
    curve = []
    for index in range(count if closed else count - 1):
        a, b, c, d = (_at(points, index + offset, closed=closed) for offset in (-1, 0, 1, 2))
        for step in range(steps):
            t = step / steps
            curve.append((_spline(a[0], b[0], c[0], d[0], t), _spline(a[1], b[1], c[1], d[1], t)))
    return curve if closed else [*curve, points[-1]]


def _at(points: Sequence[Point], index: int, *, closed: bool) -> Point:
    return points[index % len(points)] if closed else points[min(max(index, 0), len(points) - 1)]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return b + t * ((c - a) + t * ((2 * a - 5 * b + 4 * c - d) + t * (3 * (b - c) + d - a))) / 2


def _inside(part: Sequence[float]) -> tuple[float, float, float, float]:
    left, top = (min(max(edge, 0.0), 255.0) for edge in part[:2])
    right, bottom = (min(edge, 256.0) for edge in part[2:])
    return left, top, max(right, left + 0.5), max(bottom, top + 0.5)


@functools.lru_cache(maxsize=64)
def _halo(strength: int) -> Image.Image:
    """A spot of light of 256 pixels, fading with the square of the distance."""
    edge = 180  # what Pillow's gradient has in the middle of a side
    table = [round(strength * (1 - min(step / edge, 1.0)) ** 2) for step in range(256)]
    return Image.radial_gradient("L").point(table)


@functools.cache
def _grain_tile() -> Image.Image:
    noise = random.Random(7).randbytes(_GRAIN * _GRAIN)
    levels = bytes(128 + round((step - 127.5) / 127.5 * 4) for step in range(256))
    return Image.frombytes("L", (_GRAIN, _GRAIN), noise.translate(levels))


def _grained(picture: Image.Image) -> Image.Image:
    tile, sheet = _grain_tile(), Image.new("L", picture.size)
    for x in range(0, picture.width, _GRAIN):
        for y in range(0, picture.height, _GRAIN):
            sheet.paste(tile, (x, y))
    return ImageChops.add(picture, Image.merge("RGB", (sheet, sheet, sheet)), 1.0, -128)
