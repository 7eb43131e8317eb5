"""The engines of this program, by name, the buttons of their tasks, and the outages of their services.

IDs of buttons are not unique across tasks (docs/image-api.md#button-entries), so a press names its button by the task
and a digest of the ID. The digest depends on nothing else: neither on the order of the buttons nor on process state.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

import aiohttp

from bot.engines.base import ImageEngine
from bot.engines.emoji import KEYCAP
from bot.engines.errors import (
    AuthFailed,
    EngineError,
    NotOffered,
    NotSent,
    RefusalKind,
    ServiceRefused,
    UnknownTask,
    Unsuitable,
)
from bot.engines.models import Feature, RemoteTask, ServiceLabel
from storage import Action, Request, StoredButton, Task, TaskState

log = logging.getLogger(__name__)

EngineFactory = Callable[[aiohttp.ClientSession], ImageEngine]
"""Makes an engine with an HTTP session that stays open while the program runs."""


class EngineMissing(LookupError):
    """No engine with this name is configured. Its tasks stay visible, but nothing can be sent for them."""


class NoEngine(LookupError):
    """No engine is offered now. `known`: it is certain that there is none."""

    def __init__(self, *, known: bool) -> None:
        super().__init__("no engine is offered")
        self.known = known


class EngineProvider(Protocol):
    """A source of engines that come and go while the program runs, such as the image models of a platform."""

    @property
    def is_current(self) -> bool:
        """Whether `names` was read from the service in this run of the program."""
        ...

    @property
    def default_name(self) -> str | None:
        """The engine that the operator chose as the default. None if there is none, or if it is not offered now."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """The engines that are offered now, the preferred ones first."""
        ...

    def named(self, name: str) -> ImageEngine | None:
        """The engine with this name, also if it is not offered now. None if the provider does not know it."""
        ...


class EngineRegistry:
    """The configured engines. Those that are always there come before those of the providers."""

    def __init__(self, engines: Sequence[ImageEngine], providers: Sequence[EngineProvider] = ()) -> None:
        """Raises ValueError for neither engines nor providers, or for two engines of the same name."""
        self._engines = {engine.name: engine for engine in engines}
        if not (engines or providers) or len(self._engines) < len(engines):
            raise ValueError("engines need different names, and there must be at least one or a provider")
        self._providers = providers

    def __iter__(self) -> Iterator[ImageEngine]:
        """The engines that are always there."""
        return iter(self._engines.values())

    @property
    def default(self) -> ImageEngine:
        """The engine of requests whose user chose none. Raises NoEngine."""
        for engine in self:
            return engine
        chosen = filter(None, (provider.default_name for provider in self._providers))
        name = next(chosen, None) or next(iter(self.names), None)
        if name is None:
            raise NoEngine(known=all(provider.is_current for provider in self._providers))
        return self.named(name)

    def offers_engine(self, name: str) -> bool:
        """Whether an engine can be used now, as far as is known."""
        return name in self.names

    def taking_images(self, *, but: str | None = None) -> Iterator[str]:
        """The engines that can be used now and begin with an image, as far as is known, without the one named `but`."""
        for name in self.names:
            if name != but and _takes_an_image(self.named(name)):
                yield name

    def can_continue(self, task: Task) -> bool:
        """Whether another engine can begin with the image of a finished task, as far as is known."""
        has_image = task.image_count > 0 or task.result.inline
        if task.state is not TaskState.SUCCESS or not has_image or task.result.videos:
            return False
        return next(self.taking_images(but=task.request.engine), None) is not None

    def grid_size(self, task: Task) -> int:
        """How many images the file of a result shows in a square grid, 1 if that is not known."""
        try:
            return self.of(task).grid_size(task)
        except EngineMissing:
            return 1

    def with_feature(self, feature: Feature) -> ImageEngine | None:
        """The first of the engines that are always there and have a feature now."""
        return next((engine for engine in self if engine.capabilities.has(feature)), None)

    @property
    def names(self) -> Sequence[str]:
        """The names of the engines that are offered now, the default first."""
        offered = [*self._engines, *(name for provider in self._providers for name in provider.names)]
        return list(dict.fromkeys(offered))

    def named(self, name: str) -> ImageEngine:
        """The engine with this name. Raises EngineMissing."""
        if name in self._engines:
            return self._engines[name]
        found = next(filter(None, (provider.named(name) for provider in self._providers)), None)
        if found is None:
            raise EngineMissing(name)
        return found

    def of(self, task: Task) -> ImageEngine:
        """The engine that generated a task. Raises EngineMissing."""
        return self.named(task.request.engine)

    def buttons(self, task: Task) -> tuple[StoredButton, ...]:
        """The buttons of a task, () if its engine is not configured any longer."""
        try:
            return self.of(task).buttons(task)
        except EngineMissing:
            return ()

    def has(self, task: Task, feature: Feature) -> bool:
        """Whether the task's engine is configured and has the feature, as far as is known."""
        try:
            return self.of(task).capabilities.has(feature)
        except EngineMissing:
            return False

    def service_of(self, task: Task) -> ServiceLabel:
        """The service behind the task's engine."""
        try:
            return self.of(task).service
        except EngineMissing:
            return ServiceLabel()

    def is_lost_with_answer(self, task: Task) -> bool:
        """Whether a lost answer means that the result is lost as well."""
        try:
            return self.of(task).answers_with_result
        except EngineMissing:
            return True

    async def fetch(self, task: Task, *, tries: int | None = None) -> RemoteTask:
        """The current state of a task at its service. Raises EngineError."""
        try:
            engine = self.of(task)
        except EngineMissing as error:
            raise NotOffered(RefusalKind.NOT_OFFERED, f"no engine {error}") from error
        if task.upstream_id is None:
            raise UnknownTask(RefusalKind.UNKNOWN_TASK, "the task has no ID at its service")
        return await engine.fetch(task.upstream_id, tries=tries)

    def offered(self, task: Task) -> tuple[StoredButton, ...]:
        """The buttons of a task that can succeed, as far as is known."""
        try:
            engine = self.of(task)
        except EngineMissing:
            return ()
        return tuple(filter(engine.offers, engine.buttons(task)))


