"""Images in data URLs (RFC 2397)."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote

from bot.media.containers.headers import NotAnImage
from bot.media.image import ImageFacts, inspect, recognized


def decoded(url: str, limit: int) -> tuple[bytes, ImageFacts]:
    """Returns the image of a base64 `data:` URL, of at most `limit` bytes. It is decoded only if its structure does not
    show that it is complete.

    Raises NotAnImage. CPU-bound: call it through the image pool.
    """
    head, _, text = url.partition(",")
    if not head.lower().endswith(";base64"):
        raise NotAnImage("a data URL without base64")
    # Four characters encode three bytes, and each character may be percent-encoded.
    if len(text) > limit * 4:
        raise NotAnImage(f"larger than {limit} bytes")
    plain = "".join(unquote(text).split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotAnImage("invalid base64") from error
    if len(data) > limit:
        raise NotAnImage(f"larger than {limit} bytes")
    return data, recognized(data) or inspect(data)
