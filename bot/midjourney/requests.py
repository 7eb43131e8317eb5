"""The bodies that are sent: strict, nothing empty, no null, no other field than docs/image-api.md#submit-endpoints
names."""

from __future__ import annotations

import asyncio
import base64
import json
import string
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializationInfo,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticSerializationError

from bot.midjourney.errors import NotSent
from bot.midjourney.models import BotType, ChangeAction, Dimensions, Motion

# Every PNG file begins with these (PNG specification, 5.2).
_PNG = b"\x89PNG\r\n\x1a\n"
# Longer texts are pictures.
_LARGE = 64 * 1024
_DATA_URL_LETTERS = f"{string.ascii_letters}{string.digits}+/=:;,-.".encode()


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("is blank")
    return value.strip()


def _web_address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("is not an http(s) URL")
    return value


def _data_url(value: str) -> str:
    if not value.startswith("data:image/") or ";base64," not in value[:100]:
        raise ValueError("is not a data URL of an image")
    return value


Words = Annotated[str, AfterValidator(_not_blank)]
WebAddress = Annotated[str, AfterValidator(_web_address), Field(max_length=2000)]


def _pictured(value: str, info: SerializationInfo) -> str:
    return value.partition(",")[2] if info.context is BARE_PICTURES else value


BARE_PICTURES = object()
DataUrl = Annotated[str, AfterValidator(_data_url), PlainSerializer(_pictured)]
Id = Annotated[str, Field(min_length=1, max_length=128)]


class RequestBody(BaseModel):
    """Any body; field names travel in camel case."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )


class SubmitRequest(RequestBody):
    """The fields of every submit (docs/image-api.md#common-fields). `mode` only for services that want it in the body
    (docs/image-api.md#modes)."""

    state: Annotated[str, Field(min_length=1, max_length=255)]
    notify_hook: WebAddress | None = None
    mode: Literal["FAST", "RELAX"] | None = None


class ImagineRequest(SubmitRequest):
    """POST /mj/submit/imagine: start an image from a prompt (docs/image-api.md#imagine)."""

    prompt: Words
    base64_array: list[DataUrl] | None = None
    bot_type: BotType | None = None


class BlendRequest(SubmitRequest):
    """POST /mj/submit/blend: mix images (docs/image-api.md#blend). newapi does not count them itself."""

    base64_array: Annotated[list[DataUrl], Field(min_length=2, max_length=5)]
    dimensions: Dimensions | None = None
    bot_type: BotType | None = None


class DescribeRequest(SubmitRequest):
    """POST /mj/submit/describe: get prompts for an image, given in exactly one of two ways
    (docs/image-api.md#describe)."""

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
    """POST /mj/submit/shorten: find the words of a prompt that matter (docs/image-api.md#shorten)."""

    prompt: Words
    bot_type: BotType | None = None


class ActionRequest(SubmitRequest):
    """POST /mj/submit/action: press a button of a finished task (docs/image-api.md#action).

    `custom_id` is sent unchanged.
    """

    task_id: Id
    custom_id: Annotated[str, Field(min_length=1, max_length=1000)]
    enable_remix: Literal[True] | None = None


class ModalRequest(SubmitRequest):
    """POST /mj/submit/modal: confirm a window (docs/image-api.md#modal)."""

    task_id: Id
    prompt: Words | None = None
    mask_base64: Annotated[str, Field(min_length=1)] | None = None


class ChangeRequest(SubmitRequest):
    """POST /mj/submit/change: upscale, vary or reroll a grid without buttons (docs/image-api.md#change).

    newapi wants an index for a reroll too.
    """

    task_id: Id
    action: ChangeAction
    index: Annotated[int, Field(ge=1, le=4)] = 1


class SimpleChangeRequest(SubmitRequest):
    """POST /mj/submit/simple-change: a task's id and U1 to U4, V1 to V4 or R (docs/image-api.md#change)."""

    content: Annotated[str, Field(pattern=r"^\S{1,128} (?:[UV][1-4]|R)$")]


class SwapRequest(SubmitRequest):
    """POST /mj/insight-face/swap: put a face into another image (docs/image-api.md#face-swap)."""

    source_base64: DataUrl
    target_base64: DataUrl


class SwapVideoRequest(SubmitRequest):
    """POST /mj/insight-face/video-swap: put a face into an MP4, which travels as a file
    (docs/image-api.md#video-face-swap)."""

    source_base64: DataUrl
    target_file: Annotated[bytes, Field(min_length=1, exclude=True)]


class AccountFilter(RequestBody):
    """Which of the service's accounts has to do it (docs/image-api.md#common-fields)."""

    instance_id: Id


class ShowRequest(SubmitRequest):
    """POST /mj/submit/show: make a task of a job that was drawn elsewhere (docs/image-api.md#show).

    The account may be left out only for jobs that the service drew itself.
    """

    job_id: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    account_filter: AccountFilter | None = None


class EditRequest(SubmitRequest):
    """POST /mj/submit/edits and /mj/submit/retexture: rework an image, in the body that most services read
    (docs/image-api.md#edits and #retexture)."""

    prompt: Words
    image: DataUrl


class EditsRequest(SubmitRequest):
    """POST /mj/submit/edits with the image in an array (docs/image-api.md#edits)."""

    action: Literal["EDITS"] = "EDITS"
    prompt: Words
    base64_array: Annotated[list[DataUrl], Field(min_length=1)]


class VideoRequest(SubmitRequest):
    """POST /mj/submit/video: make clips from an image, in trueai's body (docs/image-api.md#video).

    It makes four clips by default.
    """

    prompt: Words
    image: DataUrl
    end_image: DataUrl | None = None
    motion: Motion | None = None
    loop: Literal[True] | None = None


class UploadRequest(RequestBody):
    """POST /mj/submit/upload-discord-images: store images with Discord (docs/image-api.md#upload)."""

    base64_array: Annotated[list[DataUrl], Field(min_length=1)]
    mode: Literal["FAST", "RELAX"] | None = None


class ListByIdsRequest(RequestBody):
    """POST /mj/task/list-by-condition and list-by-ids: tasks by id (docs/image-api.md#lists)."""

    ids: list[Id]


class QueryRequest(RequestBody):
    """POST /mj/task/query: search tasks, pages counting from 0 (docs/image-api.md#query)."""

    page_number: Annotated[int, Field(ge=0)] = 0
    page_size: Annotated[int, Field(ge=1)] | None = None
    sort: str | None = None
    ids: list[Id] | None = None
    action: str | None = None
    status: str | None = None
    status_set: list[str] | None = None
    prompt: str | None = None
    state: str | None = None


async def built(model: type[RequestBody], fields: dict[str, Any]) -> RequestBody:
    """Checks a body. Raises NotSent, naming what is wrong and never the value, which may be a whole picture."""
    try:
        return await asyncio.to_thread(model.model_validate, {k: v for k, v in fields.items() if v is not None})
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or model.__name__} {problem['msg']}"
            for problem in error.errors(include_url=False, include_input=False, include_context=False)
        )
        raise NotSent(f"invalid request: {wrong}") from None


