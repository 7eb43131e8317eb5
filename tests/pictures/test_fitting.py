"""A picture that is too large is made to fit: near its limit, at a good quality, and encoded once or twice."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import pytest
from PIL import Image

from bot.media import NotAnImage, fit, fitting, inspect
from tests.support.picture_host import noise, picture

Draw = Callable[[], Image.Image]


def grain(side: int, mode: str = "RGB") -> Image.Image:
    """Something like a photograph: large shapes, small ones, and some grain."""
    chance = random.Random(2)  # noqa: S311 - to be the same each time
    layers = []
    for cells in (8, 64, side // 4, side):
        data = chance.randbytes(cells * cells * len(mode))
        layers.append(Image.frombytes(mode, (cells, cells), data).resize((side, side), Image.Resampling.BICUBIC))
    drawn = layers[0]
    for layer, share in zip(layers[1:], (0.3, 0.15, 0.08), strict=True):
        drawn = Image.blend(drawn, layer, share)
    return drawn


def half_empty() -> Image.Image:
    """Noise in one half and nothing in the other."""
    drawn = Image.new("RGB", (1200, 1200), "navy")
    drawn.paste(Image.open(io.BytesIO(noise(1200, 600))), (0, 0))
    return drawn


def cornered() -> Image.Image:
    """All there is to see is in one corner."""
    drawn = Image.new("RGB", (1600, 1600), "white")
    drawn.paste(Image.open(io.BytesIO(noise(400, 400))), (1200, 1200))
    return drawn


DRAWN: dict[str, Draw] = {
    "noise": lambda: Image.open(io.BytesIO(noise(1000, 1000))),
    "photo": lambda: grain(1200),
    "half": half_empty,
    "corner": cornered,
    "clear": lambda: grain(800, "RGBA"),
    "wide": lambda: grain(1200).resize((4000, 150)),
}


def as_bytes(drawn: Image.Image, kind: str, **how: int) -> bytes:
    buffer = io.BytesIO()
    drawn.save(buffer, kind, **how)
    return buffer.getvalue()


@pytest.mark.parametrize("share", [2, 6, 30])
@pytest.mark.parametrize("name", DRAWN)
def test_what_is_made_to_fit_is_not_made_far_smaller(name: str, share: int, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = DRAWN[name]()
    data = as_bytes(drawn, "PNG")
    limit = len(data) // share
    sizes: list[int] = []
    encode = fitting._encoded

    def counted(flat: Image.Image, kind: str, quality: int) -> bytes:
        sizes.append(flat.width * flat.height)
        return encode(flat, kind, quality)

    monkeypatch.setattr(fitting, "_encoded", counted)
    fitted, extension = fit(data, limit)
    assert len(fitted) <= limit
    facts = inspect(fitted)
    assert facts.extension == extension
    whole = (facts.width, facts.height) == drawn.size
    assert len(fitted) >= 0.6 * limit or (whole and share == 2), len(fitted) / limit
    sample = fitting.TILES * fitting.TILE**2
    # Small pictures are their own sample.
    assert sum(size > sample for size in sizes) <= 2


@pytest.mark.parametrize("quality", [100, 90])
def test_a_jpeg_is_made_to_fit_without_being_decoded_whole(quality: int) -> None:
    data = as_bytes(grain(2000), "JPEG", quality=quality)
    for share in (2, 20, 100):
        fitted, extension = fit(data, len(data) // share)
        assert extension == "jpg"
        assert 0.6 * len(data) // share <= len(fitted) <= len(data) // share


@pytest.mark.parametrize("limit", [1, 10, 100, 300])
def test_what_fits_in_no_way_is_said_so(limit: int) -> None:
    with pytest.raises(NotAnImage, match="fit"):
        fit(picture(), limit)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (17, 16)])
def test_odd_sizes_are_made_to_fit(size: tuple[int, int]) -> None:
    fitted, _ = fit(picture(size=size), 5_000)
    assert inspect(fitted).width == size[0]
