"""What the platform offers now: its list of models, compared with the engines file and with what answers have taught
(docs/platform-api.md#models-and-balance)."""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot.engines.errors import EngineError
from bot.platform.client import PlatformClient
from bot.platform.engines_file import EngineKind, EngineProfile, EnginesFile, matches
from bot.platform.models import Model, ModelList
from bot.platform.prices import Price
from bot.platform.roles import Role
from bot.platform.switches import Switch

log = logging.getLogger(__name__)

# Seconds between two requests for the list, and after a failed one.
REFRESH_SECONDS = 600.0
RETRY_SECONDS = 30.0
# A list with more models is a mistake; the rest is ignored.
_MOST_MODELS = 5_000

Remember = Callable[[str], Awaitable[None]]


class ModelDirectory:
    """The models of one platform. Before the first list is known, the one of the last run is used."""

    def __init__(self, client: PlatformClient, file: EnginesFile, *, remember: Remember | None = None) -> None:
        """`remember` stores the list for the next start, as text for `recall`."""
        self.file = file
        self._client = client
        self._remember = remember
        self._listed = ListedModels(ModelList(()), file)
        self._known = functools.lru_cache(maxsize=2 * _MOST_MODELS)(file.profile_of)
        self._prices: Mapping[str, Price] = {}
        self.refreshed_at: float | None = None
        """When the list was read, in unix seconds. None if it is not known from this run."""

    # The list

    def recall(self, stored: str | None) -> None:
        """Uses the list of the last run until there is a newer one."""
        try:
            names = json.loads(stored or "[]")
        except ValueError:
            names = []
        if self.refreshed_at is None and isinstance(names, list):
            recalled = ModelList(tuple(Model(name) for name in names if isinstance(name, str)))
            self._listed = ListedModels(recalled, self.file)

    async def refresh(self, *, tries: int | None = None) -> None:
        """Reads the list. Raises EngineError."""
        found = await self._client.models.models(tries=tries)
        self._listed = await asyncio.to_thread(ListedModels, ModelList(found.models[:_MOST_MODELS]), self.file)
        self.refreshed_at = time.time()
        if self._remember:
            await self._remember(json.dumps([model.id for model in self._listed.list.models]))

    async def refresh_prices(self) -> None:
        """Reads the price list, which most platforms do not have. Without a new one, the last one is kept."""
        try:
            self._prices = await self._client.models.prices(tries=1)
        except EngineError as error:
            log.debug("the platform has no price list: %s", error)

    async def run(self) -> None:
        """Keeps the list current until cancelled."""
        failed = False
        while True:
            try:
                await self.refresh()
                await self.refresh_prices()
                failed = False
            except EngineError as error:
                log.log(logging.DEBUG if failed else logging.WARNING, "cannot read the platform's models: %s", error)
                failed = True
            except Exception:
                log.exception("reading the platform's models failed")
                failed = True
            await asyncio.sleep(RETRY_SECONDS if failed else REFRESH_SECONDS)

    # What is offered

    @property
    def models(self) -> Sequence[Model]:
        """The listed models that can be called now, without entries that are only prices."""
        return [model for model in self._listed.models if not self._refused(model.id)]

    def sells(self, name: str) -> bool:
        """Whether a model can be called now, as far as is known. Members of a family (`gpt-4-gizmo-*`) can."""
        return self._listed.list.sells(name) and not self._refused(name)

    @property
    def image_models(self) -> Sequence[str]:
        """The names of the image models that are offered, those of the default first, then in the file's order."""
        return self._offered(self._listed.images)

    @property
    def chat_models(self) -> Sequence[str]:
        """The names of the models that a person can talk to."""
        return self._offered(self._listed.chats)

    def is_chat(self, name: str) -> bool:
        """Whether a model answers chats, by its name."""
        return is_chat(name, self.file)

    def price_of(self, name: str) -> Price | None:
        """The list price of a model. None if the platform does not tell."""
        return self._prices.get(name)

    def profile_of(self, name: str) -> EngineProfile | None:
        """How a model makes images, whether it is sold or not. None if it is not known to make any."""
        return self._known(name)

    def for_role(self, role: Role) -> str | None:
        """The model for this use. None if there is none, which switches the use off."""
        return next((name for name in self._listed.roles[role] if not self._refused(name)), None)

    def _offered(self, names: Sequence[str]) -> Sequence[str]:
        return [name for name in names if not self._refused(name)]

    def _refused(self, name: str) -> bool:
        return self._client.switches.is_set(Switch.MODEL_MISSING, name)


class ListedModels:
    """One list of models, compared with the engines file once: the names by use, each in the order of preference.

    CPU-bound to make: matching over a thousand names with all patterns takes a tenth of a second, and cards and
    autocomplete ask often.
    """

    def __init__(self, models: ModelList, file: EnginesFile) -> None:
        self.list = models
        self.models: Sequence[Model] = [model for model in models.models if not model.is_price_entry]
        names = [model.id for model in self.models if not model.is_family]
        profiles = {name: file.profile_of(name) for name in names}
        images = [name for name in names if profiles[name]]
        ranks = {name: _rank(name, file) for name in images}
        self.images: Sequence[str] = sorted(images, key=lambda name: (name != file.default, ranks[name], name))
        self.chats: Sequence[str] = [name for name in names if is_chat(name, file)]
        others = [name for name in names if not profiles[name]]
        self.roles: Mapping[Role, Sequence[str]] = {role: _candidates(role, others, file) for role in Role}


def is_chat(name: str, file: EnginesFile) -> bool:
    """Whether a model answers chats, by its name."""
    if profile := file.profile_of(name):
        return profile.kind is EngineKind.CHAT
    other = [role for role in Role if role not in (Role.CHAT, Role.ENHANCE, Role.VISION)]
    return not any(matches(name, file.roles.get(role, ())) for role in other)


def _candidates(role: Role, names: Sequence[str], file: EnginesFile) -> Sequence[str]:
    """The models that can have a role, those of the first pattern first."""
    if role is Role.ENHANCE and not file.roles.get(role):
        role = Role.CHAT
    return [name for pattern in file.roles.get(role, ()) for name in names if matches(name, [pattern])]


def _rank(name: str, file: EnginesFile) -> int:
    return next((i for i, profile in enumerate(file.engines) if matches(name, profile.models)), 0)
