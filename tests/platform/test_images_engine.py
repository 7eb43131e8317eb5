"""The engine of the images API: what it sends for a request, which buttons its results have, how it reads answers."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.engines.base import ignore_progress
from bot.engines.errors import Limitation, Unsuitable
from bot.engines.models import TASK_ID, Finished, RemoteStatus, SubmitAccepted, SubmitAnswer, SubmitTag
from bot.engines.options import COUNT, MASKED, QUALITY, RATIO, TRANSPARENT
from bot.engines.platform import ImageTaskReader
from bot.engines.platform.image_answers import task_id_of, task_of
from bot.engines.platform.images_engine import ImagesEngine
from bot.media.outgoing import clear_where_white, editable
from bot.platform.client import PlatformClient
from bot.platform.engines_file import EngineProfile, default_engines
from bot.platform.image_tasks import ImageTask
from bot.platform.requests import ImageEditRequest
from bot.platform.switches import Switch
from storage import Action, InputImage, NewTask, Request, Task, TaskResult, TaskState, TaskUpdate
from storage.live_records import stored_task
from tests.midjourney.service import Reply, ScriptedService, js
from tests.support import platform_samples as samples
from tests.support.picture_host import picture

TAG = SubmitTag(state="n")
GOOD = js({"data": [{"url": "https://a.example/1.png"}]})
UPSCALING = EngineProfile(models=("sd3*",), edits=True, upscale="an-upscaler")


def engine_of(platform: PlatformClient, model: str, profile: EngineProfile | None = None) -> ImagesEngine:
    found = profile or default_engines().profile_of(model)
    assert found is not None
    return ImagesEngine(model, found, platform)


def asked(prompt: str = "a boat", options: Mapping[str, Any] | None = None) -> Request:
    return Request(Action.IMAGINE, prompt=prompt, engine="any", options=options or {})


async def sent(engine: ImagesEngine, request: Request, *images: bytes) -> SubmitAnswer:
    return await engine.submit(request, [InputImage("image/png", data) for data in images], TAG, ignore_progress)


@pytest.mark.parametrize(
    ("model", "options", "body"),
    [
        ("dall-e-3", {}, {"response_format": "url"}),
        ("dall-e-3", {RATIO: "16:9"}, {"response_format": "url", "size": "1792x1024"}),
        ("dall-e-3", {RATIO: "32:18"}, {"response_format": "url", "size": "1792x1024"}),
        ("dall-e-3", {RATIO: "21:9"}, {"response_format": "url", "prompt": "a boat, aspect ratio 21:9"}),
        ("dall-e-3", {QUALITY: "hd"}, {"response_format": "url", "quality": "hd"}),
        ("gpt-image-2", {}, {}),
        ("gpt-image-2", {RATIO: "9:16", COUNT: "3"}, {"size": "1008x1792", "n": 3}),
        ("gpt-image-2", {QUALITY: "low", TRANSPARENT: True}, {"quality": "low", "background": "transparent"}),
        ("flux-kontext-pro", {RATIO: "9:21"}, {"aspect_ratio": "9:21"}),
        ("stable-diffusion-3", {RATIO: "2:3"}, {"prompt": "a boat, aspect ratio 2:3"}),
    ],
)
async def test_what_a_person_chose_is_sent_in_the_models_own_words(
    service: ScriptedService, platform: PlatformClient, model: str, options: dict[str, Any], body: dict[str, Any]
) -> None:
    service.will(GOOD)
    await sent(engine_of(platform, model), asked(options=options))
    (heard,) = service.heard
    assert (heard.path, heard.json) == ("/v1/images/generations", {"model": model, "prompt": "a boat", **body})


async def test_the_settings_of_a_profile_are_sent(service: ScriptedService, platform: PlatformClient) -> None:
    service.will(GOOD)
    profile = EngineProfile(models=("own",), quality="high", qualities=("high",), n=8, extra={"seed": 7})
    await sent(engine_of(platform, "own", profile), asked(options={COUNT: "4"}))
    assert service.heard[0].json == {"model": "own", "prompt": "a boat", "quality": "high", "n": 4, "seed": 7}


LONG = "é" * 3_000


@pytest.mark.parametrize(
    ("model", "request_", "images", "limitation"),
    [
        ("dall-e-3", asked(), 1, Limitation.NO_INPUTS),
        ("gpt-image-2", asked(), 17, Limitation.TOO_MANY_INPUTS),
        ("dall-e-3", asked("a" * 4_001), 0, Limitation.PROMPT_CHARACTERS),
        ("dall-e-3", asked(LONG), 0, Limitation.PROMPT_BYTES),
        ("dall-e-2", asked("a" * 990, {RATIO: "21:9"}), 0, Limitation.PROMPT_CHARACTERS),
        ("dall-e-3", asked(options={QUALITY: "ultra"}), 0, Limitation.QUALITY),
        ("flux-schnell", asked(options={QUALITY: "high"}), 0, Limitation.NO_QUALITIES),
        ("dall-e-3", asked(options={COUNT: "2"}), 0, Limitation.COUNT),
        ("dall-e-3", asked(options={TRANSPARENT: True}), 0, Limitation.TRANSPARENCY),
    ],
)
def test_what_a_model_cannot_do_is_known_before_anything_is_sent(
    platform: PlatformClient, model: str, request_: Request, images: int, limitation: Limitation
) -> None:
    with pytest.raises(Unsuitable) as refused:
        engine_of(platform, model).check(request_, images)
    assert refused.value.limitation is limitation


def test_what_a_model_can_do_is_not_refused(platform: PlatformClient) -> None:
    chosen = asked("a" * 3_900, {RATIO: "21:9", QUALITY: "high", COUNT: "4", TRANSPARENT: True})
    engine_of(platform, "gpt-image-2").check(chosen, 16)
    # The mask of a region is no further image.
    engine_of(platform, "gpt-image-2").check(asked(options={MASKED: True}), 17)
    # Options of another model, which a button would inherit, are not refused but left out.
    pressed = Request(Action.BUTTON, prompt="a", engine="any", custom_id="again", options={QUALITY: "ultra"})
    engine_of(platform, "dall-e-3").check(pressed, 0)


async def test_images_are_sent_as_an_edit_in_formats_that_the_api_reads(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(GOOD)
    await sent(engine_of(platform, "gpt-image-2"), asked(options={RATIO: "1:1"}), picture("GIF"), picture("JPEG"))
    (heard,) = service.heard
    assert heard.path == "/v1/images/edits"
    assert heard.body.count(b'name="image[]"') == 2
    assert b'filename="image.png"' in heard.body
    assert b'filename="image.jpg"' in heard.body
    assert b"image/gif" not in heard.body
    assert b'name="size"\r\n\r\n1024x1024\r\n' in heard.body


async def test_images_that_cannot_be_read_are_not_sent(service: ScriptedService, platform: PlatformClient) -> None:
    with pytest.raises(Unsuitable):
        await sent(engine_of(platform, "gpt-image-2"), asked(), b"no image")
    assert service.heard == []


@pytest.mark.parametrize("size", [(40, 30), (80, 60), (20, 15)])
def test_the_white_part_of_a_mask_becomes_transparent_in_the_size_of_the_image(size: tuple[int, int]) -> None:
    mask = Image.new("L", (40, 30), 0)
    mask.paste(255, (0, 0, 20, 30))
    out = io.BytesIO()
    mask.save(out, "PNG")
    with Image.open(io.BytesIO(clear_where_white(out.getvalue(), size))) as clear:
        assert (clear.format, clear.mode, clear.size) == ("PNG", "RGBA", size)
        alpha = clear.getchannel("A")
    assert alpha.getcolors() == [(size[0] * size[1] // 2, 0), (size[0] * size[1] // 2, 255)]
    assert alpha.getpixel((0, 0)) == 0


def test_an_image_that_is_too_large_is_made_smaller() -> None:
    noise = Image.effect_noise((600, 600), 100)
    out = io.BytesIO()
    noise.save(out, "PNG")
    ready = editable(out.getvalue(), 100_000)
    assert len(ready.data) <= 100_000
    assert Image.open(io.BytesIO(ready.data)).size == ready.size


# Buttons


def finished(images: int = 1, *, request: Request | None = None, inline: bool = True) -> Task:
    new = NewTask("t1", None, 1, None, 2, request or asked(), "token")
    urls = tuple(f"https://a.example/{number}.png" for number in range(images))
    result = TaskResult(inline=True, count=images) if inline else TaskResult(image_url=urls[0], image_urls=urls)
    ended = stored_task(new, 1.0).apply(TaskUpdate(TaskState.SUCCESS, result=result), 2.0)
    assert ended is not None
    return ended


@pytest.mark.parametrize(
    ("model", "profile", "labels"),
    [
        ("dall-e-3", None, ["Again", "Ratio"]),
        ("flux-kontext-pro", None, ["Vary", "Edit", "Again", "Ratio"]),
        ("gpt-image-2", None, ["Vary", "Edit", "Vary (Region)", "Again", "Ratio"]),
        ("sd3", UPSCALING, ["Upscale", "Vary", "Edit", "Again", "Ratio"]),
    ],
)
def test_a_result_has_the_buttons_that_its_model_can_carry_out(
    platform: PlatformClient, model: str, profile: EngineProfile | None, labels: list[str]
) -> None:
    engine = engine_of(platform, model, profile)
    assert [button.label for button in engine.buttons(finished())] == labels
    assert engine.buttons(stored_task(NewTask("t1", None, 1, None, 2, asked(), "token"), 1.0)) == ()


@pytest.mark.parametrize("inline", [True, False])
def test_each_of_several_images_has_its_own_buttons(platform: PlatformClient, inline: bool) -> None:
    engine = engine_of(platform, "gpt-image-2")
    buttons = engine.buttons(finished(2, inline=inline))
    assert [button.label for button in buttons] == ["V1", "V2", "E1", "E2", "R1", "R2", "Again", "Ratio"]
    assert [engine.press_inputs(button).image for button in buttons] == [1, 2, 1, 2, 1, 2, None, None]
    assert [button.name for button in buttons if button.input == "instruction"] == ["Edit 1", "Edit 2"]


def test_an_enlargement_is_not_repeated_by_the_model_that_did_not_make_it(platform: PlatformClient) -> None:
    engine = engine_of(platform, "sd3", UPSCALING)
    pressed = Request(Action.BUTTON, prompt="a boat", engine="sd3", custom_id="upscale:1")
    assert [button.label for button in engine.buttons(finished(request=pressed))] == ["Upscale", "Vary", "Edit"]


async def test_an_enlargement_is_made_by_the_model_of_the_profile(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(GOOD)
    pressed = Request(Action.BUTTON, prompt="a boat", engine="sd3", custom_id="upscale:1")
    image = [InputImage("image/png", picture())]
    await engine_of(platform, "sd3", UPSCALING).press(finished(), pressed, image, TAG, ignore_progress)
    assert b'name="model"\r\n\r\nan-upscaler\r\n' in service.heard[0].body


def test_buttons_without_an_endpoint_or_a_model_are_not_offered(platform: PlatformClient) -> None:
    engine = engine_of(platform, "sd3", UPSCALING)

    def offered() -> list[str]:
        return [button.label for button in engine.buttons(finished()) if engine.offers(button)]

    platform.switches.set(Switch.MODEL_MISSING, "an-upscaler")
    assert offered() == ["Vary", "Edit", "Again", "Ratio"]
    platform.switches.set(Switch.ENDPOINT_MISSING, ImageEditRequest.path)
    assert offered() == ["Again", "Ratio"]


# Answers


async def test_urls_and_the_revised_prompt_become_the_result(
    service: ScriptedService, platform: PlatformClient
) -> None:
    service.will(Reply(200, samples.body("images-dalle3-url.json")))
    answer = await sent(engine_of(platform, "dall-e-3"), asked())
    assert isinstance(answer, Finished)
    assert answer.remote.image_url
    assert answer.remote.final_prompt.startswith("A small white paper boat")
    assert answer.images == ()


@pytest.mark.parametrize(("name", "count"), [("images-gptimage-b64.json", 1), ("images-four.json", 4)])
async def test_images_in_the_answer_become_images_of_the_result(
    service: ScriptedService, platform: PlatformClient, name: str, count: int
) -> None:
    service.will(Reply(200, samples.body(name)))
    answer = await sent(engine_of(platform, "gpt-image-2"), asked())
    assert isinstance(answer, Finished)
    assert len(answer.images) + len(answer.remote.image_urls) == count


@pytest.mark.parametrize(
    ("name", "headers"),
    [("images-async-task-200.json", {}), ("images-async-202.json", {"Location": "/v1/images/tasks/another"})],
)
async def test_a_task_is_accepted_under_an_id_that_survives_and_polled_until_it_has_its_images(
    service: ScriptedService, platform: PlatformClient, name: str, headers: dict[str, str]
) -> None:
    service.will(
        Reply(200, samples.body(name), headers=headers),
        js({"object": "image.generation.task", "id": "x", "status": "processing", "progress": 40}),
        Reply(200, samples.body("images-async-task-done.json")),
    )
    answer = await sent(engine_of(platform, "dall-e-3"), asked())
    assert isinstance(answer, SubmitAccepted)
    assert TASK_ID.fullmatch(answer.task_id)
    other = engine_of(platform, "gpt-image-2")
    running = await other.fetch(answer.task_id)
    assert (running.id, running.status, running.progress) == (answer.task_id, RemoteStatus.RUNNING, 40)
    done = await other.fetch(answer.task_id)
    assert (done.id, done.status) == (answer.task_id, RemoteStatus.SUCCESS)
    assert done.image_url
    assert [heard.method for heard in service.heard] == ["POST", "GET", "GET"]
    assert len(set(service.paths[1:])) == 1


async def test_a_task_is_not_read_sooner_than_the_platform_asks_for(
    service: ScriptedService, platform: PlatformClient
) -> None:
    now = 0.0
    reader = ImageTaskReader(platform, clock=lambda: now)
    running = {"object": "image.generation.task", "id": "a", "status": "processing", "progress": 10}
    done = {**running, "status": "completed", "results": ["https://a.example/1.png"]}
    service.will(js(running, Retry_After="9"), js({**running, "progress": 50}, Retry_After="600"), js(done))
    progress = []
    for moment in (0.0, 8.9, 9.0, 60.0, 69.0):
        now = moment
        progress.append((await reader.fetch("t~a")).progress)
    assert progress[:4] == [10, 10, 50, 50]
    assert (await reader.fetch("t~a")).status is RemoteStatus.SUCCESS
    assert len(service.heard) == 4


@given(st.from_regex(r"[\w.:~-]{1,40}", fullmatch=True).filter(lambda text: text.isascii() and TASK_ID.fullmatch(text)))
def test_an_id_holds_where_the_task_is_polled(upstream: str) -> None:
    for path in (f"/v1/tasks/{upstream}", f"/v1/images/generations/{upstream}", f"/v1/images/tasks/{upstream}"):
        task_id = task_id_of(ImageTask(upstream, RemoteStatus.PENDING, paths=(path,)))
        assert task_id is not None
        assert TASK_ID.fullmatch(task_id)
        found = task_of(task_id)
        assert found is not None
        assert (found.id, found.paths[0]) == (upstream, path)


@pytest.mark.parametrize("path", ["/v1/jobs/abc", "/v1/jobs/abc?key=%2F", "/v1/x/y/z-1"])
def test_an_id_holds_any_path_that_the_platform_named(path: str) -> None:
    task_id = task_id_of(ImageTask("abc", RemoteStatus.PENDING, paths=(path,)))
    assert task_id is not None
    found = task_of(task_id)
    assert found is not None
    assert found.paths == (path,)


@pytest.mark.parametrize("typed", ["", "t~", "1788000000", "u~", "u~!!!!", "u~L3YyL3g", "x~y", "u~L3YxLy4uL3g"])
def test_other_ids_are_not_polled(typed: str) -> None:
    assert task_of(typed) is None


def test_a_task_that_cannot_be_polled_has_no_id() -> None:
    assert task_id_of(ImageTask("", RemoteStatus.PENDING)) is None
    assert task_id_of(ImageTask("a", RemoteStatus.PENDING, paths=(f"/v1/{'x' * 200}",))) is None
