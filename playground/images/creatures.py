"""Subjects that live: fox, cat, owl, whale, rabbit, robot."""

import math

from playground.images.palettes import mix
from playground.images.pen import Pen
from playground.images.scenes import Scene


def fox(pen: Pen, scene: Scene) -> None:
    """A sitting fox, its tail around it."""
    chest = pen.paper
    tail = [(0.1, 0.03), (0.34, 0.0), (0.5, 0.12), (0.53, 0.32), (0.44, 0.5), (0.38, 0.34), (0.3, 0.2), (0.14, 0.16)]
    pen.form(tail, pen.shade, soft=True)
    pen.form([(0.53, 0.3), (0.5, 0.44), (0.44, 0.52), (0.4, 0.4), (0.46, 0.34)], chest, soft=True)
    body = [(-0.2, 0.0), (-0.21, 0.2), (-0.12, 0.44), (0.02, 0.52), (0.16, 0.38), (0.24, 0.16), (0.22, 0.0)]
    pen.form(body, pen.body, soft=True)
    pen.form([(0.02, 0.0), (0.05, 0.24), (0.14, 0.3), (0.24, 0.15), (0.22, 0.0)], pen.shade, soft=True)
    pen.form([(-0.15, 0.1), (-0.13, 0.34), (-0.04, 0.46), (0.03, 0.34), (0.0, 0.16), (-0.07, 0.08)], chest, soft=True)
    for x in (-0.14, -0.02):
        pen.form(
            [(x - 0.05, 0.0), (x - 0.035, 0.16), (x + 0.035, 0.16), (x + 0.05, 0.0)], mix(pen.body, pen.dark, 0.25)
        )
        pen.disc(x - 0.005, 0.015, 0.055, 0.022, pen.dark)
    _fox_head(pen)


def _fox_head(pen: Pen) -> None:
    for side, tone in ((-1, pen.body), (1, pen.shade)):
        x = -0.05 + side * 0.13
        pen.form([(x - 0.08, 0.68), (x + side * 0.07, 0.98), (x + 0.08, 0.68)], tone)
        pen.form([(x - 0.035, 0.72), (x + side * 0.05, 0.9), (x + 0.04, 0.7)], pen.dark)
    head = [
        (-0.05, 0.8),
        (-0.24, 0.74),
        (-0.34, 0.58),
        (-0.16, 0.46),
        (-0.05, 0.38),
        (0.06, 0.46),
        (0.24, 0.58),
        (0.14, 0.74),
    ]
    pen.form(head, pen.body)
    pen.form([(-0.05, 0.8), (0.14, 0.74), (0.24, 0.58), (0.06, 0.46), (-0.05, 0.38)], pen.shade, 0.5)
    pen.form([(-0.34, 0.58), (-0.16, 0.46), (-0.05, 0.38), (-0.08, 0.52), (-0.18, 0.58)], pen.paper)
    pen.form([(0.24, 0.58), (0.06, 0.46), (-0.05, 0.38), (-0.02, 0.52), (0.08, 0.58)], mix(pen.paper, pen.body, 0.18))
    for x in (-0.155, 0.055):
        pen.disc(x, 0.615, 0.022, 0.03, pen.dark)
        pen.disc(x + 0.006, 0.627, 0.007, 0.009, (255, 255, 255))
    pen.disc(-0.05, 0.395, 0.032, 0.024, pen.dark)


def cat(pen: Pen, scene: Scene) -> None:
    """A sitting cat, seen from the front."""
    tail = [(0.14, 0.06), (0.34, 0.06), (0.42, 0.24), (0.36, 0.42), (0.42, 0.52)]
    pen.line(tail, 0.07, pen.shade, soft=True)
    body = [(-0.22, 0.0), (-0.23, 0.18), (-0.15, 0.42), (0.0, 0.52), (0.15, 0.42), (0.23, 0.18), (0.22, 0.0)]
    pen.form(body, pen.body, soft=True)
    pen.form([(0.03, 0.02), (0.06, 0.3), (0.14, 0.4), (0.23, 0.18), (0.21, 0.01)], pen.shade, 0.6, soft=True)
    pen.form([(-0.09, 0.14), (-0.08, 0.36), (0.0, 0.44), (0.08, 0.36), (0.09, 0.14)], pen.light, soft=True)
    for x in (-0.09, 0.09):
        pen.disc(x, 0.03, 0.08, 0.04, pen.light)
    for side in (-1, 1):
        pen.form([(side * 0.04, 0.78), (side * 0.21, 0.98), (side * 0.24, 0.66)], pen.body)
        pen.form([(side * 0.09, 0.78), (side * 0.19, 0.9), (side * 0.2, 0.7)], mix(pen.light, (240, 130, 130), 0.4))
    pen.disc(0, 0.65, 0.26, 0.21, pen.body)
    for stripe in (-0.05, 0.0, 0.05):
        pen.form([(stripe - 0.014, 0.86), (stripe + 0.014, 0.86), (stripe * 0.8, 0.76)], pen.shade)
    for x in (-0.11, 0.11):
        pen.disc(x, 0.67, 0.052, 0.058, pen.glow)
        pen.disc(x, 0.67, 0.017, 0.05, pen.dark)
    pen.form([(-0.028, 0.595), (0.028, 0.595), (0, 0.565)], mix(pen.dark, (230, 110, 110), 0.5))
    for side in (-1, 1):
        pen.line([(0, 0.565), (side * 0.04, 0.535), (side * 0.075, 0.55)], 0.011, pen.dark)
        for lift in (0.0, 0.035):
            pen.line([(side * 0.13, 0.56 + lift), (side * 0.33, 0.54 + lift * 2.2)], 0.006, pen.paper, 0.8)


