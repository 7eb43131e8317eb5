"""Masks as image editors write them are read, and how they were read is told."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops

from bot.media.mask_uploads import Reading, uploaded_mask
from bot.media.masks import EMPTY, GREY, NO_PICTURE, OTHER_SIZE, TOO_LARGE, WrongMask, checked, mask_of
from tests.support.camera_files import drawing, encoded, exif, mask_drawing

SIZE = (240, 160)


def read(data: bytes, size: tuple[int, int] = SIZE) -> tuple[Image.Image, tuple[Reading, ...]]:
    mask = uploaded_mask(data, size)
    made = Image.open(io.BytesIO(mask.data))
    assert (made.format, made.mode, made.size) == ("PNG", "L", size)
    assert {value for value, count in enumerate(made.histogram()) if count} <= {0, 255}
    return made, mask.readings


def share_apart(one: Image.Image, other: Image.Image) -> float:
    difference = ImageChops.difference(one, other).point(lambda value: 255 if value else 0)
    return difference.histogram()[255] / (one.width * one.height)


def erased() -> Image.Image:
    """A picture whose ellipse was erased to transparent."""
    picture = drawing(SIZE, "RGBA")
    picture.putalpha(ImageChops.invert(mask_drawing(SIZE, soft=True)))
    return picture


def painted() -> Image.Image:
    """White paint on a transparent layer."""
    layer = Image.new("RGBA", SIZE, (255, 255, 255, 0))
    layer.putalpha(mask_drawing(SIZE, soft=True))
    return layer


MASKS = {
    "as it has to be": (encoded(mask_drawing(SIZE), "PNG"), ()),
    "one bit": (encoded(mask_drawing(SIZE).convert("1"), "PNG"), ()),
    "soft edges": (encoded(mask_drawing(SIZE, soft=True), "PNG"), (Reading.SOFT,)),
    "soft edges in a palette": (encoded(mask_drawing(SIZE, soft=True).convert("P"), "PNG"), (Reading.SOFT,)),
    "jpeg": (encoded(mask_drawing(SIZE).convert("RGB"), "JPEG", quality=60), (Reading.SOFT,)),
    "camera's jpeg": (
        encoded(mask_drawing(SIZE), "MPO", quality=60, save_all=True, append_images=[drawing((24, 16), "L")]),
        (Reading.SOFT,),
    ),
    "lossy webp": (encoded(mask_drawing(SIZE).convert("RGB"), "WEBP", quality=60), (Reading.SOFT,)),
    "erased": (encoded(erased(), "PNG"), (Reading.CLEAR, Reading.SOFT)),
    "erased in webp": (encoded(erased(), "WEBP", lossless=True), (Reading.CLEAR, Reading.SOFT)),
    "painted": (encoded(painted(), "PNG"), (Reading.PAINTED, Reading.SOFT)),
    "half the size": (encoded(mask_drawing((120, 80)), "PNG"), (Reading.SCALED,)),
    "three times the size": (encoded(mask_drawing((720, 480)), "PNG"), (Reading.SCALED,)),
    "a rounded size": (encoded(mask_drawing((101, 67)), "PNG"), (Reading.SCALED,)),
    "on its side": (encoded(mask_drawing(SIZE[::-1]), "PNG", exif=exif(6)), ()),
}


@pytest.mark.parametrize("name", MASKS)
def test_a_mask_is_read_as_its_maker_meant_it(name: str) -> None:
    data, readings = MASKS[name]
    mask, told = read(data)
    assert told == readings
    assert share_apart(mask, mask_drawing(SIZE)) < 0.02


def test_sixteen_bits_are_as_good_as_eight() -> None:
    deep = Image.new("I;16", SIZE, 0)
    deep.paste(65535, (0, 0, 50, 50))
    mask, _ = read(encoded(deep, "PNG"))
    assert (mask.getpixel((10, 10)), mask.getpixel((100, 100))) == (255, 0)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (encoded(mask_drawing((160, 240)), "PNG"), OTHER_SIZE),
        (encoded(mask_drawing((240, 180)), "PNG"), OTHER_SIZE),
        (encoded(drawing(SIZE), "PNG"), GREY),
        (encoded(Image.effect_noise(SIZE, 40), "PNG"), GREY),
        (encoded(Image.new("L", SIZE, 0), "PNG"), EMPTY),
        (encoded(Image.new("RGBA", SIZE, "black"), "PNG"), EMPTY),
        (b"no picture", NO_PICTURE),
        (encoded(mask_drawing(SIZE), "PNG")[:70], NO_PICTURE),
    ],
)
def test_what_marks_nothing_or_is_no_mask_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(WrongMask) as caught:
        uploaded_mask(data, SIZE)
    assert caught.value.problem == problem


@pytest.mark.parametrize("make", [uploaded_mask, checked, lambda _, size: mask_of(size, [(0, 0, 6, 6)])])
def test_no_mask_is_made_for_a_picture_of_more_than_64_megapixels(
    make: Callable[[bytes, tuple[int, int]], object],
) -> None:
    small = encoded(mask_drawing((100, 80)), "PNG")
    with pytest.raises(WrongMask) as caught:
        make(small, (10_000, 8_000))
    assert caught.value.problem == TOO_LARGE
