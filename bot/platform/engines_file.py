"""The engines file: which models of a platform make images and how, and which model does what else
(docs/platform-api.md#engines-file).

Names are patterns as in a shell (`gpt-image-*`), compared without regard to case. Nothing here says what a platform
sells: `bot.platform.model_directory` compares the patterns with its list of models.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.platform.roles import Role

MAX_FILE_BYTES = 1_000_000


class EnginesFileError(Exception):
    """The engines file cannot be read. The text names the file and the entry, on one line."""


class EngineKind(StrEnum):
    """How a model makes images."""

    IMAGES = "images"
    """By the images API (docs/platform-api.md#images-api)."""
    CHAT = "chat"
    """In the text of a chat answer (docs/platform-api.md#images-in-text)."""
    MJ_CHAT = "mj-chat"
    """Midjourney through chat, with progress and buttons in the text (docs/platform-api.md#generation-texts)."""


class InputForm(StrEnum):
    """How a chat model takes images (docs/platform-api.md#vision)."""

    NONE = "none"
    DATA = "data"
    """As data URLs."""
    LINK = "link"
    """As links that the platform downloads."""


def _ratio(value: str) -> str:
    width, colon, height = value.partition(":")
    if not colon or not (width.isdigit() and height.isdigit()) or not (int(width) and int(height)):
        raise ValueError("is not a ratio such as 16:9")
    return value


Ratio = Annotated[str, AfterValidator(_ratio)]
Pattern = Annotated[str, Field(min_length=1, max_length=200)]


class _Table(BaseModel):
    # Built when a file is read: a start without a platform does not need it.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class EngineProfile(_Table):
    """How the image models that match `models` are called.

    `sizes`: the word that the platform wants for each ratio, sent as `size_field`. A ratio without an entry is added to
    the prompt. `qualities`: what a person can choose; `quality`: what is sent if they choose nothing. `n`: the most
    images of one call. `prompt_limit`: in characters, `prompt_bytes`: in bytes. `edits`: the model changes images;
    `masks`: also only a region of one. `upscale`: the model that enlarges its images. `extra`: further fields to send.
    """

    models: Annotated[tuple[Pattern, ...], Field(min_length=1)]
    kind: EngineKind = EngineKind.IMAGES
    sizes: Mapping[Ratio, Annotated[str, Field(pattern=r"^[0-9a-zA-Z:x._-]{1,30}$")]] = {}
    size_field: Literal["size", "aspect_ratio"] = "size"
    qualities: tuple[str, ...] = ()
    quality: str | None = None
    n: Annotated[int, Field(ge=1, le=10)] = 1
    response_format: Literal["url", "b64_json"] | None = None
    transparent: bool = False
    edits: bool = False
    masks: bool = False
    inputs: InputForm = InputForm.NONE
    stream: bool = True
    prompt_limit: Annotated[int, Field(ge=1)] | None = None
    prompt_bytes: Annotated[int, Field(ge=1)] | None = None
    upscale: Pattern | None = None
    extra: Mapping[str, str | int | float | bool] = {}


class Templates(_Table):
    """The instructions that models get. Values in braces are filled in."""

    enhance: str = ""
    describe: str = ""
    alt_text: str = ""
    chat: str = ""


class EnginesFile(_Table):
    """The whole file. The first profile that matches a model holds. `hidden`: models that are not offered.

    `default`: the engine of people who chose none, if there is no Midjourney. `voices`: what `/speak` offers, the
    default first. `alt_texts`: whether posted images get alt text from the vision model, which costs a call for each
    result, and how many results an hour. `recording_seconds`: the longest recording that is written down.
    `image_links`: chat models that take images as links, in addition to the engines that say so.
    """

    default: str | None = None
    hidden: tuple[Pattern, ...] = ()
    engines: tuple[EngineProfile, ...] = ()
    roles: Mapping[Role, tuple[Pattern, ...]] = {}
    templates: Templates = Field(default_factory=Templates)
    voices: tuple[str, ...] = ("alloy",)
    alt_texts: bool = False
    alt_texts_per_hour: Annotated[int, Field(ge=1)] = 60
    recording_seconds: Annotated[int, Field(ge=1)] = 120
    image_links: tuple[Pattern, ...] = ()

    def profile_of(self, model: str) -> EngineProfile | None:
        """How this model makes images. None if it is not known to make any."""
        if matches(model, self.hidden):
            return None
        return next((profile for profile in self.engines if matches(model, profile.models)), None)


def matches(model: str, patterns: Iterable[str]) -> bool:
    """Whether a model's name matches one of the patterns."""
    name = model.casefold()
    return any(fnmatchcase(name, pattern.casefold()) for pattern in patterns)


def default_engines() -> EnginesFile:
    """The file that comes with the program."""
    return parsed(files("bot.platform").joinpath("engines.toml").read_text(encoding="utf-8"), "the default engines")


def load_engines(path: Path) -> EnginesFile:
    """Reads a file. What it leaves out is taken from the default. Raises EnginesFileError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        text = data.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise EnginesFileError(f"{path}: cannot be read ({type(error).__name__})") from error
    if len(data) > MAX_FILE_BYTES:
        raise EnginesFileError(f"{path}: is larger than {MAX_FILE_BYTES} bytes")
    return parsed(text, str(path), default_engines())


def parsed(text: str, name: str, default: EnginesFile | None = None) -> EnginesFile:
    """Reads the text of a file that is called `name` in errors. Raises EnginesFileError."""
    try:
        tables: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise EnginesFileError(f"{name}: {error}") from error
    if default:
        tables = _completed(tables, default)
    try:
        return EnginesFile.model_validate(tables)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, problem["loc"]))
        raise EnginesFileError(f"{name}: {where}: {problem['msg']}") from error


def _completed(tables: dict[str, Any], default: EnginesFile) -> dict[str, Any]:
    """The tables with the default's values for what they leave out. Own profiles come before the default ones."""
    complete = {name: getattr(default, name) for name in EnginesFile.model_fields} | tables
    for name in ("roles", "templates"):
        if isinstance(given := tables.get(name), dict):
            complete[name] = default.model_dump()[name] | given
    if isinstance(own := tables.get("engines"), list):
        complete["engines"] = [*own, *default.engines]
    return complete
