"""What request bodies of all services have in common: they are strict, contain images as data URLs (RFC 2397), and
large ones are encoded cheaply."""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.engines.errors import NotSent
from bot.runtime.supervisor import in_thread_if_large
from storage import InputImage

# Longer texts are images.
_LONG_TEXT = 64 * 1024
_DATA_URL_LETTERS = f"{string.ascii_letters}{string.digits}+/=:;,-.".encode()

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class StrictBody(BaseModel):
    """Base class of all bodies: frozen, without unknown fields."""

    # A process uses few of the bodies, and a model takes about a millisecond to build.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)

    def __init__(self, **fields: Any) -> None:
        """Raises NotSent with the problem, but never with the value, which may be a whole image."""
        try:
            super().__init__(**fields)
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(map(str, problem['loc'])) or type(self).__name__} {problem['msg']}"
                for problem in error.errors(include_url=False, include_input=False, include_context=False)
            )
            raise NotSent(f"invalid request: {wrong}") from None


def json_bytes(fields: dict[str, Any], *, size: int) -> bytes:
    """Encodes an object as JSON. `size` is the number of characters in it; with images it is slow, so call it in a
    thread. Raises UnicodeEncodeError."""
    return _encode(fields).encode() if size <= _LONG_TEXT else b"".join(_json_parts(fields))


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


async def data_urls(pictures: Sequence[InputImage]) -> list[str]:
    """The images as data URLs, the form that every API variant accepts (docs/image-api.md#image-encoding)."""
    size = sum(len(picture.data) for picture in pictures)
    return await in_thread_if_large(size, lambda: [_data_url(picture) for picture in pictures])


def _data_url(picture: InputImage) -> str:
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode('ascii')}"
