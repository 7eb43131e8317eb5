"""Recognizes complete files by their header and their end marker, and truncated ones in formats whose missing end
cannot be completed, without decoding or copying them.

It is cheap for every file (a few milliseconds at most), so it may run in the event loop. A file that is damaged in the
middle is recognized, too: only decoding finds that.
"""

from __future__ import annotations

import struct
import zlib

from bot.media.containers.headers import JPEG_END, JPEG_SCAN, PNG_SIGNATURE, jpeg_frame, webp_canvas

# The bit depths of each color type (PNG specification, 11.2.1).
_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_IHDR_END = len(PNG_SIGNATURE) + 25
# Bytes at the end of a JPEG in which the end marker is expected. Some writers pad a file with zeros.
_JPEG_TAIL = 64
_WEBP_IMAGES = (b"VP8 ", b"VP8L", b"ANMF")
# An animation has a chunk for each frame.
_MAX_WEBP_CHUNKS = 5_000
_MAX_BOXES = 1_000

Size = tuple[int, int]


def complete_size(data: bytes, kind: str) -> Size | None:
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


def ends_early(data: bytes, kind: str) -> bool:
    """Whether the file, in this format (Pillow's name), declares more bytes than it has."""
    if kind == "BMP":
        return int.from_bytes(data[2:6], "little") > len(data)
    return kind == "AVIF" and _announced(data) > len(data)


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
    frame, scan = jpeg_frame(data)
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
            return webp_canvas(data) if images else None
        at += length % 2
    return None


def _announced(data: bytes) -> int:
    """Returns the end of the last box of an ISO media file (ISO/IEC 14496-12, 4.2). Size 0 means up to the end."""
    at = 0
    for _ in range(_MAX_BOXES):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:
            break
        at += size
        if at >= len(data):
            break
    return at
