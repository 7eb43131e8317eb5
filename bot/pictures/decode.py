"""What a picture is, found by decoding it, and a small version of it. It takes time: call it through the image pool."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from bot.pictures.headers import MAX_PIXELS, NotAPicture, check_header, check_size

__all__ = ["FORMATS", "MAX_PIXELS", "NotAPicture", "PictureFacts", "inspect", "measure", "opened", "preview"]

# The formats that Discord shows and the image services read.
FORMATS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp", "GIF": "gif"}
PREVIEW_EDGE = 512


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What decoding told: the media type as it really is, the file ending for it, and the size in pixels."""

    media_type: str
    extension: str
    width: int
    height: int


def measure(data: bytes) -> PictureFacts:
    """What the header says, with nothing decoded. Raises NotAPicture."""
    with opened(data) as picture:
        return _facts(picture)


def inspect(data: bytes) -> PictureFacts:
    """Decodes a picture whole (of one that moves the first frame). Raises NotAPicture."""
    with opened(data) as picture:
        facts = _facts(picture)
        # A JPEG's data are read to their end all the same, but no more than every 64th pixel is computed and kept.
        picture.draft(None, (max(1, picture.width // 8), max(1, picture.height // 8)))
        picture.load()
        return facts


def preview(data: bytes) -> bytes:
    """A small JPEG of a picture that is not finished. Raises NotAPicture."""
    with opened(data) as picture:
        picture.thumbnail((PREVIEW_EDGE, PREVIEW_EDGE))
        buffer = io.BytesIO()
        picture.convert("RGB").save(buffer, "JPEG", quality=80)
        return buffer.getvalue()


@contextmanager
def opened(data: bytes) -> Iterator[Image.Image]:
    """A picture with its header read; what fails while it is decoded within is NotAPicture as well."""
    check_header(data)
    try:
        with warnings.catch_warnings():
            # Pillow warns of pictures that are large enough to be an attack; here that is a refusal.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=list(FORMATS)) as picture:
                check_size(picture.width, picture.height)
                yield picture
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
    ) as error:
        raise NotAPicture(str(error)) from error


def _facts(picture: Image.Image) -> PictureFacts:
    name = picture.format or ""
    return PictureFacts(Image.MIME[name], FORMATS[name], picture.width, picture.height)
