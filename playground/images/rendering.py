"""Turns artworks into files (PNG, WebP, clips): rendered in a thread at the first request, then cached."""

import asyncio
import functools
import io
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageFilter, features
from PIL.PngImagePlugin import PngInfo

from playground.images.pictures import Artwork

_CACHED_BYTES = 48 * 1024 * 1024
_PREVIEW_SIDE = 512


class RenderCache:
    """Renders and keeps files, up to 48 MiB; the oldest go first and are rendered again when asked for."""

    def __init__(self) -> None:
        self._cached: OrderedDict[object, bytes] = OrderedDict()
        self._size = 0
        self._lock = asyncio.Lock()

    async def picture(self, artwork: Artwork, note: str = "") -> bytes:
        """The finished picture as PNG, with `note` in its description."""
        return await self._file((artwork, note), lambda: _png(artwork, note))

    async def thumbnail(self, artwork: Artwork) -> bytes:
        return await self._file((artwork, "thumbnail"), lambda: _webp(_small(artwork, 256), 80))

    async def preview(self, artwork: Artwork, percent: int) -> bytes:
        """The unfinished picture as WebP: the lower `percent`, the more blurred."""
        return await self._file((artwork, percent), lambda: _webp(_unfinished(artwork, percent), 70))

    async def clip(self, artwork: Artwork, index: int | None, form: str) -> bytes:
        """Clip `index`, or all four side by side, moving, as `webp` or `mp4`."""
        return await self._file((artwork, index, form), lambda: moving(artwork, index, form))

    async def _file(self, key: object, draw: Callable[[], bytes]) -> bytes:
        async with self._lock:  # one at a time: drawing is the heaviest thing that this program does
            if key not in self._cached:
                self._cached[key] = await asyncio.to_thread(draw)
                self._size += len(self._cached[key])
                while self._size > _CACHED_BYTES and len(self._cached) > 1:
                    _, oldest = self._cached.popitem(last=False)
                    self._size -= len(oldest)
            self._cached.move_to_end(key)
            return self._cached[key]


def _encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def _png(artwork: Artwork, note: str) -> bytes:
    info = PngInfo()
    info.add_itxt("Description", note)
    return _encoded(_rendered(artwork, 1), "PNG", compress_level=1, pnginfo=info)


def _webp(image: Image.Image, quality: int) -> bytes:
    return _encoded(image, "WEBP", quality=quality, method=2)


def _small(artwork: Artwork, side: int) -> Image.Image:
    return _rendered(artwork, max(1, round(max(artwork.size) / side)))


@functools.lru_cache(maxsize=8)
def _rendered(artwork: Artwork, shrink: int) -> Image.Image:
    """All previews are blurred from one rendering, which for a small picture is that of the result as well."""
    return artwork.render(shrink)


def _unfinished(artwork: Artwork, percent: int) -> Image.Image:
    image = _small(artwork, _PREVIEW_SIDE)
    missing = max(0.0, 1 - percent / 100)
    blocks = max(1, round(1 + missing * max(image.size) / 24))
    coarse = image.reduce(blocks).resize(image.size, Image.Resampling.BICUBIC)
    return coarse.filter(ImageFilter.GaussianBlur(1 + missing * max(image.size) / 60))


# Clips

FRAMES, FRAME_MS = 12, 90
_SIDE = 320


def moving(artwork: Artwork, index: int | None, form: str) -> bytes:
    """The clip as bytes of `form`, "webp" or "mp4"; blocks, so call it in a thread."""
    first, *others = (_frame(artwork, index, number / FRAMES) for number in range(FRAMES))
    options = {"save_all": True, "append_images": others, "duration": FRAME_MS, "quality": 60}
    if form == "mp4":
        return _as_mp4(_encoded(first, "AVIF", speed=10, **options))
    return _encoded(first, "WEBP", loop=0, method=1, **options)


def clip_form() -> str:
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
    still picture becomes free space; no offset moves.
    """
    data = bytearray(avif)
    length = int.from_bytes(data[:4], "big")
    data[8:length] = b"iso5" + data[12:16] + (b"iso5iso6mp41av01" * 4)[: length - 16]
    still = data.index(b"meta", length)
    data[still : still + 4] = b"free"
    track = data.index(b"pict", data.index(b"moov"))
    data[track : track + 4] = b"vide"
    return bytes(data)
