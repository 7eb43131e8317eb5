"""Picture files as cameras, phones and editors write them, made here."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, ImageCms, ImageDraw

PRIVATE = b"52.5200N 13.4050E, for nobody else"


def drawing(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    """An orange picture whose upper left quarter is navy."""
    drawn = Image.new("RGB", size, "orange")
    drawn.paste("navy", (0, 0, size[0] // 2, size[1] // 2))
    return drawn.convert(mode)


def encoded(picture: Image.Image, kind: str, **how: object) -> bytes:
    """A picture as a file."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **how)
    return buffer.getvalue()


def exif(orientation: int = 1, *, odd: bool = False) -> bytes:
    """Exif with a position, a thumbnail's place and an orientation; `odd`: with a resolution that divides by zero."""
    if odd:
        return odd_exif(orientation, "minus one by zero")
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010E] = PRIVATE.decode()
    made.get_ifd(0x8825)[1] = "N"
    return made.tobytes()


# The tag, type, count and place of the second entry, and what stands behind the entries, at 38.
ODD_ENTRIES = {
    # A signed rational where Pillow expects an unsigned one, and cannot write it back.
    "minus one by zero": ((0x011A, 10, 1, 38), struct.pack("<ii", -1, 0)),
    "a negative exposure": ((0x829A, 10, 1, 38), struct.pack("<ii", -5, 3)),
    "zero by zero": ((0x011B, 5, 1, 38), struct.pack("<II", 0, 0)),
    "a resolution in words": ((0x011A, 2, 9, 38), b"72 dots\xff\0"),
    "a place behind the end": ((0x011A, 5, 1, 60_000), b""),
    "very many values": ((0x011A, 5, 0x20000000, 38), b""),
    "a type that is none": ((0x011A, 99, 1, 38), b""),
    "a directory within itself": ((0x8769, 4, 1, 8), b""),
}


def odd_exif(orientation: int, name: str) -> bytes:
    """Exif with an orientation and one of the odd entries."""
    entry, behind = ODD_ENTRIES[name]
    entries = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack("<HHII", *entry)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", 0) + behind


def with_second_picture(kind: str = "RGB") -> bytes:
    """A JPEG with another inside, as cameras write for previews and gain maps (MPF)."""
    return encoded(drawing(mode=kind), "MPO", save_all=True, append_images=[drawing((32, 24), kind)])


def with_gain_map() -> bytes:
    """A JPEG that lies on its side, with a gain map and a depth map inside, as phones write photos of a wide range."""
    others = [drawing((32, 24), "L"), drawing((16, 12), "L")]
    return encoded(drawing(), "MPO", save_all=True, append_images=others, exif=exif(6))


def with_clip_behind() -> bytes:
    """A JPEG with a clip behind its end, as phones write moving photos."""
    return encoded(drawing(), "JPEG", quality=95) + b"\0\0\0\x18ftypmp42" + PRIVATE + b"\xff\xda\xff\xd9" * 100


def segment(marker: int, payload: bytes) -> bytes:
    """A segment of a JPEG."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(payload) + 2) + payload


def with_segments(data: bytes, *segments: bytes) -> bytes:
    """A JPEG with more segments at its beginning."""
    return data[:2] + b"".join(segments) + data[2:]


def chunk(kind: bytes, payload: bytes, *, crc: int | None = None) -> bytes:
    """A chunk of a PNG, with a wrong checksum if one is given."""
    right = zlib.crc32(kind + payload)
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", right if crc is None else crc)


def with_chunks(data: bytes, *chunks: bytes) -> bytes:
    """A PNG with more chunks behind its header."""
    return data[:33] + b"".join(chunks) + data[33:]


def packed_text(size: int = 1_200_000) -> bytes:
    """A chunk of text that is large once unpacked, such as a workflow."""
    return chunk(b"zTXt", b"workflow\0\0" + zlib.compress(PRIVATE * (size // len(PRIVATE))))


def with_webp_chunks(data: bytes, **chunks: bytes) -> bytes:
    """A WebP with more chunks at its end; it has to be an extended one."""
    more = b"".join(
        kind.encode().ljust(4) + struct.pack("<I", len(payload)) + payload + bytes(len(payload) % 2)
        for kind, payload in chunks.items()
    )
    return data[:4] + struct.pack("<I", len(data) - 8 + len(more)) + data[8:] + more


def display_p3() -> bytes:
    """A colour profile whose red is redder than sRGB's: that of sRGB with its primaries' columns changed."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    columns = {
        b"rXYZ": (0.5151, 0.2412, -0.0011),
        b"gXYZ": (0.2920, 0.6922, 0.0419),
        b"bXYZ": (0.1571, 0.0666, 0.7841),
    }
    (count,) = struct.unpack_from(">I", profile, 128)
    for number in range(count):
        tag, at, _ = struct.unpack_from(">4sII", profile, 132 + 12 * number)
        if tag in columns:
            struct.pack_into(">3i", profile, at + 8, *(round(value * 65536) for value in columns[tag]))
    return bytes(profile)


def huge_jpeg(width: int, height: int, *, progressive: bool = False) -> bytes:
    """A JPEG of very many pixels in few bytes, made from a small one: its scan repeats one block without end."""
    small = encoded(Image.new("L", (8, 8), 200), "JPEG", quality=50, progressive=progressive)
    at = small.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    return small[: at + 5] + struct.pack(">HH", height, width) + small[at + 9 :]


def mask_drawing(size: tuple[int, int], *, soft: bool = False) -> Image.Image:
    """A white ellipse on black; with soft edges, drawn four times as large and scaled down."""
    factor = 4 if soft else 1
    large = Image.new("L", (size[0] * factor, size[1] * factor), 0)
    box = (size[0] * factor // 4, size[1] * factor // 4, size[0] * factor * 3 // 4, size[1] * factor * 3 // 4)
    ImageDraw.Draw(large).ellipse(box, fill=255)
    return large.resize(size, Image.Resampling.LANCZOS)
