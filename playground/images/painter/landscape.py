"""Draws a scene: the sky, sheets of ground from far to near with what stands on them, the subject, the weather."""

import functools
import math
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from playground.images.painter.canvas import Canvas, curve
from playground.images.painter.scene import Colour, Point, Scene, View, mix, noise
from playground.images.painter.shapes import draw_shapes, draw_subject, tones_of

Ridge = Callable[[float], float]
_SEA_LEVEL = 0.13
EXTRA_SIZE = 0.11  # half the length of an extra cloud
_DARK: Colour = (6, 5, 16)
_IN_FRONT = frozenset(("grass", "daisy", "lamp", "crater"))  # the others stand behind the edge of their ground


@dataclass(frozen=True)
class Growth:
    """What stands on the ground: one `name` in every `gap` world units with a chance of `share`, about `tall` high.

    It is left out within `clear` of the middle.
    """

    name: str
    gap: float
    tall: float
    share: float = 0.8
    clear: float = 0.0


@dataclass(frozen=True)
class Ground:
    """One sheet of ground around the height `base`; `depth` is 0 (far) to 1 (near), `stretch` the width of hills."""

    shape: str
    base: float
    rise: float
    depth: float
    stretch: float = 1.0
    growth: tuple[Growth, ...] = ()


def _ground_of(row: list[Any]) -> Ground:
    shape, base, rise, depth, stretch, *growth = row
    return Ground(shape, base, rise, depth, stretch, tuple(Growth(*each) for each in growth))


_TABLES = tomllib.loads(resources.files(__package__).joinpath("places.toml").read_text("utf-8"))
_PLACES = {name: tuple(map(_ground_of, rows)) for name, rows in _TABLES.items()}


def paint(
    scene: Scene, view: View, width: int, height: int, moment: float = 0.0, extras: tuple[Point, ...] = ()
) -> Image.Image:
    """The image of a scene, RGB, `width` by `height` pixels; the same arguments always give the same pixels.

    `moment`, 0 to 1, is the time within a video. `extras` are the places of more clouds.
    """
    edge = max(width, height)
    canvas = Canvas(view, width, height, sharp=2 if edge > 400 else 3 if edge > 200 else 4)
    grounds, sun = _PLACES[scene.setting], _sun(scene)
    turn = -1 if sun[0] > 0 else 1  # the shapes are lit from the left
    _sky(canvas, scene, moment)
    for x, y in extras:
        _cloud(canvas, scene, x, y, EXTRA_SIZE, math.floor(x * 1000))
    x, size = scene.value("stand x", -0.13, 0.13), scene.value("stand size", 0.46, 0.54)
    if scene.setting == "sea":
        _ground(canvas, scene, 0, grounds[0])
        _water(canvas, scene, moment, behind=True)
        foot = (x, 0.375 + 0.005 * math.sin(moment * math.tau))
        draw_subject(canvas, scene, foot, size, turn=turn, water=True)
        _water(canvas, scene, moment, behind=False)
    else:
        for number, ground in enumerate(grounds[:-1]):
            _ground(canvas, scene, number, ground)
        foot = (x, _ridge(scene, len(grounds) - 2, grounds[-2])(x) + 0.012)
        draw_subject(canvas, scene, foot, size, turn=turn)
        _ground(canvas, scene, len(grounds) - 1, grounds[-1])
        _nearer_grounds(canvas, scene)
    canvas.glow(sun[0], sun[1], 1.1, scene.palette.orb, 0.2)
    _weather(canvas, scene, moment)
    return _cel_shaded(canvas.finished()) if scene.flat else canvas.finished()


def _cel_shaded(image: Image.Image) -> Image.Image:
    """The image in few strong colours with ink along the edges."""
    flat = ImageOps.posterize(ImageEnhance.Color(image).enhance(1.3), 3)
    edges = image.convert("L").filter(ImageFilter.FIND_EDGES).point([min(max(n - 24, 0) * 5, 220) for n in range(256)])
    flat.paste((34, 24, 48), (0, 0, *image.size), edges)
    return flat


# The sky


def _sun(scene: Scene) -> tuple[float, float, float]:
    """Where the sun or moon stands, and its radius; it is large when it is the subject."""
    side, large = (-1 if scene.cell("sun side", 0) < 0.5 else 1), scene.subject == "moon"
    x = side * scene.value("sun x", 0.08, 0.32) * (0.5 if large else 1)
    return x, scene.value("sun y", -0.36, -0.14), scene.value("sun size", 0.05, 0.1) + (0.14 if large else 0)


def _sky_colours(scene: Scene) -> list[tuple[float, Colour]]:
    """The gradient of the sky: heights and colours from the zenith to the horizon."""
    sky = scene.palette.sky
    return [(-2.2, mix(sky[0], _DARK, 0.55)), *((-0.75 + 0.95 * (n / 3) ** 0.8, tone) for n, tone in enumerate(sky))]


