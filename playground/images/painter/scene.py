"""What an image is drawn from: a scene of named numbers, a view on its endless world, a palette, and words for them."""

import functools
import hashlib
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources

from PIL import ImageColor

from playground.images.prompt import Prompt

Colour = tuple[int, int, int]
Point = tuple[float, float]

_TABLES = tomllib.loads(resources.files(__package__).joinpath("vocabulary.toml").read_text("utf-8"))


def _by_word(name: str) -> dict[str, str]:
    return {word: value for value, words in _TABLES[name].items() for word in words.split()}


_SUBJECT, _SETTING, _LIGHT, _TINTS, _WEATHERS = map(_by_word, ("subjects", "settings", "lights", "tints", "weathers"))
_MATERIALS = frozenset(("paper", "origami", "rose", "apple"))
_ANY_LIGHT = ["dawn", "dusk", "golden", "day", "mint", "night", "autumn", "rose", "ice", "ember", "moss"]
SUBJECTS = (*_TABLES["subjects"], "stones")
SETTINGS = tuple(_TABLES["settings"])


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` (0 to 1) of the second colour in the first."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def colour(code: str) -> Colour:
    """`"#rrggbb"` as red, green, blue."""
    return ImageColor.getrgb(code)[:3]


@functools.lru_cache(maxsize=1 << 16, typed=True)
def noise(*parts: object) -> float:
    """A number from 0 to 1 (exclusive), always the same for the same parts."""
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48


@dataclass(frozen=True)
class View:
    """A rectangle of the world. One unit is the height of a square image; y grows downwards."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def framing(cls, aspect: float) -> "View":
        """The first view of an image: of area 1 around the origin."""
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
        """Where `inner` lies in an image of this view: left, top, right, bottom in pixels."""
        across, down = width / self.width, height / self.height
        left, right = (round((x - self.left) * across) for x in (inner.left, inner.right))
        top, bottom = (round((y - self.top) * down) for y in (inner.top, inner.bottom))
        return left, top, right, bottom


@dataclass(frozen=True)
class Palette:
    """The colours of one light: the sky from zenith to horizon, sun or moon, far and near ground, and a contrast.

    `paper` is the white of this light; `stars` (0 to 1) is how many stars there are.
    """

    sky: tuple[Colour, ...]
    orb: Colour
    far: Colour
    near: Colour
    accent: Colour
    paper: Colour
    stars: float

    def layer(self, depth: float) -> Colour:
        """The colour of the ground at a depth from 0 (far, in the haze) to 1 (near)."""
        return mix(self.far, self.near, depth)


def _palette(row: str) -> Palette:
    *codes, stars = row.split()
    *sky, orb, far, near, accent, paper = map(colour, codes)
    return Palette(tuple(sky), orb, far, near, accent, paper, float(stars))


PALETTES = {name: _palette(row) for name, row in _TABLES["palettes"].items()}


@dataclass(frozen=True)
class Scene:
    """What is drawn. `drifts` are the steps (seed, amount) that led here from the first image."""

    subject: str
    setting: str
    light: str
    seed: int
    tint: Colour | None = None
    flat: bool = False
    weather: str = ""
    drifts: tuple[tuple[int, float], ...] = ()

    def value(self, name: str, low: float = 0.0, high: float = 1.0) -> float:
        """The number called `name`, between `low` and `high`."""
        share = noise(self.seed, name)
        for seed, amount in self.drifts:
            share += (noise(seed, name) * 2 - 1) * amount
        share = abs(share) % 2  # reflected at both ends, so that a drift never jumps
        return low + (high - low) * (2 - share if share > 1 else share)

    def cell(self, name: str, index: int) -> float:
        """A number from 0 to 1 for one of endlessly many things (a star, a tree), which drifts do not change."""
        return noise(self.seed, name, index)

    def relative(self, seed: int, amount: float) -> "Scene":
        """A variation: the same subject, place and light, with every number moved by up to `amount`."""
        return replace(self, drifts=(*self.drifts, (seed, amount)))

    @property
    def palette(self) -> Palette:
        return PALETTES[self.light]


def scene_for(prompt: Prompt, seed: int, index: int = 0, *, niji: bool = False) -> Scene:
    """The scene that a prompt asks for: variant `index` (0 to 3) of the grid of this seed."""
    words = prompt.words
    settings, lights = _choices(words)
    settings.sort(key=lambda name: noise(words, seed, name))
    lights.sort(key=lambda name: noise(seed, words, name))
    own = int(noise(words, seed, index) * 2**32)
    blank = Scene("", settings[index % len(settings)], lights[index % len(lights)], own, flat=niji)
    return reworded(blank, prompt)


def reworded(scene: Scene, prompt: Prompt) -> Scene:
    """The scene with another prompt: the composition stays, what the words name changes."""
    settings, lights = _choices(prompt.words)
    tint = _first_named(prompt.words, _TINTS)
    return replace(
        scene,
        subject=subject_of(prompt.words),
        setting=scene.setting if scene.setting in settings else settings[0],
        light=scene.light if scene.light in lights else lights[0],
        tint=colour(tint) if tint else None,
        flat=scene.flat or prompt.niji,
        weather=_first_named(prompt.words, _WEATHERS),
    )


def _choices(words: tuple[str, ...]) -> tuple[list[str], list[str]]:
    settings = _settings_of(words, subject_of(words))
    return settings, list(_lights_of(words, settings))


# Which words of a prompt are understood, and what each of them puts into the image


def _find(word: str, table: Mapping[str, str]) -> str | None:
    return table.get(word) or table.get(word.removesuffix("s")) or table.get(word.removesuffix("es"))


def subject_of(words: tuple[str, ...]) -> str:
    """What the image is of. A word for a thing outweighs one for its material.

    A place without a thing is a landscape; unknown words get a pile of stones.
    """
    named = [(word, name) for word in words if (name := _find(word, _SUBJECT))]
    if named:
        return next((name for word, name in named if word not in _MATERIALS), named[0][1])
    return "landscape" if any(_find(word, _SETTING) or word in _LIGHT for word in words) else "stones"


def _settings_of(words: tuple[str, ...], subject: str) -> list[str]:
    """The places that suit the words, at least one."""
    named = [name for word in words if (name := _find(word, _SETTING))]
    fitting = [name for name, subjects in _TABLES["habitats"].items() if subject in subjects.split()]
    return named[:1] or fitting or ["hills", "mountains", "desert", "sea"]


def _lights_of(words: tuple[str, ...], settings: Sequence[str]) -> list[str]:
    """The palettes that suit the words, at least one; a word for one palette alone outweighs the others."""
    named = [_LIGHT[word].split() for word in words if word in _LIGHT]
    exact = [lights for lights in named if len(lights) == 1]
    lights = list(dict.fromkeys(light for lights in exact or named for light in lights))
    return lights or (["night", "aurora", "dusk", "ember"] if settings[0] == "space" else _ANY_LIGHT)


def _first_named(words: tuple[str, ...], table: Mapping[str, str]) -> str:
    """What the first word stands for that is in the table; empty when none is."""
    return next((table[word] for word in words if word in table), "")


def is_known(word: str) -> bool:
    """Whether a word puts something into the image."""
    return bool(_find(word, _SUBJECT) or _find(word, _SETTING)) or word in _LIGHT or word in _TINTS
