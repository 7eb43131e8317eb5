"""The messages that a model gets: the instruction, the earlier turns as far as there is room, and the prompt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.engines.service_requests import data_urls
from bot.platform.requests import ChatMessage, ImageLink, ImagePart, TextPart
from storage import ChatImage, ChatTurn, InputImage

# How many tokens a text has depends on the model; four characters are about one token of English.
MAX_CHARACTERS = 24_000
MAX_TURNS = 60
# Images cost much more than words, so only those of the newest turns are sent again.
MAX_SENT_IMAGES = 4

Refresh = Callable[[str], Awaitable[str]]


async def messages_of(
    path: Sequence[ChatTurn],
    images: Mapping[int, Sequence[ChatImage]],
    instruction: str,
    *,
    refresh: Refresh | None = None,
) -> list[ChatMessage]:
    """The conversation up to `path[0]`, whose prompt is answered; `path` is in the order of `Conversations.path`.

    Of older turns, those that do not fit are left out, and so are turns without an answer. With `refresh`, which makes
    a link valid again, images are sent as links (docs/platform-api.md#vision).
    """
    kept = list(_kept(path))
    shown = _newest_images(kept, images)
    messages = [ChatMessage(role="system", content=instruction.strip())] if instruction.strip() else []
    for turn in reversed(kept):
        messages.append(await _prompt(turn, shown.get(turn.number, ()), refresh))
        if turn is not kept[0]:
            messages.append(ChatMessage(role="assistant", content=_said(turn)))
    return messages


def _kept(path: Sequence[ChatTurn]) -> Sequence[ChatTurn]:
    kept, room = [path[0]], MAX_CHARACTERS - len(path[0].prompt)
    for turn in path[1:]:
        if not _said(turn):
            continue
        room -= len(turn.prompt) + len(_said(turn))
        if room < 0:
            break
        kept.append(turn)
    return kept


def _newest_images(
    kept: Sequence[ChatTurn], images: Mapping[int, Sequence[ChatImage]]
) -> Mapping[int, Sequence[ChatImage]]:
    found: dict[int, Sequence[ChatImage]] = {}
    room = MAX_SENT_IMAGES
    for turn in kept:
        own = images.get(turn.number, ())
        if not own or room < len(own):
            continue
        found[turn.number] = own
        room -= len(own)
    return found


async def _prompt(turn: ChatTurn, images: Sequence[ChatImage], refresh: Refresh | None) -> ChatMessage:
    if not images:
        # A prompt that was only an image needs words once that is left out.
        return ChatMessage(role="user", content=turn.prompt.strip() or "(image)")
    if refresh:
        urls = [await refresh(image.url) for image in images]
    else:
        urls = await data_urls([InputImage(image.media_type, image.data) for image in images])
    text = [TextPart(text=turn.prompt)] if turn.prompt.strip() else []
    return ChatMessage(role="user", content=[*text, *(ImagePart(image_url=ImageLink(url=url)) for url in urls)])


def _said(turn: ChatTurn) -> str:
    return turn.end.raw_text.strip() or turn.end.answer.strip()
