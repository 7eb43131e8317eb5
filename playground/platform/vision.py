"""What the local model sees in an image: its size, its colours, and the prompt if the local painter made it."""

from dataclasses import dataclass, field

from PIL import Image

from playground.images.painter.scene import Colour
from playground.images.pictures import decoded
from playground.platform.pictures import Pictures

_NAMED: dict[str, Colour] = {
    "black": (15, 15, 20), "white": (245, 245, 245), "gray": (128, 128, 128), "red": (200, 40, 40),
    "orange": (235, 140, 50), "yellow": (240, 215, 80), "green": (60, 140, 70), "teal": (40, 140, 140),
    "blue": (50, 90, 190), "navy": (20, 30, 80), "purple": (120, 70, 160), "pink": (235, 160, 180),
    "brown": (120, 80, 50), "beige": (225, 205, 175),
}  # fmt: skip
_COLOURS = 3


@dataclass(frozen=True)
class Seen:
    """An image as the local model sees it. `colours` are the most frequent first; `prompt` is "" if unknown."""

    width: int
    height: int
    colours: tuple[str, ...]
    prompt: str
    data: bytes = field(default=b"", repr=False)

    @property
    def subject(self) -> str:
        """What the image shows, in a few words."""
        return self.prompt or f"a scene in {' and '.join(self.colours)}"

    @property
    def shape(self) -> str:
        """The shape of the image."""
        if self.width == self.height:
            return "square"
        return "wide" if self.width > self.height else "tall"

    def sentence(self) -> str:
        """The image in one sentence."""
        size = f"{self.width}×{self.height} pixels"
        return f"A {self.shape} image ({size}) of {self.subject}, mostly {', '.join(self.colours)}."


def look_at(data: bytes, pictures: Pictures) -> Seen:
    """Looks at an image. Blocks, so call it in a thread. Raises ValueError for what is none."""
    image = decoded(data)
    return Seen(*image.size, _main_colours(image), pictures.prompt_of(image), data)


def _main_colours(image: Image.Image) -> tuple[str, ...]:
    counts: dict[str, int] = {}
    small = image.resize((24, 24), Image.Resampling.BOX)
    for count, pixel in small.getcolors(24 * 24) or []:
        name = _nearest(pixel) if isinstance(pixel, tuple) else "gray"
        counts[name] = counts.get(name, 0) + count
    return tuple(sorted(counts, key=lambda name: -counts[name])[:_COLOURS])


def _nearest(pixel: tuple[int, ...]) -> str:
    def distance(name: str) -> int:
        return sum((a - b) ** 2 for a, b in zip(pixel, _NAMED[name], strict=True))

    return min(_NAMED, key=distance)
