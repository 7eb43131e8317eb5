"""Subjects of the air and of the garden: rocket, kite, windmill, bridge, flower, mushroom, lanterns."""

import math
from dataclasses import replace

from playground.images.palettes import mix
from playground.images.pen import Pen
from playground.images.scenes import Scene


def rocket(pen: Pen, scene: Scene) -> None:
    """A rocket on its flame."""
    for x, y, size in (
        (-0.2, 0.03, 0.12),
        (0.18, 0.02, 0.14),
        (0.0, 0.05, 0.13),
        (-0.36, 0.0, 0.08),
        (0.36, 0.0, 0.09),
    ):
        pen.disc(x, y, size, size * 0.62, mix(pen.paper, pen.deep, 0.12), 0.85)
    lift = 0.16 + 0.03 * math.sin(pen.moment * math.tau)
    raised = replace(pen, y=pen.y - lift * pen.size)
    raised.shine(0, -0.02, 0.4, pen.glow, 0.8)
    for wide, tone in ((0.09, mix(pen.glow, (250, 110, 40), 0.7)), (0.055, pen.glow), (0.028, (255, 255, 245))):
        flame = [(-wide, 0.04), (-wide * 1.1, -0.06), (0, -wide * 2.6), (wide * 1.1, -0.06), (wide, 0.04)]
        raised.form(flame, tone, soft=True)
    for side, tone in ((-1, pen.body), (1, pen.shade)):
        raised.form([(side * 0.13, 0.32), (side * 0.31, 0.1), (side * 0.29, -0.04), (side * 0.1, 0.08)], tone)
    _hull(raised)


def _hull(pen: Pen) -> None:
    shell = mix(pen.paper, pen.deep, 0.06)
    hull = [(-0.1, 0.02), (-0.17, 0.28), (-0.15, 0.54), (0.0, 0.84), (0.15, 0.54), (0.17, 0.28), (0.1, 0.02)]
    pen.form(hull, shell, soft=True)
    side = [(0.02, 0.02), (0.07, 0.3), (0.05, 0.6), (0.0, 0.82), (0.14, 0.54), (0.165, 0.28), (0.1, 0.03)]
    pen.form(side, mix(shell, pen.deep, 0.4), 0.5, soft=True)
    pen.form([(-0.122, 0.6), (-0.06, 0.74), (0.0, 0.84), (0.06, 0.74), (0.122, 0.6)], pen.body)
    pen.form([(-0.11, 0.0), (-0.12, 0.06), (0.12, 0.06), (0.11, 0.0)], pen.body)
    pen.disc(0, 0.44, 0.082, 0.082, pen.body)
    pen.disc(0, 0.44, 0.06, 0.06, pen.dark)
    pen.disc(-0.018, 0.46, 0.024, 0.024, mix(pen.dark, pen.paper, 0.6))
    pen.form([(-0.02, -0.04), (-0.02, 0.22), (0.02, 0.22), (0.02, -0.04)], pen.shade)


def kite(pen: Pen, scene: Scene) -> None:
    """A paper kite on its long line."""
    sway = 0.03 * math.sin(pen.moment * math.tau)
    x, y = 0.12 + sway, 0.98
    pen.line([(-0.52, 0.02), (-0.3, 0.2), (-0.06, 0.5), (x, y)], 0.005, pen.paper, 0.8, soft=True)
    top, right, foot, left = (x + 0.12, y + 0.3), (x + 0.26, y - 0.02), (x - 0.14, y - 0.4), (x - 0.2, y + 0.14)
    pen.form([top, right, (x, y)], pen.body)
    pen.form([top, left, (x, y)], pen.light)
    pen.form([left, foot, (x, y)], pen.shade)
    pen.form([right, foot, (x, y)], mix(pen.body, pen.paper, 0.7))
    pen.line([top, foot], 0.008, pen.dark)
    pen.line([left, right], 0.008, pen.dark)
    tail = [foot, (x - 0.06, y - 0.52), (x - 0.2 - sway, y - 0.62), (x - 0.12, y - 0.74), (x - 0.26 + sway, y - 0.84)]
    pen.line(tail, 0.009, pen.dark, 0.8, soft=True)
    for index, (tx, ty) in enumerate(tail[1:]):
        tone = pen.body if index % 2 else pen.paper
        pen.form([(tx, ty), (tx - 0.055, ty + 0.032), (tx - 0.055, ty - 0.032)], tone)
        pen.form([(tx, ty), (tx + 0.055, ty + 0.032), (tx + 0.055, ty - 0.032)], tone)


