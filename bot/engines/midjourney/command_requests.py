"""The bodies of commands other than a plain prompt (docs/image-api.md#submit-endpoints), and which body a stored
request becomes."""

# No `from __future__ import annotations` here, for the reason in `requests`.

import binascii
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from aiohttp import FormData
from pydantic import Field, ValidationInfo, field_validator

from bot.engines.errors import NotSent
from bot.engines.midjourney.button_kinds import JOB_ID_PATTERN
from bot.engines.midjourney.requests import (
    DataUrl,
    Id,
    ImagineRequest,
    RequestBody,
    SubmitEndpoint,
    SubmitRequest,
    WebAddress,
    Words,
)
from bot.engines.models import Feature
from bot.engines.options import BotType, Dimensions, Motion
from bot.engines.service_requests import data_urls
from storage import Action, InputImage, Request


class BlendRequest(SubmitRequest):
    """POST /mj/submit/blend: blend images (docs/image-api.md#blend). newapi does not check their number."""

    endpoint = SubmitEndpoint.BLEND
    feature = Feature.BLEND

    base64_array: Annotated[list[DataUrl], Field(min_length=2, max_length=5)]
    dimensions: Dimensions | None = None
    bot_type: BotType | None = None


class DescribeRequest(SubmitRequest):
    """POST /mj/submit/describe: get prompts for an image, given either as data or as a link
    (docs/image-api.md#describe)."""

    endpoint = SubmitEndpoint.DESCRIBE
    feature = Feature.DESCRIBE

    base64: DataUrl | None = None
    link: WebAddress | None = Field(default=None, validate_default=True)
    bot_type: BotType | None = None

    @field_validator("link")
    @classmethod
    def _one_picture(cls, value: str | None, info: ValidationInfo) -> str | None:
        if (value is None) == (info.data.get("base64") is None):
            raise ValueError("expected exactly one of image and link")
        return value


class ShortenRequest(SubmitRequest):
    """POST /mj/submit/shorten: find the important words of a prompt (docs/image-api.md#shorten)."""

    endpoint = SubmitEndpoint.SHORTEN
    feature = Feature.SHORTEN

    prompt: Words
    bot_type: BotType | None = None


class SwapRequest(SubmitRequest):
    """POST /mj/insight-face/swap: put a face into another image (docs/image-api.md#face-swap)."""

    endpoint = SubmitEndpoint.SWAP
    feature = Feature.SWAP

    source_base64: DataUrl
    target_base64: DataUrl

    def as_form(self, others: Mapping[str, Any]) -> FormData:
        """Returns a form with the images as files and these other fields. Raises NotSent."""
        form = FormData()
        for name, value in others.items():
            form.add_field(name, value)
        for name, url in (("source", self.source_base64), ("target", self.target_base64)):
            head, _, data = url.partition(",")
            media_type = head.removeprefix("data:").partition(";")[0]
            try:
                image = b64decode(data, validate=True)
            except binascii.Error as error:
                raise NotSent(f"the {name} image is not base64") from error
            form.add_field(name, image, filename=f"{name}.{media_type.partition('/')[2]}", content_type=media_type)
        return form


class SwapVideoRequest(SubmitRequest):
    """POST /mj/insight-face/video-swap: put a face into an MP4, which is sent as a file
    (docs/image-api.md#video-face-swap)."""

    endpoint = SubmitEndpoint.SWAP_VIDEO
    feature = Feature.SWAP_VIDEO

    source_base64: DataUrl
    target_file: Annotated[bytes, Field(min_length=1, exclude=True)]


class AccountFilter(RequestBody):
    """The service's account that must process the request (docs/image-api.md#common-fields)."""

    instance_id: Id


class ShowRequest(SubmitRequest):
    """POST /mj/submit/show: create a task for a job that was generated elsewhere (docs/image-api.md#show).

    The account is optional only for jobs that the service generated itself.
    """

    endpoint = SubmitEndpoint.SHOW
    feature = Feature.SHOW

    job_id: Annotated[str, Field(pattern=f"^{JOB_ID_PATTERN}$")]
    account_filter: AccountFilter | None = None


class ReworkRequest(SubmitRequest):
    """A prompt and the image to change, in the format that most services accept."""

    prompt: Words
    image: DataUrl


class OlderEditRequest(ReworkRequest):
    """POST /mj/submit/edit: the older name of `edits` (docs/image-api.md#edits)."""

    endpoint = SubmitEndpoint.EDIT
    feature = Feature.EDIT_OLDER


class EditArrayRequest(SubmitRequest):
    """POST /mj/submit/edits with the image in an array (docs/image-api.md#edits)."""

    endpoint = SubmitEndpoint.EDITS
    feature = Feature.EDIT

    action: Literal["EDITS"] = "EDITS"
    prompt: Words
    base64_array: Annotated[list[DataUrl], Field(min_length=1)]


class EditRequest(ReworkRequest):
    """POST /mj/submit/edits: change an image according to the prompt (docs/image-api.md#edits)."""

    endpoint = SubmitEndpoint.EDITS
    feature = Feature.EDIT

    def older(self) -> OlderEditRequest:
        """Returns the request for the endpoint's older name."""
        return OlderEditRequest(prompt=self.prompt, image=self.image)

    def as_array(self) -> EditArrayRequest:
        """Returns the request for services that expect the image in an array."""
        return EditArrayRequest(prompt=self.prompt, base64_array=[self.image])


class RetextureRequest(ReworkRequest):
    """POST /mj/submit/retexture: keep the composition of an image and change its style according to the prompt
    (docs/image-api.md#retexture)."""

    endpoint = SubmitEndpoint.RETEXTURE
    feature = Feature.RETEXTURE


class VideoRequest(SubmitRequest):
    """POST /mj/submit/video: generate videos from an image, in trueai's format (docs/image-api.md#video).

    The default is four videos.
    """

    endpoint = SubmitEndpoint.VIDEO
    feature = Feature.VIDEO

    prompt: Words
    image: DataUrl
    end_image: DataUrl | None = None
    motion: Motion | None = None
    loop: Literal[True] | None = None


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
