"""From a stored request to the one call of the image API that it stands for."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence

from bot.midjourney import (
    BotType,
    ChangeAction,
    Dimensions,
    MidjourneyClient,
    Mode,
    Motion,
    NotOffered,
    SubmitAnswer,
    SubmitTag,
    custom_id_facts,
)
from storage import Action, InputImage, Request

_LINES = (custom_id_facts.ActionKind.DESCRIBE_LINE, custom_id_facts.ActionKind.SHORTEN_LINE)


async def submit_request(
    client: MidjourneyClient,
    request: Request,
    *,
    parent: str | None,
    pictures: Sequence[InputImage],
    tag: SubmitTag,
) -> SubmitAnswer:
    """Submits a request once. `parent` is the service's id of the task whose button was pressed.

    Raises MidjourneyError: AnswerLost when nobody knows whether it was taken, anything else when it was not.
    """
    mode = Mode(request.mode) if request.mode else None
    if request.action is Action.BUTTON:
        if parent is None or request.custom_id is None:
            raise ValueError("a button needs the task that it belongs to")
        return await _press(client, parent, request.custom_id, mode, tag, request.window_prompt)
    if request.action is Action.SHOW:
        return await client.show(request.job or "", account=request.account, tag=tag)
    if request.action is Action.SWAP_VIDEO:
        face, clip = pictures
        return await client.swap_video(await asyncio.to_thread(data_url, face), clip.data, mode=mode, tag=tag)
    bot = BotType(request.bot_type) if request.bot_type else None
    urls = await asyncio.to_thread(lambda: [data_url(picture) for picture in pictures])
    match request.action:
        case Action.IMAGINE:
            return await client.imagine(request.prompt, pictures=urls, bot=bot, mode=mode, tag=tag)
        case Action.BLEND:
            dimensions = Dimensions(request.dimensions) if request.dimensions else None
            return await client.blend(urls, dimensions=dimensions, bot=bot, mode=mode, tag=tag)
        case Action.DESCRIBE:
            picture = urls[0] if urls else None
            return await client.describe(picture=picture, link=request.link, bot=bot, mode=mode, tag=tag)
        case Action.SHORTEN:
            return await client.shorten(request.prompt, bot=bot, mode=mode, tag=tag)
        case Action.SWAP:
            source, target = urls
            return await client.swap(source, target, mode=mode, tag=tag)
        case _:
            return await _rework(client, request, urls, mode, tag)


async def _rework(
    client: MidjourneyClient, request: Request, urls: Sequence[str], mode: Mode | None, tag: SubmitTag
) -> SubmitAnswer:
    """What is made of a picture of one's own; a video may have a second one, its end."""
    first, *last = urls
    if request.action is Action.EDIT:
        return await client.edit(request.prompt, first, mode=mode, tag=tag)
    if request.action is Action.RETEXTURE:
        return await client.retexture(request.prompt, first, mode=mode, tag=tag)
    motion, end = Motion(request.motion) if request.motion else None, last[0] if last else None
    return await client.video(request.prompt, first, end=end, motion=motion, loop=request.loop, mode=mode, tag=tag)


async def _press(
    client: MidjourneyClient,
    parent: str,
    custom_id: str,
    mode: Mode | None,
    tag: SubmitTag,
    window_prompt: str | None,
) -> SubmitAnswer:
    parsed = custom_id_facts.parse(custom_id)
    if parsed.kind is custom_id_facts.ActionKind.CHANGE:
        return await client.change(parent, ChangeAction(parsed.change), parsed.index or 1, mode=mode, tag=tag)
    if parsed.kind not in _LINES or window_prompt is None:
        wanted = window_prompt is not None and custom_id_facts.remixable(custom_id)
        remix = wanted and client.capabilities.profile.remix_on_request
        return await client.action(parent, custom_id, mode=mode, tag=tag, enable_remix=remix)
    try:
        return await client.action(parent, custom_id, mode=mode, tag=tag)
    except NotOffered:
        # The refusal is certain, so nothing is sent twice: the line is drawn as a prompt of its own, which every
        # service can do (docs/image-api.md#text-buttons).
        return await client.imagine(window_prompt, mode=mode, tag=tag)


def data_url(picture: InputImage) -> str:
    """A picture in the form that every dialect reads (docs/image-api.md#image-encoding)."""
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode('ascii')}"
