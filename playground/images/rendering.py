"""Turns artworks into files: PNG, WebP, and MP4 for videos. All of it takes time, so it is called in a thread."""

import functools
import io
from typing import Any

from PIL import Image, ImageFilter, features
from PIL.PngImagePlugin import PngInfo

from playground.images.pictures import Artwork

_PREVIEW_SIDE = 512
_THUMBNAIL_SIDE = 256


@functools.lru_cache(maxsize=16)
def result_file(artwork: Artwork, note: str) -> bytes:
    """The finished image as PNG, with `note` in its description."""
    info = PngInfo()
    info.add_itxt("Description", note)
    return _encoded(_rendered(artwork, 1), "PNG", compress_level=1, pnginfo=info)


def thumbnail_file(artwork: Artwork) -> bytes:
    return _encoded(_small(artwork, _THUMBNAIL_SIDE), "WEBP", quality=80, method=2)


def preview_file(artwork: Artwork, percent: int) -> bytes:
    """The unfinished image as WebP: the lower `percent`, the more blurred."""
    image = _small(artwork, _PREVIEW_SIDE)
    missing = max(0.0, 1 - percent / 100)
    blocks = max(1, round(1 + missing * max(image.size) / 24))
    coarse = image.reduce(blocks).resize(image.size, Image.Resampling.BICUBIC)
    blurred = coarse.filter(ImageFilter.GaussianBlur(1 + missing * max(image.size) / 60))
    return _encoded(blurred, "WEBP", quality=70, method=2)


def _encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def _small(artwork: Artwork, side: int) -> Image.Image:
    return _rendered(artwork, max(1, round(max(artwork.size) / side)))


@functools.lru_cache(maxsize=8)
def _rendered(artwork: Artwork, shrink: int) -> Image.Image:
    """All previews are blurred from one rendering, which for a small image is that of the result as well."""
    return artwork.render(shrink)


# Videos

FRAMES, FRAME_MS = 12, 90
_SIDE = 320


@functools.lru_cache(maxsize=16)
def video_file(artwork: Artwork, index: int | None, form: str) -> bytes:
    """Video `index`, or all four side by side, as `form`: "webp" or "mp4"."""
    first, *others = (_frame(artwork, index, number / FRAMES) for number in range(FRAMES))
    options = {"save_all": True, "append_images": others, "duration": FRAME_MS, "quality": 60}
    if form == "mp4":
        return _as_mp4(_encoded(first, "AVIF", speed=10, **options))
    return _encoded(first, "WEBP", loop=0, method=1, **options)


def video_form() -> str:
    """`mp4` where this Pillow can encode AV1, else `webp`."""
    return "mp4" if features.check("avif") else "webp"


def _frame(artwork: Artwork, index: int | None, moment: float) -> Image.Image:
    shrink = max(1, round(max(artwork.size) / _SIDE))
    if index is None:
        return artwork.render(shrink, moment)
    width, height = (max(edge // shrink // 2 * 2, 16) for edge in artwork.size)
    return artwork.frame(index, width, height, moment)


def _as_mp4(avif: bytes) -> bytes:
    """An AVIF sequence is an MP4 with AV1 in it but for its labels, which are changed here in place.

    The brands (ISO/IEC 14496-12, 4.3) and the track's handler (8.4.3) then say "video", and the box of the
    still image becomes free space; no offset moves.
    """
    data = bytearray(avif)
    length = int.from_bytes(data[:4], "big")
    data[8:length] = b"iso5" + data[12:16] + (b"iso5iso6mp41av01" * 4)[: length - 16]
    still = data.index(b"meta", length)
    data[still : still + 4] = b"free"
    track = data.index(b"pict", data.index(b"moov"))
    data[track : track + 4] = b"vide"
    return bytes(data)