def owl(pen: Pen, scene: Scene) -> None:
    """An owl on its branch."""
    bark = mix(pen.deep, pen.body, 0.25)
    pen.line([(-0.62, 0.1), (-0.2, 0.13), (0.3, 0.1), (0.66, 0.2)], 0.06, bark, soft=True)
    pen.line([(0.3, 0.1), (0.46, 0.3)], 0.03, bark)
    for x, y in ((0.46, 0.32), (0.53, 0.25), (-0.5, 0.16)):
        pen.form([(x, y), (x + 0.06, y + 0.08), (x + 0.01, y + 0.13), (x - 0.04, y + 0.07)], pen.shade, soft=True)
    body = [(-0.22, 0.2), (-0.28, 0.5), (-0.24, 0.82), (0.0, 0.92), (0.24, 0.82), (0.28, 0.5), (0.22, 0.2), (0.0, 0.1)]
    pen.form(body, pen.body, soft=True)
    for side in (-1, 1):
        pen.form([(side * 0.08, 0.86), (side * 0.27, 1.0), (side * 0.25, 0.74)], pen.body)
        wing = [(side * 0.22, 0.66), (side * 0.31, 0.5), (side * 0.26, 0.24), (side * 0.12, 0.16), (side * 0.15, 0.45)]
        pen.form(wing, pen.shade, soft=True)
    pen.form([(-0.15, 0.2), (-0.15, 0.46), (0.0, 0.56), (0.15, 0.46), (0.15, 0.2), (0.0, 0.13)], pen.light, soft=True)
    for row in range(4):
        for column in range(-1, 2):
            x, y = column * 0.075 + (0.037 if row % 2 else 0), 0.47 - row * 0.075
            pen.form([(x - 0.03, y), (x + 0.03, y), (x, y - 0.04)], pen.shade, 0.8)
    for x in (-0.115, 0.115):
        pen.disc(x, 0.71, 0.125, 0.125, pen.light)
        pen.disc(x, 0.71, 0.085, 0.085, pen.glow)
        pen.disc(x, 0.71, 0.05, 0.05, pen.dark)
        pen.disc(x + 0.018, 0.732, 0.015, 0.015, (255, 255, 255))
    pen.form([(-0.04, 0.66), (0.04, 0.66), (0, 0.56)], mix(pen.glow, (240, 150, 40), 0.6))
    for x in (-0.09, 0.09):
        pen.disc(x, 0.12, 0.05, 0.03, mix(pen.glow, (240, 150, 40), 0.6))


def rabbit(pen: Pen, scene: Scene) -> None:
    """A rabbit sitting up."""
    pen.disc(0.22, 0.13, 0.08, 0.08, pen.paper)
    for side, tone in ((-1, pen.body), (1, pen.shade)):
        ear = [(side * 0.04, 0.66), (side * 0.03, 0.86), (side * 0.1, 1.05), (side * 0.16, 0.88), (side * 0.13, 0.66)]
        pen.form(ear, tone, soft=True)
        pen.form(
            [(side * 0.07, 0.7), (side * 0.1, 0.98), (side * 0.12, 0.72)],
            mix(pen.light, (240, 140, 150), 0.45),
            soft=True,
        )
    pen.form([(-0.2, 0.0), (-0.22, 0.22), (-0.12, 0.46), (0.1, 0.46), (0.23, 0.24), (0.22, 0.0)], pen.body, soft=True)
    pen.form([(0.04, 0.02), (0.08, 0.26), (0.17, 0.28), (0.23, 0.14), (0.2, 0.0)], pen.shade, 0.6, soft=True)
    pen.disc(-0.04, 0.2, 0.1, 0.17, pen.light)
    pen.disc(0, 0.58, 0.19, 0.165, pen.body)
    for x in (-0.085, 0.075):
        pen.disc(x, 0.6, 0.026, 0.034, pen.dark)
        pen.disc(x + 0.008, 0.613, 0.008, 0.01, (255, 255, 255))
    pen.disc(-0.005, 0.525, 0.07, 0.05, pen.light)
    pen.form([(-0.03, 0.55), (0.02, 0.55), (-0.005, 0.525)], mix(pen.dark, (230, 110, 120), 0.6))
    for x in (-0.1, 0.1):
        pen.disc(x, 0.025, 0.09, 0.036, pen.light)


