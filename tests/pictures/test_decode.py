"""Pictures are made to fit and to be previewed without losing what they are."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from bot.media import NotAnImage, fit, inspect, preview
from tests.support.picture_host import moving, noise, picture


@pytest.mark.parametrize("limit", [200_000, 40_000, 8_000])
def test_a_picture_is_made_to_fit(limit: int) -> None:
    smaller, extension = fit(noise(400, 300), limit)
    assert len(smaller) <= limit
    facts = inspect(smaller)
    assert facts.extension == extension == "jpg"
    assert abs(facts.width / facts.height - 4 / 3) < 0.05


def test_what_is_seen_through_stays_so() -> None:
    smaller, extension = fit(noise(300, 300, "RGBA"), 30_000)
    assert extension == "webp"
    assert Image.open(io.BytesIO(smaller)).has_transparency_data


def test_a_picture_stays_upright() -> None:
    turned = Image.new("RGB", (60, 20), "orange")
    exif = turned.getexif()
    exif[0x0112] = 6  # a quarter turn clockwise
    buffer = io.BytesIO()
    turned.save(buffer, "JPEG", exif=exif)
    facts = inspect(fit(buffer.getvalue(), 100_000)[0])
    assert (facts.width, facts.height) == (20, 60)


def test_a_very_long_picture_is_made_to_fit() -> None:
    facts = inspect(fit(picture(size=(20_000, 10)), 100_000)[0])
    assert facts.width <= 16_383


def test_one_that_moves_becomes_a_still_picture() -> None:
    smaller, _ = fit(moving(), 2_000)
    assert getattr(Image.open(io.BytesIO(smaller)), "n_frames", 1) == 1


def test_what_fits_in_no_way_is_said_so() -> None:
    with pytest.raises(NotAnImage, match="fit"):
        fit(picture(), 10)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "LA"])
def test_a_preview_is_small_whatever_the_picture(mode: str) -> None:
    buffer = io.BytesIO()
    Image.new(mode, (2_000, 1_000)).save(buffer, "PNG")
    facts = inspect(preview(buffer.getvalue()))
    assert (facts.width, facts.height, facts.extension) == (512, 256, "jpg")


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    with pytest.raises(NotAnImage):
        inspect(bomb)
