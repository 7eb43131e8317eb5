"""Reads the header of an image before decoding, and rejects images that would cost too much to decode.

Pillow parses headers in Python, one chunk at a time, and allocates a WebP's canvas when it opens the file. A file of a
few megabytes could take minutes or gigabytes before Pillow checks the size.

The first bytes also name the format of a file that is not a supported image, for the message to its owner.
"""

from __future__ import annotations

import struct

from bot.runtime.units import MEGABYTE

# Four times the largest image of the services (4,096 by 4,096). A pixel takes four bytes of memory while it is
# processed.
MAX_PIXELS = 64_000_000
# A JPEG with one scan can be decoded at 1/2 to 1/8 of its edges. Phone cameras produce up to 200 megapixels.
MAX_JPEG_PIXELS = 400_000_000
# Pillow decodes compressed BMPs in Python.
MAX_PACKED_BMP_BYTES = MEGABYTE
# Encoders write chunks of 4 KiB and more, so the largest download has about 16,000.
MAX_PNG_CHUNKS = 20_000
# Comments and profiles of a JPEG use segments of up to 64 KiB; a color profile has at most 255 of them.
MAX_JPEG_SEGMENTS = 1_000
# A progressive JPEG has about ten scans. Each scan processes all pixels again.
MAX_JPEG_SCANS = 64
# The maximum size of the data before the first frame of a GIF.
MAX_GIF_EXTENSIONS = 256 * 1024
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GIF = (b"GIF87a", b"GIF89a")
# Markers without a length: TEM, and the restart markers.
_BARE = {0x01, *range(0xD0, 0xD9)}
JPEG_SCAN, JPEG_END = 0xDA, 0xD9
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Baseline and extended sequential: decoded row by row.
_SEQUENTIAL = (0xC0, 0xC1)
# Brands of ISO media files with AV1 images (AVIF specification, 6).
_AVIF = frozenset({b"avif", b"avis"})
# First bytes, and the common name of the format.
_BEGINNINGS = (
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"8BPS", "Photoshop"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\1\0", "icon"),
    (b"%PDF", "PDF"),
    (b"%!PS", "PostScript"),
    (b"PK\3\4", "ZIP"),
    (b"gimp xcf", "GIMP"),
    (b"FUJIFILMCCD-RAW", "camera raw"),
    (b"\x1a\x45\xdf\xa3", "video"),
)
# HEIC is not decoded: the only decoder with wheels and a suitable license crashes the process on damaged files.
HEIC = "HEIC"
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})


class NotAnImage(Exception):
    """The data is not an image of a supported format, or is too costly to decode."""


class TooManyPixels(NotAnImage):
    """An image with too many pixels to decode."""


def kind_of(data: bytes) -> str | None:
    """Returns Pillow's name of the format by the first bytes, None for unsupported formats."""
    if data.startswith(PNG_SIGNATURE):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(_GIF):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith(b"BM") and data[6:10] == b"\0\0\0\0":
        return "BMP"
    return "AVIF" if brands(data) & _AVIF else None


def brands(data: bytes) -> frozenset[bytes]:
    """Returns the brands in the first box of an ISO media file (ISO/IEC 14496-12, 4.3); none for other files."""
    if data[4:8] != b"ftyp":
        return frozenset()
    end = min(int.from_bytes(data[:4], "big"), 256)
    return frozenset({data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))})


def check_header(data: bytes) -> None:
    """Raises NotAnImage for an image that would cost too much to open, whatever its file extension."""
    try:
        match kind_of(data):
            case "PNG":
                _check_png(data)
            case "JPEG":
                _check_jpeg(data)
            case "GIF":
                _check_gif(data)
            case "WEBP":
                check_size(*webp_canvas(data))
            case "BMP":
                _check_bmp(data)
    except (struct.error, IndexError) as error:
        raise NotAnImage("cut off in the header") from error


def check_size(width: int, height: int, limit: int = MAX_PIXELS) -> None:
    """Raises TooManyPixels for more than `limit` pixels."""
    if width * height > limit:
        raise TooManyPixels("too many pixels")


