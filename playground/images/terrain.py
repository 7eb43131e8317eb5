"""The shapes of the ground, endless to both sides and downwards: hills, peaks, dunes."""

import functools
import math
from collections.abc import Callable, Sequence

from playground.images.canvas import Canvas, Point
from playground.images.palettes import Colour
from playground.images.scenes import Scene

Ridge = Callable[[float], float]
_FINE = 0.005


def rolling(scene: Scene, name: str, base: float, height: float, stretch: float = 1.0) -> Ridge:
    """A soft line of hills around `base`."""
    phases = [scene.value(f"{name} phase {n}", 0, math.tau) for n in range(3)]
    pace = scene.value(f"{name} pace", 2.2, 3.6) / stretch

    def line(x: float) -> float:
        wave = 0.62 * math.sin(x * pace + phases[0]) + 0.28 * math.sin(x * pace * 2.3 + phases[1])
        return base - height * (wave + 0.1 * math.sin(x * pace * 5.1 + phases[2]))

    return line


def jagged(scene: Scene, name: str, base: float, height: float, width: float = 0.34) -> Ridge:
    """A line of peaks standing on `base`."""
    shift = scene.value(f"{name} shift", 0, 1)
    rise = scene.value(f"{name} rise", 0.8, 1.15)

    @functools.cache
    def corner(level: int, index: int) -> float:
        tip = scene.cell(f"{name} {level}", index)
        if level == 0:  # every second corner is a summit
            return tip * 0.45 + (0.55 if index % 2 else 0.0)
        return tip

    def octave(x: float, level: int) -> float:
        place = x / width * (1 << level) + shift * (level + 1)
        index = math.floor(place)
        first, second = corner(level, index), corner(level, index + 1)
        return first + (second - first) * (place - index)

    def line(x: float) -> float:
        return base - height * rise * (octave(x, 0) + 0.26 * octave(x, 1) + 0.11 * octave(x, 2) + 0.05 * octave(x, 3))

    return line


def trace(canvas: Canvas, ridge: Ridge, step: float = _FINE) -> list[Point]:
    """The visible part of a ridge, as points."""
    return [(x, ridge(x)) for x in canvas.columns(step)]


def ground(canvas: Canvas, line: Sequence[Point]) -> list[Point]:
    """The outline of everything below a line."""
    deep = max(canvas.view.bottom, *(y for _, y in line)) + 0.2
    return [*line, (line[-1][0], deep), (line[0][0], deep)]


def paint_layer(
    canvas: Canvas, line: Sequence[Point], top: Colour, bottom: Colour, *, depth: float = 0.35, shadow: float = 0.2
) -> None:
    """Fill the ground below a line, from `top` to `bottom` within `depth`, as a sheet of paper on the last one."""
    crest = min(y for _, y in line)
    canvas.shape(ground(canvas, line), top, bottom, span=(crest, crest + depth), shadow=shadow)


def paint_facets(canvas: Canvas, ridge: Ridge, fill: Colour, alpha: float, slope: float) -> None:
    """Light on the slopes that fall to one side: `slope` is how far the light reaches, its sign which side."""
    line = trace(canvas, ridge)
    lower = [(x, max(y, ridge(x + slope) + abs(slope) * 0.6)) for x, y in line]
    canvas.polygon([*line, *reversed(lower)], fill, alpha)


def paint_snow(canvas: Canvas, scene: Scene, name: str, ridge: Ridge, line_y: float, fill: Colour) -> None:
    """Snow above `line_y`, with a torn lower edge."""
    line = trace(canvas, ridge)
    torn = jagged(scene, f"{name} torn", line_y + 0.03, 0.07, 0.05)
    lower = [(x, max(y, min(torn(x), y + 0.09))) for x, y in line]
    canvas.polygon([*line, *reversed(lower)], fill, 0.92)
