"""Judging pictures: how different two are, and which part of a picture shows another one."""

from PIL import Image, ImageChops, ImageStat

_SIDE = 48


def difference(first: Image.Image, second: Image.Image) -> float:
    """Mean difference of two pictures of any size, from 0.0 (the same) to 1.0 (black and white).

    Both are reduced to the same small size first, so that size, grain and compression hardly count.
    Pictures of the same scene come out below 0.02, unrelated ones above 0.05.
    """
    small = [picture.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BILINEAR) for picture in (first, second)]
    return sum(ImageStat.Stat(ImageChops.difference(*small)).mean) / (3 * 255)


def quarter(picture: Image.Image, number: int) -> Image.Image:
    """Picture `number` of a grid: 1 and 2 above, 3 and 4 below."""
    width, height = picture.width // 2, picture.height // 2
    left, top = (number - 1) % 2 * width, (number - 1) // 2 * height
    return picture.crop((left, top, left + width, top + height))


def centre(picture: Image.Image, factor: float) -> Image.Image:
    """What a picture showed before it was zoomed out by `factor`."""
    width, height = picture.width / factor, picture.height / factor
    left, top = (picture.width - width) / 2, (picture.height - height) / 2
    return picture.crop((round(left), round(top), round(left + width), round(top + height)))


def before_pan(picture: Image.Image, direction: str, share: float = 0.5) -> Image.Image:
    """What a picture showed before it was extended by `share` towards left, right, up or down."""
    width, height = round(picture.width / (1 + share)), round(picture.height / (1 + share))
    boxes = {
        "left": (picture.width - width, 0, picture.width, picture.height),
        "right": (0, 0, width, picture.height),
        "up": (0, picture.height - height, picture.width, picture.height),
        "down": (0, 0, picture.width, height),
    }
    return picture.crop(boxes[direction])


def best_quarter(grid: Image.Image, picture: Image.Image) -> int:
    """Which picture of a grid (1 to 4) another picture is most like."""
    return min(range(1, 5), key=lambda number: difference(quarter(grid, number), picture))
