"""What a picture's header says, read before any of it is decoded, and refused there when decoding could cost too much.

Pillow reads headers in Python, one chunk at a time, and allocates a WebP's canvas when it opens it. A file of a few
megabytes could so take minutes, or gigabytes, before Pillow itself looks at the size.
"""

from __future__ import annotations

import struct

from bot.runtime.units import MEGABYTE

# Four times the largest that the family draws (4,096 by 4,096); each takes four bytes while it is looked at.
MAX_PIXELS = 64_000_000
# A JPEG of one scan can be decoded at a half to an eighth of its edges: cameras of phones take up to 200 megapixels.
MAX_JPEG_PIXELS = 400_000_000
# Packed BMPs are decoded in Python.
MAX_PACKED_BMP_BYTES = MEGABYTE
# Encoders write chunks of 4 KiB and more: the largest download has some 16,000 of them.
MAX_PNG_CHUNKS = 20_000
# Comments and profiles of a JPEG stand in segments of up to 64 KiB; a colour profile takes at most 255 of them.
MAX_JPEG_SEGMENTS = 1_000
# A progressive JPEG has some ten scans; each goes over all pixels again.
MAX_JPEG_SCANS = 64
# Of a GIF: what stands before its first frame.
MAX_GIF_EXTENSIONS = 256 * 1024
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GIF = (b"GIF87a", b"GIF89a")
# Markers without a length: TEM, and the restart markers.
_BARE = {0x01, *range(0xD0, 0xD9)}
JPEG_SCAN, JPEG_END = 0xDA, 0xD9
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Baseline and extended sequential: what is decoded row by row.
_SEQUENTIAL = (0xC0, 0xC1)
# Brands of ISO media files with pictures in AV1 (AVIF specification, 6).
_AVIF = frozenset({b"avif", b"avis"})


class NotAnImage(Exception):
    """The bytes are no picture of a known format, or one too costly to decode."""


class TooManyPixels(NotAnImage):
    """A picture that is too large to decode."""


def kind_of(data: bytes) -> str | None:
    """The format by its first bytes, as Pillow names it; None for what is not decoded here."""
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
    """The brands that an ISO media file names in its first box (ISO/IEC 14496-12, 4.3); none for other files."""
    if data[4:8] != b"ftyp":
        return frozenset()
    end = min(int.from_bytes(data[:4], "big"), 256)
    return frozenset({data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))})


def check_header(data: bytes) -> None:
    """Raises NotAPicture for a picture that would cost too much to open, whatever its file ending says."""
    try:
        match kind_of(data):
            case "PNG":
                _check_png(data)
            case "JPEG":
                _check_jpeg(data)
            case "GIF":
                _check_gif(data)
            case "WEBP":
                check_size(*_webp_size(data))
            case "BMP":
                _check_bmp(data)
    except (struct.error, IndexError) as error:
        raise NotAnImage("cut off in the header") from error


def check_size(width: int, height: int, limit: int = MAX_PIXELS) -> None:
    """Raises TooManyPixels for more pixels than are decoded."""
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
    at, segments, frame = 2, 0, b""
    while at + 4 <= len(data):
        segments += 1
        if segments > MAX_JPEG_SEGMENTS:
            raise NotAnImage("too many segments")
        marker = data[at + 1]
        if marker in _FRAMES:
            frame = data[at + 1 : at + 10]
        if data[at] != 0xFF or marker in (JPEG_SCAN, JPEG_END):
            _check_jpeg_frame(frame, data[at + 4])
            return
        if marker == 0xFF:
            at += 1
        elif marker in _BARE or marker == 0:
            at += 2
        else:
            at += 2 + struct.unpack_from(">H", data, at + 2)[0]


def _check_jpeg_frame(frame: bytes, in_scan: int) -> None:
    """Checks the frame header by the count of components in the first scan: all, or others follow in further scans,
    for which a decoder keeps the whole picture at its full size."""
    if not frame:
        return
    marker, _, _, height, width, components = struct.unpack(">BHBHHB", frame)
    one_scan = marker in _SEQUENTIAL and in_scan == components
    check_size(width, height, MAX_JPEG_PIXELS if one_scan else MAX_PIXELS)


def _check_bmp(data: bytes) -> None:
    (length,) = struct.unpack_from("<I", data, 14)
    if length < 40:  # OS/2's first header has no compression
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
        while data[at]:  # blocks of an extension, the empty one last
            at += 1 + data[at]
            if at - start > MAX_GIF_EXTENSIONS:
                raise NotAnImage("too much data before the first frame")
        at += 1
    left, top, wide, high = struct.unpack_from("<HHHH", data, at + 1)
    # A frame that sticks out makes the canvas larger.
    check_size(max(width, left + wide), max(height, top + high))


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return (1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"))
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    width, height = struct.unpack_from("<HH", data, 26)
    return (width & 0x3FFF, height & 0x3FFF)
