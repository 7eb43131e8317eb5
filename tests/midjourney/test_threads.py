"""A small body is encoded and parsed in line; a large one in a thread, so that it holds up nothing."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from bot.engines.midjourney import MidjourneyClient
from bot.engines.midjourney.command_requests import DescribeRequest, SwapRequest
from bot.engines.midjourney.requests import ActionRequest, ImagineRequest, ModalRequest, SubmitRequest
from bot.engines.models import SubmitTag
from bot.engines.service_requests import data_urls
from bot.runtime.supervisor import IN_LINE_BYTES
from storage import InputImage
from tests.midjourney.conftest import MakeClient
from tests.midjourney.service import ScriptedService, js
from tests.support.picture_host import noise, picture

ACCEPTED = {"code": 1, "description": "ok", "result": "17"}


class Counted(ThreadPoolExecutor):
    """The threads of an event loop. It counts what they are given to do."""

    def __init__(self) -> None:
        super().__init__(1)
        self.jobs = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.jobs += 1
        return super().submit(fn, *args, **kwargs)


@pytest.fixture
async def threads() -> Counted:
    threads = Counted()
    asyncio.get_running_loop().set_default_executor(threads)
    return threads


def url(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


SMALL, LARGE = picture("PNG"), noise(200, 200)
assert len(SMALL) < IN_LINE_BYTES < len(LARGE)
BODIES: dict[str, Callable[[bytes], SubmitRequest]] = {
    "a list of images": lambda data: ImagineRequest(prompt="a fox", base64_array=[url(data)]),
    "an image": lambda data: DescribeRequest(base64=url(data)),
    "a mask": lambda data: ModalRequest(task_id="17", mask_base64=data),
    "two images": lambda data: SwapRequest(source_base64=url(SMALL), target_base64=url(data)),
}


@pytest.mark.parametrize("profile", ["plus", "gateway"])
@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(("data", "jobs"), [(SMALL, 0), (LARGE, 1)], ids=["small", "large"])
async def test_only_a_large_body_goes_to_a_thread(
    make_client: MakeClient, service: ScriptedService, threads: Counted, profile: str, name: str, data: bytes, jobs: int
) -> None:
    service.will(js(ACCEPTED))
    client, body = make_client(profile=profile), BODIES[name](data)
    await client.submit(body, None, SubmitTag(state="n"))
    assert threads.jobs == jobs


async def test_a_press_and_its_polling_need_no_thread(
    client: MidjourneyClient, service: ScriptedService, threads: Counted
) -> None:
    service.will(js(ACCEPTED), js({"id": "17", "status": "IN_PROGRESS"}))
    await client.submit(ActionRequest(task_id="17", custom_id="MJ::JOB::upsample::1::a"), None, SubmitTag(state="n"))
    await client.fetch("17")
    assert threads.jobs == 0


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
async def test_a_body_arrives_as_it_is(client: MidjourneyClient, service: ScriptedService, data: bytes) -> None:
    service.will(js(ACCEPTED))
    await client.submit(ImagineRequest(prompt="ein Füchslein", base64_array=[url(data)]), None, SubmitTag(state="n"))
    (heard,) = service.heard
    assert heard.json == {"prompt": "ein Füchslein", "base64Array": [url(data)], "state": "n"}
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["content-length"] == str(len(heard.body))


@pytest.mark.parametrize(("pictures", "jobs"), [([], 0), ([SMALL], 0), ([SMALL, SMALL], 0), ([SMALL, LARGE], 1)])
async def test_only_large_images_are_encoded_in_a_thread(threads: Counted, pictures: list[bytes], jobs: int) -> None:
    assert await data_urls([InputImage("image/png", data) for data in pictures]) == [url(data) for data in pictures]
    assert threads.jobs == jobs