def _sky(canvas: Canvas, scene: Scene, moment: float) -> None:
    palette = scene.palette
    canvas.shade(_sky_colours(scene))
    for x, y, chance in _scattered(canvas, scene, 0.07, 0.2) if palette.stars else ():
        if chance < 0.62 * palette.stars:
            size = 0.0009 + 0.0026 * (chance * 7919 % 1) ** 4
            canvas.disc(x, y, size, size, palette.paper, min((0.2 - y) * 2, 1) * (0.45 + 0.55 * (chance * 977 % 1)))
    if scene.light == "aurora":
        _aurora(canvas, scene, moment)
    x, y, radius = _sun(scene)
    canvas.glow(x, y, radius * 7, palette.orb, 0.5)
    canvas.glow(x, y, radius * 2.6, palette.orb, 0.6)
    if scene.weather != "rain":
        canvas.disc(x, y, radius, radius, palette.orb)
    if scene.setting == "space":
        away, size = -math.copysign(scene.value("planet", 0.2, 0.32), x), scene.value("planet size", 0.24, 0.34)
        draw_shapes(canvas, "planet", (away, scene.value("planet y", -0.26, -0.12)), size, tones_of(scene))
    for index in canvas.cells(0.42) if palette.stars < 0.8 and scene.setting != "space" else ():
        if scene.cell("cloud", index) < (1 if scene.weather else 0.75):
            x = (index + scene.cell("cloud x", index)) * 0.42 + moment * 0.05
            size = 0.1 + 0.13 * scene.cell("cloud size", index)
            _cloud(canvas, scene, x, -0.42 + 0.4 * scene.cell("cloud y", index), size, index)


def _cloud(canvas: Canvas, scene: Scene, x: float, y: float, size: float, key: int) -> None:
    """A soft cloud with a flat base, `size` half its length, its top in the light."""
    light = mix(scene.palette.sky[-1], scene.palette.paper, 0.7)
    for share, tone, strength in ((1.0, mix(light, scene.palette.sky[1], 0.45), 0.5), (0.75, light, 0.7)):
        outline = [(-1.0, 0.0)]
        for n in range(5):
            at, high = n / 2.5 - 0.8, (0.16 + 0.4 * noise(scene.seed, "puff", key, n)) * (1.1 - (n / 2.5 - 0.8) ** 2)
            outline += [(at - 0.15, -high * 0.8), (at, -high), (at + 0.15, -high * 0.8)]
        outline.append((1.0, 0.0))
        points = [(x + px * size * share, y + (py * share - 0.08 * (1 - share)) * size) for px, py in outline]
        canvas.haze(curve(points, 4), tone, strength, size * 0.02)


def _aurora(canvas: Canvas, scene: Scene, moment: float) -> None:
    for band, tone in enumerate(((110, 240, 170), (80, 220, 200), (150, 130, 240))):
        phase, base = scene.value(f"aurora {band}", 0, math.tau) + moment * math.tau, -0.24 + 0.07 * band
        wave = [(x, math.sin(x * 3.1 + phase) * 0.06 + math.sin(x * 7.3 - phase) * 0.025) for x in canvas.columns(0.02)]
        lower = [(x, base + height) for x, height in wave]
        canvas.haze([*((x, base - 0.2 + height * 1.5) for x, height in wave), *reversed(lower)], tone, 0.3, 0.045)
        canvas.haze([*((x, y - 0.035) for x, y in lower), *reversed(lower)], tone, 0.42, 0.016)


def _scattered(canvas: Canvas, scene: Scene, size: float, bottom: float) -> Iterator[tuple[float, float, float]]:
    """Places all over the world down to `bottom`, one in each square of `size`: x, y and a number from 0 to 1."""
    rows = range(math.floor(canvas.view.top / size) - 1, math.ceil(min(canvas.view.bottom, bottom) / size) + 1)
    for column in canvas.cells(size):
        for row in rows:
            chance = noise(scene.seed, size, column, row)
            if (y := (row + chance * 3571 % 1) * size) < bottom:
                yield (column + chance * 977 % 1) * size, y, chance


def _weather(canvas: Canvas, scene: Scene, moment: float) -> None:
    """Falling snow or rain, all over the world."""
    for x, y, chance in _scattered(canvas, scene, 0.05, 99) if scene.weather else ():
        if scene.weather == "snow":
            size = 0.0015 + 0.0045 * (chance * 71 % 1) ** 2
            canvas.disc(x, y + moment * 0.05, size, size, scene.palette.paper, 0.35 + 0.6 * (chance * 37 % 1))
        else:
            points = [(x, y + moment * 0.05), (x - 0.012, y + moment * 0.05 + 0.05)]
            canvas.line(points, 0.0012, scene.palette.paper, 0.12 + 0.2 * chance)


