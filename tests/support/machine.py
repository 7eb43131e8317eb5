"""The machine without Discord: a real store, a real image API and the task service between them."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bot.engines.midjourney import PROFILES, AuthStyle, Capabilities, MidjourneyClient, MidjourneyEngine, TimeLimits
from bot.engines.registry import EngineRegistry
from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.policy import InteractionContext
from bot.tasks.results import Accepted, SubmitResult
from bot.tasks.service import TaskService
from bot.tasks.task_updates import TaskEvents
from playground.images import Pace
from playground.images.server import LocalImages
from storage import Action, Request, Store, Task, TaskId, open_store
from tests.support.attachment_links import unsigned_links

KEY = "a-key"
PAPER_BOAT = Request(Action.IMAGINE, prompt="a paper boat")
_people = itertools.count(1_000)
_presses = itertools.count()
# Discord's ids: milliseconds since its epoch above 22 lower bits (its "Snowflakes").
DISCORD_EPOCH = 1_420_070_400.0


@dataclass
class Clock:
    """A clock that goes on by itself and can be set forward."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class Machine:
    """What a test of the machine holds in its hands; `hooks` are the callback addresses that were made."""

    store: Store
    images: LocalImages
    midjourney: MidjourneyClient
    engines: EngineRegistry
    service: TaskService
    events: TaskEvents
    background: TaskSupervisor
    session: aiohttp.ClientSession
    clock: Clock
    hooks: dict[TaskId, str] = field(default_factory=dict)

    async def ask(self, request: Request = PAPER_BOAT, *, by: int | None = None) -> SubmitResult:
        """Asks the image API for something, as a command would."""
        return await self.service.start(an_origin(by), request)

    async def taken(self, *, by: int | None = None) -> Task:
        """A task that the image API has taken."""
        answer = await self.ask(by=by)
        assert isinstance(answer, Accepted)
        return answer.task

    async def now(self, task: Task) -> Task:
        """The task as it is stored now."""
        found = await self.store.tasks.get(task.id)
        assert found is not None
        return found


def an_interaction(at: float | None = None) -> int:
    """The id of an interaction that Discord makes now, or then; greater than those made before at that time."""
    moment = time.time() if at is None else at
    return int((moment - DISCORD_EPOCH) * 1000) << 22 | next(_presses) % (1 << 22)


def an_origin(by: int | None = None) -> InteractionContext:
    """An interaction of somebody's, each a new one; of another person each, if left out."""
    return InteractionContext(
        interaction_id=an_interaction(),
        application_id=1,
        user_id=by or next(_people),
        guild_id=1,
        channel_id=2,
        token="t",
        created_at=time.time(),
        upload_limit=10_000_000,
        locale="en-US",
    )


@asynccontextmanager
async def running_machine(
    folder: Path,
    *,
    profile: str = "plus",
    pace: Pace | None = None,
    hook: Callable[[], str | None] = lambda: None,
) -> AsyncIterator[Machine]:
    """A machine that works while within. `hook` gives the base of callback addresses."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(f"sqlite:///{folder / 'atelier.db'}"))
        images = await stack.enter_async_context(
            LocalImages(profile, key=KEY, pace=pace or Pace.quick(), slots=20, queue_limit=200)
        )
        session = await stack.enter_async_context(aiohttp.ClientSession())
        auth = AuthStyle.BEARER if profile == "newapi" else AuthStyle.SECRET
        limits = TimeLimits(submit=2.0, read=2.0, reads=2.0, attempts=1, backoff=0.01)
        midjourney = MidjourneyClient(
            session, images.base_url, key=KEY, auth=auth, capabilities=Capabilities(PROFILES[profile]), limits=limits
        )
        background = await stack.enter_async_context(TaskSupervisor("test"))
        events, clock, hooks = TaskEvents(), Clock(), dict[TaskId, str]()

        def address(task_id: TaskId, token: str) -> str | None:
            base = hook()
            if base:
                hooks[task_id] = f"{base}/callback/{task_id}/{token}"
            return hooks.get(task_id)

        engines = EngineRegistry([MidjourneyEngine(midjourney)])
        service = TaskService(
            store, engines, events, background, links=unsigned_links(), callback_url=address, clock=clock
        )
        yield Machine(store, images, midjourney, engines, service, events, background, session, clock, hooks)
