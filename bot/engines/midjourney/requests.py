"""The endpoints that change something, and the bodies of buttons, modals, prompts and reads: strict, without empty
values or null, and only with fields of docs/image-api.md#submit-endpoints. The constructors raise NotSent for an
invalid value."""

# No `from __future__ import annotations` here: pydantic would evaluate each annotation again from its text, for every
# class that inherits it, which doubles the time of this import.

from base64 import b64encode
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainSerializer, SerializationInfo
from pydantic.alias_generators import to_camel

from bot.engines.midjourney.button_kinds import ChangeAction
from bot.engines.midjourney.buttons import sendable_id
from bot.engines.midjourney.profiles import Quirk
from bot.engines.models import Feature
from bot.engines.options import BotType, Mode
from bot.engines.service_requests import StrictBody
from bot.media.containers.recognition import PNG_SIGNATURE


class SubmitEndpoint(StrEnum):
    """Endpoints with a request body that change something. The value is the path below `/mj`."""

    IMAGINE = "submit/imagine"
    BLEND = "submit/blend"
    DESCRIBE = "submit/describe"
    SHORTEN = "submit/shorten"
    ACTION = "submit/action"
    MODAL = "submit/modal"
    CHANGE = "submit/change"
    SIMPLE_CHANGE = "submit/simple-change"
    UPLOAD = "submit/upload-discord-images"
    EDITS = "submit/edits"
    EDIT = "submit/edit"
    RETEXTURE = "submit/retexture"
    VIDEO = "submit/video"
    SHOW = "submit/show"
    SWAP = "insight-face/swap"
    SWAP_VIDEO = "insight-face/video-swap"


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("is blank")
    return value.strip()


def _none_if_blank(value: str | None) -> str | None:
    return (value or "").strip() or None


def _web_address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("is not an http(s) URL")
    return value


def _data_url(value: str) -> str:
    if not value.startswith("data:image/") or ";base64," not in value[:100]:
        raise ValueError("is not a data URL of an image")
    return value


def _png(value: bytes) -> bytes:
    if not value.startswith(PNG_SIGNATURE):
        raise ValueError("is not a PNG")
    return value


def _image_text(value: str, info: SerializationInfo[frozenset[Quirk] | None]) -> str:
    return value.partition(",")[2] if Quirk.BARE_PICTURES in (info.context or ()) else value


def _mask_text(value: bytes, info: SerializationInfo[frozenset[Quirk] | None]) -> str:
    text = b64encode(value).decode("ascii")
    return text if Quirk.BARE_MASK in (info.context or ()) else f"data:image/png;base64,{text}"


Words = Annotated[str, AfterValidator(_not_blank)]
OptionalWords = Annotated[str | None, BeforeValidator(_none_if_blank)]
WebAddress = Annotated[str, AfterValidator(_web_address), Field(max_length=2000)]
# The encoding of these two depends on the service's quirks: see `capabilities.encoded`.
DataUrl = Annotated[str, AfterValidator(_data_url), PlainSerializer(_image_text)]
Mask = Annotated[bytes, AfterValidator(_png), PlainSerializer(_mask_text)]
ButtonId = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(sendable_id)]
Id = Annotated[str, Field(min_length=1, max_length=128)]
BodyMode = Literal["FAST", "RELAX"]


class RequestBody(StrictBody):
    """Base class of all bodies. Field names are sent in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class CommonFields(RequestBody):
    """The fields that are part of every submit (docs/image-api.md#common-fields). `mode` is only for services that
    expect it in the body (docs/image-api.md#modes)."""

    state: Annotated[str, Field(min_length=1, max_length=255)]
    notify_hook: WebAddress | None = None
    mode: BodyMode | None = None


class SubmitRequest(RequestBody):
    """The body of a submit, without the common fields. `feature` is the feature that the service needs for it."""

    endpoint: ClassVar[SubmitEndpoint]
    feature: ClassVar[Feature | None] = None


class TaskRequest(SubmitRequest):
    """A submit that names a task of the service."""

    task_id: Id


class ImagineRequest(SubmitRequest):
    """POST /mj/submit/imagine: generate an image from a prompt (docs/image-api.md#imagine)."""

    endpoint = SubmitEndpoint.IMAGINE

    prompt: Words
    base64_array: list[DataUrl] | None = None
    bot_type: BotType | None = None

    def with_mode_in_prompt(self, mode: Mode) -> Self:
        """Returns the request with the mode as a flag in the prompt."""
        return self.model_copy(update={"prompt": f"{self.prompt} --{mode}"})


class ActionRequest(TaskRequest):
    """POST /mj/submit/action: press a button of a finished task (docs/image-api.md#action).

    `custom_id` is sent unchanged.
    """

    endpoint = SubmitEndpoint.ACTION
    feature = Feature.ACTION

    custom_id: ButtonId
    enable_remix: Literal[True] | None = None


class ModalRequest(TaskRequest):
    """POST /mj/submit/modal: confirm a modal (docs/image-api.md#modal).

    `task_id` is the ID of the task that waits for the modal. If the prompt is missing or blank, the service uses that
    of the parent. The mask is a PNG of the same size as the image; white marks the region to change.
    """

    endpoint = SubmitEndpoint.MODAL
    feature = Feature.MODAL

    prompt: OptionalWords = None
    mask_base64: Mask | None = None


class SimpleChangeRequest(SubmitRequest):
    """POST /mj/submit/simple-change: a task ID and U1 to U4, V1 to V4 or R (docs/image-api.md#change)."""

    endpoint = SubmitEndpoint.SIMPLE_CHANGE
    feature = Feature.SIMPLE_CHANGE

    content: Annotated[str, Field(pattern=r"^\S{1,128} (?:[UV][1-4]|R)$")]


class ChangeRequest(TaskRequest):
    """POST /mj/submit/change: upscale, vary or reroll a grid without buttons (docs/image-api.md#change).

    newapi requires an index for a reroll, too.
    """

    endpoint = SubmitEndpoint.CHANGE
    feature = Feature.CHANGE

    action: ChangeAction
    index: Annotated[int, Field(ge=1, le=4)] = 1

    def simple(self) -> SimpleChangeRequest:
        """Returns the request for the endpoint that expects a single text."""
        number = "" if self.action is ChangeAction.REROLL else self.index
        return SimpleChangeRequest(content=f"{self.task_id} {self.action.value[0]}{number}")


class UploadRequest(RequestBody):
    """POST /mj/submit/upload-discord-images: store images at Discord (docs/image-api.md#upload)."""

    base64_array: Annotated[list[DataUrl], Field(min_length=1)]
    mode: BodyMode | None = None


class ListByIdsRequest(RequestBody):
    """POST /mj/task/list-by-condition and list-by-ids: tasks by id (docs/image-api.md#lists)."""

    ids: list[Id]


class QueryRequest(RequestBody):
    """POST /mj/task/query: the first page of the tasks of a submit, by its `state` (docs/image-api.md#query)."""

    page_number: Literal[0] = 0
    state: Annotated[str, Field(min_length=1)]
