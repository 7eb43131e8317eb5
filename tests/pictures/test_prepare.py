"""What people give goes on upright, in a format that services read, without private data, and small enough."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops, PngImagePlugin

from bot.media import NotAnImage, fit, inspect, preview
from bot.media.containers import CutShort
from bot.media.containers.file_formats import HEIC, format_name
from bot.media.containers.recognition import TooManyPixels
from bot.media.outgoing import SENT, Altered, prepare
from tests.support.camera_files import (
    ODD_ENTRIES,
    PRIVATE,
    chunk,
    display_p3,
    drawing,
    encoded,
    exif,
    huge_jpeg,
    odd_exif,
    packed_text,
    segment,
    with_chunks,
    with_clip_behind,
    with_gain_map,
    with_second_picture,
    with_segments,
    with_webp_chunks,
)
from tests.support.picture_host import moving, noise

LIMIT = 10 * 1024 * 1024
NAVY, ORANGE = (0, 0, 128), (255, 165, 0)


def as_sent(data: bytes, limit: int = LIMIT) -> Image.Image:
    prepared = prepare(data, limit)
    assert PRIVATE not in prepared.data
    sent = Image.open(io.BytesIO(prepared.data))
    assert sent.format in SENT
    assert prepared.media_type == Image.MIME[sent.format]
    assert sent.size == prepared.size
    assert not sent.getexif()
    return sent


def is_near(found: object, wanted: tuple[int, ...], tolerance: int = 12) -> bool:
    return isinstance(found, tuple) and all(abs(a - b) <= tolerance for a, b in zip(found, wanted, strict=False))


def shows_the_drawing(picture: Image.Image) -> bool:
    small = picture.convert("RGB")
    corner, opposite = (3, 3), (small.width - 4, small.height - 4)
    return is_near(small.getpixel(corner), NAVY) and is_near(small.getpixel(opposite), ORANGE)


def packed_international_text(size: int = 1_200_000) -> bytes:
    packed = zlib.compress(PRIVATE * (size // len(PRIVATE)))
    return chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed)


def large_profile() -> bytes:
    profile = display_p3()
    return chunk(b"iCCP", b"scanner\0\0" + zlib.compress(profile + bytes(1_200_000)))


PNG, JPEG = encoded(drawing(), "PNG"), encoded(drawing(), "JPEG", quality=95)
EXTENDED_WEBP = encoded(drawing(), "WEBP", lossless=True, exif=exif())
UNTOUCHED: dict[str, Callable[[], bytes]] = {
    "second picture": with_second_picture,
    "second picture, grey": lambda: with_second_picture("L"),
    "three pictures": lambda: encoded(
        drawing(), "MPO", save_all=True, append_images=[drawing((32, 24)), drawing((16, 12))]
    ),
    "clip behind": with_clip_behind,
    "exif, comment and photoshop": lambda: with_segments(
        JPEG, segment(0xE1, exif()), segment(0xFE, PRIVATE), segment(0xED, b"Photoshop 3.0\0" + PRIVATE)
    ),
    "thumbnail": lambda: with_segments(JPEG, segment(0xE0, b"JFXX\0\x10" + PRIVATE)),
    "packed text": lambda: with_chunks(PNG, packed_text()),
    "packed international text": lambda: with_chunks(PNG, packed_international_text()),
    "wrong checksum of a time": lambda: with_chunks(PNG, chunk(b"tIME", bytes(7), crc=1)),
    "wrong checksum of a resolution": lambda: with_chunks(PNG, chunk(b"pHYs", bytes(9), crc=1)),
    "wrong checksum of a text": lambda: with_chunks(PNG, chunk(b"tEXt", b"Comment\0" + PRIVATE, crc=1)),
    "large profile": lambda: with_chunks(PNG, large_profile()),
    "private chunk": lambda: with_chunks(PNG, chunk(b"prVt", PRIVATE)),
    "file behind": lambda: PNG + b"PK\3\4" + PRIVATE,
    "xmp in webp": lambda: with_webp_chunks(EXTENDED_WEBP, XMP=PRIVATE, abcd=PRIVATE),
    "comment in gif": lambda: encoded(drawing(mode="P"), "GIF", comment=PRIVATE),
}


@pytest.mark.parametrize("name", UNTOUCHED)
def test_private_data_are_dropped_and_no_pixel_is_encoded_again(name: str) -> None:
    data = UNTOUCHED[name]()
    sent = as_sent(data)
    assert inspect(data).width == 64
    if name.startswith(("packed", "wrong", "large")):
        data = PNG  # Pillow cannot open the other
    expected = Image.open(io.BytesIO(data))
    assert ImageChops.difference(sent.convert("RGB"), expected.convert("RGB")).getbbox() is None
    assert getattr(sent, "n_frames", 1) == 1


def test_a_profile_stays_where_the_pixels_stay_and_is_applied_where_they_are_encoded_again() -> None:
    red = Image.new("RGB", (32, 32), (200, 60, 60))
    wide = encoded(red, "JPEG", quality=95, icc_profile=display_p3())
    assert as_sent(wide).info["icc_profile"] == display_p3()
    for again in (
        encoded(red, "JPEG", quality=95, icc_profile=display_p3(), exif=exif(6)),
        encoded(red, "AVIF", quality=95, icc_profile=display_p3()),
    ):
        sent = as_sent(again)
        assert "icc_profile" not in sent.info
        # The same red takes more of sRGB's.
        assert is_near(sent.getpixel((9, 9)), (217, 41, 51), 8)


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_sent_upright(kind: str, orientation: int) -> None:
    lying = encoded(drawing((64, 48)), kind, exif=exif(orientation))
    expected = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    upright = drawing().transpose(expected[orientation])
    for sent in (as_sent(lying), *(Image.open(io.BytesIO(made)) for made in (fit(lying, 100_000)[0], preview(lying)))):
        assert sent.size == upright.size
        for point in ((3, 3), (sent.width - 4, 3), (3, sent.height - 4)):
            wanted = upright.getpixel(point)
            assert isinstance(wanted, tuple)
            assert is_near(sent.convert("RGB").getpixel(point), wanted, 25)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_odd_exif_is_no_reason_to_fail(kind: str, orientation: int) -> None:
    data = encoded(drawing(), "JPEG")
    odd = exif(orientation, odd=True)
    if kind == "JPEG":
        data = with_segments(data, segment(0xE1, odd))
    elif kind == "PNG":
        data = with_chunks(PNG, chunk(b"eXIf", odd[6:]))
    else:
        data = encoded(drawing(), "WEBP", exif=odd)
    upright = (64, 48) if orientation == 1 else (48, 64)
    assert as_sent(data).size == upright
    assert inspect(fit(data, 100_000)[0]).width == upright[0]
    assert inspect(preview(data)).extension == "jpg"


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("name", ODD_ENTRIES)
def test_no_odd_entry_of_exif_keeps_a_picture_from_standing_upright(name: str, orientation: int) -> None:
    data = with_segments(encoded(drawing(), "JPEG"), segment(0xE1, odd_exif(orientation, name)))
    upright = (64, 48) if orientation == 1 else (48, 64)
    assert as_sent(data).size == upright
    assert inspect(fit(data, 100_000)[0]).width == upright[0]
    assert inspect(preview(data)).width == upright[0]


def test_a_photo_with_a_gain_map_is_sent_upright_and_alone() -> None:
    sent = as_sent(with_gain_map())
    assert (sent.size, getattr(sent, "n_frames", 1)) == ((48, 64), 1)


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"heix"])
def test_photos_of_iphones_are_known_by_name(brand: bytes) -> None:
    data = b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + bytes(100)
    assert format_name(data) == HEIC
    with pytest.raises(NotAnImage):
        prepare(data, LIMIT)


@pytest.mark.parametrize("data", [b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", b"FUJIFILMCCD-RAW 0201FF383501"])
def test_raw_files_of_cameras_are_named(data: bytes) -> None:
    assert format_name(data + bytes(100)) == "camera raw"


def test_avif_and_bmp_are_sent_in_a_format_that_every_service_reads() -> None:
    assert shows_the_drawing(as_sent(encoded(drawing(), "AVIF")))
    assert as_sent(encoded(drawing(), "AVIF", exif=exif(6))).size == (48, 64)
    assert shows_the_drawing(as_sent(encoded(drawing(), "BMP")))
    clear = as_sent(encoded(Image.new("RGBA", (20, 20), (255, 0, 0, 90)), "AVIF", quality=95))
    assert is_near(clear.getpixel((9, 9)), (255, 0, 0, 90))


def test_printing_colours_are_sent_as_those_of_a_screen() -> None:
    sent = as_sent(encoded(drawing(mode="CMYK"), "JPEG", quality=95))
    assert sent.mode == "RGB"
    assert is_near(sent.getpixel((60, 40)), ORANGE, 30)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_is_sent_and_made_to_fit(mode: str) -> None:
    drawn = Image.new("I;16", (64, 48), 0x8000) if mode == "I;16" else drawing(mode="RGBA").convert(mode)
    data = encoded(drawn, "PNG")
    assert as_sent(data).mode.split(";")[0] == Image.open(io.BytesIO(data)).mode.split(";")[0]
    fitted = Image.open(io.BytesIO(fit(data, 20_000)[0])).convert("L")
    wanted = 0x80 if mode == "I;16" else Image.open(io.BytesIO(data)).convert("RGB").convert("L").getpixel((60, 40))
    found = fitted.getpixel((60, 40))
    assert isinstance(found, int | float)
    assert isinstance(wanted, int | float)
    assert abs(found - wanted) < 12


def test_one_that_moves_is_known_by_its_first_frame() -> None:
    assert as_sent(moving("GIF")).size == (32, 32)
    assert as_sent(moving("WEBP")).size == (32, 32)
    # Of a PNG its still picture goes on.
    assert getattr(as_sent(moving("PNG")), "n_frames", 1) == 1


@pytest.mark.parametrize("lost", [2, 20, 200])
@pytest.mark.parametrize("kind", ["JPEG", "progressive", "PNG", "interlaced", "WEBP", "GIF", "several frames"])
def test_a_file_that_lacks_its_last_bytes_is_taken_and_said_to_be_so(kind: str, lost: int) -> None:
    photo = Image.open(io.BytesIO(noise(300, 300)))
    data = {
        "JPEG": lambda: encoded(photo, "JPEG"),
        "progressive": lambda: encoded(photo, "JPEG", progressive=True),
        "PNG": lambda: encoded(photo, "PNG"),
        "interlaced": lambda: interlaced(photo),
        "WEBP": lambda: encoded(photo, "WEBP"),
        "GIF": lambda: encoded(photo, "GIF"),
        "several frames": lambda: encoded(photo, "GIF", save_all=True, append_images=[photo.rotate(90)]),
    }[kind]()
    prepared = prepare(data[:-lost], LIMIT)
    # Of a PNG the last two bytes are of a checksum.
    assert prepared.altered == (() if kind in ("PNG", "interlaced") and lost == 2 else (Altered.CUT_SHORT,))
    sent = Image.open(io.BytesIO(prepared.data)).convert("RGB")
    whole = Image.open(io.BytesIO(data)).convert("RGB")
    top = (0, 0, 300, 250)
    assert not any(ImageChops.difference(sent.crop(top), whole.crop(top)).convert("L").histogram()[5:])
    assert not prepare(data, LIMIT).altered


def interlaced(photo: Image.Image) -> bytes:
    """Rows of Adam7's seven passes, packed by hand."""
    width, height = photo.size
    access, rows = photo.load(), bytearray()
    assert access
    for left, top, across, down in PASSES:
        for y in range(top, height, down):
            pixels = [access[x, y] for x in range(left, width, across)]
            rows += b"\0" + b"".join(bytes(pixel) for pixel in pixels if isinstance(pixel, tuple))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    packed = zlib.compress(bytes(rows), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


@pytest.mark.parametrize("lost", [0.5, 0.01])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "BMP"])
def test_a_file_that_lacks_too_much_is_said_to_be_cut_short(kind: str, lost: float) -> None:
    data = encoded(Image.open(io.BytesIO(noise(200, 200))), kind)
    cut = data[: int(len(data) * (1 - lost))]
    if lost < 0.05 and kind not in ("AVIF", "BMP"):
        assert Altered.CUT_SHORT in prepare(cut, LIMIT).altered
        return
    with pytest.raises(CutShort):
        prepare(cut, LIMIT)


