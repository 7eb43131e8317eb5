"""A complete picture is recognized by its structure, without being decoded; one that lacks its end never is."""

from __future__ import annotations

import random
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.media import ImageDownloader, ImageError, NotAnImage, image_pool, inspect, recognized
from bot.media.containers.recognition import SMALL_BYTES, as_it_came
from bot.media.image_pool import PoolStatistics
from tests.support.camera_files import (
    chunk,
    display_p3,
    drawing,
    encoded,
    exif,
    with_chunks,
    with_gain_map,
    with_second_picture,
)
from tests.support.picture_host import moving, noise, picture
from tests.support.raw_host import raw_host, reply

SIZE = (400, 300)
WHOLE = {
    "png": encoded(drawing(SIZE), "PNG"),
    "png with palette": encoded(drawing(SIZE, "P"), "PNG"),
    "deep png": encoded(drawing(SIZE, "L").convert("I;16"), "PNG"),
    "png with texts": with_chunks(encoded(drawing(SIZE, "LA"), "PNG"), chunk(b"tEXt", b"a\0b"), chunk(b"eXIf", b"II")),
    "moving png": moving("PNG"),
    "jpeg": encoded(drawing(SIZE), "JPEG", icc_profile=display_p3(), exif=exif(6), comment="x"),
    "progressive jpeg": encoded(drawing(SIZE), "JPEG", progressive=True, restart_marker_blocks=4),
    "cmyk jpeg": encoded(drawing(SIZE, "CMYK"), "JPEG"),
    "gray jpeg": encoded(drawing(SIZE, "L"), "JPEG"),
    "two jpegs": with_second_picture(),
    "jpeg with a gain map": with_gain_map(),
    "padded jpeg": encoded(drawing(SIZE), "JPEG") + bytes(20),
    "webp": encoded(drawing(SIZE), "WEBP"),
    "lossless webp": encoded(drawing(SIZE), "WEBP", lossless=True),
    "webp with alpha": encoded(drawing(SIZE, "RGBA"), "WEBP", exif=exif(8), icc_profile=display_p3()),
    "moving webp": moving("WEBP"),
    "gif": encoded(drawing(SIZE, "P"), "GIF"),
    "moving gif": moving("GIF"),
}
# Their size or their end is not in their structure alone.
DECODED = {"bmp": encoded(drawing(SIZE), "BMP"), "avif": encoded(drawing(SIZE), "AVIF")}
# The last byte of a WebP may be padding.
PADDING = 1


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_recognized_is_what_decoding_finds(name: str) -> None:
    assert recognized(WHOLE[name]) == inspect(WHOLE[name])


@pytest.mark.parametrize("name", DECODED)
def test_other_kinds_have_to_be_decoded(name: str) -> None:
    assert recognized(DECODED[name]) is None


# A JPEG with others inside may end where one of the others ends: decoders then show the first.
@pytest.mark.parametrize("name", sorted(WHOLE.keys() - {"two jpegs", "jpeg with a gain map"}))
def test_a_picture_without_its_end_is_never_recognized(name: str) -> None:
    data = WHOLE[name].rstrip(b"\0")
    chance = random.Random(name)  # noqa: S311 - to be the same each time
    lengths = {*range(min(200, len(data))), *(len(data) - missing for missing in range(PADDING + 1, 60))}
    for length in lengths | {chance.randrange(len(data) - PADDING) for _ in range(300)}:
        found = None
        with suppress(NotAnImage):
            found = recognized(data[:length])
        assert found is None, length


@pytest.mark.parametrize("name", ["two jpegs", "jpeg with a gain map"])
def test_a_jpeg_that_ends_with_its_first_picture_is_shown_as_that(name: str) -> None:
    data = WHOLE[name]
    for length in range(len(data)):
        with suppress(NotAnImage):
            found = recognized(data[:length])
            assert found is None or found == inspect(data[:length]), length


