"""Where artworks become files: rendered in a thread when first asked for, and kept for a while."""

import asyncio
import functools
import io
from collections import OrderedDict
from collections.abc import Callable

from PIL import Image, ImageFilter
from PIL.PngImagePlugin import PngInfo

from playground.images.clips import moving
from playground.images.pictures import Artwork

_KEPT_BYTES = 48 * 1024 * 1024
_PREVIEW_SIDE = 512


class Gallery:
    """Renders and keeps files, up to 48 MiB; the oldest go first and are rendered again when asked for."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, bytes] = OrderedDict()
        self._size = 0
        self._drawing = asyncio.Lock()

    async def picture(self, artwork: Artwork, note: str = "") -> bytes:
        """The finished picture as PNG, with `note` in its description."""
        return await self._file((artwork, note), lambda: _png(artwork, note))

    async def thumbnail(self, artwork: Artwork) -> bytes:
        """A small WebP."""
        return await self._file((artwork, "thumbnail"), lambda: _webp(_small(artwork, 256), 80))

    async def preview(self, artwork: Artwork, percent: int) -> bytes:
        """The unfinished picture as WebP: the lower `percent`, the more blurred."""
        return await self._file((artwork, percent), lambda: _webp(_unfinished(artwork, percent), 70))

    async def clip(self, artwork: Artwork, index: int | None, form: str) -> bytes:
        """Clip `index`, or all four side by side, moving, as `webp` or `mp4`."""
        return await self._file((artwork, index, form), lambda: moving(artwork, index, form))

    async def _file(self, key: object, draw: Callable[[], bytes]) -> bytes:
        async with self._drawing:  # one at a time: drawing is the heaviest thing that this program does
            if key not in self._kept:
                data = await asyncio.to_thread(draw)
                self._kept[key] = data
                self._size += len(data)
                while self._size > _KEPT_BYTES and len(self._kept) > 1:
                    _, oldest = self._kept.popitem(last=False)
                    self._size -= len(oldest)
            else:
                self._kept.move_to_end(key)
            return self._kept[key]


def _png(artwork: Artwork, note: str) -> bytes:
    info = PngInfo()
    info.add_itxt("Description", note)
    out = io.BytesIO()
    _rendered(artwork, 1).save(out, "PNG", compress_level=1, pnginfo=info)
    return out.getvalue()


def _webp(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=quality, method=2)
    return out.getvalue()


def _small(artwork: Artwork, side: int) -> Image.Image:
    return _rendered(artwork, max(1, round(max(artwork.size) / side)))


@functools.lru_cache(maxsize=8)
def _rendered(artwork: Artwork, shrink: int) -> Image.Image:
    """Its previews are blurred from one rendering, which in a small picture is that of the result as well."""
    return artwork.render(shrink)


def _unfinished(artwork: Artwork, percent: int) -> Image.Image:
    image = _small(artwork, _PREVIEW_SIDE)
    missing = max(0.0, 1 - percent / 100)
    blocks = max(1, round(1 + missing * max(image.size) / 24))
    coarse = image.reduce(blocks).resize(image.size, Image.Resampling.BICUBIC)
    return coarse.filter(ImageFilter.GaussianBlur(1 + missing * max(image.size) / 60))
