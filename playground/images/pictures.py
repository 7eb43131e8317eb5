"""A picture as data: a scene, the window on it, what was put over it, and how many pixels it has."""

import io
from dataclasses import dataclass, replace

from PIL import Image, ImageEnhance

from playground.images.collage import Patch, Photo, Portrait
from playground.images.drawing import Extra, paint
from playground.images.scenes import Scene, View

Layer = Patch | Photo | Portrait


@dataclass(frozen=True)
class Picture:
    """One picture. `width` and `height` are those of the picture alone; in a grid it is half as large.

    `extras` are small things outside of what an earlier window showed; `layers` lie over the painted
    world, each on its own part of it.
    """

    scene: Scene
    view: View
    width: int
    height: int
    extras: tuple[Extra, ...] = ()
    layers: tuple[Layer, ...] = ()
    vivid: bool = False

    def render(self, width: int, height: int, moment: float = 0.0, view: View | None = None) -> Image.Image:
        """Its pixels in any size; blocks for some ten to hundred milliseconds, so call it in a thread.

        `moment` (0 to 1) and another `view` serve moving pictures.
        """
        window = view or self.view
        image = paint(self.scene, window, width, height, moment, self.extras)
        for layer in self.layers:
            image = layer.laid_on(image, window, moment, self.extras)
        return ImageEnhance.Color(image).enhance(1.12) if self.vivid else image


@dataclass(frozen=True)
class Artwork:
    """What a task delivers: one picture, or four in a grid; with `motion` above 0 they move."""

    cells: tuple[Picture, ...]
    motion: float = 0.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the delivered picture, in pixels."""
        return self.cells[0].width, self.cells[0].height

    def render(self, shrink: int = 1, moment: float = 0.0) -> Image.Image:
        """The pixels, `shrink` times smaller; blocks, so call it in a thread."""
        width, height = max(self.size[0] // shrink, 16), max(self.size[1] // shrink, 16)
        if len(self.cells) == 1:
            return self.frame(0, width, height, moment)
        image = Image.new("RGB", (width, height))
        half = (width // 2, height // 2)
        for index in range(len(self.cells)):
            cell = self.frame(index, *half, moment)
            image.paste(cell, (index % 2 * half[0], index // 2 * half[1]))
        return image

    def frame(self, index: int, width: int, height: int, moment: float) -> Image.Image:
        """One cell at a moment of its clip; without motion, the cell."""
        cell = self.cells[index]
        if not self.motion:
            return cell.render(width, height)
        swing = (abs(moment - 0.5) * 4 - 1) * self.motion  # there and back again, so that the clip loops
        inner = cell.view.zoomed_out(1 - self.motion * 1.5)
        shift = swing * inner.width * (1 if index % 2 else -1)
        drop = swing * inner.height * 0.4 * (1 if index > 1 else -1)
        moved = replace(inner, left=inner.left + shift, top=inner.top + drop)
        return cell.render(width, height, moment, moved)


def pixels(aspect: float, side: int) -> tuple[int, int]:
    """Width and height of a picture of this aspect with the area of a square of `side`; multiples of four."""
    width = max(round(side * aspect**0.5 / 4) * 4, 16)
    height = max(round(side / aspect**0.5 / 4) * 4, 16)
    return width, height


def decoded(data: bytes) -> Image.Image:
    """The picture in these bytes as RGB. Raises `ValueError` when there is none."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > 50_000_000:
                raise ValueError("the picture is too large")
            return image.convert("RGB")
    except (OSError, SyntaxError, Image.DecompressionBombError) as problem:
        raise ValueError("not a picture") from problem
