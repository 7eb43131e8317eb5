"""Request bodies of the platform: as small as possible, and valid by the official description. The constructors raise
NotSent for an invalid value. No model has a default: names come from GET /v1/models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from bot.engines.errors import NotSent
from bot.engines.service_requests import StrictBody

# The official limit of a prompt for images; older models take less, which they say.
MAX_IMAGE_PROMPT = 32_000
MAX_SPEECH = 4_096
MAX_TEXTS = 2_048


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("is blank")
    return value


def _image_url(value: str) -> str:
    if not value.startswith(("http://", "https://", "data:image/")):
        raise ValueError("is neither an http(s) URL nor a data URL of an image")
    return value


Words = Annotated[str, AfterValidator(_not_blank)]
ModelName = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_not_blank)]
ImageUrl = Annotated[str, AfterValidator(_image_url)]
# Ratios and words differ by model: `1024x1024`, `16:9`, `16x9`, `auto`. A multiplication sign is refused everywhere.
Size = Annotated[str, Field(pattern=r"^[0-9a-zA-Z:x._-]{1,30}$")]
Word = Annotated[str, Field(pattern=r"^[\w.-]{1,40}$")]


class File(StrictBody):
    """A file of a form. The platform judges by its name, so the name needs the right extension
    (docs/platform-api.md#audio)."""

    data: Annotated[bytes, Field(min_length=1, repr=False)]
    name: Annotated[str, Field(pattern=r"^[\w.-]{1,80}\.\w{2,5}$")]
    media_type: Annotated[str, Field(pattern=r"^\w+/[\w.+-]+$")]


class PlatformRequest(StrictBody):
    """A request for one endpoint. Fields that are None are not sent.

    `omittable` are fields that can be left out without changing what a person asked for: if a platform does not know
    one, the request is sent without it (docs/platform-api.md#learned-switches). `extra` are further fields that a
    vendor reads, such as `aspect_ratio`.
    """

    path: ClassVar[str]
    omittable: ClassVar[frozenset[str]] = frozenset()

    model: ModelName
    extra: Mapping[Word, str | int | float | bool | list[str]] = Field(default_factory=dict, exclude=True)

    def fields(self, without: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The fields of the body, files excluded, without those of `without`."""
        own = self.model_dump(exclude_none=True, exclude=self._file_fields())
        return {name: value for name, value in {**self.extra, **own}.items() if name not in without}

    def files(self) -> Sequence[tuple[str, File]]:
        """The files of a form, each with its field. A request without files is sent as JSON."""
        return ()

    def _file_fields(self) -> set[str]:
        return {"extra"}


class TextPart(StrictBody):
    """A part of a message: text."""

    type: Literal["text"] = "text"
    text: Words


class ImageLink(StrictBody):
    """The image of a part. `detail` low makes some platforms skip their own download of a link."""

    url: Annotated[ImageUrl, Field(repr=False)]
    detail: Literal["auto", "low", "high"] | None = None


class ImagePart(StrictBody):
    """A part of a message: an image, as a link or a data URL (docs/platform-api.md#vision)."""

    type: Literal["image_url"] = "image_url"
    image_url: ImageLink


class ChatMessage(StrictBody):
    """A message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: Words | Annotated[list[TextPart | ImagePart], Field(min_length=1)]


class ChatRequest(PlatformRequest):
    """POST /v1/chat/completions (docs/platform-api.md#chat)."""

    path = "/v1/chat/completions"
    omittable = frozenset({"stream", "temperature", "max_tokens"})

    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    stream: Literal[True] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None

    def as_completion(self) -> CompletionRequest:
        """The same conversation for the legacy endpoint, as one text. Raises NotSent if it has images."""
        lines = []
        for message in self.messages:
            if not isinstance(message.content, str):
                raise NotSent("this model reads no images")
            lines.append(message.content if len(self.messages) == 1 else f"{message.role}: {message.content}")
        if len(lines) > 1:
            lines.append("assistant:")
        return CompletionRequest(
            model=self.model,
            prompt="\n\n".join(lines),
            stream=self.stream,
            temperature=self.temperature,
            max_tokens=self.max_tokens or DEFAULT_COMPLETION_TOKENS,
            extra=self.extra,
        )


# Without a limit the legacy endpoint stops after 16 tokens.
DEFAULT_COMPLETION_TOKENS = 1_000


class CompletionRequest(PlatformRequest):
    """POST /v1/completions: the legacy endpoint of models that have nothing else (docs/platform-api.md#completions)."""

    path = "/v1/completions"
    omittable = frozenset({"stream", "temperature"})

    prompt: Words
    max_tokens: Annotated[int, Field(ge=1)] = DEFAULT_COMPLETION_TOKENS
    stream: Literal[True] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None


class ImageRequest(PlatformRequest):
    """POST /v1/images/generations (docs/platform-api.md#images-api). Which fields a model takes differs by model."""

    path = "/v1/images/generations"
    omittable = frozenset(
        {"response_format", "style", "moderation", "output_format", "output_compression", "stream", "partial_images"}
    )

    prompt: Annotated[Words, Field(max_length=MAX_IMAGE_PROMPT)]
    n: Annotated[int, Field(ge=1, le=10)] | None = None
    size: Size | None = None
    quality: Word | None = None
    style: Literal["vivid", "natural"] | None = None
    response_format: Literal["url", "b64_json"] | None = None
    background: Literal["transparent", "opaque", "auto"] | None = None
    moderation: Literal["low", "auto"] | None = None
    output_format: Literal["png", "jpeg", "webp"] | None = None
    output_compression: Annotated[int, Field(ge=0, le=100)] | None = None
    stream: Literal[True] | None = None
    partial_images: Annotated[int, Field(ge=0, le=3)] | None = None


class ImageEditRequest(PlatformRequest):
    """POST /v1/images/edits as a form (docs/platform-api.md#edits). The mask is a PNG of the size of the first image;
    transparent pixels mark the region to change, the inverse of the image API's masks."""

    path = "/v1/images/edits"
    omittable = frozenset({"response_format", "output_format", "input_fidelity"})

    prompt: Annotated[Words, Field(max_length=MAX_IMAGE_PROMPT)]
    images: Annotated[list[File], Field(min_length=1, max_length=16)]
    mask: File | None = None
    n: Annotated[int, Field(ge=1, le=10)] | None = None
    size: Size | None = None
    quality: Word | None = None
    response_format: Literal["url", "b64_json"] | None = None
    background: Literal["transparent", "opaque", "auto"] | None = None
    output_format: Literal["png", "jpeg", "webp"] | None = None
    input_fidelity: Literal["high", "low"] | None = None

    def files(self) -> Sequence[tuple[str, File]]:
        """The images, and the mask."""
        name = "image" if len(self.images) == 1 else "image[]"
        return [*((name, image) for image in self.images), *([("mask", self.mask)] if self.mask else [])]

    def _file_fields(self) -> set[str]:
        return {"extra", "images", "mask"}


class EmbeddingRequest(PlatformRequest):
    """POST /v1/embeddings (docs/platform-api.md#embeddings)."""

    path = "/v1/embeddings"
    omittable = frozenset({"encoding_format"})

    input: Annotated[list[Words], Field(min_length=1, max_length=MAX_TEXTS)]
    dimensions: Annotated[int, Field(ge=1)] | None = None
    # Without it some clients and gateways choose base64, which some vendors refuse.
    encoding_format: Literal["float"] = "float"


class AudioRequest(PlatformRequest):
    """What transcription and translation have in common."""

    omittable = frozenset({"response_format", "prompt", "language"})

    file: File
    prompt: Words | None = None
    response_format: Literal["json"] = "json"

    def files(self) -> Sequence[tuple[str, File]]:
        """The recording."""
        return [("file", self.file)]

    def _file_fields(self) -> set[str]:
        return {"extra", "file"}


class TranscriptionRequest(AudioRequest):
    """POST /v1/audio/transcriptions: the words of a recording (docs/platform-api.md#audio). `language` is a code of ISO
    639-1."""

    path = "/v1/audio/transcriptions"

    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] | None = None


class TranslationRequest(AudioRequest):
    """POST /v1/audio/translations: the words of a recording in English (docs/platform-api.md#audio)."""

    path = "/v1/audio/translations"


class SpeechRequest(PlatformRequest):
    """POST /v1/audio/speech: text as sound (docs/platform-api.md#speech). `opus` is Ogg/Opus."""

    path = "/v1/audio/speech"
    omittable = frozenset({"instructions", "speed"})

    input: Annotated[Words, Field(max_length=MAX_SPEECH)]
    voice: Word
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "opus"
    speed: Annotated[float, Field(ge=0.25, le=4)] | None = None
    instructions: Words | None = None
