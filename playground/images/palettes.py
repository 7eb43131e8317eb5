"""Colours: the palettes that scenes are painted in, and how colours are mixed."""

import colorsys
from dataclasses import dataclass, replace

Colour = tuple[int, int, int]


def colour(code: str) -> Colour:
    """`"#rrggbb"` as red, green, blue."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` of the second colour in the first, 0 to 1."""
    (red, green, blue), (to_red, to_green, to_blue) = first, second
    return (
        round(red + (to_red - red) * share),
        round(green + (to_green - green) * share),
        round(blue + (to_blue - blue) * share),
    )


def turned(base: Colour, *, hue: float = 0.0, saturation: float = 1.0, value: float = 1.0) -> Colour:
    """The colour with its hue turned (1.0 is a full circle) and its saturation and value multiplied."""
    h, s, v = colorsys.rgb_to_hsv(*(part / 255 for part in base))
    red, green, blue = colorsys.hsv_to_rgb((h + hue) % 1.0, min(s * saturation, 1.0), min(v * value, 1.0))
    return round(red * 255), round(green * 255), round(blue * 255)


def lightness(base: Colour) -> float:
    """Perceived lightness, 0 to 1."""
    return (0.299 * base[0] + 0.587 * base[1] + 0.114 * base[2]) / 255


@dataclass(frozen=True)
class Palette:
    """The colours of one light: the sky from top to horizon, layers from far to near, and a contrast."""

    sky: tuple[Colour, ...]
    orb: Colour
    far: Colour
    near: Colour
    accent: Colour
    paper: Colour
    stars: float = 0.0
    aurora: bool = False

    def turned(self, hue: float, saturation: float = 1.0) -> "Palette":
        """The same light seen through a tinted glass."""

        def turn(base: Colour) -> Colour:
            return turned(base, hue=hue, saturation=saturation)

        return replace(
            self,
            sky=tuple(turn(step) for step in self.sky),
            far=turn(self.far),
            near=turn(self.near),
            accent=turn(self.accent),
        )

    def layer(self, depth: float) -> Colour:
        """The colour of a layer, `depth` 0 (far, in the haze) to 1 (near)."""
        return mix(self.far, self.near, depth)


def _palette(codes: str, *, stars: float = 0.0, aurora: bool = False) -> Palette:
    *sky, orb, far, near, accent, paper = (colour(code) for code in codes.split())
    return Palette(tuple(sky), orb, far, near, accent, paper, stars, aurora)


PALETTES: dict[str, Palette] = {
    "dawn": _palette("#33437a #8a6a9c #e79a92 #ffcf9f #fff0cf #dd9aa0 #2b2350 #ffb547 #fff4e3", stars=0.15),
    "dusk": _palette("#251b4a #5d4288 #c2629a #ff9d76 #ffe2ae #b7608f #1d1238 #ff7b54 #ffeedd", stars=0.35),
    "golden": _palette("#e0785a #f2a65a #f9cf83 #fff0c4 #fffbe6 #eeb06a #5b2a34 #d1495b #fff6e0"),
    "day": _palette("#3f8fd0 #7cc0e8 #bfe3ef #fdf3dc #fffdf2 #93c7c6 #1d5560 #ef5d60 #fffaf0"),
    "mint": _palette("#12565f #3d8f8c #8fc9b0 #eaf2cf #fbf9df #86bda6 #0c3540 #f2b134 #fbf7e6"),
    "night": _palette("#080d26 #14225a #2f4487 #6a74b0 #fdf3d0 #4c5a99 #060a1e #f4b860 #eef0ff", stars=1.0),
    "aurora": _palette(
        "#061226 #0c2b4a #12505f #3d8a83 #f2fbe8 #2e6f78 #04121f #9be564 #eefcf4", stars=0.9, aurora=True
    ),
    "autumn": _palette("#b5523b #e0813f #f1b75c #fde7b5 #fff6da #dd8a4a #4a1f2b #2a7f7a #fff3db"),
    "rose": _palette("#a05a8c #d787a3 #f3b6b6 #fde3d3 #fff6ea #d995a8 #4f2250 #f0a202 #fff3ee", stars=0.05),
    "ice": _palette("#5b8fbf #94bfdd #c8e1ee #f3f8f8 #ffffff #a6c8dc #1e3f66 #e4572e #ffffff"),
    "moss": _palette("#2f4a3a #6b8f5e #b3c47a #f1edbf #fffbe0 #9fb478 #17302b #e07a3f #fbf6df"),
    "ember": _palette("#1f1020 #55203a #a8324a #f2704a #ffd27a #8a2f48 #160a18 #ffb238 #ffeeda", stars=0.4),
}
