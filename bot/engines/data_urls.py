"""Images as data URLs (RFC 2397), the form in which most services accept them."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from bot.runtime.threads import in_thread_if_large
from storage import InputImage


async def data_urls(pictures: Sequence[InputImage]) -> list[str]:
    """The images as data URLs, the form that every API variant accepts (docs/image-api.md#image-encoding)."""
    size = sum(len(picture.data) for picture in pictures)
    return await in_thread_if_large(size, lambda: [_data_url(picture) for picture in pictures])


def _data_url(picture: InputImage) -> str:
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode('ascii')}"
