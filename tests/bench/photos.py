"""Images like photographs in place of the playground's drawings: noise at every scale, hard to compress."""

from __future__ import annotations

import functools
import io
import random
from collections.abc import Callable, Coroutine
from typing import Any

from PIL import Image

from playground.images.rendering import preview_file, result_file, thumbnail_file

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


def photo_files(side: int) -> Callable[..., Coroutine[Any, Any, bytes]]:
    """Serves one image at all stages, so that the playground spends no time on drawing. `side` in pixels. It stands for
    `ServiceState.rendered`."""
    files = {
        # Previews are as large as the image, because most services offer no smaller one.
        preview_file: encoded("WEBP", side),
        thumbnail_file: encoded("WEBP", min(side, THUMBNAIL)),
        result_file: encoded("PNG", side),
    }

    async def rendered(render: Callable[..., bytes], *_: object, **__: object) -> bytes:
        return files[render]

    return rendered