def windmill(pen: Pen, scene: Scene) -> None:
    """A windmill with four sails."""
    stone = mix(pen.paper, pen.deep, 0.1)
    pen.form([(-0.19, 0.0), (-0.12, 0.6), (0.12, 0.6), (0.19, 0.0)], stone)
    pen.form([(0.03, 0.0), (0.03, 0.6), (0.12, 0.6), (0.19, 0.0)], mix(stone, pen.deep, 0.35), 0.6)
    pen.form([(-0.16, 0.58), (-0.1, 0.74), (0.0, 0.79), (0.1, 0.74), (0.16, 0.58)], pen.body)
    pen.form([(-0.06, 0.0), (-0.06, 0.12), (0.0, 0.17), (0.06, 0.12), (0.06, 0.0)], pen.dark)
    for y in (0.28, 0.46):
        pen.form([(-0.03, y), (-0.03, y + 0.07), (0.03, y + 0.07), (0.03, y)], pen.glow)
    pen.line([(-0.2, 0.22), (0.2, 0.22)], 0.016, mix(pen.body, pen.dark, 0.4))
    start = scene.value("sail", 0.2, 1.3) + pen.moment * math.tau / 4
    for quarter in range(4):
        angle = start + quarter * math.tau / 4
        along, aside = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))

        def spot(
            far: float, out: float, a: tuple[float, float] = along, b: tuple[float, float] = aside
        ) -> tuple[float, float]:
            return a[0] * far + b[0] * out, 0.66 + a[1] * far + b[1] * out

        pen.form([spot(0.1, 0.0), spot(0.5, 0.0), spot(0.5, 0.12), spot(0.1, 0.09)], pen.paper, 0.95)
        for step in range(1, 5):
            pen.line([spot(0.1 + step * 0.09, 0), spot(0.1 + step * 0.09, 0.11)], 0.006, pen.shade)
        pen.line([(0.0, 0.66), spot(0.51, 0.0)], 0.02, mix(pen.body, pen.dark, 0.5))
    pen.disc(0, 0.66, 0.035, 0.035, pen.dark)


