"""Images like photographs in place of the playground's drawings: noise at every scale, hard to compress."""

from __future__ import annotations

import functools
import io
import random

from PIL import Image

from playground.images.pictures import Artwork
from playground.images.rendering import RenderCache

THUMBNAIL = 256
# Cells along an edge, and how much each scale adds: large shapes first, a little grain last.
SCALES = {4: 1.0, 16: 0.4, 64: 0.25, 256: 0.12, 1_024: 0.03}


@functools.cache
def photo(side: int) -> Image.Image:
    """The same image each time, square, in RGB."""
    chance = random.Random(1)  # noqa: S311 - an image, no secret
    mixed = Image.new("RGB", (side, side), "gray")
    for cells, share in SCALES.items():
        noise = Image.frombytes("RGB", (cells, cells), chance.randbytes(cells * cells * 3))
        mixed = Image.blend(mixed, noise.resize((side, side), Image.Resampling.BICUBIC), share)
    return mixed


@functools.cache
def encoded(form: str, side: int) -> bytes:
    """The image as a file: `PNG`, or `WEBP` as previews are."""
    out = io.BytesIO()
    photo(side).save(out, form)
    return out.getvalue()


class PhotoFiles(RenderCache):
    """Serves one image at all stages, so that the playground spends no time on drawing. `side` in pixels."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self._side = side

    async def picture(self, artwork: Artwork, note: str = "") -> bytes:
        """As PNG."""
        return encoded("PNG", self._side)

    async def thumbnail(self, artwork: Artwork) -> bytes:
        """As WebP."""
        return encoded("WEBP", min(self._side, THUMBNAIL))

    async def preview(self, artwork: Artwork, percent: int) -> bytes:
        """As large as the image, because most services offer no smaller one."""
        return encoded("WEBP", self._side)
