"""PNG: chunks with checksums (PNG specification, 5). An animation is reduced to its still image."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from bot.media.containers.cleaned import MAX_MISSING, UPRIGHT, CleanedImage, orientation_of
from bot.media.containers.recognition import MAX_PNG_CHUNKS, PNG_SIGNATURE, NotAnImage
from bot.runtime.units import MEGABYTE

_CRITICAL = (b"IHDR", b"PLTE", b"IDAT")
# Chunks that affect the appearance, and the resolution.
_LOOKS = frozenset({b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI", b"sBIT", b"bKGD", b"pHYs"})
# Uncompressed size. Profiles of displays and cameras take some kilobytes, scanner profiles with tables a few megabytes.
MAX_PROFILE = 4 * MEGABYTE
_PIECE = 256 * 1024
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Adam7's passes: the first column and row, and the steps (PNG specification, 8).
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def cleaned(data: bytes) -> CleanedImage:
    """Returns the image without text and other private chunks, and without ancillary chunks with a wrong checksum.

    If too much of the end is missing, the file stays truncated, so that decoding fails. Raises NotAnImage.
    """
    kept: list[bytes] = [PNG_SIGNATURE]
    packed: list[bytes] = []
    at, chunks, orientation, whole = len(PNG_SIGNATURE), 0, UPRIGHT, False
    while at + 8 <= len(data):
        chunks += 1
        if chunks > MAX_PNG_CHUNKS:
            raise NotAnImage("too many chunks")
        (length,) = struct.unpack_from(">I", data, at)
        kind, payload, end = data[at + 4 : at + 8], data[at + 8 : at + 8 + length], at + 12 + length
        whole = kind == b"IEND"
        if whole:
            break
        if kind == b"IDAT":
            packed.append(payload)
            kept.append(data[at:end])
        elif end > len(data):
            break
        elif kind == b"eXIf":
            orientation = orientation_of(payload)
        elif _is_kept(kind, data[at:end]):
            kept.append(data[at:end])
        at = end
    if not whole:
        return CleanedImage(_completed(kept, packed), orientation, completed=True)
    return CleanedImage(b"".join([*kept, _chunk(b"IEND", b"")]), orientation)


def _is_kept(kind: bytes, chunk: bytes) -> bool:
    if kind in _CRITICAL:
        return True
    right = zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:], "big")
    return kind in _LOOKS and right and (kind != b"iCCP" or _is_small(chunk[8:-4]))


def _is_small(profile: bytes) -> bool:
    _, _, packed = profile.partition(b"\0")
    try:
        unpacker = zlib.decompressobj()
        unpacker.decompress(packed[1:], MAX_PROFILE)
    except zlib.error:
        return False
    return unpacker.eof


def _completed(kept: list[bytes], packed: list[bytes]) -> bytes:
    """Fills the missing rows with zeros. Too many missing rows are not filled."""
    header = next((chunk[8:21] for chunk in kept if chunk[4:8] == b"IHDR"), b"")
    if len(header) != 13:
        raise NotAnImage("cut off in the header")
    expected = _unpacked_bytes(header)
    packer, repacked, got = zlib.compressobj(1), [], 0
    for piece in _unpacked(packed):
        got += len(piece)
        repacked.append(packer.compress(piece))
        if got > expected:
            break
    if got < expected * (1 - MAX_MISSING):
        return b"".join(kept)
    while got < expected:
        piece = bytes(min(_PIECE, expected - got))
        got += len(piece)
        repacked.append(packer.compress(piece))
    others = [chunk for chunk in kept if chunk[4:8] != b"IDAT"]
    rows = _chunk(b"IDAT", b"".join([*repacked, packer.flush()]))
    return b"".join([*others, rows, _chunk(b"IEND", b"")])


def _unpacked(packed: list[bytes]) -> Iterator[bytes]:
    """Yields the decompressed rows in pieces, as far as they are readable."""
    unpacker = zlib.decompressobj()
    for part in packed:
        pending = part
        while pending and not unpacker.eof:
            try:
                yield unpacker.decompress(pending, _PIECE)
            except zlib.error:
                return
            pending = unpacker.unconsumed_tail


def _unpacked_bytes(header: bytes) -> int:
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    bits = depth * _CHANNELS.get(colour, 4)
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + -(-columns * bits // 8))
    return total


def _chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))