def png_with(*, width: int = 3, height: int = 2, depth: int = 8, color: int = 2, crc: int | None = None) -> bytes:
    """A PNG with these fields in its header."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    rows = zlib.compress(bytes((1 + 3 * 3) * 2))
    parts = chunk(b"IHDR", header, crc=crc), chunk(b"IDAT", rows), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(
    "data",
    [
        png_with(width=0),
        png_with(depth=3),
        png_with(color=5),
        png_with(crc=1),
        png_with().replace(b"IDAT", b"IDOT"),
        b"GIF89a" + struct.pack("<HHBBB", 0, 9, 0, 0, 0) + b"\x2c" + struct.pack("<HHHHB", 0, 0, 9, 9, 0) + b"\2\0;",
        b"RIFF\x0c\0\0\0WEBPVP8 \0\0\0\0",
        b"RIFF" + struct.pack("<I", 4 + 8 * 9_000) + b"WEBP" + b"JUNK\0\0\0\0" * 9_000,
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xda\0\2\0\0\0\xff\xd9",
    ],
    ids=[
        "no width",
        "depth",
        "color",
        "checksum",
        "no rows",
        "empty gif",
        "empty webp",
        "chunks",
        "no scan",
        "no frame",
    ],
)
def test_a_header_that_cannot_be_right_is_not_believed(data: bytes) -> None:
    found = None
    with suppress(NotAnImage):
        found = recognized(data)
    assert found is None
    assert recognized(png_with()) is not None


@pytest.mark.parametrize("size", [(30_000, 30_000), (8_001, 8_000)])
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(NotAnImage, match="pixels"):
        recognized(png_with(width=size[0], height=size[1]))


@given(data=st.binary(max_size=200), beginning=st.sampled_from([*(data[:60] for data in WHOLE.values()), b""]))
def test_any_bytes_are_recognized_or_not(data: bytes, beginning: bytes) -> None:
    for each in (beginning + data, beginning[: len(data) // 4] + data):
        with suppress(NotAnImage):
            recognized(each)


def test_a_small_picture_is_a_preview_as_it_is_and_a_large_one_is_not() -> None:
    small, wide, heavy = picture(size=(1_000, 700)), picture(size=(1_100, 10)), noise(500, 400)
    assert len(heavy) > SMALL_BYTES
    for data, extension in ((small, "png"), (moving("WEBP"), "webp"), (moving("GIF"), "gif")):
        found = as_it_came(data)
        assert found
        assert (found.data, found.extension) == (data, extension)
    assert as_it_came(wide) is as_it_came(heavy) is as_it_came(small[:-1]) is None


@pytest.mark.parametrize("name", WHOLE)
async def test_no_work_is_done_on_a_picture_that_is_whole(fetcher: ImageDownloader, name: str) -> None:
    image_pool.close()
    async with raw_host(reply(WHOLE[name])) as host:
        fetched = await fetcher.fetch_recognized(f"{host.base}/a")
    assert fetched.data == WHOLE[name]
    assert fetched.facts == inspect(WHOLE[name])
    assert image_pool.statistics() == PoolStatistics()


@pytest.mark.parametrize("data", [WHOLE["jpeg"][:-2], WHOLE["png"][:-12], DECODED["bmp"], DECODED["avif"]])
async def test_a_picture_that_may_be_damaged_is_decoded_once(fetcher: ImageDownloader, data: bytes) -> None:
    image_pool.close()
    async with raw_host(reply(data)) as host:
        assert (await fetcher.fetch_recognized(f"{host.base}/a")).data == data
    assert image_pool.statistics() == PoolStatistics(begun=1)


@pytest.mark.parametrize("data", [noise(300, 300)[:9_000], WHOLE["jpeg"][:900], b"<html></html>", b""])
async def test_a_picture_that_lacks_much_is_refused(fetcher: ImageDownloader, data: bytes) -> None:
    async with raw_host(reply(data)) as host:
        with pytest.raises(ImageError, match="not an image"):
            await fetcher.fetch_recognized(f"{host.base}/a")
