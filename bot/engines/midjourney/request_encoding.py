"""Encodes request bodies: as JSON, or as a form if a body contains files."""

from __future__ import annotations

import base64
import binascii
import json
import string
from collections.abc import Iterator
from functools import partial
from typing import Any

import aiohttp
from pydantic_core import PydanticSerializationError

from bot.engines.errors import NotSent
from bot.engines.midjourney.profiles import Quirk
from bot.engines.midjourney.requests import RequestBody, SwapRequest, SwapVideoRequest
from bot.runtime.threads import in_thread_if_large

# Longer texts are images.
_LONG_TEXT = 64 * 1024
_DATA_URL_LETTERS = f"{string.ascii_letters}{string.digits}+/=:;,-.".encode()


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
    return b"".join(_json_parts(_fields(bodies, quirks)))


def _json_parts(value: Any) -> Iterator[bytes]:
    """Encodes a value as JSON, in parts. A large data URL becomes a part unchanged: a JSON library would check each
    character, which blocks the event loop for a quarter of a second with several large images, and would copy them."""
    if isinstance(value, dict):
        for number, (name, each) in enumerate(value.items()):
            yield (b"," if number else b"{") + json.dumps(name).encode() + b":"
            yield from _json_parts(each)
        yield b"}" if value else b"{}"
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield b"," if number else b"["
            yield from _json_parts(each)
        yield b"]" if value else b"[]"
    elif isinstance(value, str) and len(value) > _LONG_TEXT and value.isascii() and not _odd_letters(value.encode()):
        yield b'"'
        yield value.encode()
        yield b'"'
    else:
        yield json.dumps(value, ensure_ascii=False).encode()


def _odd_letters(text: bytes) -> bytes:
    """Returns the characters that no data URL contains."""
    return text.translate(None, _DATA_URL_LETTERS)


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
