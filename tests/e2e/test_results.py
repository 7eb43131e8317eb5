"""Results of every kind are shown as what they are: clips, four pictures by themselves, words too long for a card."""

from __future__ import annotations

import re

import pytest

from bot.ui.components.message_components import MAX_CONTENT
from bot.ui.inputs.image_attachments import url_lines
from playground.discord import OptionValue
from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment, captions
from tests.support.languages import ENGLISH
from tests.support.pictures import png


async def test_a_video_is_shown_as_its_clips_and_a_picked_one_can_be_extended(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="trueai"))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a lighthouse"}))
    single = await env.result_of(await env.press(grid, "U1"))
    video = await env.result_of(await env.press(single, "Animate (Low motion)"))
    assert len(video.attachments) == 4
    assert {attachment.filename.rpartition(".")[2] for attachment in video.attachments} <= {"mp4", "webp"}
    picked = await env.result_of(await env.press(video, "U3"))
    assert len(picked.attachments) == 1
    assert "Extend (High motion)" in captions(picked)


async def test_clips_too_large_to_attach_are_linked_to(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="trueai"))
    env.discord.guild("Atelier").attachment_size_limit = 80 * 1024
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a lighthouse"}))
    single = await env.result_of(await env.press(grid, "U1"))
    video = await env.result_of(await env.press(single, "Animate (Low motion)"))
    assert "is too large to attach here" in video.text


async def test_a_service_that_gives_four_pictures_by_themselves_has_them_shown_so(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="trueai", partner=True))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "four brass owls"}))
    assert len(grid.attachments) == 4


@pytest.mark.parametrize("word", ["owl ", "貓頭鷹 ", "🦉"])
async def test_a_prompt_longer_than_a_card_can_show_is_attached_whole(env: Environment, word: str) -> None:
    prompt = (word * 2000)[:1900].strip() + " the very end"
    grid = await env.result_of(await env.slash("imagine", {"prompt": prompt}))
    (words,) = [attachment for attachment in grid.attachments if attachment.filename.endswith(".txt")]
    assert "the very end" in words.data.decode()
    assert "…" in grid.text


async def test_shortened_prompts_are_numbered_lines_with_a_button_each(env: Environment) -> None:
    shortened = await env.result_of(
        await env.slash("shorten", {"prompt": "a very big and long brass owl sitting on a branch at night"})
    )
    assert all(f"**{number}.**" in shortened.text for number in range(1, 6))
    assert captions(shortened) == ["1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "Show Details"]


async def test_blends_and_swaps_are_pictures(env: Environment) -> None:
    two: dict[str, OptionValue] = {
        "image1": png("a.png", "navy"),
        "image2": png("b.png", "gold"),
        "dimensions": "landscape",
    }
    blend = await env.result_of(await env.slash("blend", two))
    assert captions(blend)[0] == "U1"
    assert env.images.submits[-1].body["dimensions"] == "LANDSCAPE"
    swap = await env.result_of(await env.slash("swap", {"source": png("a.png"), "target": png("b.png", "red")}))
    assert swap.attachments


async def test_ones_own_picture_is_edited_restyled_and_animated(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="trueai"))
    sea, sky = png("sea.png", "navy"), png("sky.png", "skyblue")
    edited = await env.result_of(await env.slash("edit", {"prompt": "a red boat on it", "image": sea}))
    assert "**Edit** · for <@" in edited.text
    assert edited.attachments[0].filename.endswith(".png")
    assert captions(edited)
    woollen = await env.result_of(await env.slash("retexture", {"prompt": "knitted wool", "image": sea}))
    assert "knitted wool" in woollen.text
    options: dict[str, OptionValue] = {"prompt": "the day begins", "image": sea, "end": sky, "motion": "high"}
    video = await env.result_of(await env.slash("video", options))
    clips = [each for each in video.attachments if not each.filename.startswith("source")]
    assert len(clips) == 4
    assert "U1" in captions(video)
    sent = [(submit.endpoint, set(submit.body) - {"state", "notifyHook"}) for submit in env.images.submits]
    assert sent == [
        ("submit/edits", {"prompt", "image"}),
        ("submit/retexture", {"prompt", "image"}),
        ("submit/video", {"prompt", "image", "endImage", "motion"}),
    ]


async def test_a_video_that_loops_has_no_other_end(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="trueai"))
    options: dict[str, OptionValue] = {"prompt": "on and on", "image": png("a.png"), "end": png("b.png"), "loop": True}
    assert "Remove `loop` or `end`" in await env.private_answer(await env.slash("video", options))
    blank = await env.slash("edit", {"prompt": "  ", "image": png("a.png")})
    assert "prompt is empty" in await env.private_answer(blank)
    assert env.images.submits == []


async def test_uploaded_pictures_have_addresses_that_prompts_can_use(env: Environment) -> None:
    uploaded = await env.slash("upload", {"image1": png("a.png", "navy"), "image2": png("b.png", "gold")})
    first, second = re.findall(r"<(http[^>]+)>", await env.private_answer(uploaded))
    assert [message.ephemeral for message in uploaded.messages] == [True]
    grid = await env.result_of(await env.slash("imagine", {"prompt": f"{first} a boat --sref {second}"}))
    assert grid.attachments
    (submit,) = [submit for submit in env.images.submits if submit.endpoint == "submit/imagine"]
    assert submit.body["prompt"] == f"{first} a boat --sref {second}"


@pytest.mark.parametrize(("fault", "said"), [("drop", "Upload the images again"), ("code_9", "failed")])
async def test_an_upload_that_fails_says_what_to_do(env: Environment, fault: str, said: str) -> None:
    env.images.fail_next("submit/upload", fault)
    assert said in await env.private_answer(await env.slash("upload", {"image1": png("a.png")}))


def test_addresses_too_long_for_a_message_are_a_text_to_open() -> None:
    urls = [f"https://cdn.example.org/{'x' * 600}/{number}.png" for number in range(5)]
    text, (file,) = url_lines(urls, ENGLISH)
    assert len(text) <= MAX_CONTENT
    assert file.fp.read().decode().splitlines() == urls
    assert url_lines(urls[:2], ENGLISH)[1] == []


def test_uploaded_pictures_at_addresses_that_are_not_for_people_are_said_to_be_so() -> None:
    urls = ["http://10.0.0.5:8080/a.png", "https://cdn.example.org/b.png", "https://ada:secret@cdn.example.org/c.png"]
    text, files = url_lines(urls, ENGLISH)
    assert "1. <https://cdn.example.org/b.png>" in text
    assert "not shown: 2" in text
    assert files == []
    text, files = url_lines(urls[:1], ENGLISH)
    assert "not shown: 1" in text
    assert "://" not in text
