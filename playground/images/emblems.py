"""Subjects for words that name no thing: arches, stones in balance, a fan, crystals."""

import math

from playground.images.palettes import mix
from playground.images.pen import Pen
from playground.images.scenes import Scene


def arches(pen: Pen, scene: Scene) -> None:
    """An emblem: arch within arch, a ball in the gate."""
    for ring, tone in enumerate((pen.shade, pen.body, pen.light, pen.paper, pen.glow)):
        radius = 0.5 - ring * 0.085
        curve = [(math.cos(t * math.pi / 24) * radius, 0.42 + math.sin(t * math.pi / 24) * radius) for t in range(25)]
        pen.form([(radius, 0.0), *curve, (-radius, 0.0)], tone)
    pen.form(
        [
            (0.075, 0.0),
            *((math.cos(t * math.pi / 12) * 0.075, 0.42 + math.sin(t * math.pi / 12) * 0.075) for t in range(13)),
            (-0.075, 0.0),
        ],
        pen.dark,
    )
    pen.disc(0.58, 0.1, 0.11, 0.11, pen.body)
    pen.disc(0.55, 0.13, 0.05, 0.05, pen.light, 0.8)


def totem(pen: Pen, scene: Scene) -> None:
    """An emblem: stones in balance."""
    y = 0.0
    for index in range(5):
        half = (0.34, 0.27, 0.21, 0.15, 0.1)[index] * (0.85 + 0.3 * scene.cell("stone", index))
        high = half * 0.86
        x = (scene.value(f"stone {index}", -0.5, 0.5)) * half * 0.5
        tone = (pen.shade, pen.body, mix(pen.paper, pen.deep, 0.2), pen.light, pen.glow)[index]
        pen.disc(x, y + high / 2, half, high / 2, tone)
        pen.disc(x - half * 0.24, y + high * 0.62, half * 0.5, high * 0.22, mix(tone, pen.paper, 0.5), 0.6)
        y += high * 0.94
    pen.line([(0.05, y + 0.01), (0.1, y + 0.09)], 0.014, mix(pen.deep, (90, 150, 80), 0.6))
    pen.form(
        [(0.1, y + 0.08), (0.17, y + 0.16), (0.25, y + 0.14), (0.18, y + 0.08)],
        mix(pen.light, (120, 180, 90), 0.6),
        soft=True,
    )


def fan(pen: Pen, scene: Scene) -> None:
    """An emblem: a fan of colours, opened over the ground."""
    tones = (pen.body, pen.paper, pen.shade, pen.glow, pen.light)
    for ring, (reach, start) in enumerate(((0.92, 0), (0.68, 2), (0.44, 1))):
        rays = 9 - ring * 2
        for index in range(rays):
            first, last = math.pi * index / rays, math.pi * (index + 1) / rays
            tip = (first + last) / 2
            inner, outer = reach * 0.8, reach
            petal = [(0.0, 0.0), (math.cos(first) * inner, math.sin(first) * inner)]
            petal += [
                (
                    math.cos(first + (last - first) * t) * (inner + (outer - inner) * math.sin(t * math.pi)),
                    math.sin(first + (last - first) * t) * (inner + (outer - inner) * math.sin(t * math.pi)),
                )
                for t in (0.15, 0.3, 0.5, 0.7, 0.85)
            ]
            petal.append((math.cos(last) * inner, math.sin(last) * inner))
            pen.form(petal, tones[(index + start) % 5])
            pen.disc(
                math.cos(tip) * inner * 0.9, math.sin(tip) * inner * 0.9, 0.022, 0.022, tones[(index + start + 2) % 5]
            )
    half = [(math.cos(t * math.pi / 20) * 0.2, math.sin(t * math.pi / 20) * 0.2) for t in range(21)]
    pen.form(half, pen.dark)
    pen.form([(x * 0.8, y * 0.8) for x, y in half], pen.glow)


def crystal(pen: Pen, scene: Scene) -> None:
    """An emblem: crystals grown from the ground."""
    pen.shine(0, 0.4, 0.75, pen.glow, 0.35)
    for x, lean, half, high in (
        (-0.26, -0.2, 0.1, 0.46),
        (0.27, 0.22, 0.11, 0.54),
        (-0.1, -0.08, 0.13, 0.76),
        (0.12, 0.08, 0.15, 0.98),
    ):
        tip, left, right = (
            (x + lean * high, high),
            (x - half + lean * high * 0.75, high * 0.78),
            (x + half + lean * high * 0.75, high * 0.74),
        )
        pen.form([(x - half * 0.8, 0.0), left, tip, (x + lean * high * 0.72, high * 0.7), (x, 0.0)], pen.light)
        pen.form([(x, 0.0), (x + lean * high * 0.72, high * 0.7), tip, right, (x + half * 0.8, 0.0)], pen.body)
        pen.form(
            [(x + half * 0.35, 0.0), (x + half * 0.5 + lean * high * 0.74, high * 0.72), right, (x + half * 0.8, 0.0)],
            pen.shade,
        )
