"""What the endpoints share: the catalog, the images, the profile and the pace of one platform."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from playground.images.prompt import parse_prompt
from playground.platform.models import Catalog, Model
from playground.platform.pictures import Painted, Pictures
from playground.platform.profiles import Profile
from playground.platform.replies import Json, Reply, refusal
from playground.platform.requests import Received

T = TypeVar("T")


@dataclass(frozen=True)
class Pace:
    """Seconds between two parts of a streamed text, and between two steps of an image."""

    part: float = 0.04
    step: float = 0.6
    steps: int = 5
    side: int = 768

    @classmethod
    def quick(cls) -> "Pace":
        """For tests."""
        return cls(part=0.005, step=0.03, steps=3, side=192)


@dataclass(frozen=True)
class Job:
    """A finished job of mj-chat, known by the ID in its buttons."""

    prompt: str
    grid: bool


@dataclass
class ImageTask:
    """A task. It progresses with time, and ends with these entries of `data`, or fails."""

    id: str
    dialect: str
    model: str
    seconds: float
    data: list[Json]
    fails: bool = False
    begun: float = field(default_factory=time.monotonic)

    @property
    def progress(self) -> int:
        """In percent."""
        return min(round(100 * (time.monotonic() - self.begun) / max(self.seconds, 0.001)), 100)


@dataclass
class State:
    """One running platform. `credit` and `used` are in the unit of its operator."""

    profile: Profile
    pace: Pace
    pictures: Pictures
    catalog: Catalog = field(default_factory=Catalog)
    base_url: str = ""
    credit: float = 25.0
    used: float = 0.0
    jobs: dict[str, Job] = field(default_factory=dict)
    tasks: dict[str, ImageTask] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url_of(self, painted: Painted) -> str:
        """Where an image is served."""
        return f"{self.base_url}/files/{painted.name}"


@dataclass(frozen=True)
class Call:
    """A request for an endpoint, with the model that it names (None for reads).

    `said` is what the model says, or hears, in place of its answer; `task_fails`: the task of the call will fail.
    """

    state: State
    request: Received
    sold: Model | None = None
    said: str = ""
    task_fails: bool = False

    @property
    def body(self) -> Json:
        """The fields of the request."""
        return self.request.body

    @property
    def model(self) -> Model:
        """The model. Endpoints that bill have one."""
        if self.sold is None:
            raise ValueError(f"{self.request.path} has no model")
        return self.sold

    def text(self, name: str) -> str:
        """A field that must hold text. Raises Refusal."""
        value = self.body.get(name)
        if not isinstance(value, str) or not value.strip():
            raise refusal(400, f"Missing required parameter: '{name}'.", code="missing_required_parameter", param=name)
        return value

    def whole(self, name: str, default: int, lowest: int, highest: int) -> int:
        """A field with a whole number, of JSON or a form. Raises Refusal."""
        value = self.body.get(name, default)
        number = int(value) if isinstance(value, str) and value.isdigit() else value
        if not isinstance(number, int) or isinstance(number, bool) or not lowest <= number <= highest:
            message = f"Invalid '{name}': expected a value between {lowest} and {highest}."
            raise refusal(400, message, code="integer_out_of_range", param=name)
        return number

    async def drawn(self, function: Callable[..., T], *arguments: object, **named: object) -> T:
        """Calls a function that blocks in a thread. Its ValueError becomes a Refusal."""
        try:
            return await asyncio.to_thread(function, *arguments, **named)
        except ValueError as error:
            raise refusal(400, str(error), code="invalid_image_request", param="image") from error


Handler = Callable[[Call], Awaitable[Reply]]


def aspect_in(words: str) -> float:
    """The ratio that a prompt asks for: by parameter, or in words such as "16:9"."""
    for word in words.split():
        width, colon, height = word.strip(".,;()").partition(":")
        if colon and width.isdigit() and height.isdigit() and int(height) and int(width):
            return min(max(int(width) / int(height), 0.25), 4.0)
    return parse_prompt(words).aspect
