"""Descriptions of images by a model that sees: prompts that could have made an image, and alt text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from bot.engines.service_requests import data_urls
from bot.language.answer_lists import listed_lines
from bot.language.model_calls import ask_model
from bot.language.prompt_variants import filled, fitted
from bot.media import image_pool, preview
from bot.platform.requests import ImageLink, ImagePart, TextPart
from bot.platform.roles import Role
from bot.platform.service import Platform
from bot.tasks.errors import UserError
from bot.tasks.prompt import MAX_PROMPT, parse
from storage import InputImage

MOST_DESCRIPTIONS = 4
# Pixels of the longer edge of an image that a model sees; the price follows the size (docs/platform-api.md#vision).
DESCRIBED_EDGE, ALT_EDGE = 1_536, 768
# Characters of an alt text. Discord takes 1,024; a screen reader reads all of it at once.
MAX_ALT_TEXT = 400


async def image_descriptions(platform: Platform | None, image: bytes, language: str) -> tuple[str, ...]:
    """One to four prompts that describe an image, in this language. Sends one request, which is billed.

    Raises UserError, and NotAnImage for what cannot be decoded.
    """
    instruction = filled(platform.file.templates.describe if platform else "", language=language)
    answer = await ask_model(platform, Role.VISION, instruction, await _parts([image], DESCRIBED_EDGE))
    words = [fitted(parse(line).words, MAX_PROMPT) for line in listed_lines(answer, MOST_DESCRIPTIONS)]
    if not any(words):
        raise UserError("model_wrote_nothing")
    return tuple(dict.fromkeys(filter(None, words)))


async def alt_texts(platform: Platform, images: Sequence[bytes], language: str) -> tuple[str, ...]:
    """An alt text for each image, or none at all if the answer does not have one for each. Sends one request, which is
    billed.

    Raises UserError, and NotAnImage for what cannot be decoded.
    """
    instruction = filled(platform.file.templates.alt_text, language=language)
    if len(images) > 1:
        instruction += f"\nThere are {len(images)} images. Answer with a numbered list: one line for each, in order."
    answer = await ask_model(platform, Role.VISION, instruction, await _parts(images, ALT_EDGE, coarse=True))
    lines = listed_lines(answer, len(images))
    return tuple(fitted(line, MAX_ALT_TEXT) for line in lines) if len(lines) == len(images) else ()


async def _parts(images: Sequence[bytes], edge: int, *, coarse: bool = False) -> list[TextPart | ImagePart]:
    """The images as small JPEGs. `coarse`: a look at a low resolution is enough."""
    small = [await image_pool.run(partial(preview, edge=edge), image) for image in images]
    urls = await data_urls([InputImage("image/jpeg", data) for data in small])
    return [ImagePart(image_url=ImageLink(url=url, detail="low" if coarse else None)) for url in urls]
