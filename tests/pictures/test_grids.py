"""Single images are cut out of a grid, pixel by pixel."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.media import NotAnImage
from bot.media.outgoing import cell_of

COLOURS = ("red", "lime", "blue", "white")


def grid(size: tuple[int, int], form: str = "PNG", mode: str = "RGB") -> bytes:
    width, height = size
    drawn = Image.new("RGB", size)
    for number, colour in enumerate(COLOURS):
        drawn.paste(colour, (number % 2 * (width // 2), number // 2 * (height // 2), width, height))
    file = io.BytesIO()
    drawn.convert(mode).save(file, form)
    return file.getvalue()


@pytest.mark.parametrize("form", ["PNG", "WEBP", "JPEG"])
@pytest.mark.parametrize("size", [(64, 64), (96, 64), (65, 63)])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_each_image_is_at_its_place(number: int, size: tuple[int, int], form: str) -> None:
    with Image.open(io.BytesIO(cell_of(grid(size, form), number, 4))) as cell:
        assert cell.size == (size[0] // 2, size[1] // 2)
        middle = cell.convert("RGB").getpixel((cell.width // 2, cell.height // 2))
        wanted = Image.new("RGB", (1, 1), COLOURS[number - 1]).getpixel((0, 0))
    assert isinstance(middle, tuple)
    assert isinstance(wanted, tuple)
    assert max(abs(one - other) for one, other in zip(middle, wanted, strict=True)) < 12


@pytest.mark.parametrize("mode", ["P", "L", "1", "RGBA"])
def test_every_mode_is_cut(mode: str) -> None:
    with Image.open(io.BytesIO(cell_of(grid((64, 64), mode=mode), 4, 4))) as cell:
        assert cell.size == (32, 32)


@pytest.mark.parametrize("data", [b"", b"text", grid((64, 64))[:60]])
def test_what_is_no_image_is_refused(data: bytes) -> None:
    with pytest.raises(NotAnImage):
        cell_of(data, 1, 4)
