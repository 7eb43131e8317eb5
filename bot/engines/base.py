"""The port to an engine: a service that generates images.

An engine turns a stored request into calls of its service, and the answers into the vocabulary of `bot.engines.models`.
It is the only one that knows its own options (`Request.options`) and the IDs of its own buttons
(`StoredButton.custom_id`). Methods that need a connection raise EngineError. A submit raises AnswerLost if the outcome
is unknown, and any other EngineError if the request was certainly not accepted; it never sends a request twice.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

from bot.engines.errors import NotOffered, RefusalKind
from bot.engines.models import (
    Digests,
    Feature,
    Listed,
    PressInputs,
    RemoteTask,
    ServiceLabel,
    SubmitAnswer,
    SubmitTag,
    UploadAccepted,
)
from bot.engines.options import Mode
from storage import InputImage, Request, StoredButton, Task


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a submit is whose answer is the result.

    `percent` is from 0 to 100, None if the service does not tell. An unfinished image is either at `preview_url` or the
    bytes of `preview`, as they came: neither was downloaded or decoded.
    """

    percent: int | None = None
    preview_url: str | None = None
    preview: bytes | None = field(default=None, repr=False)


SendPress = Callable[[], Awaitable[SubmitAnswer]]
"""Submits a prepared button once, like `ImageEngine.press`."""

ReportProgress = Callable[[Progress], Awaitable[None]]
"""Receives the progress of one submit. It never raises, and may be called often: what people see is throttled."""


async def ignore_progress(_: Progress) -> None:
    """A receiver of progress for callers that show none."""


class EngineCapabilities(Protocol):
    """What an engine can do now, as far as is known. No I/O."""

    def has(self, feature: Feature) -> bool:
        """Whether the engine has the feature."""
        ...

    def supports_mode(self, mode: Mode) -> bool:
        """Whether a request can select this mode."""
        ...

    @property
    def reads_mode_flag(self) -> bool:
        """Whether a mode has to stay in the prompt as a flag: the service reads it only there."""
        ...

    @property
    def ignores_modes(self) -> bool:
        """Whether requests have no mode. A flag in the prompt is then still sent."""
        ...


class PolledEngine(Protocol):
    """What the poller needs of an engine, or of what reads the tasks of several engines."""

    @property
    def name(self) -> str:
        """The name in log lines."""
        ...

    @property
    def capabilities(self) -> EngineCapabilities:
        """Whether tasks can be listed."""
        ...

    async def fetch(self, task_id: str, *, tries: int | None = None) -> RemoteTask:
        """As `ImageEngine.fetch`."""
        ...

    async def list_news(self, task_ids: Sequence[str], seen: Digests, *, tries: int | None = None) -> Listed:
        """As `ImageEngine.list_news`."""
        ...


class ImageEngine(ABC):
    """One engine. Everything but submitting is optional: by default it is not offered."""

    answers_with_result: bool = False
    """Whether the answer to a submit is the result. There is no task at the service then: nothing is polled, and a lost
    answer cannot be found again."""
    service: ServiceLabel = ServiceLabel()
    """The service behind the engine. Engines of one service share its outages."""
    qualities: Sequence[str] = ()
    """The qualities that people can choose (`QUALITY` in `bot.engines.options`), () if there are none."""
    repeats_inputs: bool = False
    """Whether a button sends the images of a finished task's request again, so that they have to be kept."""
    takes_links: bool = False
    """Whether the service downloads the images of a request itself, so that each needs a URL (`InputImage.url`)."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The name under which tasks of this engine are stored. It must never change."""

    @property
    @abstractmethod
    def capabilities(self) -> EngineCapabilities:
        """What the engine can do now."""

    @abstractmethod
    async def submit(
        self, request: Request, inputs: Sequence[InputImage], tag: SubmitTag, report: ReportProgress
    ) -> SubmitAnswer:
        """Submits a command's request once, with the images of the user. `report` is for engines whose answer is the
        result; the progress of others is polled."""

    @abstractmethod
    async def press(
        self, parent: Task, request: Request, inputs: Sequence[InputImage], tag: SubmitTag, report: ReportProgress
    ) -> SubmitAnswer:
        """Submits a button of a finished task once. `inputs` holds the images of `press_inputs`, then the mask of a
        region, if the user chose one."""

    def prepared_press(
        self, parent: Task, request: Request, inputs: Sequence[InputImage], tag: SubmitTag
    ) -> SendPress | None:
        """Prepares what `press` would send, as far as that needs no I/O. Returns what sends it, None if there is
        nothing to prepare, or if the answer is the result. Raises what `press` raises."""
        return None

    async def confirm(
        self, task_id: str, prompt: str | None, request: Request, inputs: Sequence[InputImage], tag: SubmitTag
    ) -> SubmitAnswer:
        """Confirms a task that waits for the input of a modal (`ModalRequired`), once."""
        self._lacks(Feature.MODAL)

    def check(self, request: Request, images: int) -> None:  # noqa: B027 - an engine may leave it to its service
        """Raises Unsuitable for a request, with this number of images, that the engine can certainly not carry out. No
        I/O."""

    @abstractmethod
    def buttons(self, task: Task) -> tuple[StoredButton, ...]:
        """The buttons of a task in the service's order, without duplicates, each with its group and its input."""

    @abstractmethod
    def press_inputs(self, button: StoredButton) -> PressInputs:
        """What a press of this button sends in addition to its prompt."""

    def grid_size(self, task: Task) -> int:
        """How many images the file of a result shows in a square grid. 1 for a single image."""
        return 1

    def offers(self, button: StoredButton) -> bool:
        """Whether a button can succeed, as far as is known."""
        return True

    def job_id_in(self, typed: str) -> str | None:
        """The ID of a job of the service in typed text, which *Show* can import. None if there is none."""
        return None

    def read_callback(self, body: bytes | bytearray) -> RemoteTask:
        """Reads the body of a callback. Raises EngineError, ValueError, RecursionError."""
        self._lacks(Feature.CALLBACK)

    async def fetch(self, task_id: str, *, tries: int | None = None) -> RemoteTask:
        """The current state of one task, with at most `tries` attempts. Raises UnknownTask if there is no such task."""
        self._lacks(Feature.FETCH)

    async def list_news(self, task_ids: Sequence[str], seen: Digests, *, tries: int | None = None) -> Listed:
        """The states of these tasks in one request, as far as they differ from `seen`."""
        self._lacks(Feature.LIST_BY_IDS)

    async def list_all(self) -> Sequence[RemoteTask]:
        """The newest tasks of the service, of all its users."""
        self._lacks(Feature.TASK_LIST)

    async def query(self, state: str) -> Sequence[RemoteTask]:
        """The tasks of the submit with this `SubmitTag.state`."""
        self._lacks(Feature.QUERY)

    async def queue(self) -> Sequence[RemoteTask]:
        """The waiting tasks of the service, oldest first, of all its users."""
        self._lacks(Feature.QUEUE)

    async def seed(self, task_id: str) -> str:
        """The seed of a finished image. May take over a minute."""
        self._lacks(Feature.SEED)

    async def cancel(self, task_id: str) -> None:
        """Requests the cancellation of a task. Its state afterwards says whether that succeeded."""
        self._lacks(Feature.CANCEL)

    async def upload(self, pictures: Sequence[str]) -> UploadAccepted:
        """Stores images, given as data URLs, and returns their URLs in the same order."""
        self._lacks(Feature.UPLOAD)

    def _lacks(self, feature: Feature) -> NoReturn:
        raise NotOffered(RefusalKind.NOT_OFFERED, f"the engine {self.name} does not have {feature.value}")
