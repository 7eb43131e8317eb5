"""What would cost too much to decode is refused by its header, in every format, before memory or time is spent."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from bot.media import NotAnImage, fit, inspect, measure, preview
from bot.media.containers.recognition import MAX_JPEG_SCANS, check_header
from bot.media.masks import OTHER_SIZE, WrongMask, checked
from tests.support.picture_host import moving, noise, picture

HUGE = 30_000


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, between: bytes = b"") -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + between + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def jpeg(width: int, height: int) -> bytes:
    data = bytearray(picture("JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def gif(width: int, height: int) -> bytes:
    data = bytearray(picture("GIF"))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def gif_frame(width: int, height: int) -> bytes:
    data = bytearray(picture("GIF"))
    at = data.index(b"\x2c")
    data[at + 5 : at + 9] = struct.pack("<HH", width, height)
    return bytes(data)


def riff(kind: bytes, payload: bytes) -> bytes:
    inner = b"WEBP" + kind + struct.pack("<I", len(payload)) + payload
    return b"RIFF" + struct.pack("<I", len(inner)) + inner


def webp_canvas(width: int, height: int) -> bytes:
    return riff(
        b"VP8X", b"\x02\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little") + b"ANIM"
    )


def webp_lossless(width: int, height: int) -> bytes:
    return riff(b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + b"\0" * 20)


def webp_lossy(width: int, height: int) -> bytes:
    return riff(b"VP8 ", b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height) + b"\0" * 20)


Form = Callable[[int, int], bytes]
FORMS: list[tuple[Form, int]] = [
    *((form, HUGE) for form in (png, jpeg, gif, gif_frame, webp_canvas)),
    *((form, 16_000) for form in (webp_lossless, webp_lossy)),
]


@pytest.mark.parametrize(("form", "edge"), FORMS, ids=lambda each: getattr(each, "__name__", str(each)))
def test_too_many_pixels_are_refused_before_memory_is_taken(form: Form, edge: int) -> None:
    data = form(edge, edge)
    for work in (inspect, measure, preview, lambda data: fit(data, 1000), lambda data: checked(data, (1, 1))):
        tracemalloc.start()
        with pytest.raises((NotAnImage, WrongMask)):
            work(data)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 20_000_000
    with pytest.raises(NotAnImage, match="pixels"):
        measure(data)


def segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(payload) + 2) + payload


# Each is read in Python, one piece at a time, by the library.
LONG = {
    "chunks": png(4, 4, chunk(b"teSt", b"") * 400_000),
    "text chunks": png(4, 4, chunk(b"tEXt", b"a\0b") * 400_000),
    "segments": b"\xff\xd8" + segment(0xEE, b"") * 1_000_000,
    "comments": b"\xff\xd8" + segment(0xFE, b"") * 1_000_000,
    "fill bytes": b"\xff\xd8" + b"\xff" * 4_000_000,
    "restart markers": b"\xff\xd8" + b"\xff\xd0" * 2_000_000,
    "gif comments": picture("GIF")[:13] + (b"\x21\xfe" + (b"\xff" + b"x" * 255) * 30_000 + b"\0") + picture("GIF")[13:],
    "gif extensions": picture("GIF")[:13] + b"\x21\xfe\x00" * 1_000_000 + picture("GIF")[13:],
    "scans": b"\xff\xd8" + b"\xff\xda\0\0" * (MAX_JPEG_SCANS + 1),
}


@pytest.mark.parametrize("data", LONG.values(), ids=LONG)
def test_a_header_without_end_is_refused_at_once(data: bytes) -> None:
    began = time.process_time()
    with pytest.raises(NotAnImage, match=r"too m|no frame"):
        inspect(data)
    assert time.process_time() - began < 1.0


def test_pictures_of_ordinary_programs_pass() -> None:
    progressive = io.BytesIO()
    drawn = Image.open(io.BytesIO(noise(300, 300)))
    drawn.save(progressive, "JPEG", progressive=True, icc_profile=b"x" * 600_000, exif=b"Exif\0\0" + b"y" * 60_000)
    for data in (
        progressive.getvalue(),
        noise(900, 900),
        *(moving(kind, 40) for kind in ("GIF", "WEBP")),
        *(picture(kind) for kind in ("PNG", "JPEG", "WEBP", "GIF")),
        png(4, 4, chunk(b"tEXt", b"a\0b") * 1_000)[:-12],
    ):
        check_header(data)
    assert inspect(progressive.getvalue()).width == 300


def test_a_mask_of_another_size_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(WrongMask) as caught:
        checked(png(7_000, 7_000), (100, 100))
    assert caught.value.problem == OTHER_SIZE


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_what_is_cut_off_is_no_picture(kind: str) -> None:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(noise(200, 200))).save(buffer, kind)
    for share in (0.1, 0.5, 0.9):
        with pytest.raises(NotAnImage):
            inspect(buffer.getvalue()[: int(len(buffer.getvalue()) * share)])
