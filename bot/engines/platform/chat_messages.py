"""Messages to chat models that make images: the words, the images in the form that the model takes
(docs/platform-api.md#vision), and the conversation before them as it is stored with a result."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

from bot.engines.errors import Limitation, Unsuitable
from bot.engines.service_requests import data_urls
from bot.media import NotAnImage, image_pool, preview, recognized
from bot.net.untrusted_data import parse_json, sequence
from bot.platform.engines_file import InputForm
from bot.platform.requests import ChatMessage, ImageLink, ImagePart, TextPart
from bot.runtime.units import MEGABYTE
from storage import InputImage

# Some models fail on larger images, and the price follows the size.
MAX_EDGE, MAX_BYTES = 1_536, 3 * MEGABYTE // 2
# The formats that all of these models read.
_READ = ("image/png", "image/jpeg", "image/webp")

# Characters of a stored conversation. The oldest exchanges are left out beyond it.
MAX_STORED = 16_000

Turns = Sequence[tuple[str, str]]
"""Questions and answers in turn, as texts, the oldest first."""


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


def stored(turns: Turns) -> str:
    """The newest exchanges within the limit, "" if not even the last one is. It never contains a part of a message."""
    kept = list(turns)
    while kept and len(text := json.dumps(kept, ensure_ascii=False)) > MAX_STORED:
        del kept[0]
    return text if kept else ""


def restored(text: str) -> Turns:
    """The exchanges of a stored conversation, () for one that cannot be read."""
    try:
        found = [tuple(sequence(exchange)) for exchange in sequence(parse_json(text or "[]"))]
    except (ValueError, RecursionError):
        return ()
    return [
        (question, answer)
        for question, answer in (exchange for exchange in found if len(exchange) == 2)
        if isinstance(question, str) and isinstance(answer, str) and question.strip() and answer.strip()
    ]


def messages_of(turns: Turns) -> list[ChatMessage]:
    """The messages of these exchanges."""
    messages = []
    for question, answer in turns:
        messages += [ChatMessage(role="user", content=question), ChatMessage(role="assistant", content=answer)]
    return messages
