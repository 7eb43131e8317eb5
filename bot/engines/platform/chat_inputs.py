"""Messages to chat models that make images: the words, and the images in the form that the model takes
(docs/platform-api.md#vision)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from bot.engines.errors import Limitation, Unsuitable
from bot.engines.request_bodies import data_urls
from bot.media import NotAnImage, image_pool, preview, recognized
from bot.platform.engines_file import InputForm
from bot.platform.requests import ChatMessage, ImageLink, ImagePart, TextPart
from bot.runtime.units import MEGABYTE
from storage import InputImage

# Some models fail on larger images, and the price follows the size.
MAX_EDGE, MAX_BYTES = 1_536, 3 * MEGABYTE // 2
# The formats that all of these models read.
_READ = ("image/png", "image/jpeg", "image/webp")


async def question(model: str, form: InputForm, words: str, images: Sequence[InputImage]) -> ChatMessage:
    """The message of a person. Raises Unsuitable for images that the model cannot get."""
    if not images:
        return ChatMessage(role="user", content=words)
    match form:
        case InputForm.NONE:
            raise Unsuitable(Limitation.NO_INPUTS, engine=model)
        case InputForm.LINK:
            links = [image.url for image in images if image.url]
            if len(links) < len(images):
                raise Unsuitable(Limitation.NO_LINK, engine=model)
            return ChatMessage(role="user", content=" ".join([*links, words]))
        case InputForm.DATA:
            urls = await data_urls([await _small(model, image) for image in images])
            parts = [ImagePart(image_url=ImageLink(url=url)) for url in urls]
            return ChatMessage(role="user", content=[*parts, TextPart(text=words)])


async def _small(model: str, image: InputImage) -> InputImage:
    """The image within the limits."""
    try:
        facts = recognized(image.data)
        small = facts and max(facts.width, facts.height) <= MAX_EDGE and len(image.data) <= MAX_BYTES
        if facts and small and facts.media_type in _READ:
            return InputImage(facts.media_type, image.data)
        return InputImage("image/jpeg", await image_pool.run(partial(preview, edge=MAX_EDGE), image.data))
    except NotAnImage as error:
        raise Unsuitable(Limitation.UNREADABLE_INPUT, engine=model) from error
