"""Images that come with a request: data URLs, links, masks."""

import asyncio
import base64
import binascii
import io
import re

import aiohttp
from PIL import Image

from playground.images.edits import as_png
from playground.images.pictures import decoded
from playground.images.replies import invalid
from playground.images.service_state import Call

_DATA_URL = re.compile(r"data:(image/[a-z+.-]+)(?:;[^,;]+)*;base64,(.*)", re.DOTALL)
_PNG_PREFIX = "data:image/png;base64,"
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/jpg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}
_LARGEST = 20 * 1024 * 1024
_SECONDS = 10


def _data_url_bytes(value: object, *, strict_type: bool = False) -> bytes:
    """The image of a data URL. Raises `ValueError`; with `strict_type` also when its type is not the image's."""
    match = _DATA_URL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("no data URL")
    data = _from_base64(match[2])
    decoded(data)
    if strict_type:
        with Image.open(io.BytesIO(data)) as image:
            if image.format != _FORMATS.get(match[1]):
                raise ValueError("the type of the data URL is not that of its picture")
    return data


def _from_base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as problem:
        raise ValueError("no base64") from problem
    if len(data) > _LARGEST:
        raise ValueError("too large")
    return data


async def pictures(call: Call, name: str, *, strict_type: bool = False) -> tuple[bytes, ...]:
    """The images of an array of data URLs, as they came. Raises `Refusal` when one is none."""
    values = call.body.get(name) or []
    if not isinstance(values, list):
        raise invalid(call.profile, f"{name} invalid")
    try:
        return tuple([await asyncio.to_thread(_data_url_bytes, value, strict_type=strict_type) for value in values])
    except (ValueError, OSError):
        raise invalid(call.profile, f"{name} invalid") from None


async def picture(call: Call, *names: str, links: bool = False) -> bytes | None:
    """The image in the first of the fields that is there; with `links` it may be a URL.

    Raises `Refusal` when it is no image.
    """
    for name in filter(call.text, names):
        value = call.text(name)
        try:
            if not links or not value.startswith(("http://", "https://")):
                return await asyncio.to_thread(_data_url_bytes, value)
            data = await _fetched(value)
            await asyncio.to_thread(decoded, data)
        except (ValueError, OSError, aiohttp.ClientError, TimeoutError):
            raise invalid(call.profile, f"{name} invalid") from None
        return data
    return None


async def mask(call: Call, size: tuple[int, int]) -> bytes | None:
    """The mask of a region, as a PNG of exactly this size. Raises `Refusal` when it is anything else."""
    value = call.text("maskBase64")
    if not value:
        return None
    plain = value.removeprefix(_PNG_PREFIX)
    if call.profile.name in ("plus", "novicezk") and (match := _DATA_URL.fullmatch(value)):
        plain = match[2]
    try:
        data = _from_base64(plain)
        image = await asyncio.to_thread(decoded, data)
    except ValueError:
        raise invalid(call.profile, "maskBase64 invalid") from None
    if image.size != size:
        raise invalid(call.profile, f"maskBase64 invalid: {image.size[0]}x{image.size[1]} for {size[0]}x{size[1]}")
    return data


async def stored(data: bytes) -> bytes:
    """An image as it is stored: a PNG of reasonable size."""
    return await asyncio.to_thread(as_png, data)


async def _fetched(url: str) -> bytes:
    limit = aiohttp.ClientTimeout(total=_SECONDS)
    async with aiohttp.ClientSession(timeout=limit) as session, session.get(url) as answer:
        answer.raise_for_status()
        data = await answer.content.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError("too large")
    return data
