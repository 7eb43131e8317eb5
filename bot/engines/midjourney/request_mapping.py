"""Turns stored requests into request bodies of the image API."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engines.midjourney.requests import (
    AccountFilter,
    BlendRequest,
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
from bot.engines.options import BotType, Dimensions, Mode, Motion
from bot.engines.request_bodies import data_urls
from storage import Action, InputImage, Request


def mode_of(request: Request) -> Mode | None:
    """The mode in which a request is sent. An imported job was generated elsewhere, so it has none."""
    mode = request.option("mode")
    return Mode(mode) if mode and request.action is not Action.SHOW else None


async def body_of(request: Request, pictures: Sequence[InputImage]) -> SubmitRequest:
    """The request body for a command."""
    if request.action is Action.SHOW:
        account = request.option("account")
        return ShowRequest(
            job_id=request.option("job") or "", account_filter=AccountFilter(instance_id=account) if account else None
        )
    if request.action is Action.SWAP_VIDEO:
        face, clip = pictures
        (face_url,) = await data_urls([face])
        return SwapVideoRequest(source_base64=face_url, target_file=clip.data)
    urls = await data_urls(pictures)
    named = request.option("bot_type")
    bot_type = BotType(named) if named else None
    match request.action:
        case Action.IMAGINE:
            return ImagineRequest(prompt=request.prompt, base64_array=urls or None, bot_type=bot_type)
        case Action.BLEND:
            chosen = request.option("dimensions")
            dimensions = Dimensions(chosen) if chosen else None
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
    motion = request.option("motion")
    return VideoRequest(
        prompt=request.prompt,
        image=first,
        end_image=last[0] if last else None,
        motion=Motion(motion) if motion else None,
        loop=bool(request.option("loop")) or None,
    )
