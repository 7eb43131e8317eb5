"""Whatever the bytes: a picture, or NotAPicture, and nothing else."""

from __future__ import annotations

import random
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.media import NotAnImage, clip_extension, fit, inspect, measure, preview, recognized
from bot.media.containers.file_formats import format_name
from bot.media.containers.recognition import as_it_came
from bot.media.mask_uploads import uploaded_mask
from bot.media.masks import checked
from bot.media.outgoing import prepare
from tests.support.camera_files import (
    chunk,
    display_p3,
    drawing,
    encoded,
    exif,
    segment,
    with_chunks,
    with_second_picture,
    with_segments,
)
from tests.support.picture_host import moving

SIZE = (64, 48)
WORK = (
    inspect,
    measure,
    preview,
    lambda data: fit(data, 2_000),
    lambda data: prepare(data, 100_000),
    lambda data: checked(data, SIZE),
    lambda data: uploaded_mask(data, SIZE),
    clip_extension,
    format_name,
    recognized,
    as_it_came,
)
FILES = {
    "jpeg": encoded(drawing(), "JPEG", icc_profile=display_p3(), exif=exif(6), comment="x"),
    "progressive": encoded(drawing(), "JPEG", progressive=True),
    "cmyk": encoded(drawing(mode="CMYK"), "JPEG"),
    "odd exif": with_segments(encoded(drawing(), "JPEG"), segment(0xE1, exif(6, odd=True))),
    "two pictures": with_second_picture(),
    "png": with_chunks(encoded(drawing(mode="P"), "PNG"), chunk(b"eXIf", exif(3)[6:]), chunk(b"zTXt", b"a\0\0x")),
    "deep png": encoded(drawing(mode="L").convert("I;16"), "PNG"),
    "moving png": moving("PNG"),
    "webp": encoded(drawing(mode="RGBA"), "WEBP", lossless=True, exif=exif(8), icc_profile=display_p3()),
    "moving webp": moving("WEBP"),
    "gif": moving("GIF"),
    "bmp": encoded(drawing(), "BMP"),
    "avif": encoded(drawing(), "AVIF", exif=exif(5)),
}
SECONDS = 1.5


def try_all(data: bytes) -> None:
    for work in WORK:
        with suppress(NotAnImage):
            work(data)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_a_picture_or_none(name: str) -> None:
    chance = random.Random(name)  # noqa: S311 - to be the same each time
    until = time.process_time() + SECONDS
    while time.process_time() < until:
        data = bytearray(FILES[name])
        for _ in range(chance.choice((1, 1, 2, 8))):
            at = chance.randrange(len(data))
            match chance.randrange(5):
                case 0:
                    data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, data[at] ^ 1 << chance.randrange(8)))
                case 1:
                    del data[at : at + chance.randrange(1, 40)]
                case 2:
                    data[at:at] = chance.randbytes(chance.randrange(1, 40))
                case 3:
                    data[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"))
                case _:
                    del data[at:]
            if not data:
                break
        try_all(bytes(data))


@given(
    st.sampled_from([*(file[:12] for file in FILES.values()), *(file[:40] for file in FILES.values()), b""]),
    st.binary(max_size=300),
)
@settings(deadline=None, max_examples=150)
def test_a_beginning_with_anything_behind_it_is_a_picture_or_none(beginning: bytes, rest: bytes) -> None:
    try_all(beginning + rest)
