"""Images as data URLs (RFC 2397), the form in which most services accept them."""

from __future__ import annotations

import base64

from storage import InputImage


def data_url(picture: InputImage) -> str:
    """An image as a data URL, the form that every API variant accepts (docs/image-api.md#image-encoding)."""
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode('ascii')}"
