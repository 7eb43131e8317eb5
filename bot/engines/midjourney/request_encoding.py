"""Encodes request bodies: as JSON, or as a form if a body contains files."""

from __future__ import annotations

import base64
import binascii
from functools import partial
from typing import Any

import aiohttp
from pydantic_core import PydanticSerializationError

from bot.engines.errors import NotSent
from bot.engines.midjourney.profiles import Quirk
from bot.engines.midjourney.requests import RequestBody, SwapRequest, SwapVideoRequest
from bot.engines.request_bodies import json_bytes
from bot.runtime.threads import in_thread_if_large


async def json_of(*bodies: RequestBody, quirks: frozenset[Quirk] = frozenset()) -> bytes:
    """Encodes the fields of these bodies as one JSON object, without empty fields. `quirks` selects the format of
    images.

    Raises NotSent for text that cannot be encoded.
    """
    try:
        return await in_thread_if_large(_size(bodies), lambda: _json(bodies, quirks))
    except (PydanticSerializationError, UnicodeEncodeError):
        raise NotSent("the request contains text that cannot be encoded") from None


async def form_of(*bodies: RequestBody, quirks: frozenset[Quirk] = frozenset()) -> aiohttp.FormData | None:
    """Encodes the fields of these bodies as a form if one of them contains files. Returns None for bodies that are sent
    as JSON.

    Raises NotSent for images that cannot be decoded.
    """
    for body in bodies:
        match body:
            case SwapRequest() if Quirk.SWAP_AS_FILES in quirks:
                return await in_thread_if_large(_size(bodies), partial(_swap_form, body, bodies))
            case SwapVideoRequest():
                form = aiohttp.FormData(_fields(bodies, quirks))
                form.add_field("targetFile", body.target_file, filename="target.mp4", content_type="video/mp4")
                return form
    return None


def _size(bodies: tuple[RequestBody, ...]) -> int:
    """Returns the number of characters and bytes in all fields, images included."""
    return sum(_length(value) for body in bodies for _, value in body)


def _length(value: object) -> int:
    if isinstance(value, str | bytes):
        return len(value)
    return sum(map(_length, value)) if isinstance(value, list | tuple) else 0


def _fields(bodies: tuple[RequestBody, ...], quirks: frozenset[Quirk]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for body in bodies:
        fields |= body.model_dump(by_alias=True, exclude_none=True, mode="json", context=quirks)
    return fields


def _json(bodies: tuple[RequestBody, ...], quirks: frozenset[Quirk]) -> bytes:
    return json_bytes(_fields(bodies, quirks))


def _swap_form(swap: SwapRequest, bodies: tuple[RequestBody, ...]) -> aiohttp.FormData:
    """A face swap as a form with files (docs/image-api.md#face-swap)."""
    form = aiohttp.FormData()
    for name, value in _fields(tuple(body for body in bodies if body is not swap), frozenset()).items():
        form.add_field(name, value)
    for name, url in (("source", swap.source_base64), ("target", swap.target_base64)):
        head, _, data = url.partition(",")
        media_type = head.removeprefix("data:").partition(";")[0]
        try:
            image = base64.b64decode(data, validate=True)
        except binascii.Error as error:
            raise NotSent(f"the {name} image is not base64") from error
        form.add_field(name, image, filename=f"{name}.{media_type.partition('/')[2]}", content_type=media_type)
    return form