# The ground


def _ridge(scene: Scene, number: int, ground: Ground) -> Ridge:
    """The height of a ground's upper edge at any x."""
    if ground.shape in ("flat", "hills", "dunes"):
        phases = [scene.value(f"phase {number} {n}", 0, math.tau) for n in range(3)]
        pace = scene.value(f"pace {number}", 2.2, 3.6) / ground.stretch

        def rolling(x: float) -> float:
            wave = 0.62 * math.sin(x * pace + phases[0]) + 0.28 * math.sin(x * pace * 2.3 + phases[1])
            return ground.base - ground.rise * (wave + 0.1 * math.sin(x * pace * 5.1 + phases[2]))

        return rolling
    shift, rise = scene.value(f"shift {number}"), ground.rise * scene.value(f"rise {number}", 0.8, 1.15)

    @functools.cache
    def corner(level: int, n: int) -> float:
        tip = scene.cell(f"peak {number} {level}", n)
        return tip if level else tip * 0.45 + 0.55 * (n % 2)  # every second corner is a summit

    def jagged(x: float) -> float:
        height = 0.0
        for level, share in enumerate((1.0, 0.26, 0.11, 0.05)):
            whole = math.floor(place := x / ground.stretch * (1 << level) + shift * (level + 1))
            first, second = corner(level, whole), corner(level, whole + 1)
            height += share * (first + (second - first) * (place - whole))
        if ground.shape == "mesas":
            height = min(height, 0.6) if height > 0.45 else height * 0.3
        return ground.base - rise * height

    return jagged


def _ground(canvas: Canvas, scene: Scene, number: int, ground: Ground) -> None:
    """One sheet of ground with what stands on it, its shadow on the one behind and the mist at its foot."""
    palette, ridge, depth = scene.palette, _ridge(scene, number, ground), ground.depth
    line, haze = [(x, ridge(x)) for x in canvas.columns(0.005)], mix(palette.far, palette.sky[-1], 0.7)
    tone = mix(haze, palette.layer(depth), min(depth * 1.6 + 0.3, 1))
    if scene.weather == "snow":
        tone = mix(tone, mix(palette.paper, palette.sky[1], 0.35), 0.8 - 0.4 * depth)
    below = mix(tone, haze, 0.75 - depth) if depth < 0.7 else mix(tone, _DARK, depth - 0.6)
    for growth in ground.growth:
        if growth.name not in _IN_FRONT:
            _grow(canvas, scene, f"{number} {growth.name}", growth, ridge, mix(tone, _DARK, 0.12))
    if depth > 0.3:
        canvas.haze([*line, *((x, y + 0.03) for x, y in reversed(line))], _DARK, 0.25, 0.016)
    deep = max(canvas.view.bottom, *(y for _, y in line)) + 0.2
    top = mix(tone, palette.orb, 0.22 if ground.shape == "dunes" else 0.08)
    canvas.fill([*line, (line[-1][0], deep), (line[0][0], deep)], top, below, depth=0.3 - 0.1 * depth)
    if ground.shape in ("snowy", "dunes", "mesas"):
        _slopes(canvas, scene, ground, line, ridge)
    for growth in ground.growth:
        if growth.name in _IN_FRONT:
            _grow(canvas, scene, f"{number} {growth.name}", growth, ridge, top)
    if depth < 0.6:
        upper, edges = ground.base + 0.01, (canvas.view.left - 0.5, canvas.view.right + 0.5)
        band = [(edges[0], upper), (edges[1], upper), (edges[1], upper + 0.09), (edges[0], upper + 0.09)]
        canvas.haze(band, palette.sky[-1], 0.4, 0.035)


def _slopes(canvas: Canvas, scene: Scene, ground: Ground, line: list[Point], ridge: Ridge) -> None:
    """Snow on high summits, and shadow on the slopes that are turned away from the sun."""
    if ground.shape == "snowy":
        edge, wide = ground.base - ground.rise * 0.6, 17 / ground.stretch
        waves = (0.05 * math.sin(x * wide) * math.sin(x * wide * 0.43) for x, _ in line)
        torn = [(x, max(y, min(edge + wave, y + 0.1))) for (x, y), wave in zip(line, waves, strict=True)]
        canvas.fill([*line, *reversed(torn)], mix(scene.palette.paper, scene.palette.sky[1], 0.15), alpha=0.94)
    reach = -0.05 if _sun(scene)[0] > 0 else 0.05
    lower = [(x, max(y, ridge(x - reach) + 0.03)) for x, y in line]
    canvas.fill([*line, *reversed(lower)], mix(scene.palette.near, (10, 10, 60), 0.5), alpha=0.22)


