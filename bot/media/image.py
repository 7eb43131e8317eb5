"""Determines the properties of an image or a video by opening or decoding it, and converts images to the common form.
CPU-bound where nothing else is said: call it through the image pool.

Only this module and the modules that use `open_image` use Pillow. All of Pillow's errors become NotAnImage here.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

from bot.media.containers import CutShort, cleaned
from bot.media.containers.cleaned import MAX_MISSING, ends_early, orientation_of
from bot.media.containers.file_formats import recognized_extension
from bot.media.containers.recognition import (
    FORMATS,
    MAX_JPEG_PIXELS,
    MAX_PIXELS,
    ImageFacts,
    NotAnImage,
    check_header,
    check_size,
    known_kind,
    recognized,
)
from bot.media.pillow import Image, ImageChops, ImageCms

# The factors by which a JPEG decoder can reduce the edges.
_REDUCTIONS = (1, 2, 4, 8)
# The gray level with which a JPEG decoder fills missing data.
_MADE_UP = 128
_MAX_BOXES = 10_000
# Pillow's transformation for each Exif orientation (Exif 2.3, 4.6.4, tag 0x0112).
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}


@dataclass(frozen=True, slots=True)
class OpenedImage:
    """An image whose header was read.

    `data` is the file without private data, `kind` is Pillow's format name, `orientation` is the Exif orientation.
    `completed`: the end of the file was missing. `size` (width, height) comes from the header; `picture` can be smaller
    after a JPEG was loaded at a reduced size.
    """

    picture: Image.Image
    size: tuple[int, int]
    data: bytes = field(repr=False)
    kind: str
    orientation: int
    completed: bool

    @property
    def facts(self) -> ImageFacts:
        """The properties in the header."""
        extension, media_type = FORMATS[self.kind]
        return ImageFacts(media_type, extension, *self.size)

    def load(self, width: int, height: int) -> None:
        """Decodes the image. A JPEG is decoded at this size or larger (at 1/1 to 1/8 of its edges), or smaller if it
        would have too many pixels. Other formats are decoded at full size."""
        across, down = self.size
        reduction = max((each for each in _REDUCTIONS if across >= width * each and down >= height * each), default=1)
        while reduction < _REDUCTIONS[-1] and across * down > MAX_PIXELS * reduction**2:
            reduction *= 2
        self.picture.draft(None, (max(1, across // reduction), max(1, down // reduction)))
        check_size(*self.picture.size)
        self.picture.load()

    def check_whole(self) -> None:
        """Decodes the image (the first frame of an animation), at low resolution if that is cheaper."""
        self.load(self.size[0] // 8, self.size[1] // 8)
        if self.completed and self.kind == "JPEG" and _made_up(self.picture) > MAX_MISSING:
            raise CutShort("too much of the end is missing")


def measure(data: bytes) -> ImageFacts:
    """Returns the properties in the header without decoding. Raises NotAnImage."""
    with open_image(data) as each:
        return each.facts


def inspect(data: bytes) -> ImageFacts:
    """Decodes an image (the first frame of an animation). Raises NotAnImage."""
    with open_image(data) as each:
        each.check_whole()
        return each.facts


def clip_extension(data: bytes) -> str:
    """Returns the file extension of a video that Discord plays, or of an image. Raises NotAnImage for anything else.

    CPU-bound for some images: call it through the image pool.
    """
    return recognized_extension(data) or inspect(data).extension


def is_whole(data: bytes) -> None:
    """Raises NotAnImage for a truncated video, and for one whose end cannot be determined."""
    if data[4:8] != b"ftyp":
        inspect(data)
        return
    # An MP4 is a sequence of boxes that begin with their size (ISO/IEC 14496-12, 4.2).
    at, kinds = 0, set()
    for _ in range(_MAX_BOXES):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:
            break  # 0 is a box up to the end of the file, which would accept any end
        kinds.add(kind)
        at += size
        if at >= len(data):
            break
    if at != len(data) or b"moov" not in kinds:
        raise NotAnImage("incomplete file")


def from_data_url(url: str, limit: int) -> tuple[bytes, ImageFacts]:
    """Returns the image of a base64 `data:` URL (RFC 2397), of at most `limit` bytes. It is decoded only if its
    structure does not show that it is complete.

    Raises NotAnImage. CPU-bound: call it through the image pool.
    """
    head, _, text = url.partition(",")
    if not head.lower().endswith(";base64"):
        raise NotAnImage("a data URL without base64")
    # Four characters encode three bytes, and each character may be percent-encoded.
    if len(text) > limit * 4:
        raise NotAnImage(f"larger than {limit} bytes")
    plain = "".join(unquote(text).split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotAnImage("invalid base64") from error
    if len(data) > limit:
        raise NotAnImage(f"larger than {limit} bytes")
    return data, recognized(data) or inspect(data)


@contextmanager
def open_image(data: bytes) -> Iterator[OpenedImage]:
    """Opens an image and reads its header. Any failure inside the block becomes NotAnImage, too."""
    clean, kind = None, ""
    try:
        kind = known_kind(data)
        check_header(data)
        clean = cleaned(data, kind)
        with Image.open(io.BytesIO(clean.data), formats=[kind]) as picture:
            check_size(*picture.size, MAX_JPEG_PIXELS if kind == "JPEG" else MAX_PIXELS)
            # Cleaned files contain no Exif. Pillow derives the Exif of an AVIF from a field of the container.
            orientation = orientation_of(picture.info.get("exif") or b"") if kind == "AVIF" else clean.orientation
            yield OpenedImage(picture, picture.size, clean.data, kind, orientation, clean.completed)
    except NotAnImage:
        raise
    except Exception as error:  # decoders fail on malicious data in many ways, including MemoryError
        if clean and (clean.completed or ends_early(data, kind)):
            raise CutShort("too much of the end is missing") from error
        raise NotAnImage(f"{type(error).__name__}: {error}") from error


def flat(source: OpenedImage) -> Image.Image:
    """Returns a loaded image in the common form: upright, 8 bits per channel, RGB or RGBA, sRGB, without metadata.

    For an animation this is the first frame.
    """
    picture = _eight_bits(source.picture)
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    picture = _in_srgb(picture, mode)
    picture.info = {}
    turn = _TURNS.get(source.orientation)
    return picture if turn is None else picture.transpose(Image.Transpose[turn])


def _made_up(picture: Image.Image) -> float:
    """Returns the share of a JPEG that the decoder filled in, counted row by row from the end."""
    grey = Image.new(picture.mode, picture.size, (_MADE_UP,) * len(picture.getbands()))
    # A CMYK image is inverted, which causes a difference of one.
    told = ImageChops.difference(picture, grey).point(lambda value: 255 if value > 1 else 0).convert("RGB").convert("L")
    at_the_end = told.crop((told.width - 1, 0, told.width, told.height)).getbbox()
    last = told.crop((0, at_the_end[3] if at_the_end else 0, told.width, told.height))
    return last.histogram()[0] / (told.width * told.height) if last.height else 0.0


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Scales 16-bit values to 8 bits; Pillow's conversion alone would clip bright values."""
    if not picture.mode.startswith("I"):
        return picture
    info = picture.info
    scaled = picture.convert("I").point(lambda value: value * (1 / 257) + 0).convert("L")
    # The transparent gray level is a 16-bit value.
    scaled.info = {name: value for name, value in info.items() if name != "transparency"}
    return scaled


def _in_srgb(picture: Image.Image, mode: str) -> Image.Image:
    """Converts the colors from the image's profile to sRGB. An unsuitable profile is ignored, as in browsers."""
    profile = picture.info.get("icc_profile")
    if not profile:
        return picture.convert(mode)
    if picture.mode not in ("RGB", "L", "CMYK"):
        picture = picture.convert(mode)
    alpha = picture.getchannel("A") if mode == "RGBA" else None
    try:
        meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        opaque = picture.convert("RGB") if alpha else picture
        converted = ImageCms.profileToProfile(opaque, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture.convert(mode)
    if converted and alpha:
        converted.putalpha(alpha)
    return converted or picture.convert(mode)
