"""Subjects that are built or grow: boats, houses, towers, machines, flowers."""

import math

from playground.images.canvas import smooth
from playground.images.palettes import mix
from playground.images.pen import Pen
from playground.images.scenes import Scene


def boat(pen: Pen, scene: Scene) -> None:
    """A boat folded from paper."""
    sheet = mix(pen.body, pen.paper, 0.0 if scene.tint else 0.55)
    fold, crease = mix(sheet, pen.deep, 0.22), mix(sheet, pen.deep, 0.42)
    pen.form([(-0.3, 0.16), (0.0, 0.74), (0.0, 0.06)], sheet)
    pen.form([(0.3, 0.16), (0.0, 0.74), (0.0, 0.06)], fold)
    pen.form([(-0.62, 0.36), (-0.3, 0.0), (0.0, 0.0), (0.0, 0.1), (-0.17, 0.2)], mix(sheet, pen.paper, 0.5))
    pen.form([(0.62, 0.36), (0.3, 0.0), (0.0, 0.0), (0.0, 0.1), (0.17, 0.2)], fold)
    pen.form([(-0.34, 0.05), (0.34, 0.05), (0.3, 0.0), (-0.3, 0.0)], crease, 0.5)
    pen.line([(0.0, 0.73), (0.0, 0.1)], 0.006, crease, 0.7)
    pen.line([(-0.6, 0.355), (-0.17, 0.2), (0.0, 0.1), (0.17, 0.2), (0.6, 0.355)], 0.006, crease, 0.6)


def ship(pen: Pen, scene: Scene) -> None:
    """A sailing ship with two masts."""
    wood, sail = mix(pen.body, (70, 36, 24), 0.45), mix(pen.paper, pen.glow, 0.25)
    for x, top in ((-0.16, 0.98), (0.2, 0.84)):
        pen.line([(x, 0.12), (x, top)], 0.018, mix(wood, pen.dark, 0.4))
        pen.form([(x + 0.015, top), (x + 0.13, top - 0.025), (x + 0.015, top - 0.06)], pen.body)
    for x, low, high, wide in (
        (-0.16, 0.26, 0.56, 0.23),
        (-0.16, 0.59, 0.86, 0.18),
        (0.2, 0.26, 0.5, 0.19),
        (0.2, 0.53, 0.75, 0.15),
    ):
        belly = [
            (x - wide, low),
            (x - wide * 0.86, high),
            (x + wide * 0.7, high),
            (x + wide * 1.05, (low + high) / 2),
            (x + wide * 0.8, low),
        ]
        pen.form(belly, sail)
        pen.form(
            [(x, low), (x, high), (x + wide * 0.7, high), (x + wide * 1.05, (low + high) / 2), (x + wide * 0.8, low)],
            mix(sail, pen.deep, 0.2),
            0.6,
        )
    pen.form([(0.36, 0.2), (0.66, 0.34), (0.24, 0.72)], mix(sail, pen.deep, 0.1))
    pen.line([(0.4, 0.16), (0.7, 0.36)], 0.016, mix(wood, pen.dark, 0.4))
    hull = [
        (-0.52, 0.28),
        (-0.5, 0.1),
        (-0.4, -0.02),
        (0.36, -0.02),
        (0.46, 0.08),
        (0.54, 0.22),
        (-0.3, 0.18),
        (-0.34, 0.28),
    ]
    pen.form(hull, wood)
    pen.form([(-0.5, 0.12), (0.49, 0.12), (0.52, 0.17), (-0.5, 0.17)], pen.body)
    for index in range(5):
        pen.disc(-0.36 + index * 0.17, 0.075, 0.02, 0.02, pen.glow)


def house(pen: Pen, scene: Scene) -> None:
    """A cottage with light in its windows."""
    wall, roof = mix(pen.paper, pen.body, 0.16), pen.body
    wood = mix(roof, pen.dark, 0.6)
    pen.form([(0.16, 0.62), (0.16, 0.86), (0.27, 0.86), (0.27, 0.55)], pen.shade)
    for index in range(4):
        rise = 0.9 + index * 0.1 + 0.1 * pen.moment
        pen.disc(
            0.22 + 0.05 * math.sin(index * 1.4 + pen.moment * 6),
            rise,
            0.035 + index * 0.014,
            0.035 + index * 0.012,
            pen.paper,
            0.5 - index * 0.1,
        )
    pen.form([(-0.34, 0.0), (-0.34, 0.4), (0.34, 0.4), (0.34, 0.0)], wall)
    pen.form([(0.1, 0.0), (0.1, 0.4), (0.34, 0.4), (0.34, 0.0)], mix(wall, pen.deep, 0.25), 0.7)
    pen.form([(-0.34, 0.4), (-0.12, 0.76), (0.1, 0.4)], wall)
    pen.form([(-0.12, 0.8), (0.3, 0.8), (0.44, 0.36), (0.12, 0.36)], roof)
    for index in range(1, 5):
        y = 0.8 - index * 0.09
        pen.line([(-0.12 + index * 0.049, y), (0.3 + index * 0.029, y)], 0.009, pen.shade, 0.7)
    pen.line([(-0.42, 0.34), (-0.12, 0.8), (0.14, 0.34)], 0.045, pen.shade)
    pen.form([(-0.19, 0.0), (-0.19, 0.22), (-0.12, 0.27), (-0.05, 0.22), (-0.05, 0.0)], wood)
    pen.disc(-0.075, 0.12, 0.01, 0.01, pen.glow)
    for x, y, half in ((0.2, 0.2, 0.065), (-0.12, 0.47, 0.055)):
        pen.shine(x, y, 0.26, pen.glow, 0.55)
        pen.form([(x - half, y - half), (x - half, y + half), (x + half, y + half), (x + half, y - half)], wood)
        inner = half * 0.8
        pen.form(
            [(x - inner, y - inner), (x - inner, y + inner), (x + inner, y + inner), (x + inner, y - inner)], pen.glow
        )
        pen.line([(x, y - half), (x, y + half)], 0.012, wood)
        pen.line([(x - half, y), (x + half, y)], 0.012, wood)