def whale(pen: Pen, scene: Scene) -> None:
    """A whale at the surface, blowing."""
    lift = 0.1
    body = [(-0.62, 0.0), (-0.6, 0.2), (-0.42, 0.36), (-0.1, 0.4), (0.24, 0.28), (0.5, 0.12), (0.62, 0.22), (0.66, 0.0)]
    pen.form([(x, y + lift - 0.1) for x, y in body], pen.body, soft=True)
    pen.form([(-0.62, -0.04), (-0.55, 0.1), (-0.2, 0.14), (0.2, 0.06), (0.3, -0.06)], pen.light, soft=True)
    for index in range(5):
        pen.line([(-0.5 + index * 0.12, 0.11 - index * 0.005), (-0.47 + index * 0.12, 0.0)], 0.008, pen.shade, 0.7)
    tail = [
        (0.52, 0.16),
        (0.62, 0.36),
        (0.52, 0.56),
        (0.66, 0.5),
        (0.72, 0.42),
        (0.82, 0.52),
        (0.94, 0.52),
        (0.8, 0.34),
        (0.68, 0.14),
    ]
    pen.form(tail, pen.shade, soft=True)
    pen.form([(-0.1, 0.06), (0.1, -0.08), (0.14, 0.02), (0.02, 0.12)], pen.shade, soft=True)
    pen.disc(-0.44, 0.17, 0.022, 0.024, pen.dark)
    pen.disc(-0.437, 0.177, 0.007, 0.007, (255, 255, 255))
    for side in (-1, 1):
        for reach, width in ((0.2, 0.03), (0.12, 0.022)):
            arc = [
                (-0.24, 0.38),
                (-0.24 + side * reach * 0.3, 0.72),
                (-0.24 + side * reach, 0.76),
                (-0.24 + side * reach * 1.35, 0.6),
            ]
            pen.line(arc, width, pen.paper, 0.85, soft=True)


def robot(pen: Pen, scene: Scene) -> None:
    """A friendly robot, waving."""
    joint = mix(pen.shade, pen.dark, 0.4)
    wave = 0.05 * math.sin(pen.moment * math.tau)
    for x in (-0.1, 0.1):
        pen.line([(x, 0.24), (x, 0.06)], 0.075, joint)
        pen.form([(x - 0.09, 0.0), (x - 0.07, 0.08), (x + 0.07, 0.08), (x + 0.09, 0.0)], pen.shade)
    pen.line([(-0.2, 0.46), (-0.33, 0.34), (-0.32, 0.22)], 0.06, joint, soft=True)
    pen.disc(-0.32, 0.2, 0.05, 0.05, pen.body)
    pen.line([(0.2, 0.46), (0.36, 0.5), (0.4 + wave, 0.68)], 0.06, joint, soft=True)
    pen.disc(0.4 + wave, 0.71, 0.055, 0.055, pen.body)
    _plate(pen, (-0.22, 0.2, 0.22, 0.54), 0.06)
    pen.form([(0.04, 0.2), (0.22, 0.26), (0.22, 0.5), (0.1, 0.54)], pen.shade, 0.45)
    pen.disc(-0.07, 0.38, 0.075, 0.075, pen.dark)
    pen.disc(-0.07, 0.38, 0.05, 0.05, pen.glow)
    for index in range(3):
        pen.disc(0.09, 0.44 - index * 0.065, 0.02, 0.02, (pen.glow, pen.paper, pen.dark)[index])
    pen.line([(0, 0.54), (0, 0.6)], 0.09, joint)
    pen.line([(0, 0.86), (0, 0.98)], 0.018, joint)
    pen.shine(0, 1.0, 0.16, pen.glow, 0.7)
    pen.disc(0, 1.0, 0.035, 0.035, pen.glow)
    for x in (-0.28, 0.28):
        pen.disc(x, 0.73, 0.04, 0.07, joint)
    _plate(pen, (-0.26, 0.58, 0.26, 0.88), 0.09)
    pen.form([(-0.2, 0.64), (-0.21, 0.73), (-0.19, 0.82), (0.19, 0.82), (0.21, 0.73), (0.2, 0.64)], pen.dark, soft=True)
    for x in (-0.1, 0.1):
        pen.shine(x, 0.74, 0.11, pen.glow, 0.55)
        pen.disc(x, 0.74, 0.042, 0.046, pen.glow)
    pen.line([(-0.06, 0.67), (0, 0.655), (0.06, 0.67)], 0.013, pen.glow, soft=True)


def _plate(pen: Pen, frame: tuple[float, float, float, float], corner: float) -> None:
    left, low, right, high = frame
    outline = []
    for x, y, start in ((right, high, 0), (left, high, 90), (left, low, 180), (right, low, 270)):
        cx = x - corner if x == right else x + corner
        cy = y - corner if y == high else y + corner
        for turn in range(0, 91, 15):
            angle = math.radians(start + turn)
            outline.append((cx + math.cos(angle) * corner, cy + math.sin(angle) * corner))
    pen.form(outline, pen.body)
    pen.form([(left + corner, high - 0.015), (right - corner, high - 0.015), (right - corner, high - 0.04),
              (left + corner, high - 0.04)], pen.light, 0.8)  # fmt: skip
