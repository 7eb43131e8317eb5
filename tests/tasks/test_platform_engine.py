"""An image model of a platform behind the task service: what people read of each failure, and that nothing is sent
twice."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from bot.engines.midjourney import MidjourneyEngine
from bot.engines.platform import ImageTaskReader
from bot.engines.platform.images_engine import ImagesEngine
from bot.engines.registry import EngineRegistry, digest
from bot.media import ImageDownloader
from bot.platform.client import PlatformClient
from bot.platform.engines_file import default_engines
from bot.platform.transport import PlatformLimits
from bot.tasks.errors import UserError
from bot.tasks.poller import TaskPoller
from bot.tasks.results import Accepted, ModalInput, OutcomeUnknown, SubmitResult
from bot.tasks.service import TaskService
from storage import Action, Request, SubmissionOutcome, Task, TaskState
from tests.midjourney.service import DROP, Reply, ScriptedService, empty, js, page
from tests.support import platform_samples as samples
from tests.support.attachment_links import unsigned_links
from tests.support.machine import Machine, an_origin
from tests.support.picture_host import picture
from tests.support.task_images import task_images
from tests.tasks.conftest import INTERVAL, reaching, running

MODELS = ("dall-e-3", "gpt-image-2")
PERSON = 7


@dataclass
class Shop:
    """A machine that has a platform in addition to its image API."""

    machine: Machine
    platform: ScriptedService
    client: PlatformClient
    service: TaskService

    async def ask(self, engine: str = "gpt-image-2", **options: Any) -> SubmitResult:
        request = Request(Action.IMAGINE, prompt="a boat", engine=engine, options=options)
        return await self.service.start(an_origin(PERSON), request)

    async def finished(self, engine: str = "gpt-image-2") -> Task:
        answer = await self.ask(engine)
        assert isinstance(answer, Accepted)
        assert answer.task.state is TaskState.SUCCESS
        return answer.task

    async def press(self, task: Task, custom_id: str, modal: ModalInput | None = None) -> SubmitResult:
        return await self.service.submissions.press(an_origin(PERSON), task.id, digest(custom_id), modal)

    @property
    def posts(self) -> int:
        return sum(heard.method == "POST" for heard in self.platform.heard)


@pytest.fixture
async def shop(machine: Machine) -> AsyncIterator[Shop]:
    async with AsyncExitStack() as stack:
        platform = await stack.enter_async_context(ScriptedService())
        limits = PlatformLimits(billed=2.0, idle=2.0, backoff=0.001)
        client = PlatformClient(machine.session, platform.url, key="sk-key", limits=limits)
        profiles = {name: default_engines().profile_of(name) for name in MODELS}
        models = [ImagesEngine(name, profile, client) for name, profile in profiles.items() if profile]
        engines = EngineRegistry([MidjourneyEngine(machine.midjourney), *models])
        fetcher = await stack.enter_async_context(ImageDownloader(allow_private=True, trusted_hosts=[]))
        service = TaskService(
            machine.store,
            engines,
            machine.events,
            machine.background,
            links=unsigned_links(),
            callback_url=lambda *_: None,
            images=task_images(machine.store, fetcher, remote=engines.fetch),
            clock=machine.clock,
        )
        yield Shop(machine, platform, client, service)


GOOD = js({"data": [{"b64_json": base64.b64encode(picture()).decode()}]})


def sample(name: str) -> Reply:
    return Reply(samples.head(name).status, samples.body(name), samples.head(name).media_type)


REFUSED = {
    "error-401-token.json": "auth",
    "error-403-ip.json": "auth",
    "error-403-model-forbidden.json": "model_not_offered",
    "error-403-quota-zh.json": "no_credit",
    "error-403-quota.json": "no_credit",
    "error-404-url.json": "endpoint_not_offered",
    "error-429-rate.json": "limit_reached",
    "error-429-saturated.json": "saturated",
    "error-501-not-implemented.json": "endpoint_not_offered",
    "error-503-no-channel.json": "model_not_offered",
    "error-sensitive-words.json": "banned_prompt",
    "images-200-error.json": "banned_prompt",
    "images-moderation-blocked-400.json": "banned_prompt",
    "images-policy-400.json": "banned_prompt",
    "images-retired-model-404.json": "model_not_offered",
    "images-safety-500.json": "banned_prompt",
    "images-size-400.json": "invalid",
}
MADE_UP_REFUSALS = {
    "no money that looks busy": (
        js({"error": {"message": "负载已饱和", "code": "insufficient_user_quota"}}, 429),
        "no_credit",
    ),
    "busy": (js({"error": {"message": "当前分组上游负载已饱和"}}, 429), "saturated"),
    "a firewall": (Reply(403, b"Your request was blocked.", "text/plain"), "service_fault"),
    "no reason": (empty(402), "no_credit"),
    "a management error": (js({"success": False, "message": "无效的令牌"}), "auth"),
    "no credit under 200": (js({"error": {"message": "no", "code": "insufficient_user_quota"}}), "no_credit"),
}


@pytest.mark.parametrize("name", [*REFUSED, *MADE_UP_REFUSALS])
async def test_what_was_certainly_not_made_is_refused_in_words_of_its_own(shop: Shop, name: str) -> None:
    reply, code = (sample(name), REFUSED[name]) if name in REFUSED else MADE_UP_REFUSALS[name]
    shop.platform.will(reply)
    with pytest.raises(UserError) as refused:
        await shop.ask()
    assert refused.value.code == code
    assert shop.posts == 1
    assert "sk-key" not in str(refused.value)


async def test_a_model_that_is_not_sold_is_named_with_other_engines_and_not_asked_for_again(shop: Shop) -> None:
    shop.platform.will(sample("error-503-no-channel.json"))
    for _ in range(2):
        with pytest.raises(UserError) as refused:
            await shop.ask()
        assert refused.value.params == {"engine": "gpt-image-2", "engines": "midjourney, dall-e-3"}
    assert shop.posts == 1


LOST = {
    "error-500-do-request.json": "answer_lost",
    "images-data-empty.json": "no_result_silent",
}
MADE_UP_LOSSES = {
    "a dropped connection": (DROP, "answer_lost"),
    "a page of a proxy": (page(502), "answer_lost"),
    "nothing": (empty(200), "answer_lost"),
    "an unreadable image": (js({"data": [{"b64_json": "QUJDREVGR0hJSktMTU5PUFFSU1RVVg=="}]}), "no_result_silent"),
    "no image": (js({"created": 1, "data": [{}]}), "no_result_silent"),
}


@pytest.mark.parametrize("name", [*LOST, *MADE_UP_LOSSES])
async def test_what_may_have_been_billed_fails_and_says_so_and_is_sent_again_only_on_request(
    shop: Shop, name: str
) -> None:
    reply, code = (sample(name), LOST[name]) if name in LOST else MADE_UP_LOSSES[name]
    shop.platform.will(reply, GOOD)
    answer = await shop.ask()
    assert isinstance(answer, OutcomeUnknown)
    failed = await shop.machine.now(answer.task)
    assert (failed.state, failed.error_code) == (TaskState.FAILURE, code)
    assert failed.error_params["engine"] == "gpt-image-2"
    assert shop.posts == 1
    again = await shop.service.try_again(an_origin(PERSON), failed.id)
    assert isinstance(again, Accepted)
    assert shop.posts == 2


async def test_an_outage_of_the_platform_is_logged_once_and_does_not_end_with_the_image_service(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    shop.platform.will(sample("error-403-quota.json"))
    for _ in range(3):
        with pytest.raises(UserError):
            await shop.ask()
        await shop.service.start(an_origin(PERSON), Request(Action.IMAGINE, prompt="a boat"))
    shop.platform.will(GOOD)
    await shop.ask("dall-e-3")
    logged = [record.getMessage() for record in caplog.records if record.name == "bot.engines.registry"]
    assert logged == ["the platform is unavailable: its account is out of credit", "the platform is available again"]


async def test_a_double_click_on_a_button_that_sends_an_image_is_sent_once(shop: Shop) -> None:
    shop.platform.will(GOOD)
    task = await shop.finished()
    first, second = await asyncio.gather(shop.press(task, "vary:1"), shop.press(task, "vary:1"))
    assert {type(first).__name__, type(second).__name__} == {"Accepted", "Duplicate"}
    assert shop.posts == 2


async def test_the_images_of_a_repeated_change_are_found_again_when_they_are_no_longer_stored(shop: Shop) -> None:
    shop.platform.will(GOOD)
    task = await shop.finished()
    changed = await shop.press(task, "edit:1", ModalInput("a red boat"))
    assert isinstance(changed, Accepted)
    repeated = await shop.press(changed.task, "again")
    assert isinstance(repeated, Accepted)
    assert await shop.machine.store.tasks.remove_inputs(shop.machine.clock() + 1, limit=10) == 2
    assert isinstance(await shop.press(repeated.task, "again"), Accepted)
    bodies = [heard.body.partition(b"\r\n")[2] for heard in shop.platform.heard[1:]]
    assert [body.count(picture()) for body in bodies] == [1, 1, 1]


async def test_a_repeated_region_that_is_no_longer_stored_is_refused(shop: Shop) -> None:
    shop.platform.will(GOOD)
    task = await shop.finished()
    changed = await shop.press(task, "region:1", ModalInput("a hat", picture("PNG", (32, 24), "L")))
    assert isinstance(changed, Accepted)
    await shop.machine.store.tasks.remove_inputs(shop.machine.clock() + 1, limit=10)
    with pytest.raises(UserError, match="mask_removed"):
        await shop.press(changed.task, "again")
    assert shop.posts == 2


# Platforms that answer with a task


def told(status: str, **more: Any) -> Reply:
    return js({"object": "image.generation.task", "id": "task-1", "status": status, **more})


def poller_of(shop: Shop) -> TaskPoller:
    clock = shop.machine.clock
    reader = ImageTaskReader(shop.client)
    poller = TaskPoller(
        shop.machine.store, reader, shop.service.updates, interval=INTERVAL, polls=reader.reads, clock=clock, wall=clock
    )
    shop.machine.events.subscribe(poller.task_changed)
    return poller


async def test_a_task_of_the_platform_is_polled_to_its_end(shop: Shop) -> None:
    url = "https://a.example/1.png"
    shop.platform.will(told("queued"), told("processing", progress=40), told("completed", results=[url]))
    answer = await shop.ask()
    assert isinstance(answer, Accepted)
    assert (answer.task.state, answer.task.upstream_id) == (TaskState.RUNNING, "t~task-1")
    press = await shop.machine.store.submissions.of_task(answer.task.id)
    assert press is not None
    assert press.outcome is SubmissionOutcome.ACCEPTED
    async with running(poller_of(shop).run()):
        ended = await reaching(shop.machine)(answer.task, TaskState.SUCCESS)
    assert ended.result.image_url == url
    assert shop.posts == 1


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (
            told("failed", error={"code": "moderation_blocked", "message": "Rejected by our safety system"}),
            "banned_prompt",
        ),
        (told("failed", error={"code": "insufficient_user_quota", "message": "no"}), "no_credit"),
        (sample("images-async-task-failed.json"), None),
        (told("completed", results=[]), None),
        (js({"error": {"message": "task not found"}}, 404), "forgotten"),
    ],
)
async def test_a_task_of_the_platform_that_fails_says_why(shop: Shop, failure: Reply, code: str | None) -> None:
    shop.platform.will(told("queued"), failure)
    answer = await shop.ask()
    assert isinstance(answer, Accepted)
    async with running(poller_of(shop).run()):
        ended = await reaching(shop.machine)(answer.task, TaskState.FAILURE)
    if code:
        assert ended.error_code == code
    else:
        assert ended.error_params["reason"]
    assert shop.posts == 1


async def test_a_call_that_is_under_way_is_not_polled(shop: Shop) -> None:
    shop.platform.will(Reply(misdeed="silence"))
    asked = asyncio.create_task(shop.ask())
    await shop.platform.called.wait()
    async with running(poller_of(shop).run()):
        await asyncio.sleep(INTERVAL * 5)
    answer = await asked
    assert isinstance(answer, OutcomeUnknown)
    assert (await shop.machine.now(answer.task)).error_code == "answer_lost"
    assert len(shop.platform.heard) == 1