def castle(pen: Pen, scene: Scene) -> None:
    """A castle of five towers."""
    stone = mix(pen.paper, pen.deep, 0.22)
    towers = ((-0.42, 0.09, 0.44), (0.42, 0.09, 0.5), (-0.2, 0.08, 0.66), (0.22, 0.075, 0.6), (0.02, 0.1, 0.82))
    for x, half, high in towers:
        _tower(pen, x, half, high)
    pen.form([(-0.45, 0.0), (-0.45, 0.26), (0.45, 0.26), (0.45, 0.0)], stone)
    pen.form([(0.06, 0.0), (0.06, 0.26), (0.45, 0.26), (0.45, 0.0)], mix(stone, pen.deep, 0.3), 0.5)
    for index in range(10):
        left = -0.45 + index * 0.094
        pen.form([(left, 0.25), (left, 0.3), (left + 0.055, 0.3), (left + 0.055, 0.25)], stone)
    gate = [(-0.08, 0.0), (-0.08, 0.13), (-0.04, 0.19), (0.02, 0.2), (0.08, 0.17), (0.1, 0.12), (0.1, 0.0)]
    pen.form(gate, pen.dark)
    for x in (-0.28, 0.28):
        pen.form([(x - 0.025, 0.1), (x - 0.025, 0.16), (x, 0.185), (x + 0.025, 0.16), (x + 0.025, 0.1)], pen.glow)


def _tower(pen: Pen, x: float, half: float, high: float) -> None:
    stone = mix(pen.paper, pen.deep, 0.14)
    pen.form([(x - half, 0.0), (x - half, high), (x + half, high), (x + half, 0.0)], stone)
    pen.form(
        [(x + half * 0.2, 0.0), (x + half * 0.2, high), (x + half, high), (x + half, 0.0)],
        mix(stone, pen.deep, 0.35),
        0.6,
    )
    roof = half * 2.6
    pen.line([(x, high + roof), (x, high + roof + 0.1)], 0.008, pen.dark)
    pen.form([(x, high + roof + 0.1), (x + 0.08, high + roof + 0.075), (x, high + roof + 0.05)], pen.light)
    pen.form([(x - half * 1.3, high), (x, high + roof), (x + half * 1.3, high)], pen.body)
    pen.form([(x + half * 0.1, high), (x, high + roof), (x + half * 1.3, high)], pen.shade, 0.7)
    window = high - half * 1.1
    pen.form([(x - half * 0.28, window - half * 0.5), (x - half * 0.28, window), (x, window + half * 0.3),
              (x + half * 0.28, window), (x + half * 0.28, window - half * 0.5)], pen.glow)  # fmt: skip


