"""Images over HTTP: results, previews, videos, signatures; and results in words."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from playground.images import Pace
from playground.images.rendering import video_form
from playground.images.text_results import description_of, note_in, shortened
from tests.playground_images.caller import Caller, data_url, opened, png
from tests.playground_images.conftest import Play
from tests.support.browsers import browsing, needs_chromium
from tests.support.image_comparison import difference


@pytest.mark.parametrize("profile", ["novicezk", "plus", "trueai", "newapi"])
async def test_the_result_lies_at_its_address_without_credentials(play: Play, profile: str) -> None:
    caller = await play(profile)
    task_id = await caller.imagine("a fox --ar 3:2")
    task, picture = await caller.fetch(task_id), await caller.picture(task_id)
    assert picture.format == "PNG"
    assert picture.width > picture.height
    if profile in ("plus", "trueai"):
        assert (task["imageWidth"], task["imageHeight"]) == picture.size
    assert (await caller.images.picture(task_id)) == await caller.download(task["imageUrl"])


@pytest.mark.parametrize("profile", ["novicezk", "plus", "trueai", "newapi"])
async def test_a_running_task_shows_a_blurred_preview(play: Play, profile: str) -> None:
    caller = await play(profile, pace=Pace(queue=0, step=0.02, steps=60, sync=0.01, side=128))
    task_id = (await caller.post("submit/imagine", {"prompt": "a fox"})).task_id
    await caller.images.until(lambda: caller.images.shown(task_id)["imageUrl"])
    caller.images.hold()
    task = await caller.fetch(task_id)
    assert task["status"] == "IN_PROGRESS"
    preview = opened(await caller.download(task["imageUrl"]))
    assert preview.format == "WEBP"
    caller.images.release()
    caller.images.pace = Pace(queue=0, step=0, steps=1, sync=0.01, side=128)
    await caller.images.until(lambda: caller.images.shown(task_id)["status"] == "SUCCESS")
    assert 0.002 < difference(preview, await caller.picture(task_id)) < 0.15


@pytest.mark.parametrize("change", ["", "?ex=1&is=2&hm=3", "?ex=ffffffff&is=0&hm=00"])
async def test_a_signed_address_without_its_signature_is_gone(plus: Caller, change: str) -> None:
    url = (await plus.fetch(await plus.imagine()))["imageUrl"]
    answer = await plus.send("GET", url.removeprefix(plus.images.base_url).partition("?")[0] + change)
    assert (answer.status, answer.text) == (404, "This content is no longer available.")


@pytest.mark.parametrize("name", ["1.png", "nothing", "1760000000000999-c1.mp4", "../x"])
async def test_an_unknown_image_is_gone(trueai: Caller, name: str) -> None:
    assert (await trueai.send("GET", f"/pictures/{name}")).status == 404


async def test_an_unfinished_result_is_not_shown_early(trueai: Caller) -> None:
    trueai.images.hold()
    task_id = (await trueai.post("submit/imagine", {"prompt": "a fox"})).task_id
    assert (await trueai.send("GET", f"/pictures/{task_id}.png")).status == 404


async def test_newapi_relays_by_id_and_knows_no_other(newapi: Caller) -> None:
    task_id = await newapi.imagine()
    answer = await newapi.send("GET", f"/mj/image/{task_id}", headers={})
    assert (answer.status, answer.content_type) == (200, "image/png")
    assert (await newapi.send("GET", "/mj/image/1760000000000999", headers={})).status == 400


async def test_the_thumbnail_is_small(trueai: Caller) -> None:
    task = await trueai.fetch(await trueai.imagine())
    assert opened(await trueai.download(task["thumbnailUrl"])).format == "WEBP"


async def test_four_videos_and_their_grid_are_moving_images(trueai: Caller) -> None:
    clips = await trueai.done(await trueai.click(await trueai.upscaled("a paper boat"), "Animate (Low motion)"))
    task = await trueai.fetch(clips)
    grid = opened(await trueai.download(task["imageUrl"]))
    assert getattr(grid, "n_frames", 1) > 1
    url = task["videoUrls"][3]["url"]
    data = await trueai.download(url)
    if video_form() == "mp4":
        assert url.endswith(".mp4")
        assert data[4:12] == b"ftypiso5"
        assert b"vide" in data
        assert b"av01" in data
    thumbnail = await trueai.download(task["videoUrls"][3]["thumbnail"])
    assert thumbnail[:4] == b"RIFF"


@needs_chromium
@pytest.mark.skipif(video_form() != "mp4", reason="there is no encoder for films here")
async def test_the_videos_play_in_a_browser(trueai: Caller) -> None:
    clips = await trueai.done(await trueai.click(await trueai.upscaled("a paper boat"), "Animate (High motion)"))
    url = (await trueai.fetch(clips))["videoUrls"][0]["url"]
    async with browsing() as browser:
        page = await browser.new_page()
        await page.set_content(f'<video id="clip" muted autoplay src="{url}"></video>')
        await page.wait_for_function("document.getElementById('clip').currentTime > 0.2", timeout=10_000)
        assert await page.evaluate("document.getElementById('clip').videoWidth") > 0


async def test_describe_recognises_our_own_image(plus: Caller) -> None:
    own = await plus.images.picture(await plus.upscaled("a paper boat on a lake"))
    assert note_in(own) == "a paper boat on a lake --v 7"
    task = await plus.fetch(await plus.done(await plus.post("submit/describe", {"base64": data_url(own)})))
    text = task["properties"]["finalPrompt"]
    assert [line[:3] for line in text.split("\n\n")] == ["1️⃣", "2️⃣", "3️⃣", "4️⃣"]
    assert text.count("a paper boat on a lake") == 4


@pytest.mark.parametrize(("profile", "field"), [("novicezk", "prompt"), ("trueai", "promptEn"), ("newapi", "promptEn")])
async def test_the_words_of_a_describe_stand_where_each_dialect_has_them(play: Play, profile: str, field: str) -> None:
    caller = await play(profile)
    task = await caller.fetch(await caller.done(await caller.post("submit/describe", {"base64": data_url(png())})))
    assert task[field].startswith("1️⃣ ")
    assert ("\r\n" in task[field]) == (profile == "trueai")
    assert ("](https://" in task[field]) == (profile == "trueai")


async def test_the_words_of_a_shorten_stand_where_each_dialect_has_them(plus: Caller, trueai: Caller) -> None:
    body = {"prompt": "a very long and golden owl in the deep dark forest"}
    first = await plus.fetch(await plus.done(await plus.post("submit/shorten", body)))
    second = await trueai.fetch(await trueai.done(await trueai.post("submit/shorten", body)))
    assert first["properties"]["finalPrompt"] == second["description"]
    assert first["properties"]["finalPrompt"].startswith("## Important tokens\n")
    assert "**owl**" in first["properties"]["finalPrompt"]
    assert "~~very~~" in first["properties"]["finalPrompt"]


def test_shortened_forms_get_shorter_and_keep_what_matters() -> None:
    _, lines = shortened("a very long and golden owl in the deep dark forest")
    assert len(lines) == 5
    assert [len(line) for line in lines] == sorted((len(line) for line in lines), reverse=True)
    assert "owl" in lines[-1]


def test_a_description_speaks_of_colour_and_shape() -> None:
    dark, light = description_of(png("#081030")), description_of(png("#cfe8f5", (64, 96)))
    assert dark[0] != light[0]
    assert dark[0].endswith("--ar 3:2")
    assert light[0].endswith("--ar 2:3")
    with pytest.raises(ValueError, match="picture"):
        description_of(b"nothing")
    assert note_in(b"nothing") == ""


@pytest.fixture
def program() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "playground.images", "--profile", "trueai", "--port", "0", "--quick"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        yield running
        running.kill()


async def test_it_runs_on_its_own_and_stops_when_asked(program: subprocess.Popen[str]) -> None:
    assert program.stdout is not None
    line = program.stdout.readline()
    assert line.startswith("image service (trueai): http://127.0.0.1:")
    program.terminate()
    assert program.wait(timeout=10) == 0
