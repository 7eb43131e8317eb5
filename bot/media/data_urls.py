"""Pictures that stand within an address (RFC 2397)."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote

from bot.media.containers.headers import NotAnImage
from bot.media.image import ImageFacts, inspect


def decoded(url: str, limit: int) -> tuple[bytes, ImageFacts]:
    """The picture in a `data:` URL in base64, of at most `limit` bytes, decoded whole.

    Raises NotAPicture. It takes time: call it through the image pool.
    """
    head, _, text = url.partition(",")
    if not head.lower().endswith(";base64"):
        raise NotAnImage("a data URL without base64")
    # Four characters are three bytes, and each may be percent-encoded.
    if len(text) > limit * 4:
        raise NotAnImage(f"larger than {limit} bytes")
    plain = "".join(unquote(text).split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotAnImage("invalid base64") from error
    if len(data) > limit:
        raise NotAnImage(f"larger than {limit} bytes")
    return data, inspect(data)
