"""What a picture is, found by decoding it. It takes time: call it through the image pool.

Pillow is used here and by what builds on `opened`, and every one of its errors ends here.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from PIL import Image, ImageChops, PngImagePlugin

from bot.media.containers import CutShort, cleaned, ends_early
from bot.media.containers.cleaned import MAX_MISSING, orientation_of
from bot.media.containers.headers import MAX_JPEG_PIXELS, MAX_PIXELS, NotAnImage, check_header, check_size, kind_of
from bot.media.containers.png import MAX_PROFILE

__all__ = ["FORMATS", "MAX_PIXELS", "ImageFacts", "NotAnImage", "OpenedImage", "inspect", "measure", "open_image"]

# File ending and media type by Pillow's name: what browsers show.
FORMATS = {
    "PNG": ("png", "image/png"),
    "JPEG": ("jpg", "image/jpeg"),
    "WEBP": ("webp", "image/webp"),
    "GIF": ("gif", "image/gif"),
    "AVIF": ("avif", "image/avif"),
    "BMP": ("bmp", "image/bmp"),
}
# By what a JPEG's decoder can divide the edges.
_REDUCTIONS = (1, 2, 4, 8)
# What a JPEG's decoder paints where data are missing.
_MADE_UP = 128

# Pillow's limits hold for the whole process. `bot.media.containers.headers` counts pixels before it opens a file; of
# packed text only colour profiles are left, which are larger than it expects.
Image.MAX_IMAGE_PIXELS = MAX_JPEG_PIXELS
PngImagePlugin.MAX_TEXT_CHUNK = MAX_PROFILE
# It warns of oddities in files that people send.
warnings.filterwarnings("ignore", module=r"PIL\.", category=UserWarning)


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What decoding told: the media type as it really is, the file ending for it, and the size in pixels."""

    media_type: str
    extension: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class OpenedImage:
    """A picture with its header read. `data` is its file without private data, `kind` Pillow's name of its format,
    `orientation` Exif's; `completed` says that the file lacked its end. `size` (width, height) is what the header says;
    `picture` itself is smaller once a JPEG was loaded so."""

    picture: Image.Image
    size: tuple[int, int]
    data: bytes = field(repr=False)
    kind: str
    orientation: int
    completed: bool

    @property
    def facts(self) -> ImageFacts:
        """What the header says."""
        extension, media_type = FORMATS[self.kind]
        return ImageFacts(media_type, extension, *self.size)

    def load(self, width: int, height: int) -> None:
        """Decodes the picture: a JPEG at this size or larger, at a half to an eighth of its edges, or smaller where
        that would be too many pixels; others whole."""
        across, down = self.size
        reduction = max((each for each in _REDUCTIONS if across >= width * each and down >= height * each), default=1)
        while reduction < _REDUCTIONS[-1] and across * down > MAX_PIXELS * reduction**2:
            reduction *= 2
        self.picture.draft(None, (max(1, across // reduction), max(1, down // reduction)))
        check_size(*self.picture.size)
        self.picture.load()

    def check_whole(self) -> None:
        """Decodes the picture (of one that moves the first frame), at low resolution where that is cheaper."""
        self.load(self.size[0] // 8, self.size[1] // 8)
        if self.completed and self.kind == "JPEG" and _made_up(self.picture) > MAX_MISSING:
            raise CutShort("too much of the end is missing")


def measure(data: bytes) -> ImageFacts:
    """What the header says, with nothing decoded. Raises NotAPicture."""
    with open_image(data) as each:
        return each.facts


def inspect(data: bytes) -> ImageFacts:
    """Decodes a picture whole (of one that moves the first frame). Raises NotAPicture."""
    with open_image(data) as each:
        each.check_whole()
        return each.facts


@contextmanager
def open_image(data: bytes) -> Iterator[OpenedImage]:
    """A picture with its header read; whatever fails while it is decoded within is NotAPicture as well."""
    clean, kind = None, ""
    try:
        kind = _known_kind(data)
        check_header(data)
        clean = cleaned(data, kind)
        with Image.open(io.BytesIO(clean.data), formats=[kind]) as picture:
            check_size(*picture.size, MAX_JPEG_PIXELS if kind == "JPEG" else MAX_PIXELS)
            # Cleaned files have no Exif any more; that of AVIF is made up by Pillow from the container's own field.
            orientation = orientation_of(picture.info.get("exif") or b"") if kind == "AVIF" else clean.orientation
            yield OpenedImage(picture, picture.size, clean.data, kind, orientation, clean.completed)
    except NotAnImage:
        raise
    except Exception as error:  # hostile bytes make decoders fail in every way, MemoryError among them
        if clean and (clean.completed or ends_early(data, kind)):
            raise CutShort("too much of the end is missing") from error
        raise NotAnImage(f"{type(error).__name__}: {error}") from error


def _known_kind(data: bytes) -> str:
    kind = kind_of(data)
    if kind is None:
        raise NotAnImage("unknown format")
    return kind


def _made_up(picture: Image.Image) -> float:
    """The share of a JPEG that its decoder made up, row by row from the last one up."""
    grey = Image.new(picture.mode, picture.size, (_MADE_UP,) * len(picture.getbands()))
    # A picture of printing colours is inverted, so that it is off by one.
    told = ImageChops.difference(picture, grey).point(lambda value: 255 if value > 1 else 0).convert("RGB").convert("L")
    at_the_end = told.crop((told.width - 1, 0, told.width, told.height)).getbbox()
    last = told.crop((0, at_the_end[3] if at_the_end else 0, told.width, told.height))
    return last.histogram()[0] / (told.width * told.height) if last.height else 0.0