def lighthouse(pen: Pen, scene: Scene) -> None:
    """A lighthouse on its rock, the beam going round."""
    turn = 0.12 * math.sin(pen.moment * math.tau)
    for side in (-1, 1):
        far = side * 1.6
        pen.form([(side * 0.04, 0.86), (far, 1.12 + turn), (far, 0.74 - turn), (side * 0.04, 0.83)], pen.glow, 0.2)
        pen.form([(side * 0.04, 0.85), (far, 1.0 + turn), (far, 0.82 - turn), (side * 0.04, 0.84)], pen.glow, 0.22)
    rock = mix(pen.deep, pen.paper, 0.16)
    pen.form(
        [
            (-0.46, -0.06),
            (-0.36, 0.08),
            (-0.2, 0.1),
            (-0.1, 0.18),
            (0.14, 0.16),
            (0.26, 0.08),
            (0.4, 0.06),
            (0.52, -0.06),
        ],
        rock,
    )
    pen.form([(0.05, -0.06), (0.14, 0.16), (0.26, 0.08), (0.4, 0.06), (0.52, -0.06)], pen.deep, 0.5)
    for index in range(5):
        low, high = 0.15 + index * 0.122, 0.15 + (index + 1) * 0.122
        wide, narrow = 0.125 - index * 0.0125, 0.125 - (index + 1) * 0.0125
        tone = pen.body if index % 2 == 0 else pen.paper
        pen.form([(-wide, low), (-narrow, high), (narrow, high), (wide, low)], tone)
        pen.form(
            [(wide * 0.25, low), (narrow * 0.25, high), (narrow, high), (wide, low)], mix(tone, pen.deep, 0.4), 0.55
        )
    pen.form([(-0.1, 0.76), (-0.1, 0.785), (0.1, 0.785), (0.1, 0.76)], pen.dark)
    pen.form([(-0.055, 0.785), (-0.055, 0.9), (0.055, 0.9), (0.055, 0.785)], pen.glow)
    pen.shine(0, 0.845, 0.34, pen.glow, 0.85)
    pen.disc(0, 0.845, 0.042, 0.045, (255, 255, 240))
    pen.form([(-0.085, 0.9), (0.0, 1.0), (0.085, 0.9)], pen.body)


def tree(pen: Pen, scene: Scene) -> None:
    """A great tree, its crown of many leaves."""
    bark = mix(pen.deep, (84, 52, 36), 0.55)
    trunk = [
        (-0.13, 0.0),
        (-0.06, 0.1),
        (-0.055, 0.34),
        (-0.16, 0.54),
        (-0.11, 0.56),
        (-0.01, 0.42),
        (0.1, 0.6),
        (0.15, 0.57),
        (0.055, 0.34),
        (0.06, 0.1),
        (0.14, 0.0),
    ]
    pen.form(trunk, bark)
    pen.form([(0.0, 0.0), (0.01, 0.4), (0.055, 0.34), (0.06, 0.1), (0.14, 0.0)], pen.dark, 0.35)
    leaves = []
    for index in range(46):
        angle, far = scene.cell("leaf", index) * math.tau, math.sqrt(scene.cell("leaf far", index))
        leaves.append(
            (
                math.cos(angle) * far * 0.4,
                0.7 + math.sin(angle) * far * 0.27,
                0.07 + 0.06 * scene.cell("leaf size", index),
            )
        )
    leaves.sort(key=lambda leaf: leaf[1] - leaf[0])
    for index, (x, y, size) in enumerate(leaves):
        light = index / len(leaves)
        pen.disc(x, y, size, size * 0.86, mix(mix(pen.body, pen.deep, 0.45), pen.light, light * 0.9))
    for index in range(7):
        x = (scene.cell("fallen", index) - 0.5) * 0.9
        pen.disc(x, 0.012, 0.02, 0.01, pen.body)


def balloon(pen: Pen, scene: Scene) -> None:
    """A hot-air balloon, in the air."""
    lift = 0.28 + 0.02 * math.sin(pen.moment * math.tau)
    for side in (-1, 1):
        pen.line([(side * 0.1, 0.38 + lift), (side * 0.065, 0.17 + lift)], 0.008, pen.dark)
    for index, tone in enumerate((pen.body, pen.paper, pen.body, pen.light, pen.shade, pen.body)):
        left, right = -1 + index / 3, -1 + (index + 1) / 3
        stripe = [
            (0.02 * left, 1.06 + lift),
            (0.27 * left, 0.97 + lift),
            (0.36 * left, 0.76 + lift),
            (0.27 * left, 0.54 + lift),
            (0.11 * left, 0.36 + lift),
        ]
        other = [
            (0.02 * right, 1.06 + lift),
            (0.27 * right, 0.97 + lift),
            (0.36 * right, 0.76 + lift),
            (0.27 * right, 0.54 + lift),
            (0.11 * right, 0.36 + lift),
        ]
        edge, back = smooth(stripe, closed=False), smooth(other, closed=False)
        pen.form([*edge, *reversed(back)], tone)
    pen.form(
        [
            *smooth(
                [
                    (0.0, 1.06 + lift),
                    (0.27, 0.97 + lift),
                    (0.36, 0.76 + lift),
                    (0.27, 0.54 + lift),
                    (0.11, 0.36 + lift),
                ],
                closed=False,
            ),
            (0.06, 0.36 + lift),
            (0.2, 0.6 + lift),
            (0.24, 0.8 + lift),
        ],
        pen.deep,
        0.22,
    )
    pen.shine(0, 0.34 + lift, 0.16, pen.glow, 0.8)
    basket = mix(pen.body, (90, 56, 30), 0.6)
    pen.form([(-0.075, 0.17 + lift), (-0.06, 0.06 + lift), (0.06, 0.06 + lift), (0.075, 0.17 + lift)], basket)
    pen.line([(-0.08, 0.17 + lift), (0.08, 0.17 + lift)], 0.02, mix(basket, pen.dark, 0.4))