async def encoded(body: RequestBody, *, bare_pictures: bool = False) -> bytes:
    """A body as JSON, without empty fields. Raises NotSent for text that no JSON can carry.

    `bare_pictures`: pictures are their base64 alone, not data URLs.
    """
    how = BARE_PICTURES if bare_pictures else None
    try:
        return await asyncio.to_thread(_json, body, how)
    except (PydanticSerializationError, UnicodeEncodeError):
        raise NotSent("the request contains text that cannot be encoded") from None


def _json(body: RequestBody, how: object) -> bytes:
    return b"".join(_json_parts(body.model_dump(by_alias=True, exclude_none=True, mode="json", context=how)))


def _json_parts(value: Any) -> Iterator[bytes]:
    """A value as JSON, in parts. A picture is one of them as it stands: looked through letter by letter by a library,
    several large ones hold up the event loop for a quarter of a second, and take another copy each."""
    if isinstance(value, dict):
        for number, (name, each) in enumerate(value.items()):
            yield (b"," if number else b"{") + json.dumps(name).encode() + b":"
            yield from _json_parts(each)
        yield b"}" if value else b"{}"
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield b"," if number else b"["
            yield from _json_parts(each)
        yield b"]" if value else b"[]"
    elif isinstance(value, str) and len(value) > _LARGE and value.isascii() and not _odd_letters(value.encode()):
        yield b'"'
        yield value.encode()
        yield b'"'
    else:
        yield json.dumps(value, ensure_ascii=False).encode()


def _odd_letters(text: bytes) -> bytes:
    """The letters that no data URL has."""
    return text.translate(None, _DATA_URL_LETTERS)


async def mask_text(mask: bytes, *, bare: bool) -> str:
    """A mask as the service wants it: exactly this prefix or none (docs/image-api.md#image-encoding and #mask).

    Raises NotSent if it is no PNG.
    """
    if not mask.startswith(_PNG):
        raise NotSent("the mask is not a PNG")
    text = (await asyncio.to_thread(base64.b64encode, mask)).decode("ascii")
    return text if bare else f"data:image/png;base64,{text}"
