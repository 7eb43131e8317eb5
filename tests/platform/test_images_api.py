"""Images and image tasks over HTTP: results in all forms, tasks polled where their dialect has them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engines.errors import AnswerLost, RefusalKind, ServiceRefused, Unavailable, UnknownTask
from bot.engines.models import RemoteStatus
from bot.platform.client import PlatformClient
from bot.platform.errors import FieldRefused, ModelNotOffered, NoResult
from bot.platform.image_tasks import ImageTask, is_image_task, read_image_task
from bot.platform.images_api import read_images
from bot.platform.requests import File, ImageEditRequest, ImageRequest
from bot.platform.transport import AnswerHead, PlatformAnswer
from tests.midjourney.service import Reply, ScriptedService, empty, js, page, stream
from tests.platform.conftest import MakePlatform
from tests.support import platform_samples as samples

PNG = File(data=b"\x89PNG\r\n\x1a\n", name="image.png", media_type="image/png")
ASKED = ImageRequest(model="any", prompt="a boat", style="vivid", size="1024x1024")
GOOD = js({"data": [{"url": "https://a.example/1.png"}]})
S = RemoteStatus


async def test_an_image_comes_with_what_was_really_drawn(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(Reply(200, samples.body("images-dalle3-url.json")))
    (image,) = (await platform.images.generate(ASKED)).images
    assert image.revised_prompt.startswith("A small white paper boat")
    assert service.heard[0].json == {"model": "any", "prompt": "a boat", "style": "vivid", "size": "1024x1024"}


async def test_a_relative_url_belongs_to_the_platform(service: ScriptedService, make_platform: MakePlatform) -> None:
    service.will(js({"data": [{"url": "/files/1.png?x=%2F"}]}))
    answer = await make_platform(base_url=f"{service.url}/proxy/v1").images.generate(ASKED)
    assert answer.images[0].url == f"{service.url}/proxy/files/1.png?x=%2F"
    assert service.paths == ["/proxy/v1/images/generations"]


@pytest.mark.parametrize("data", [[], None, [{}], [{"url": ""}], [None], {}, "no", [{"revised_prompt": "a"}]])
async def test_an_answer_without_an_image_is_no_success(
    service: ScriptedService, platform: PlatformClient, data: Any
) -> None:
    service.will(js({"created": 1, "data": data}))
    with pytest.raises(NoResult):
        await platform.images.generate(ASKED)
    assert len(service.heard) == 1


@pytest.mark.parametrize("data", [{}, {"data": []}])
async def test_a_vendor_that_tells_the_reason_in_a_field_of_its_own_is_heard(
    service: ScriptedService, platform: PlatformClient, data: Any
) -> None:
    service.will(js({"code": 1, "msg": "Blocked by our safety system", **data}))
    with pytest.raises(ServiceRefused) as caught:
        await platform.images.generate(ASKED)
    assert caught.value.kind is RefusalKind.BANNED_PROMPT


async def test_a_refused_field_is_left_out(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(js({"error": {"message": "Unknown parameter: 'style'.", "param": "style"}}, 400), GOOD)
    await platform.images.generate(ASKED)
    await platform.images.generate(ASKED)
    assert ["style" in heard.json for heard in service.heard] == [True, False, False]


async def test_several_refused_fields_are_left_out_one_after_another(
    service: ScriptedService, platform: PlatformClient
) -> None:
    refusals = [
        js({"error": {"message": f"Unknown parameter: '{field}'.", "param": field}}, 400)
        for field in ("style", "response_format")
    ]
    service.will(*refusals, GOOD)
    await platform.images.generate(ASKED.model_copy(update={"response_format": "url"}))
    assert [sorted(heard.json.keys() & {"style", "response_format"}) for heard in service.heard] == [
        ["response_format", "style"],
        ["response_format"],
        [],
    ]


@pytest.mark.parametrize("field", ["size", "prompt", "model", "n", "mask"])
async def test_what_a_person_asked_for_is_not_left_out(
    service: ScriptedService, platform: PlatformClient, field: str
) -> None:
    service.will(js({"error": {"message": f"Unknown parameter: '{field}'.", "param": field}}, 400))
    with pytest.raises(FieldRefused, match=field):
        await platform.images.generate(ASKED)
    assert len(service.heard) == 1


async def test_an_edit_is_sent_as_a_form(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(GOOD)
    await platform.images.edit(ImageEditRequest(model="any", prompt="größer", images=[PNG], mask=PNG, n=2))
    await platform.images.edit(ImageEditRequest(model="any", prompt="a", images=[PNG, PNG]))
    one, two = (heard.body for heard in service.heard)
    assert one.count(b'name="image"; filename="image.png"') == one.count(b'name="mask"; filename="image.png"') == 1
    assert b'name="n"\r\n\r\n2\r\n' in one
    assert "größer".encode() in one
    assert two.count(b'name="image[]"; filename="image.png"') == 2


async def test_a_stream_of_images_is_read(service: ScriptedService, platform: PlatformClient) -> None:
    body = samples.body("sse-images-stream.txt")
    service.will(stream(*[body[at : at + 100] for at in range(0, len(body), 100)]))
    answer = await platform.images.generate(ASKED)
    assert (len(answer.images), len(answer.previews), answer.total_tokens, answer.size) == (1, 1, 100, "1024x1024")


async def test_a_stream_that_ends_in_an_error_is_one(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(stream(b'event: error\ndata: {"error": {"code": "moderation_blocked", "message": "no"}}\n\n'))
    with pytest.raises(ServiceRefused) as caught:
        await platform.images.generate(ASKED)
    assert caught.value.kind is RefusalKind.BANNED_PROMPT


async def test_a_task_is_polled_until_it_has_its_image(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(
        Reply(200, samples.body("images-async-task-200.json")),
        js({"object": "image.generation.task", "id": "task-unified-1", "status": "processing", "progress": 40}),
        page(502),
        Reply(200, samples.body("images-async-task-done.json")),
    )
    task = (await platform.images.generate(ASKED)).task
    assert task is not None
    running = await platform.image_tasks.fetch(task)
    assert (running.id, running.status, running.progress) == (task.id, S.RUNNING, 40)
    done = await platform.image_tasks.fetch(running)
    assert (done.status, len(done.images)) == (S.SUCCESS, 1)
    assert service.paths[1:] == ["/v1/tasks/task-unified-1788000000-ab12cd34"] * 3
    assert [heard.method for heard in service.heard] == ["POST", "GET", "GET", "GET"]


async def test_the_pause_and_the_path_of_a_task_are_those_that_it_names(
    service: ScriptedService, platform: PlatformClient
) -> None:
    body = json.loads(samples.body("images-async-202.json"))
    service.will(js(body, 202, Retry_After="7", Location="/v1/images/tasks/other"))
    task = (await platform.images.generate(ASKED)).task
    assert task is not None
    assert (task.poll_after, task.paths[:2]) == (
        7,
        ("/v1/images/tasks/imgtask_0123456789abcdef", "/v1/images/tasks/other"),
    )


async def test_a_task_is_looked_for_where_the_dialects_have_it(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(js({"id": "17", "status": "queued"}), empty(404), js({"id": "17", "status": "failed", "error": "no"}))
    task = (await platform.images.generate(ASKED)).task
    assert task is not None
    failed = await platform.image_tasks.fetch(task)
    assert (failed.status, str(failed.error)) == (S.FAILURE, "no")
    assert service.paths[1:] == ["/v1/images/generations/17", "/v1/tasks/17"]
    assert failed.paths == ("/v1/tasks/17",)


async def test_a_task_need_not_repeat_its_id(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(js({"status": "completed", "data": [{"url": "https://a.example/1.png"}]}))
    task = await platform.image_tasks.fetch(ImageTask("17", S.PENDING, paths=("/v1/tasks/17",)))
    assert (task.id, task.status, len(task.images)) == ("17", S.SUCCESS, 1)


async def test_a_task_that_is_nowhere_is_unknown(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(empty(404))
    with pytest.raises(UnknownTask):
        await platform.image_tasks.fetch(ImageTask("17", S.PENDING, paths=("/v1/tasks/17", "/v1/images/tasks/17")))


@pytest.mark.parametrize("body", [{"object": "list"}, {"error": {"message": "upstream"}}])
async def test_an_answer_that_is_no_task_is_asked_for_again(
    service: ScriptedService, platform: PlatformClient, body: Any
) -> None:
    service.will(js(body))
    with pytest.raises(Unavailable):
        await platform.image_tasks.fetch(ImageTask("17", S.PENDING, paths=("/v1/tasks/17",)))
    assert len(service.heard) == 4


async def test_a_task_that_is_refused_at_once_is_a_refusal(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(Reply(200, samples.body("images-async-task-failed.json")))
    with pytest.raises(ServiceRefused) as caught:
        await platform.images.generate(ASKED)
    assert caught.value.kind is RefusalKind.BANNED_PROMPT


@pytest.mark.parametrize(
    "poll_url",
    [
        "https://elsewhere.example.org/v1/tasks/17",
        "//elsewhere.example.org/v1/tasks/17",
        "https://api.example.net.elsewhere.org/v1/tasks/17",
        "https://api.example.net@elsewhere.org/v1/tasks/17",
        "/v1/../admin",
        "/admin",
        "/v1/tasks/17\r\nHost: x",
        "javascript:alert(1)",
    ],
)
def test_the_key_goes_to_no_other_place(poll_url: str) -> None:
    task = read_image_task(
        {"id": "17", "status": "queued", "poll_url": poll_url}, AnswerHead(202), "https://api.example.net"
    )
    assert task.paths == ("/v1/images/generations/17", "/v1/tasks/17", "/v1/images/tasks/17")


@pytest.mark.parametrize(
    "poll_url", ["https://api.example.net/p/v1/tasks/9?x=1", "/v1/tasks/9?x=1", "/p/v1/tasks/9?x=1"]
)
def test_a_place_below_the_base_url_is_polled(poll_url: str) -> None:
    body = {"id": "17", "status": "queued", "poll_url": poll_url}
    assert read_image_task(body, AnswerHead(202), "https://api.example.net/p").paths[0] == "/v1/tasks/9?x=1"


WORDS = {
    "pending": S.PENDING, "QUEUED": S.PENDING, "processing": S.RUNNING, "in_progress": S.RUNNING, "odd": S.RUNNING,
    "completed": S.SUCCESS, "succeeded": S.SUCCESS, "failed": S.FAILURE, "canceled": S.CANCELLED,
    "cancelled": S.CANCELLED, "": S.RUNNING,
}  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_a_status_is_read(word: str) -> None:
    body = {"id": "17", "status": word, "result": {"data": [{"url": "https://a.example/1.png"}]}}
    task = read_image_task(body, AnswerHead(200), "https://api.example.net")
    assert (task.status, len(task.images)) == (WORDS[word], 1)


def test_a_finished_task_without_an_image_has_failed() -> None:
    task = read_image_task({"id": "17", "status": "completed", "results": []}, AnswerHead(200), "https://a.example")
    assert (task.status, type(task.error)) == (S.FAILURE, NoResult)


def test_images_are_no_task() -> None:
    assert not is_image_task({"id": "17", "status": "completed", "data": [{"url": "https://a.example/1.png"}]})
    assert not is_image_task({"created": 1, "data": []})
    assert not is_image_task({"status": "failed"})


async def test_a_model_that_is_not_sold_is_asked_for_once(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(Reply(404, samples.body("images-retired-model-404.json")))
    for _ in range(2):
        with pytest.raises(ModelNotOffered):
            await platform.images.generate(ASKED)
    assert len(service.heard) == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["https://a.b/c.png", "data:image/png;base64,AA==", "/x", "failed", "completed", "x.task"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["data", "url", "b64_json", "image_url", "status", "id", "object", "results", "result", "error",
                         "message", "progress", "poll_url", "task_id", "usage", "size", "type"]), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True)
@given(body=VALUES, status=st.sampled_from([200, 202, 400, 500]), events=st.booleans())
async def test_whatever_comes_there_is_an_image_or_an_error(body: Any, status: int, events: bool) -> None:
    text = json.dumps(body)
    raw = f"data: {text}\n\n" if events else text
    try:
        answer = await read_images(PlatformAnswer(AnswerHead(status, "POST"), raw.encode()), "https://a.example")
    except (AnswerLost, ServiceRefused):
        return
    assert answer.images or answer.task
