"""A scene: everything that a picture is painted from, as numbers that never depend on where one looks.

The world has no edge. A picture is a window (`View`) on it, so that zooming out and panning show more of the
same world. Each number is drawn from the seed by its name; a relative of a scene keeps the seed and lets
every number drift a little, which is why it looks alike.
"""

import functools
import hashlib
import math
from dataclasses import dataclass, replace

from playground.images.lexicon import settings_of, subject_of, tint_of
from playground.images.palettes import PALETTES, Colour, Palette
from playground.images.words import Reading


@functools.lru_cache(maxsize=1 << 16, typed=True)
def chance(*parts: object) -> float:
    """A number from 0 to 1 (exclusive), always the same for the same parts."""
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48


@dataclass(frozen=True)
class View:
    """A window on the world. One unit is the height of a square picture; y grows downwards."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def framing(cls, aspect: float) -> "View":
        """The first window of a picture: of area 1 around the origin."""
        width, height = math.sqrt(aspect), 1 / math.sqrt(aspect)
        return cls(-width / 2, -height / 2, width, height)

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def zoomed_out(self, factor: float) -> "View":
        """`factor` times as wide and high around the same centre."""
        spare_x, spare_y = self.width * (factor - 1) / 2, self.height * (factor - 1) / 2
        return View(self.left - spare_x, self.top - spare_y, self.width * factor, self.height * factor)

    def extended(self, direction: str, share: float = 0.5) -> "View":
        """Longer by `share` towards left, right, up or down; the other edges stay."""
        dx, dy = self.width * share, self.height * share
        if direction in ("left", "right"):
            return replace(self, left=self.left - dx * (direction == "left"), width=self.width + dx)
        return replace(self, top=self.top - dy * (direction == "up"), height=self.height + dy)

    def squared(self) -> "View":
        """The shorter edge made as long as the longer one, around the same centre."""
        edge = max(self.width, self.height)
        return View(self.left - (edge - self.width) / 2, self.top - (edge - self.height) / 2, edge, edge)

    def place(self, inner: "View", width: int, height: int) -> tuple[int, int, int, int]:
        """Where `inner` lies in a picture of this window: left, top, right, bottom in pixels."""
        across, down = width / self.width, height / self.height
        return (
            round((inner.left - self.left) * across),
            round((inner.top - self.top) * down),
            round((inner.right - self.left) * across),
            round((inner.bottom - self.top) * down),
        )


@dataclass(frozen=True)
class Scene:
    """What is painted. `drifts` are the steps (seed, amount) that led here from the first picture."""

    subject: str
    setting: str
    light: str
    seed: int
    tint: Colour | None = None
    flat: bool = False
    drifts: tuple[tuple[int, float], ...] = ()

    def value(self, name: str, low: float = 0.0, high: float = 1.0) -> float:
        """The number called `name`, between `low` and `high`."""
        share = chance(self.seed, name)
        for seed, amount in self.drifts:
            share += (chance(seed, name) * 2 - 1) * amount
        share = abs(share) % 2  # reflected at both ends, so that a drift never jumps
        return low + (high - low) * (2 - share if share > 1 else share)

    def cell(self, name: str, index: int) -> float:
        """A number from 0 to 1 for one of endlessly many things (a star, a tree): drifts leave it alone."""
        return chance(self.seed, name, index)

    def relative(self, seed: int, amount: float) -> "Scene":
        """A relative: the same subject, place and light, every number moved by up to `amount`."""
        return replace(self, drifts=(*self.drifts, (seed, amount)))

    @functools.cached_property
    def palette(self) -> Palette:
        palette = PALETTES[self.light].turned(self.value("hue", -0.025, 0.025))
        return palette.turned(0.0, 1.25) if self.flat else palette


def scene_of(reading: Reading, seed: int, index: int = 0, *, niji: bool = False) -> Scene:
    """The scene that the prompt's words ask for: variant `index` (0 to 3) of the grid of this seed."""
    subject = subject_of(reading.words)
    own = int(chance(reading.words, seed, index) * 2**32)
    settings, lights = settings_of(reading.words, subject)
    settings = sorted(settings, key=lambda name: chance(reading.words, seed, name))
    lights = sorted(lights, key=lambda name: chance(seed, reading.words, name))
    return Scene(
        subject=subject,
        setting=settings[index % len(settings)],
        light=lights[index % len(lights)],
        seed=own,
        tint=tint_of(reading.words),
        flat=niji or reading.niji,
    )


def reworded(scene: Scene, reading: Reading) -> Scene:
    """The scene with another prompt: the composition stays, what the words name changes."""
    settings, lights = settings_of(reading.words, subject_of(reading.words))
    return replace(
        scene,
        subject=subject_of(reading.words),
        setting=scene.setting if scene.setting in settings else settings[0],
        light=scene.light if scene.light in lights else lights[0],
        tint=tint_of(reading.words),
        flat=scene.flat or reading.niji,
    )
