"""Recognizes image files by their structure: format, size, what decoding would cost, and whether the file is complete.

Pillow parses headers in Python, one chunk at a time, and allocates a WebP's canvas when it opens the file. A file of a
few megabytes could take minutes or gigabytes before Pillow checks the size.

Nothing is decoded or copied, so this is cheap for every file (a few milliseconds at most) and may run in the event
loop. A file that is damaged in the middle is recognized, too: only decoding finds that.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.runtime.units import MEGABYTE

Size = tuple[int, int]

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
# The bit depths of each color type (PNG specification, 11.2.1).
_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_IHDR_END = len(PNG_SIGNATURE) + 25
# Bytes at the end of a JPEG in which the end marker is expected. Some writers pad a file with zeros.
_JPEG_TAIL = 64
_WEBP_IMAGES = (b"VP8 ", b"VP8L", b"ANMF")
# An animation has a chunk for each frame.
_MAX_WEBP_CHUNKS = 5_000
# File extension and media type by Pillow's format name: the formats that browsers display.
FORMATS = {
    "PNG": ("png", "image/png"),
    "JPEG": ("jpg", "image/jpeg"),
    "WEBP": ("webp", "image/webp"),
    "GIF": ("gif", "image/gif"),
    "AVIF": ("avif", "image/avif"),
    "BMP": ("bmp", "image/bmp"),
}
# An image within both limits is small enough for a preview. Decoding it would cost more than sending it.
SMALL_BYTES = 512 * 1024
SMALL_EDGE = 1_024


class NotAnImage(Exception):
    """The data is not an image of a supported format, or is too costly to decode."""


class TooManyPixels(NotAnImage):
    """An image with too many pixels to decode."""


class ImageFacts(NamedTuple):
    """The properties found in the content: the actual media type, its file extension, and the size in pixels."""

    media_type: str
    extension: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SmallImage:
    """An image for a preview, and its file extension."""

    data: bytes = field(repr=False)
    extension: str


def recognized(data: bytes) -> ImageFacts | None:
    """Returns the properties of a complete image without decoding it: by its header and its end marker. None if only
    decoding shows whether the image is usable. Cheap enough for the event loop.

    Raises NotAnImage for an unsupported format and for an image that would cost too much to decode.
    """
    kind = known_kind(data)
    check_header(data)
    size = _complete_size(data, kind)
    if size is None:
        return None
    extension, media_type = FORMATS[kind]
    return ImageFacts(media_type, extension, *size)


def as_it_came(data: bytes) -> SmallImage | None:
    """Returns a complete image that is small enough for a preview, without decoding. None for other images. Raises
    NotAnImage."""
    facts = recognized(data)
    if facts is None or len(data) > SMALL_BYTES or max(facts.width, facts.height) > SMALL_EDGE:
        return None
    return SmallImage(data, facts.extension)


def known_kind(data: bytes) -> str:
    """Returns Pillow's name of the format. Raises NotAnImage for an unsupported one."""
    kind = kind_of(data)
    if kind is None:
        raise NotAnImage("unknown format")
    return kind


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
                check_size(*_webp_canvas(data))
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
    frame, scan = _jpeg_frame(data)
    if scan is not None:
        _check_jpeg_frame(frame, data[scan + 4])


def _jpeg_frame(data: bytes) -> tuple[bytes, int | None]:
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


def _webp_canvas(data: bytes) -> Size:
    """Returns width and height from the first chunk. Raises struct.error."""
    kind = data[12:16]
    if kind == b"VP8X":
        return (1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"))
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    width, height = struct.unpack_from("<HH", data, 26)
    return (width & 0x3FFF, height & 0x3FFF)


def _complete_size(data: bytes, kind: str) -> Size | None:
    """Returns (width, height) of a complete file in this format (Pillow's name).

    None if the file may be incomplete, and for formats whose size or end cannot be read from the file's structure: then
    only decoding shows what the file contains. The header must have been checked (`check_header`).
    """
    try:
        match kind:
            case "PNG":
                size = _complete_png(data)
            case "JPEG":
                size = _complete_jpeg(data)
            case "GIF":
                size = struct.unpack_from("<HH", data, 6) if data.endswith(b"\0;") else None
            case "WEBP":
                size = _complete_webp(data)
            case _:
                return None
    except (struct.error, IndexError):
        return None
    return size if size and all(size) else None


def _complete_png(data: bytes) -> Size | None:
    header = data[len(PNG_SIGNATURE) : _IHDR_END]
    length, name, width, height, depth, color, _, _, interlaced = struct.unpack_from(">I4sIIBBBBB", header)
    right = zlib.crc32(header[4:-4]) == int.from_bytes(header[-4:], "big")
    if (length, name) != (13, b"IHDR") or not right or depth not in _PNG_DEPTHS.get(color, ()) or interlaced > 1:
        return None
    at, rows = _IHDR_END, False
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name = data[at + 4 : at + 8]
        if name == b"IEND":
            return (width, height) if rows else None
        rows = rows or name == b"IDAT"
        at += 12 + length
    return None


def _complete_jpeg(data: bytes) -> Size | None:
    frame, scan = _jpeg_frame(data)
    if len(frame) < 9 or scan is None or data[scan : scan + 2] != bytes((0xFF, JPEG_SCAN)):
        return None
    if not data[-_JPEG_TAIL:].rstrip(b"\0").endswith(bytes((0xFF, JPEG_END))):
        return None
    height, width = struct.unpack_from(">HH", frame, 4)
    return width, height


def _complete_webp(data: bytes) -> Size | None:
    end = 8 + int.from_bytes(data[4:8], "little")
    at, images = 12, 0
    for _ in range(_MAX_WEBP_CHUNKS):
        images += data[at : at + 4] in _WEBP_IMAGES
        (length,) = struct.unpack_from("<I", data, at + 4)
        at += 8 + length
        # The padding of the last chunk may be missing.
        if at in (end, end - 1) and at <= len(data):
            return _webp_canvas(data) if images else None
        at += length % 2
    return None