def _check_png(data: bytes) -> None:
    at, chunks = len(PNG_SIGNATURE), 0
    if data[12:16] == b"IHDR":
        check_size(*struct.unpack_from(">II", data, 16))
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        if data[at + 4 : at + 8] == b"IEND":
            return
        chunks += 1
        if chunks > MAX_PNG_CHUNKS:
            raise NotAnImage("too many chunks")
        at += 12 + length


def _check_jpeg(data: bytes) -> None:
    frame, scan = jpeg_frame(data)
    if scan is not None:
        _check_jpeg_frame(frame, data[scan + 4])


def jpeg_frame(data: bytes) -> tuple[bytes, int | None]:
    """Returns the last frame header (marker to number of components) before the first scan, and where the scan begins:
    None if the file ends before. A damaged file's header ends where no marker follows.

    Raises NotAnImage, struct.error.
    """
    at, segments, frame = 2, 0, b""
    while at + 4 <= len(data):
        segments += 1
        if segments > MAX_JPEG_SEGMENTS:
            raise NotAnImage("too many segments")
        marker = data[at + 1]
        if marker in _FRAMES:
            frame = data[at + 1 : at + 10]
        if data[at] != 0xFF or marker in (JPEG_SCAN, JPEG_END):
            return frame, at
        if marker == 0xFF:
            at += 1
        elif marker in _BARE or marker == 0:
            at += 2
        else:
            at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return frame, None


def _check_jpeg_frame(frame: bytes, in_scan: int) -> None:
    """Checks the frame header with the number of components in the first scan. If further scans contain the other
    components, a decoder keeps the whole image at its full size."""
    if not frame:
        return
    marker, _, _, height, width, components = struct.unpack(">BHBHHB", frame)
    one_scan = marker in _SEQUENTIAL and in_scan == components
    check_size(width, height, MAX_JPEG_PIXELS if one_scan else MAX_PIXELS)


def _check_bmp(data: bytes) -> None:
    (length,) = struct.unpack_from("<I", data, 14)
    if length < 40:  # OS/2's first header has no compression field
        return
    width, height, _, _, compression = struct.unpack_from("<iiHHI", data, 18)
    check_size(abs(width), abs(height))
    if compression in (1, 2) and len(data) > MAX_PACKED_BMP_BYTES:
        raise NotAnImage("a compressed BMP that is too large")


def _check_gif(data: bytes) -> None:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    check_size(width, height)
    at = start = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    while data[at] != 0x2C:  # the first frame
        if data[at] != 0x21 or at - start > MAX_GIF_EXTENSIONS:
            raise NotAnImage("no frame where one is expected")
        at += 2
        while data[at]:  # blocks of an extension; the last one is empty
            at += 1 + data[at]
            if at - start > MAX_GIF_EXTENSIONS:
                raise NotAnImage("too much data before the first frame")
        at += 1
    left, top, wide, high = struct.unpack_from("<HHHH", data, at + 1)
    # A frame outside the canvas enlarges it.
    check_size(max(width, left + wide), max(height, top + high))


def webp_canvas(data: bytes) -> tuple[int, int]:
    """Returns width and height from the first chunk. Raises struct.error."""
    kind = data[12:16]
    if kind == b"VP8X":
        return (1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"))
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    width, height = struct.unpack_from("<HH", data, 26)
    return (width & 0x3FFF, height & 0x3FFF)


def format_name(data: bytes) -> str | None:
    """Returns the name of the format, None for a damaged image of a supported format and for an unknown format."""
    if kind_of(data) is not None:
        return None
    if brands(data) & _HEIC_BRANDS:
        return HEIC
    if b"crx " in brands(data):
        return "camera raw"
    for beginning, name in _BEGINNINGS:
        if data.startswith(beginning):
            return name
    if data[4:8] == b"ftyp":
        return "video"
    text = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "SVG" if text.startswith(b"<svg") or (text.startswith(b"<?xml") and b"<svg" in text) else None