# Phones of 108, 200 and 64 megapixels, a portrait, the panorama of a camera that looks all around, and a scan.
@pytest.mark.parametrize(
    "size", [(12_000, 9_000), (16_320, 12_240), (9_248, 6_936), (7_000, 9_500), (11_600, 5_800), (18_600, 14_000)]
)
def test_photos_of_very_many_pixels_are_made_smaller(size: tuple[int, int]) -> None:
    photo = Image.effect_noise((400, 300), 60).resize((size[0] // 16, size[1] // 16)).resize(size, Image.Resampling.BOX)
    data = encoded(photo, "JPEG", quality=40)
    assert inspect(data).width == size[0]
    prepared = prepare(data, LIMIT)
    assert prepared.altered == (Altered.SMALLER,)
    assert prepared.given_size == size
    assert prepared.size[0] * prepared.size[1] <= 4096 * 4096 * 1.001
    assert abs(prepared.size[0] / prepared.size[1] - size[0] / size[1]) < 0.01


@pytest.mark.parametrize(
    "data",
    [
        huge_jpeg(12_000, 9_000, progressive=True),
        huge_jpeg(40_000, 40_000),
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 12_000, 9_000, 8, 2, 0, 0, 0)),
    ],
    ids=["progressive", "beyond all cameras", "png"],
)
def test_what_cannot_be_decoded_at_a_lower_resolution_is_refused_for_its_pixels(data: bytes) -> None:
    with pytest.raises(TooManyPixels):
        prepare(data, LIMIT)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_file_of_too_many_bytes_is_made_to_fit(kind: str) -> None:
    data = encoded(Image.open(io.BytesIO(noise(1200, 1200))), kind, quality=98)
    assert len(data) > 1_000_000
    prepared = prepare(data, 1_000_000)
    assert prepared.altered == (Altered.SMALLER,)
    assert len(prepared.data) <= 1_000_000
    # Private data do not count.
    stuffed = with_segments(JPEG, *[segment(0xE1, bytes(60_000))] * 20)
    assert prepare(stuffed, 1_000_000).altered == ()


def test_text_that_unpacks_without_end_is_not_unpacked() -> None:
    bomb = zlib.compress(bytes(200_000_000))
    data = with_chunks(PNG, chunk(b"zTXt", b"a\0\0" + bomb), chunk(b"iCCP", b"a\0\0" + bomb))
    assert shows_the_drawing(as_sent(data))
    assert PngImagePlugin.MAX_TEXT_CHUNK < 5_000_000


def test_what_is_no_picture_is_refused() -> None:
    for data in (b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", b"BM", b"GIF89a"):
        with pytest.raises(NotAnImage):
            prepare(data, LIMIT)
