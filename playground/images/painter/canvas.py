"""Anti-aliased drawing in world coordinates: everything is drawn larger than wanted and then reduced."""

import functools
import itertools
import math
from collections.abc import Iterator, Sequence

from PIL import Image, ImageDraw, ImageFilter

from playground.images.painter.scene import Colour, Point, View, mix

_MOST_CELLS = 400
Box = tuple[int, int, int, int]


class Canvas:
    """An image of the part of the world inside `view`.

    `width` and `height` are those of the finished image; `sharp` is the supersampling factor.
    """

    def __init__(self, view: View, width: int, height: int, *, sharp: int = 1, mode: str = "RGB") -> None:
        self.view, self.sharp = view, sharp
        self.image = Image.new(mode, (width * sharp, height * sharp))
        self.scale = self.image.width / view.width
        self._draw = ImageDraw.Draw(self.image, "RGBA")

    def finished(self) -> Image.Image:
        return self.image.reduce(self.sharp)

    def cells(self, size: float, margin: float = 1.0) -> Iterator[int]:
        """The numbers of the columns of `size` world units in view; none when they are too narrow to see."""
        first, last = math.floor(self.view.left / size - margin), math.ceil(self.view.right / size + margin)
        if last - first <= _MOST_CELLS and size * self.scale > 3:
            yield from range(first, last + 1)

    def columns(self, step: float) -> list[float]:
        """Positions from edge to edge, at the same places of the world in every view of this size."""
        most = min(self.image.width // 2, 600)
        step *= 2 ** max(0, math.ceil(math.log2(self.view.width / (step * most))))
        return [step * n for n in range(math.floor(self.view.left / step) - 1, math.ceil(self.view.right / step) + 2)]

    def box(self, left: float, top: float, right: float, bottom: float) -> Box | None:
        """A part of the world in pixels, cut at the edges; None when it is out of view."""
        (x0, y0), (x1, y1) = self.pixels([(left, top), (right, bottom)])
        width, height = self.image.size
        box = max(math.floor(x0), 0), max(math.floor(y0), 0), min(math.ceil(x1), width), min(math.ceil(y1), height)
        return box if box[0] < box[2] and box[1] < box[3] else None

    def part(self, box: Box) -> View:
        """The view of some of the pixels."""
        left, top, right, bottom = (edge / self.scale for edge in box)
        return View(self.view.left + left, self.view.top + top, right - left, bottom - top)

    def pixels(self, points: Sequence[Point]) -> list[Point]:
        left, top, scale = self.view.left, self.view.top, self.scale
        return [((x - left) * scale, (y - top) * scale) for x, y in points]

    def shade(
        self, stops: Sequence[tuple[float, Colour]], mask: Image.Image | None = None, box: Box | None = None
    ) -> None:
        """Paste a vertical gradient through the (height, colour) stops."""
        box = box or (0, 0, *self.image.size)
        size = (box[2] - box[0], box[3] - box[1])
        rows = min(256, size[1])
        column, part = Image.new("RGB", (1, rows)), self.part(box)
        column.putdata([_between(stops, part.top + part.height * (n + 0.5) / rows) for n in range(rows)])
        self.image.paste(column.resize(size, Image.Resampling.BILINEAR), box, mask)

    def fill(
        self,
        outline: Sequence[Point],
        top: Colour,
        bottom: Colour | None = None,
        *,
        depth: float = 0.0,
        alpha: float = 1.0,
    ) -> None:
        """Fill an outline with a colour, or with a gradient to `bottom` within `depth` below its highest point."""
        xs, ys = [x for x, _ in outline], [y for _, y in outline]
        box = self.box(min(xs), min(ys), max(xs), max(ys))
        if box is None:
            return
        points = self.pixels(outline)
        if bottom is None:
            self._draw.polygon(points, fill=(*top, round(alpha * 255)))
        else:
            mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
            ImageDraw.Draw(mask).polygon([(x - box[0], y - box[1]) for x, y in points], fill=255)
            self.shade([(min(ys), top), (min(ys) + (depth or max(ys) - min(ys)), bottom)], mask, box)

    def disc(self, x: float, y: float, rx: float, ry: float, tone: Colour, alpha: float = 1.0) -> None:
        if self.box(x - rx, y - ry, x + rx, y + ry):
            edges = self.pixels([(x - rx, y - ry), (x + rx, y + ry)])
            self._draw.ellipse(edges, fill=(*tone, round(alpha * 255)))

    def line(self, points: Sequence[Point], width: float, tone: Colour, alpha: float = 1.0) -> None:
        """Draw a line, `width` in world units."""
        thick = max(1, round(width * self.scale))
        self._draw.line(self.pixels(points), fill=(*tone, round(alpha * 255)), width=thick, joint="curve")

    def glow(self, x: float, y: float, radius: float, tone: Colour, strength: float) -> None:
        """Light that fades with the distance from its centre."""
        box = self.box(x - radius, y - radius, x + radius, y + radius)
        if box is None or radius * self.scale < 1:
            return
        part, across = self.part(box), 256 / (2 * radius)
        edges = (part.left - x, part.top - y, part.right - x, part.bottom - y)
        inner = [min(max((edge + radius) * across, 0.0), 256.0) for edge in edges]
        inner[2:] = max(inner[2], inner[0] + 0.5), max(inner[3], inner[1] + 0.5)
        size = (box[2] - box[0], box[3] - box[1])
        window = (min(inner[0], 255.5), min(inner[1], 255.5), min(inner[2], 256.0), min(inner[3], 256.0))
        self.image.paste(tone, box, _halo(round(strength * 255)).resize(size, Image.Resampling.BILINEAR, box=window))

    def haze(self, outline: Sequence[Point], tone: Colour, strength: float, blur: float) -> None:
        """A blurred outline: mist, clouds, shadows. `blur` is in world units."""
        xs, ys, reach = [x for x, _ in outline], [y for _, y in outline], blur * 3
        box = self.box(min(xs) - reach, min(ys) - reach, max(xs) + reach, max(ys) + reach)
        if box is None:
            return
        size, coarse = (box[2] - box[0], box[3] - box[1]), min(max(round(blur * self.scale / 2), 1), 8)
        small = Image.new("L", (size[0] // coarse + 5, size[1] // coarse + 5))
        points = [((x - box[0]) / coarse + 2, (y - box[1]) / coarse + 2) for x, y in self.pixels(outline)]
        ImageDraw.Draw(small).polygon(points, fill=round(strength * 255))
        small = small.filter(ImageFilter.GaussianBlur(blur * self.scale / coarse))
        window = (2.0, 2.0, 2 + size[0] / coarse, 2 + size[1] / coarse)
        self.image.paste(tone, box, small.resize(size, Image.Resampling.BILINEAR, box=window))


def _between(stops: Sequence[tuple[float, Colour]], height: float) -> Colour:
    for (upper, first), (lower, second) in itertools.pairwise(stops):
        if height <= lower:
            share = min(max((height - upper) / (lower - upper), 0.0), 1.0)
            return mix(first, second, share)
    return stops[-1][1]


@functools.lru_cache(maxsize=64)
def _halo(strength: int) -> Image.Image:
    """A spot of light of 256 pixels, fading with the square of the distance."""
    return Image.radial_gradient("L").point([round(strength * (1 - min(n / 180, 1.0)) ** 2) for n in range(256)])


def curve(points: Sequence[Point], steps: int = 8) -> list[Point]:
    """A closed curve through the points (Catmull-Rom), as a finer list of points."""
    count, found = len(points), []
    for index in range(count):
        a, b, c, d = (points[(index + offset) % count] for offset in (-1, 0, 1, 2))
        for t in (step / steps for step in range(steps)):
            x, y = (b[i] + t * ((c[i] - a[i]) + t * ((2 * a[i] - 5 * b[i] + 4 * c[i] - d[i])
                    + t * (3 * (b[i] - c[i]) + d[i] - a[i]))) / 2 for i in (0, 1))  # fmt: skip
            found.append((x, y))
    return found
