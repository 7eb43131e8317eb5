"""Encodes request bodies: as JSON, or as a form if a body contains files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aiohttp
from pydantic_core import PydanticSerializationError

from bot.engines.errors import NotSent
from bot.engines.midjourney.profiles import Quirk
from bot.engines.midjourney.requests import RequestBody, SwapRequest, SwapVideoRequest
from bot.engines.request_bodies import json_bytes
from bot.runtime.supervisor import IN_LINE_BYTES, in_thread_if_large


async def encoded(*bodies: RequestBody, quirks: frozenset[Quirk] = frozenset()) -> bytes | aiohttp.FormData:
    """Encodes the fields of these bodies as one JSON object, without empty fields, or as a form if the first one
    contains files. `quirks` selects the format of images.

    Raises NotSent for text that cannot be encoded, and for images of a form that cannot be decoded.
    """
    size = _size(bodies)
    return await in_thread_if_large(size, lambda: _encoded(bodies, quirks, size))


def encoded_in_line(*bodies: RequestBody, quirks: frozenset[Quirk] = frozenset()) -> bytes | aiohttp.FormData | None:
    """Like `encoded`, without waiting. None for bodies whose encoding would block the event loop."""
    size = _size(bodies)
    return None if size > IN_LINE_BYTES else _encoded(bodies, quirks, size)


def _encoded(bodies: Sequence[RequestBody], quirks: frozenset[Quirk], size: int) -> bytes | aiohttp.FormData:
    try:
        return _json_or_form(bodies, quirks, size)
    except (PydanticSerializationError, UnicodeEncodeError):
        raise NotSent("the request contains text that cannot be encoded") from None


def _json_or_form(bodies: Sequence[RequestBody], quirks: frozenset[Quirk], size: int) -> bytes | aiohttp.FormData:
    body, *others = bodies
    if isinstance(body, SwapRequest) and Quirk.SWAP_AS_FILES in quirks:
        return body.as_form(_fields(others, frozenset()))
    fields = _fields(bodies, quirks)
    if isinstance(body, SwapVideoRequest):
        form = aiohttp.FormData(fields)
        form.add_field("targetFile", body.target_file, filename="target.mp4", content_type="video/mp4")
        return form
    return json_bytes(fields, size=size)


def _size(bodies: Sequence[RequestBody]) -> int:
    """Returns the number of characters and bytes in all fields, images included."""
    size = 0
    for body in bodies:
        for _, value in body:
            if isinstance(value, str | bytes):
                size += len(value)
            elif isinstance(value, list):
                size += sum(map(len, value))
    return size


def _fields(bodies: Sequence[RequestBody], quirks: frozenset[Quirk]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for body in bodies:
        fields |= body.model_dump(by_alias=True, exclude_none=True, mode="json", context=quirks)
    return fields
