"""Builds requests for the images API from the requests of people and the profile of the model
(docs/platform-api.md#images-api)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from bot.engines.errors import Limitation, Unsuitable
from bot.engines.options import COUNT, MASKED, MAX_COUNT, QUALITY, RATIO, TRANSPARENT
from bot.media import NotAnImage, image_pool
from bot.media.outgoing import clear_where_white, editable
from bot.platform.engines_file import EngineProfile
from bot.platform.requests import File, ImageEditRequest, ImageRequest
from bot.runtime.units import MEGABYTE
from storage import Action, InputImage, Request

# The largest file of an edit in bytes, and how many there may be.
MAX_FILE, MAX_FILES = 10 * MEGABYTE, 16


def check(model: str, profile: EngineProfile, request: Request, images: int) -> None:
    """Raises Unsuitable for a request that the model can certainly not carry out."""
    sources = images - bool(request.option(MASKED))
    if sources > 0 and not profile.edits:
        raise Unsuitable(Limitation.NO_INPUTS, engine=model)
    if sources > MAX_FILES:
        raise Unsuitable(Limitation.TOO_MANY_INPUTS, engine=model, limit=str(MAX_FILES))
    _check_length(model, profile, words_of(profile, request))
    if request.action is not Action.BUTTON:
        _check_options(model, profile, request)


def _check_length(model: str, profile: EngineProfile, words: str) -> None:
    size, limit = len(words), profile.prompt_limit
    if limit and size > limit:
        raise Unsuitable(Limitation.PROMPT_CHARACTERS, engine=model, length=str(size), limit=str(limit))
    size, limit = len(words.encode("utf-8", "replace")), profile.prompt_bytes
    if limit and size > limit:
        raise Unsuitable(Limitation.PROMPT_BYTES, engine=model, length=str(size), limit=str(limit))


def _check_options(model: str, profile: EngineProfile, request: Request) -> None:
    quality = request.option(QUALITY)
    if quality and not profile.qualities:
        raise Unsuitable(Limitation.NO_QUALITIES, engine=model)
    if quality and quality not in profile.qualities:
        raise Unsuitable(Limitation.QUALITY, engine=model, qualities=", ".join(profile.qualities))
    if _count(request) > most_images(profile):
        raise Unsuitable(Limitation.COUNT, engine=model, limit=str(most_images(profile)))
    if request.option(TRANSPARENT) and not profile.transparent:
        raise Unsuitable(Limitation.TRANSPARENCY, engine=model)


def most_images(profile: EngineProfile) -> int:
    """How many images one request of this model can make."""
    return min(profile.n, MAX_COUNT)


def words_of(profile: EngineProfile, request: Request) -> str:
    """The prompt as it is sent: with the aspect ratio in words, if the model has no size for it."""
    ratio = request.option(RATIO)
    if ratio is None or _size(profile, ratio):
        return request.prompt
    return f"{request.prompt}, aspect ratio {ratio}"


def generation(model: str, profile: EngineProfile, request: Request) -> ImageRequest:
    """A request for images of a prompt. Raises NotSent."""
    fields = _common(profile, request)
    return ImageRequest(model=model, prompt=words_of(profile, request), **fields)


async def edit(model: str, profile: EngineProfile, request: Request, inputs: Sequence[InputImage]) -> ImageEditRequest:
    """A request to change images, the last of which may be the mask of a region of the first one. Raises NotSent."""
    mask = inputs[-1] if request.option(MASKED) and len(inputs) > 1 else None
    sources = inputs[:-1] if mask else inputs
    try:
        ready = [await image_pool.run(editable, each.data, MAX_FILE) for each in sources]
        files = [File(data=each.data, name=f"image.{each.extension}", media_type=each.media_type) for each in ready]
        clear = await image_pool.run(clear_where_white, mask.data, ready[0].size) if mask else None
    except NotAnImage as error:
        raise Unsuitable(Limitation.UNREADABLE_INPUT, engine=model) from error
    return ImageEditRequest(
        model=model,
        prompt=words_of(profile, request),
        images=files,
        mask=File(data=clear, name="region.png", media_type="image/png") if clear else None,
        **_common(profile, request),
    )


def _common(profile: EngineProfile, request: Request) -> dict[str, Any]:
    """The fields of both kinds of requests. What a person did not choose, and what the model does not know, is left
    out."""
    size, ratio = None, request.option(RATIO)
    extra = dict(profile.extra)
    if ratio and (word := _size(profile, ratio)):
        if profile.size_field == "size":
            size = word
        else:
            extra[profile.size_field] = word
    quality, count = request.option(QUALITY), min(_count(request), most_images(profile))
    return {
        "size": size,
        "quality": quality if quality in profile.qualities else profile.quality,
        "n": count if count > 1 else None,
        "response_format": profile.response_format,
        "background": "transparent" if profile.transparent and request.option(TRANSPARENT) else None,
        "extra": extra,
    }


def _count(request: Request) -> int:
    number = request.option(COUNT) or ""
    return int(number) if number.isdecimal() else 1


def _size(profile: EngineProfile, ratio: str) -> str | None:
    """The model's word for a ratio, however it is written (32:18 is 16:9)."""
    try:
        wanted = _value(ratio)
        return next((word for known, word in profile.sizes.items() if _value(known) == wanted), None)
    except (ValueError, ZeroDivisionError):
        return None


def _value(ratio: str) -> Fraction:
    width, _, height = ratio.partition(":")
    return Fraction(int(width), int(height))
