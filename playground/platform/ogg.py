"""Ogg/Opus files: put together from Opus packets and a comment, and read again (RFC 3533, 7845)."""

import struct
from collections.abc import Iterator, Sequence

SAMPLES = 960  # of one packet: 20 ms at 48 kHz
RATE = 48_000
_PRE_SKIP = 312
_SERIAL = 0x0A7E11E6
_PACKETS_AT_ONCE = 50
_VENDOR = b"atelier playground"
_FIRST, _LAST = 2, 4


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return table


_CRC = _crc_table()


def opus_file(packets: Sequence[bytes], comment: str) -> bytes:
    """A file of mono packets of 20 ms each, with a comment."""
    title = f"TITLE={comment}".encode()
    tags = b"OpusTags" + struct.pack("<I", len(_VENDOR)) + _VENDOR + struct.pack("<II", 1, len(title)) + title
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, _PRE_SKIP, RATE, 0, 0)
    pages = [_page([head], 0, 0, _FIRST), _page([tags], 0, 1, 0)]
    for at in range(0, len(packets), _PACKETS_AT_ONCE):
        part = packets[at : at + _PACKETS_AT_ONCE]
        last = at + len(part) == len(packets)
        pages.append(_page(part, (at + len(part)) * SAMPLES, len(pages), _LAST if last else 0))
    return b"".join(pages)


def opus_comment(data: bytes) -> str:
    """The title in the comments of an Ogg/Opus file, "" if there is none."""
    if b"OpusTags" not in data[:1024]:
        return ""
    start = data[:65_536].find(b"TITLE=")
    if start < 4:
        return ""
    (length,) = struct.unpack_from("<I", data, start - 4)
    return data[start + 6 : start + length].decode("utf-8", "replace")


def opus_seconds(data: bytes) -> float:
    """The length of an Ogg/Opus file, by the position of its last page."""
    at = data.rfind(b"OggS")
    if at < 0 or len(data) < at + 14:
        return 0.0
    (position,) = struct.unpack_from("<q", data, at + 6)
    return float(max(position, 0)) / RATE


def _page(packets: Sequence[bytes], position: int, number: int, flags: int) -> bytes:
    lacing = b"".join(_lacing(len(packet)) for packet in packets)
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, position, _SERIAL, number, 0, len(lacing))
    page = bytearray(head + lacing + b"".join(packets))
    struct.pack_into("<I", page, 22, _checksum(page))
    return bytes(page)


def _lacing(length: int) -> bytes:
    return b"\xff" * (length // 255) + bytes([length % 255])


def _checksum(page: bytes | bytearray) -> int:
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFFFF) ^ _CRC[(value >> 24) ^ byte]
    return value


def packets_of(data: bytes) -> Iterator[bytes]:
    """The packets of an Ogg file, headers included."""
    at, packet = 0, b""
    while data[at : at + 4] == b"OggS":
        count = data[at + 26]
        lacing, at = data[at + 27 : at + 27 + count], at + 27 + count
        for length in lacing:
            packet += data[at : at + length]
            at += length
            if length < 255:
                yield packet
                packet = b""
