"""What a picture is, found by decoding it, and smaller versions of it. It all takes time: call it in a thread."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

# The formats that Discord shows and the image services read.
FORMATS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp", "GIF": "gif"}
# Four times the largest that the family draws (4,096 by 4,096); each takes four bytes while it is looked at.
MAX_PIXELS = 64_000_000
# The longest edge that WebP can hold; JPEG's is longer.
MAX_EDGE = 16_383
PREVIEW_EDGE = 512


class NotAPicture(Exception):
    """The bytes are no picture of a known format, or one too large to decode."""


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What decoding told: the media type as it really is, the file ending for it, and the size in pixels."""

    media_type: str
    extension: str
    width: int
    height: int


def inspect(data: bytes) -> PictureFacts:
    """Decodes a picture whole. Raises NotAPicture."""
    with _opened(data) as picture:
        name = picture.format or ""
        return PictureFacts(Image.MIME[name], FORMATS[name], picture.width, picture.height)


def fit(data: bytes, limit: int) -> tuple[bytes, str]:
    """The same picture in at most `limit` bytes, with its file ending: first at lower quality, then smaller.

    One that moves stands still afterwards; one that is seen through stays so. Raises NotAPicture.
    """
    with _opened(data) as picture:
        upright = ImageOps.exif_transpose(picture)
        clear = upright.has_transparency_data
        flat = upright.convert("RGBA" if clear else "RGB")
    kind = "WEBP" if clear else "JPEG"
    edge = max(flat.size)
    for scale in (1.0, 0.75, 0.5, 0.35, 0.25, 0.1):
        scale = min(scale, MAX_EDGE / edge)
        size = (max(1, round(flat.width * scale)), max(1, round(flat.height * scale)))
        scaled = flat if size == flat.size else flat.resize(size, Image.Resampling.LANCZOS)
        for quality in (92, 80, 65):
            smaller = _encoded(scaled, kind, quality)
            if len(smaller) <= limit:
                return smaller, FORMATS[kind]
    raise NotAPicture(f"it cannot be made to fit {limit} bytes")


def preview(data: bytes) -> bytes:
    """A small JPEG of a picture that is not finished. Raises NotAPicture."""
    with _opened(data) as picture:
        picture.thumbnail((PREVIEW_EDGE, PREVIEW_EDGE))
        return _encoded(picture.convert("RGB"), "JPEG", 80)


def _opened(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # Pillow warns of pictures that are large enough to be an attack; here that is a refusal.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=list(FORMATS))
            if picture.width * picture.height > MAX_PIXELS:
                raise NotAPicture("it has too many pixels")
            picture.load()
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
    ) as error:
        raise NotAPicture(str(error)) from error
    return picture


def _encoded(picture: Image.Image, kind: str, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, quality=quality)
    return buffer.getvalue()