def _takes_an_image(engine: ImageEngine) -> bool:
    try:
        engine.check(Request(Action.IMAGINE, prompt="-", engine=engine.name), 1)
    except Unsuitable:
        return False
    return True


class OutageLog:
    """Outages that only the operator can fix: logged once at the start and once at the end, for each service."""

    def __init__(self) -> None:
        self._logged: dict[ServiceLabel, str] = {}

    def seen(self, error: EngineError, service: ServiceLabel) -> None:
        """Records a failed request."""
        trouble = _outage(error, service)
        if trouble and trouble != self._logged.get(service):
            log.error("%s is unavailable: %s", service.name, trouble)
            self._logged[service] = trouble

    def over(self, service: ServiceLabel) -> None:
        """Records a successful request."""
        if self._logged.pop(service, None):
            log.info("%s is available again", service.name)


def _outage(error: EngineError, service: ServiceLabel) -> str | None:
    if isinstance(error, AuthFailed):
        return f"it does not accept the key ({service.key_settings})"
    if isinstance(error, ServiceRefused) and error.kind is RefusalKind.NO_CREDIT:
        return "its account is out of credit"
    if isinstance(error, NotSent) and not isinstance(error, Unsuitable):
        return f"cannot connect to it ({service.url_setting})"
    return None


# A card that is drawn again has the same buttons.
@functools.lru_cache(maxsize=2_000)
def digest(custom_id: str) -> str:
    """An eight-character digest of a button's ID."""
    raw = hashlib.blake2s(custom_id.encode(), digest_size=5).digest()
    return base64.b32encode(raw).decode("ascii").lower()


def button_with(buttons: Iterable[StoredButton], wanted: str) -> StoredButton | None:
    """The button with this digest, or None."""
    return next((button for button in buttons if digest(button.custom_id) == wanted), None)


def caption(button: StoredButton) -> str:
    """What users see on a button, in words: its label, or its emoji with its name. A numbered emoji needs no name."""
    if button.label:
        return button.label
    return button.emoji if button.emoji.endswith(KEYCAP) else f"{button.emoji} {button.name}".strip()
