"""An image as data: a scene, the view on it, what lies over it, and how many pixels it has."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from playground.images.painter import Scene, View, paint
from playground.images.painter.scene import PALETTES, Point

# Each layer's `laid_on` returns the image of a view with the layer on it.


@dataclass(frozen=True)
class Patch:
    """Another scene wherever `mask` (a PNG, white is repainted) is white; `where` is what the mask covers."""

    scene: Scene
    where: View
    mask: bytes

    def laid_on(self, image: Image.Image, picture: "Picture", view: View, moment: float) -> Image.Image:
        left, top, right, bottom = view.place(self.where, *image.size)
        if right <= left or bottom <= top:
            return image
        mask = Image.new("L", image.size)
        fitted = _opened(self.mask, "L").resize((right - left, bottom - top), Image.Resampling.NEAREST)
        mask.paste(fitted, (left, top))
        return Image.composite(paint(self.scene, view, *image.size, moment, picture.extras), image, mask)


@dataclass(frozen=True)
class Photo:
    """Given images, mixed side by side, on the part of the world called `where`.

    `mixture` (0 to 3) is how: side by side or one above the other, and in which order.
    """

    images: tuple[bytes, ...]
    where: View
    mixture: int = 0
    strength: float = 1.0

    def laid_on(self, image: Image.Image, picture: "Picture", view: View, moment: float) -> Image.Image:
        left, top, right, bottom = view.place(self.where, *image.size)
        size = (max(right - left, 1), max(bottom - top, 1))
        first, *others = self.images if self.mixture < 2 else reversed(self.images)
        mixed = ImageOps.fit(_opened(first, "RGB"), size)
        for index, data in enumerate(others, start=1):
            seen = _fade(index / len(self.images), turned=self.mixture % 2 == 1).resize(size)
            mixed = Image.composite(ImageOps.fit(_opened(data, "RGB"), size), mixed, seen)
        result = image.copy()
        result.paste(mixed, (left, top), Image.new("L", size, round(255 * self.strength)))
        return result


@dataclass(frozen=True)
class Portrait:
    """A face from another image, in a round frame in the upper middle of `where`."""

    source: bytes
    where: View

    def laid_on(self, image: Image.Image, picture: "Picture", view: View, moment: float) -> Image.Image:
        left, top, right, bottom = view.place(self.where, *image.size)
        edge = max(round(min(right - left, bottom - top) * 0.42), 4)
        face = ImageOps.fit(_opened(self.source, "RGB"), (edge, edge), centering=(0.5, 0.4))
        x, y, ring = (left + right - edge) // 2, top + round((bottom - top) * 0.18), max(edge // 24, 1)
        mask = Image.new("L", (edge * 4, edge * 4))
        ImageDraw.Draw(mask).ellipse((0, 0, edge * 4 - 1, edge * 4 - 1), fill=255)
        result = image.copy()
        ImageDraw.Draw(result).ellipse((x - ring, y - ring, x + edge + ring, y + edge + ring), fill=(255, 250, 238))
        result.paste(face, (x, y), mask.reduce(4))
        return result


@dataclass(frozen=True)
class Picture:
    """One image. `width` and `height` are those of the image alone; in a grid it is half as large.

    `extras` are clouds outside of what an earlier view showed; `layers` lie over the landscape.
    """

    scene: Scene
    view: View
    width: int
    height: int
    extras: tuple[Point, ...] = ()
    layers: tuple[Patch | Photo | Portrait, ...] = ()
    vivid: bool = False

    def render(self, width: int, height: int, moment: float = 0.0, view: View | None = None) -> Image.Image:
        """Its pixels in any size; blocks for tens to hundreds of milliseconds, so call it in a thread.

        `moment` (0 to 1) and another `view` serve videos.
        """
        shown = view or self.view
        image = paint(self.scene, shown, width, height, moment, self.extras)
        for layer in self.layers:
            image = layer.laid_on(image, self, shown, moment)
        return ImageEnhance.Color(image).enhance(1.12) if self.vivid else image


@dataclass(frozen=True)
class Artwork:
    """What a task delivers: one image, or four in a grid; with `motion` above 0 they move."""

    cells: tuple[Picture, ...]
    motion: float = 0.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the delivered image, in pixels."""
        return self.cells[0].width, self.cells[0].height

    def render(self, shrink: int = 1, moment: float = 0.0) -> Image.Image:
        """The pixels, `shrink` times smaller; blocks, so call it in a thread."""
        width, height = max(self.size[0] // shrink, 16), max(self.size[1] // shrink, 16)
        if len(self.cells) == 1:
            return self.frame(0, width, height, moment)
        image, half = Image.new("RGB", (width, height)), (width // 2, height // 2)
        for index in range(len(self.cells)):
            image.paste(self.frame(index, *half, moment), (index % 2 * half[0], index // 2 * half[1]))
        return image

    def frame(self, index: int, width: int, height: int, moment: float) -> Image.Image:
        """One cell at a moment of its video; without motion, the cell."""
        cell = self.cells[index]
        if not self.motion:
            return cell.render(width, height)
        swing = (abs(moment - 0.5) * 4 - 1) * self.motion  # forth and back, so that the video loops
        inner = cell.view.zoomed_out(1 - self.motion * 1.5)
        shift = swing * inner.width * (1 if index % 2 else -1)
        drop = swing * inner.height * 0.4 * (1 if index > 1 else -1)
        return cell.render(width, height, moment, replace(inner, left=inner.left + shift, top=inner.top + drop))


def pixels(aspect: float, side: int) -> tuple[int, int]:
    """Width and height of an image of this aspect with the area of a square of `side`; multiples of four."""
    return max(round(side * aspect**0.5 / 4) * 4, 16), max(round(side / aspect**0.5 / 4) * 4, 16)


def decoded(data: bytes) -> Image.Image:
    """The image in these bytes as RGB. Raises `ValueError` when there is none."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > 50_000_000:
                raise ValueError("the picture is too large")
            return image.convert("RGB")
    except (OSError, SyntaxError, Image.DecompressionBombError) as problem:
        raise ValueError("not a picture") from problem


def nearest_palettes(images: Sequence[bytes]) -> list[str]:
    """The names of the palettes nearest to the images' mean colour, best first."""
    means = [decoded(data).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0)) for data in images]
    mean = [sum(channel) / len(means) for channel in zip(*(m for m in means if isinstance(m, tuple)), strict=True)]

    def distance(name: str) -> float:
        sky = PALETTES[name].sky
        return math.dist(mean, [sum(channel) / len(sky) for channel in zip(*sky, strict=True)])

    return sorted(PALETTES, key=distance)


def _opened(data: bytes, mode: str) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert(mode)


def _fade(start: float, *, turned: bool) -> Image.Image:
    """How much of the next image is seen where: from `start` (0 to 1) to the right, or (`turned`) from there down."""
    levels = [min(max(round((n - 256 * start) * 8) + 128, 0), 255) for n in range(256)]
    down = Image.linear_gradient("L").point(levels)
    return down if turned else down.transpose(Image.Transpose.ROTATE_90)
