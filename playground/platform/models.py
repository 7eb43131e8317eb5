"""The models that the local platform sells, and what each kind can do."""

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import resources


class Kind(StrEnum):
    """What a model does, and how its answers look."""

    CHAT = "chat"
    GPT = "gpt"
    CHAT_PROGRESS = "chat_progress"
    CHAT_LINK = "chat_link"
    CHAT_DATA_URL = "chat_data_url"
    MJ_CHAT = "mj_chat"
    DALLE = "dalle"
    GPT_IMAGE = "gpt_image"
    IMAGES = "images"
    COMPLETION = "completion"
    EMBEDDING = "embedding"
    TRANSCRIPTION = "transcription"
    SPEECH = "speech"
    PRICE = "price"


CHATS = {Kind.CHAT, Kind.GPT, Kind.CHAT_PROGRESS, Kind.CHAT_LINK, Kind.CHAT_DATA_URL, Kind.MJ_CHAT}
PAINTERS = {Kind.DALLE, Kind.GPT_IMAGE, Kind.IMAGES}
# The kinds of models that each endpoint takes.
TAKES = {
    "/v1/chat/completions": CHATS,
    "/v1/completions": {Kind.COMPLETION},
    "/v1/images/generations": PAINTERS,
    "/v1/images/edits": PAINTERS,
    "/v1/embeddings": {Kind.EMBEDDING},
    "/v1/audio/transcriptions": {Kind.TRANSCRIPTION},
    "/v1/audio/translations": {Kind.TRANSCRIPTION},
    "/v1/audio/speech": {Kind.SPEECH},
}
# What newer gateways call the endpoints of a kind (docs/platform-api.md#models-and-balance).
ENDPOINT_TYPES = {
    **dict.fromkeys(CHATS, "openai"),
    **dict.fromkeys(PAINTERS, "image-generation"),
    Kind.EMBEDDING: "embeddings",
}


@dataclass(frozen=True)
class Model:
    """A model. The ID of a family ends in a star."""

    id: str
    kind: Kind
    owner: str

    def is_named(self, name: str) -> bool:
        """Whether a request for this name is for the model."""
        family = self.id.removesuffix("*")
        return name == self.id if family == self.id else name.startswith(family) and name not in (family, self.id)


def _default() -> dict[str, Model]:
    table = tomllib.loads(resources.files(__package__).joinpath("models.toml").read_text("utf-8"))
    rows = ((Kind(kind), owner, names) for kind, owners in table.items() for owner, names in owners.items())
    return {name: Model(name, kind, owner) for kind, owner, names in rows for name in names}


@dataclass
class Catalog:
    """What is sold, by ID. Tests may take models out and add others."""

    models: dict[str, Model] = field(default_factory=_default)

    def named(self, name: str) -> Model | None:
        """The model that a request asks for."""
        return next((model for model in self.models.values() if model.is_named(name)), None)

    def sell(self, name: str, kind: Kind | str, owner: str = "custom") -> None:
        """Sell another model from now on."""
        self.models[name] = Model(name, Kind(kind), owner)

    def withdraw(self, *names: str) -> None:
        """Sell these models no longer. KeyError for one that is not sold."""
        for name in names:
            del self.models[name]