def _nearer_grounds(canvas: Canvas, scene: Scene) -> None:
    """Ground that is nearer than that of an image's first view, for views that reach further down."""
    base, gap = 0.6, 0.16
    for number in range(20, 32):
        if base - 0.08 > canvas.view.bottom:
            return
        growth = () if scene.setting in ("desert", "space", "city") else (Growth("bush", 0.9 * gap, 0.6 * gap),)
        _ground(canvas, scene, number, Ground("hills", base, 0.03 + gap * 0.12, 0.95, 1 + 2.2 * base, growth))
        base, gap = base + gap, gap * 1.45


def _grow(canvas: Canvas, scene: Scene, key: str, growth: Growth, ridge: Ridge, tone: Colour) -> None:
    """Draw what stands along a ridge; autumn colours the bushes."""
    palette, tower = scene.palette, growth.name == "tower"
    for index in canvas.cells(growth.gap, margin=1 + growth.tall / growth.gap):
        x, chance = (index + scene.cell(key, index)) * growth.gap, scene.cell(f"{key} size", index)
        middle = abs(x) < growth.clear
        if chance > growth.share or (middle and not tower) or (growth.name == "daisy" and scene.weather == "snow"):
            continue
        tall = growth.tall * (0.6 + 0.6 * chance / growth.share) * (0.4 if middle else 1)
        own = tone
        if scene.light == "autumn" and growth.name == "bush":
            own = mix(tone, (palette.accent, palette.sky[2], palette.sky[0])[index % 3], 0.6)
        y = ridge(x) + (0.012 + 0.1 * (chance * 31 % 1) if growth.name in ("crater", "daisy") else 0.03 * tall)
        kind = f"tower {index % 3}" if tower else growth.name
        draw_shapes(canvas, kind, (x, y), tall, tones_of(scene, own), turn=1 if chance * 97 % 1 < 0.5 else -1)


# Water


def _water(canvas: Canvas, scene: Scene, moment: float, *, behind: bool) -> None:
    """The waves behind or before the subject; behind it also the water, which mirrors sky, coast and sun."""
    view, palette = canvas.view, scene.palette
    if behind and (box := canvas.box(view.left, _SEA_LEVEL, view.right, view.bottom)):
        deep = mix(palette.near, palette.sky[0], 0.4)
        sky = [(2 * _SEA_LEVEL - y, tone) for y, tone in reversed(_sky_colours(scene))]
        canvas.shade([(y, mix(tone, deep, min(0.15 + 1.3 * (y - _SEA_LEVEL), 0.92))) for y, tone in sky], box=box)
        coast = _ridge(scene, 0, _PLACES["sea"][0])
        line = [(x, 2 * _SEA_LEVEL - min(coast(x), _SEA_LEVEL)) for x in canvas.columns(0.005)]
        coast_line = [(line[0][0], _SEA_LEVEL), *line, (line[-1][0], _SEA_LEVEL)]
        canvas.haze(coast_line, mix(palette.far, deep, 0.35), 0.6, 0.006)
        x, _, radius = _sun(scene)
        for row in range(22):
            y, fade = _SEA_LEVEL + 0.008 + row * 0.013, 1 - row / 22
            wide = radius * (0.4 + 1.1 * scene.cell("glint", row)) * (0.6 + 0.4 * fade)
            shift = (scene.cell("glint x", row) - 0.5) * radius * 1.1 + 0.008 * math.sin(math.tau * moment + row)
            canvas.disc(x + shift, y, wide, 0.002 + 0.0016 * (1 - fade), palette.orb, 0.15 + 0.45 * fade)
    base, number = _SEA_LEVEL + 0.012, 0
    while base < view.bottom + 0.1 and number < 40:
        if behind == (base < 0.37):
            _wave(canvas, scene, base, number, moment)
        base, number = base + 0.01 * 1.17**number, number + 1


def _wave(canvas: Canvas, scene: Scene, base: float, number: int, moment: float) -> None:
    far = base - _SEA_LEVEL
    shift = scene.value(f"wave {number}", 0, math.tau) + math.tau * moment * (-1) ** number
    pace, high = 6 + 1.1 / (far + 0.03), 0.045 * far
    line = [
        (x, base + high * (math.sin(x * pace + shift) + 0.5 * math.sin(x * pace * 0.37 - shift)))
        for x in canvas.columns(0.005)
    ]
    below = [(x, y + 0.001 + 0.03 * far * (1 + math.sin(x * pace * 0.61 + shift))) for x, y in line]
    canvas.fill([*line, *reversed(below)], mix(scene.palette.sky[-2], scene.palette.paper, 0.4), alpha=0.2)
