"""JPEG: segments, each with a marker, then scans (ITU-T T.81, Annex B)."""

from __future__ import annotations

import re
import struct

from bot.media.containers.cleaned import UPRIGHT, CleanedImage, orientation_of
from bot.media.containers.recognition import JPEG_END, JPEG_SCAN, MAX_JPEG_SCANS, MAX_JPEG_SEGMENTS, NotAnImage

_START = 0xD8
_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE
# Tables, frame headers, scans, and restart intervals.
_NEEDED = frozenset({*range(0xC0, 0xD0), JPEG_SCAN, 0xDB, 0xDC, 0xDD}) - {0xC8}
# The next marker, also within scan data: there 0xFF before 0x00 is a literal byte, and restart markers belong to the
# scan.
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL)
# Version, unit, and two densities; a thumbnail follows.
_JFIF_BYTES = 12


def cleaned(data: bytes) -> CleanedImage:
    """Returns only the first image of the file. Raises NotAnImage."""
    parts, orientation = [b"\xff\xd8"], UPRIGHT
    at, scans, segments, in_scan = 2, 0, 0, False
    while found := _MARKER.search(data, at):
        marker, body = found[1][0], found.end()
        if in_scan:
            parts.append(data[at : found.start()])
        if marker == JPEG_END:
            return CleanedImage(b"".join([*parts, b"\xff\xd9"]), orientation)
        if marker in (_START, 0x01):  # neither has a payload
            at = body
            continue
        segments += 1
        if segments > MAX_JPEG_SEGMENTS:
            raise NotAnImage("too many segments")
        end = body + _length(data, body)
        if end > len(data):
            return _completed(parts, b"", orientation, scans)
        payload = data[body + 2 : end]
        if marker == _APP1 and payload.startswith(b"Exif\0\0"):
            orientation = orientation_of(payload)
        scans += marker == JPEG_SCAN
        if scans > MAX_JPEG_SCANS:
            raise NotAnImage("too many scans")
        parts += _kept(marker, payload)
        in_scan, at = marker == JPEG_SCAN, end
    return _completed(parts, data[at:] if in_scan else b"", orientation, scans)


def _length(data: bytes, at: int) -> int:
    if at + 2 > len(data):
        return 2
    return max(2, int(struct.unpack_from(">H", data, at)[0]))


def _completed(parts: list[bytes], rest: bytes, orientation: int, scans: int) -> CleanedImage:
    """Completes an image with a missing end. The decoder fills the missing part with gray."""
    if not scans:
        raise NotAnImage("cut off in the header")
    return CleanedImage(b"".join([*parts, rest.rstrip(b"\xff"), b"\xff\xd9"]), orientation, completed=True)


def _kept(marker: int, payload: bytes) -> list[bytes]:
    if marker == _APP0 and payload.startswith(b"JFIF\0"):
        payload = payload[:_JFIF_BYTES] + b"\0\0"
    needed = (
        marker in _NEEDED
        or (marker == _APP0 and payload.startswith(b"JFIF\0"))
        or (marker == _APP2 and payload.startswith(b"ICC_PROFILE\0"))
        or (marker == _APP14 and payload.startswith(b"Adobe"))
    )
    return [bytes((0xFF, marker)), struct.pack(">H", len(payload) + 2), payload] if needed else []
