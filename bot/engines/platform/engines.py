"""The engines of a platform: one for each image model, named as the platform sells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.engines.base import ImageEngine
from bot.engines.platform.chat_images_engine import ChatImagesEngine
from bot.engines.platform.images_engine import ImagesEngine
from bot.engines.platform.mj_chat_engine import MjChatEngine
from bot.platform.client import PlatformClient
from bot.platform.engines_file import EngineKind, EngineProfile
from bot.platform.model_directory import ModelDirectory

EngineMaker = Callable[[str, EngineProfile, PlatformClient], ImageEngine]

MAKERS: Mapping[EngineKind, EngineMaker] = {
    EngineKind.IMAGES: ImagesEngine,
    EngineKind.CHAT: ChatImagesEngine,
    EngineKind.MJ_CHAT: MjChatEngine,
}


class PlatformEngines:
    """Makes the engines when they are needed (an `EngineProvider`).

    The engine of a model that is not sold any longer still shows its tasks, and a submit is refused by the platform.
    """

    def __init__(
        self,
        client: PlatformClient,
        directory: ModelDirectory,
        makers: Mapping[EngineKind, EngineMaker] = MAKERS,
    ) -> None:
        self._client = client
        self._directory = directory
        self._makers = makers
        self._made: dict[str, ImageEngine] = {}

    @property
    def names(self) -> Sequence[str]:
        """The image models that the platform sells now, the preferred ones first."""
        return [name for name in self._directory.image_models if self._maker_of(name)]

    @property
    def is_current(self) -> bool:
        """Whether the list of models was read in this run of the program."""
        return self._directory.refreshed_at is not None

    @property
    def default_name(self) -> str | None:
        """The default of the engines file, if it is sold, or if it is not known yet what is."""
        name = self._directory.file.default
        if name is None or self._maker_of(name) is None:
            return None
        return name if name in self.names or not (self.is_current or self.names) else None

    def named(self, name: str) -> ImageEngine | None:
        """The engine of a model, None if the model is not known to make images."""
        if name not in self._made:
            profile, maker = self._directory.profile_of(name), self._maker_of(name)
            if profile is None or maker is None:
                return None
            self._made[name] = maker(name, profile, self._client)
        return self._made[name]

    def _maker_of(self, name: str) -> EngineMaker | None:
        profile = self._directory.profile_of(name)
        return self._makers.get(profile.kind) if profile else None
