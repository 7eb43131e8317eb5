"""A mask is black and white, of the picture's size, or refused."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from bot.media.masks import BAND, EMPTY, GREY, NO_PICTURE, OTHER_SIZE, WrongMask, checked, together

SIZE = (40, 30)
BOX = (5, 6, 20, 25)


def mask(mode: str = "L", size: tuple[int, int] = SIZE) -> Image.Image:
    """A mask with a white box."""
    flat = Image.new("L", size, 0)
    ImageDraw.Draw(flat).rectangle(BOX, fill=255)
    return flat.convert(mode)


def encoded(picture: Image.Image, form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form)
    return buffer.getvalue()


def problem_of(data: bytes) -> str:
    with pytest.raises(WrongMask) as caught:
        checked(data, SIZE)
    return caught.value.problem


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_black_and_white_picture_of_any_kind_becomes_a_mask_of_one_channel(mode: str) -> None:
    made = Image.open(io.BytesIO(checked(encoded(mask(mode)), SIZE)))
    assert (made.format, made.mode, made.size) == ("PNG", "L", SIZE)
    assert made.tobytes() == mask().tobytes()


def test_a_lossless_webp_is_as_good() -> None:
    buffer = io.BytesIO()
    mask("RGB").save(buffer, "WEBP", lossless=True)
    assert Image.open(io.BytesIO(checked(buffer.getvalue(), SIZE))).tobytes() == mask().tobytes()


def test_one_grey_pixel_is_refused() -> None:
    grey = mask()
    grey.putpixel((39, 29), 254)
    assert problem_of(encoded(grey)) == GREY


def test_one_coloured_pixel_is_refused() -> None:
    coloured = mask("RGB")
    coloured.putpixel((0, 0), (255, 0, 0))
    assert problem_of(encoded(coloured)) == GREY


def test_one_pixel_that_is_not_opaque_is_refused() -> None:
    clear = mask("RGBA")
    clear.putpixel((0, 0), (0, 0, 0, 0))
    assert problem_of(encoded(clear)) == GREY


def test_more_than_eight_bits_a_channel_are_refused() -> None:
    assert problem_of(encoded(Image.new("I;16", SIZE, 65535))) == GREY


def test_another_size_is_refused() -> None:
    assert problem_of(encoded(mask(size=(30, 40)))) == OTHER_SIZE


@pytest.mark.parametrize("size", [(30, 40), (7_000, 7_000)])
def test_another_size_is_told_by_the_header_alone(size: tuple[int, int]) -> None:
    # The pixels are missing: decoding them would fail.
    assert problem_of(encoded(Image.new("L", size, 0))[:60]) == OTHER_SIZE


def test_a_mask_of_several_bands_is_checked_to_its_last_row() -> None:
    size = (20, 2 * BAND + 3)
    flat = Image.new("RGB", size, "black")
    flat.putpixel((19, 2 * BAND + 2), (255, 255, 255))
    made = Image.open(io.BytesIO(checked(encoded(flat), size)))
    assert made.tobytes() == flat.convert("L").tobytes()
    flat.putpixel((0, 2 * BAND + 2), (255, 0, 0))
    with pytest.raises(WrongMask) as caught:
        checked(encoded(flat), size)
    assert caught.value.problem == GREY


@pytest.mark.parametrize("data", [b"", b"no picture", encoded(mask())[:60]])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert problem_of(data) == NO_PICTURE


def test_a_mask_without_white_is_refused() -> None:
    assert problem_of(encoded(Image.new("L", SIZE, 0))) == EMPTY


def test_two_masks_repaint_what_either_does() -> None:
    other = Image.new("L", SIZE, 0)
    ImageDraw.Draw(other).rectangle((30, 0, 39, 9), fill=255)
    both = Image.open(io.BytesIO(together(encoded(mask()), encoded(other))))
    assert both.getpixel((6, 7)) == both.getpixel((35, 5)) == 255
    assert both.getpixel((25, 20)) == 0
