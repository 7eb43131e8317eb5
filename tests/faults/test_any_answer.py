"""Whatever a service answers and reports: through the whole machine, no card breaks Discord's limits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.engines.errors import EngineError
from bot.engines.midjourney import AuthStyle, Capabilities, MidjourneyClient, MidjourneyEngine, TimeLimits, parse_task
from bot.engines.midjourney.buttons import buttons_of
from bot.engines.registry import EngineRegistry
from bot.runtime.supervisor import TaskSupervisor
from bot.tasks.errors import UserError
from bot.tasks.results import Accepted, Acknowledged, Duplicate, NotAcknowledged, SubmitResult
from bot.tasks.service import TaskService
from bot.tasks.task_updates import TaskEvents
from bot.ui.cards.card_buttons import button_pages
from bot.ui.components.catalog_texts import error_text
from playground.discord.components import check_components
from playground.discord.forms import Form
from storage import Action, Request, Store, Task, open_store
from tests.support.attachment_links import unsigned_links
from tests.support.cards import card_of, components_of
from tests.support.languages import ENGLISH
from tests.support.machine import an_origin

LONG = st.text(min_size=200, max_size=5_000) | st.sampled_from(["画" * 4_000, "`" * 3_000, "@everyone " * 500, "\0"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | LONG
NAMES = st.sampled_from(["customId", "label", "emoji", "style", "type", "url", "thumbnail", "result", "code", "x"])
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=40,
)
BUTTON = st.fixed_dictionaries(
    {"customId": st.text(max_size=150) | st.integers(0, 99).map("MJ::JOB::upsample::{}::0f1e2d3c".format)},
    optional={"label": LONG | st.text(max_size=90), "emoji": st.text(max_size=4) | st.just("🔄"), "style": SCALARS},
)
TASK = st.fixed_dictionaries(
    {
        "id": st.just("1760000000000001") | SCALARS,
        "status": st.sampled_from(
            ["NOT_START", "SUBMITTED", "IN_PROGRESS", "MODAL", "SUCCESS", "FAILURE", "CANCEL", 3]
        ),
    },
    optional={
        "action": st.sampled_from(["IMAGINE", "DESCRIBE", "SHORTEN", "VIDEO", "UPSCALE"]) | SCALARS,
        "progress": st.sampled_from(["0%", "37%", "100%", "900%", "-3%"]) | SCALARS,
        "prompt": LONG | SCALARS,
        "promptEn": LONG | SCALARS,
        "failReason": LONG | SCALARS,
        "imageUrl": st.sampled_from(["https://cdn.example.net/a.png", "http://[", "javascript:1"]) | SCALARS,
        "imageUrls": ANYTHING,
        "videoUrls": ANYTHING,
        "buttons": st.lists(BUTTON, max_size=120) | ANYTHING,
        "properties": st.dictionaries(st.sampled_from(["finalPrompt", "messageContent"]), LONG) | ANYTHING,
        "state": SCALARS,
    },
)
SUBMIT = st.fixed_dictionaries(
    {"code": st.sampled_from([1, 21, 22, 23, 24, 3, 4, 9, 30, "1", -1]) | SCALARS},
    optional={
        "description": LONG | SCALARS,
        "result": st.just("1760000000000001") | ANYTHING,
        "properties": ANYTHING,
    },
)
# Found bugs stay found: the same bodies every time. A slow machine is no defect.
CALM = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@dataclass
class Bench:
    """A task service before a server that answers whatever it is told to."""

    store: Store
    service: TaskService
    answer: tuple[int, bytes] = (200, b"")

    async def ask(self, body: Any, status: int) -> SubmitResult:
        """Submits a prompt that is answered so."""
        self.answer = (status, json.dumps(body, default=str).encode())
        return await self.service.start(an_origin(), Request(Action.IMAGINE, prompt="a paper boat"))

    async def report(self, task: Task, body: Any) -> Task:
        """Takes a report about a task; the task as it stands then."""
        with suppress(EngineError):  # the border's own word for a body that cannot be read
            await self.service.updates.apply_remote_to(task, parse_task(body))
        found = await self.store.tasks.get(task.id)
        assert found is not None
        return found


@asynccontextmanager
async def benches(folder: Path) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(f"sqlite:///{folder / 'atelier.db'}"))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        background = await stack.enter_async_context(TaskSupervisor("test"))

        async def answer(_: web.Request) -> web.Response:
            status, body = bench.answer
            return web.Response(status=status, body=body, content_type="application/json")

        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        client = MidjourneyClient(
            session,
            f"http://127.0.0.1:{runner.addresses[0][1]}",
            key="",
            auth=AuthStyle.SECRET,
            capabilities=Capabilities.of("plus"),
            limits=TimeLimits(submit=5.0),
        )
        service = TaskService(
            store,
            EngineRegistry([MidjourneyEngine(client)]),
            TaskEvents(),
            background,
            links=unsigned_links(),
            callback_url=lambda task_id, token: None,
        )
        bench = Bench(store, service)
        yield bench


class Loop:
    """An event loop that outlives the examples of a test."""

    def __init__(self, runner: asyncio.Runner, bench: Bench) -> None:
        self.run = runner.run
        self.bench = bench


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with asyncio.Runner() as runner:
        bench = benches(tmp_path)
        yield Loop(runner, runner.run(bench.__aenter__()))
        runner.run(bench.__aexit__(None, None, None))


def check_card(task: Task) -> None:
    """Every page of its card can be sent."""
    for page in range(len(button_pages(buttons_of(task)))):
        form = Form({"components": components_of(card_of(task, page=page))})
        check_components(form, layout=True, files=())
        form.finish()


def check_words(error: UserError) -> None:
    """Whoever is refused is told so in words that fit into a message."""
    assert 0 < len(error_text(error, ENGLISH)) <= 2_000


@CALM
@given(body=TASK)
def test_any_report_makes_a_card_that_discord_takes(loop: Loop, body: Any) -> None:
    async def example() -> None:
        answer = await loop.bench.ask({"code": 1, "description": "ok", "result": "1760000000000001"}, 200)
        assert isinstance(answer, Accepted)
        check_card(await loop.bench.report(answer.task, body))

    loop.run(example())


@CALM
@given(body=SUBMIT | ANYTHING, status=st.sampled_from([200, 204, 400, 401, 404, 429, 500, 503]))
def test_any_answer_to_a_submit_is_told_in_words_and_in_a_card_that_discord_takes(
    loop: Loop, body: Any, status: int
) -> None:
    async def example() -> None:
        try:
            answer = await loop.bench.ask(body, status)
        except UserError as error:
            check_words(error)
            return
        if not isinstance(answer, Acknowledged | Duplicate | NotAcknowledged):
            check_card(answer.task)
            found = await loop.bench.store.tasks.get(answer.task.id)
            assert found is not None
            check_card(found)

    loop.run(example())