def bridge(pen: Pen, scene: Scene) -> None:
    """A bridge of arches that goes on to both sides for ever."""
    stone = mix(scene.tint or mix(pen.paper, pen.body, 0.25), pen.deep, 0.12)
    dark, span, deck = mix(stone, pen.deep, 0.4), 0.62, 0.62
    count = math.ceil(pen.canvas.view.width / (span * pen.size)) + 2
    middle = round(((pen.canvas.view.left + pen.canvas.view.right) / 2 - pen.x) / (span * pen.size))
    middle = -middle if pen.flip else middle
    for index in range(middle - count // 2 - 1, middle + count // 2 + 2):
        _arch(pen, index * span, span, deck, (stone, dark))
    left, right = (middle - count) * span, (middle + count) * span
    pen.form([(left, deck), (left, deck + 0.07), (right, deck + 0.07), (right, deck)], stone)
    pen.form(
        [(left, deck + 0.07), (left, deck + 0.1), (right, deck + 0.1), (right, deck + 0.07)], mix(stone, pen.paper, 0.3)
    )
    pen.form([(left, deck - 0.012), (left, deck), (right, deck), (right, deck - 0.012)], dark)


def _arch(
    pen: Pen, x: float, span: float, deck: float, tones: tuple[tuple[int, int, int], tuple[int, int, int]]
) -> None:
    stone, dark = tones
    pier, radius, base = 0.075, span / 2 - 0.075, -0.12
    spring = deck - radius - 0.06
    curve = [(x + math.cos(t * math.pi / 16) * radius, spring + math.sin(t * math.pi / 16) * radius) for t in range(17)]
    left, right = x - span / 2, x + span / 2
    pen.form(
        [
            (right, base),
            (right, deck),
            (left, deck),
            (left, base),
            (left + pier, base),
            *reversed(curve),
            (right - pier, base),
        ],
        stone,
    )
    under = [(px + 0.022, py - 0.008) for px, py in curve[:10]]
    pen.form([*curve[:10], *reversed(under)], dark, 0.9)
    pen.form(
        [(right - pier * 0.55, base), (right - pier * 0.55, spring), (right, spring + 0.1), (right, base)], dark, 0.45
    )
    pen.line([(left - 0.05, spring), (left + 0.05, spring)], 0.02, mix(stone, pen.paper, 0.3))
    pen.line([(left, deck + 0.1), (left, deck + 0.24)], 0.014, dark)
    pen.shine(left, deck + 0.26, 0.1, pen.glow, 0.6)
    pen.disc(left, deck + 0.26, 0.022, 0.026, pen.glow)


def flower(pen: Pen, scene: Scene) -> None:
    """Three tall flowers."""
    stem = mix(pen.deep, (90, 150, 80), 0.55)
    sway = 0.02 * math.sin(pen.moment * math.tau)
    for x, top, size, lean in ((-0.24, 0.58, 0.15, -0.06), (0.25, 0.68, 0.17, 0.07), (0.0, 0.86, 0.22, 0.0)):
        head = (x + lean + sway, top)
        pen.line([(x * 0.5, -0.02), (x, top * 0.5), head], 0.022, stem, soft=True)
        for side, height in ((-1, 0.3), (1, 0.42)):
            y = top * height
            leaf = [
                (x * 0.8, y),
                (x * 0.8 + side * 0.09, y + 0.09),
                (x * 0.8 + side * 0.2, y + 0.1),
                (x * 0.8 + side * 0.1, y + 0.01),
            ]
            pen.form(leaf, stem if side < 0 else mix(stem, pen.paper, 0.2), soft=True)
        _petals(pen, head, size)


def _petals(pen: Pen, head: tuple[float, float], size: float) -> None:
    x, y = head
    for ring, (count, reach, tone) in enumerate(((9, 1.0, pen.shade), (9, 0.86, pen.body), (7, 0.6, pen.light))):
        for petal in range(count):
            angle = (petal + ring * 0.5) * math.tau / count
            ca, sa = math.cos(angle), math.sin(angle)
            shape = ((0.1, 0.0), (0.6, 0.24), (1.0, 0.0), (0.6, -0.24))
            pen.form(
                [(x + (a * ca - b * sa) * size * reach, y + (a * sa + b * ca) * size * reach) for a, b in shape],
                tone,
                soft=True,
            )
    pen.disc(x, y, size * 0.26, size * 0.26, pen.glow)
    pen.disc(x, y, size * 0.16, size * 0.16, mix(pen.glow, (190, 110, 30), 0.6))


def mushroom(pen: Pen, scene: Scene) -> None:
    """Three mushrooms, one of them lived in."""
    for x, size in ((-0.36, 0.46), (0.37, 0.56), (0.0, 1.0)):
        _mushroom(pen, x, size)
    pen.form([(-0.06, 0.0), (-0.06, 0.14), (0.0, 0.2), (0.06, 0.14), (0.06, 0.0)], mix(pen.body, pen.dark, 0.6))
    pen.shine(0.0, 0.33, 0.2, pen.glow, 0.6)
    pen.disc(0.0, 0.33, 0.042, 0.042, mix(pen.body, pen.dark, 0.6))
    pen.disc(0.0, 0.33, 0.032, 0.032, pen.glow)


def _mushroom(pen: Pen, x: float, size: float) -> None:
    stem = mix(pen.paper, pen.deep, 0.06)
    pen.form(
        [
            (x + a * size, b * size)
            for a, b in ((-0.14, 0.0), (-0.1, 0.25), (-0.09, 0.5), (0.09, 0.5), (0.1, 0.25), (0.14, 0.0))
        ],
        stem,
    )
    pen.form(
        [(x + a * size, b * size) for a, b in ((0.02, 0.0), (0.03, 0.5), (0.09, 0.5), (0.1, 0.25), (0.14, 0.0))],
        mix(stem, pen.deep, 0.35),
        0.6,
    )
    pen.disc(x, 0.5 * size, 0.34 * size, 0.06 * size, mix(pen.paper, pen.deep, 0.3))
    cap = [
        (-0.4, 0.5),
        (-0.36, 0.68),
        (-0.2, 0.86),
        (0.0, 0.94),
        (0.2, 0.86),
        (0.36, 0.68),
        (0.4, 0.5),
        (0.2, 0.54),
        (0.0, 0.555),
        (-0.2, 0.54),
    ]
    pen.form([(x + a * size, b * size) for a, b in cap], pen.body)
    pen.form(
        [
            (x + a * size, b * size)
            for a, b in ((0.06, 0.93), (0.2, 0.86), (0.36, 0.68), (0.4, 0.5), (0.2, 0.54), (0.16, 0.74))
        ],
        pen.shade,
        0.7,
    )
    for a, b, spot in (
        (-0.22, 0.66, 0.06),
        (0.02, 0.76, 0.075),
        (0.22, 0.66, 0.05),
        (-0.08, 0.6, 0.035),
        (-0.12, 0.83, 0.04),
    ):
        pen.disc(x + a * size, b * size, spot * size, spot * size * 0.9, pen.paper)


def lantern(pen: Pen, scene: Scene) -> None:
    """Paper lanterns rising."""
    for index in range(7):
        far = 0.35 + 0.65 * scene.cell("lantern far", index) if index else 1.0
        x = (scene.cell("lantern x", index) - 0.5) * 1.7 if index else 0.0
        y = 0.25 + scene.cell("lantern y", index) * 1.1 if index else 0.42
        y += 0.03 * math.sin(pen.moment * math.tau + index)
        size = 0.36 * far
        pen.shine(x, y + size * 0.3, size * 1.5, pen.glow, 0.65)
        skin = mix(pen.glow, pen.body, 0.45)
        shape = (
            (-0.3, 0.0),
            (-0.42, 0.5),
            (-0.3, 0.98),
            (0.0, 1.08),
            (0.3, 0.98),
            (0.42, 0.5),
            (0.3, 0.0),
            (0.0, -0.05),
        )
        pen.form([(x + a * size, y + b * size) for a, b in shape], skin, soft=True)
        pen.form(
            [
                (x + a * size, y + b * size)
                for a, b in ((-0.22, 0.02), (-0.28, 0.4), (0.0, 0.75), (0.28, 0.4), (0.22, 0.02))
            ],
            pen.glow,
            0.75,
            soft=True,
        )
        pen.disc(x, y, size * 0.28, size * 0.07, mix(pen.body, pen.dark, 0.5))
        for side in (-0.16, 0.16):
            pen.line(
                [(x + side * size, y + 0.02 * size), (x + side * size * 1.3, y + 1.02 * size)], 0.006, pen.body, 0.6
            )
