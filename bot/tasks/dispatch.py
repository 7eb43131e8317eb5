"""Turns a stored request into the matching call of the image API."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence

from bot.engines.errors import NotOffered
from bot.engines.midjourney import ChangeAction, Dimensions, MidjourneyClient, Motion, custom_id_facts
from bot.engines.midjourney.requests import (
    AccountFilter,
    ActionRequest,
    BlendRequest,
    ChangeRequest,
    DescribeRequest,
    EditRequest,
    ImagineRequest,
    RetextureRequest,
    ShortenRequest,
    ShowRequest,
    SubmitRequest,
    SwapRequest,
    SwapVideoRequest,
    VideoRequest,
)
from bot.engines.models import SubmitAnswer, SubmitTag
from bot.engines.options import BotType, Mode
from storage import Action, InputImage, Request


async def submit_request(
    client: MidjourneyClient,
    request: Request,
    *,
    parent: str | None,
    pictures: Sequence[InputImage],
    tag: SubmitTag,
) -> SubmitAnswer:
    """Submits a request once. `parent` is the service's id of the task whose button was pressed.

    Raises EngineError: AnswerLost if it is unknown whether the service accepted the request, any other subclass if
    the service did not.
    """
    mode = Mode(request.mode) if request.mode else None
    if request.action is Action.BUTTON:
        if parent is None or request.custom_id is None:
            raise ValueError("a button needs the task that it belongs to")
        return await _press(client, parent, request.custom_id, mode, tag, request.window_prompt)
    if request.action is Action.SHOW:
        account = AccountFilter(instance_id=request.account) if request.account else None
        # An imported job was generated elsewhere, so it has no mode here.
        return await client.submit(ShowRequest(job_id=request.job or "", account_filter=account), None, tag)
    return await client.submit(await _body(request, pictures), mode, tag)


async def _body(request: Request, pictures: Sequence[InputImage]) -> SubmitRequest:
    """The request body for an action that refers to no task."""
    if request.action is Action.SWAP_VIDEO:
        face, clip = pictures
        return SwapVideoRequest(source_base64=await asyncio.to_thread(data_url, face), target_file=clip.data)
    urls = await asyncio.to_thread(lambda: [data_url(picture) for picture in pictures])
    bot_type = BotType(request.bot_type) if request.bot_type else None
    match request.action:
        case Action.IMAGINE:
            return ImagineRequest(prompt=request.prompt, base64_array=urls or None, bot_type=bot_type)
        case Action.BLEND:
            dimensions = Dimensions(request.dimensions) if request.dimensions else None
            return BlendRequest(base64_array=urls, dimensions=dimensions, bot_type=bot_type)
        case Action.DESCRIBE:
            return DescribeRequest(base64=urls[0] if urls else None, link=request.link, bot_type=bot_type)
        case Action.SHORTEN:
            return ShortenRequest(prompt=request.prompt, bot_type=bot_type)
        case Action.SWAP:
            source, target = urls
            return SwapRequest(source_base64=source, target_base64=target)
        case _:
            return _rework(request, urls)


def _rework(request: Request, urls: Sequence[str]) -> SubmitRequest:
    """The request body for an action on an uploaded image; a video may have a second image as its last frame."""
    first, *last = urls
    if request.action is Action.EDIT:
        return EditRequest(prompt=request.prompt, image=first)
    if request.action is Action.RETEXTURE:
        return RetextureRequest(prompt=request.prompt, image=first)
    return VideoRequest(
        prompt=request.prompt,
        image=first,
        end_image=last[0] if last else None,
        motion=Motion(request.motion) if request.motion else None,
        loop=request.loop or None,
    )


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
        change = ChangeRequest(task_id=parent, action=ChangeAction(parsed.change), index=parsed.index or 1)
        return await client.submit(change, mode, tag)
    if parsed.kind not in custom_id_facts.TEXT_LINES or window_prompt is None:
        wanted = window_prompt is not None and custom_id_facts.remixable(custom_id)
        remix = wanted and client.capabilities.profile.remix_on_request
        press = ActionRequest(task_id=parent, custom_id=custom_id, enable_remix=remix or None)
        return await client.submit(press, mode, tag)
    try:
        return await client.submit(ActionRequest(task_id=parent, custom_id=custom_id), mode, tag)
    except NotOffered:
        # The refusal is certain, so nothing is sent twice. The line is submitted as a prompt of its own, which every
        # service supports (docs/image-api.md#text-buttons).
        return await client.submit(ImagineRequest(prompt=window_prompt), mode, tag)


def data_url(picture: InputImage) -> str:
    """An image as a data URL, the form that every API variant accepts (docs/image-api.md#image-encoding)."""
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode('ascii')}"
