"""Buttons and modals: what a press leads to in each service, and what newapi makes of the answers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from playground.images.buttons import buttons_of, parse_custom_id
from playground.images.profiles import PROFILES
from playground.images.service_state import Options
from playground.images.tasks import Kind, Status, Task
from tests.playground_images.caller import Caller, data_url, png
from tests.playground_images.conftest import PACE, Play

GRID = ["U1", "U2", "U3", "U4", "🔄", "V1", "V2", "V3", "V4"]
SINGLE = ["Upscale (Subtle)", "Upscale (Creative)", "Vary (Subtle)", "Vary (Strong)", "Vary (Region)", "Zoom Out 2x"]
SINGLE += ["Zoom Out 1.5x", "Custom Zoom", "⬅️", "➡️", "⬆️", "⬇️", "Animate (High motion)", "Animate (Low motion)", "❤️"]
DIALECTS = ["plus", "trueai", "newapi"]
UUID = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"


async def labels(caller: Caller, task_id: str) -> list[str]:
    return [entry["label"] or entry["emoji"] for entry in (await caller.fetch(task_id))["buttons"]]


async def through_modal(caller: Caller, task_id: str, label: str, **entered: object) -> str:
    """The id of the finished task of a button that opens a modal."""
    modal = (await caller.click(task_id, label)).task_id
    return await caller.done(await caller.post("submit/modal", {"taskId": modal, **entered}))


@pytest.mark.parametrize("profile", DIALECTS)
async def test_a_grid_and_a_single_image_have_their_buttons(play: Play, profile: str) -> None:
    caller = await play(profile)
    grid = await caller.imagine()
    assert await labels(caller, grid) == GRID
    single = await caller.done(await caller.click(grid, "U3"))
    assert await labels(caller, single) == SINGLE
    larger = await caller.done(await caller.click(single, "Upscale (Subtle)"))
    assert (await labels(caller, larger))[:2] == ["Redo Upscale (Subtle)", "Redo Upscale (Creative)"]


async def test_a_pressed_button_shows_it(plus: Caller) -> None:
    grid = await plus.imagine()
    await plus.done(await plus.click(grid, "U3"))
    styles = [entry["style"] for entry in (await plus.fetch(grid))["buttons"]]
    assert styles == [2, 2, 1, 2, 2, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("prompt", "there", "missing"),
    [
        ("a fox --ar 3:2", "Make Square", "upsample_v6"),
        ("a fox --v 8", "Vary (Region)", "Zoom Out 2x"),
        ("a fox --v 4", "Make Variations", "Vary (Region)"),
        ("a fox --v 5.2", "Upscale (4x)", "Upscale (Subtle)"),
        ("a fox --v 6.1", "upsample_v6r1_2x_subtle", "upsample_v7"),
        ("a fox --niji 6", "upsample_v6_2x_subtle", "Animate (High motion)"),
    ],
)
async def test_the_buttons_follow_the_version(plus: Caller, prompt: str, there: str, missing: str) -> None:
    entries = (await plus.fetch(await plus.upscaled(prompt)))["buttons"]
    words = " ".join(entry["customId"] + " " + entry["label"] for entry in entries)
    assert there in words
    assert missing not in words


async def test_on_discord_accounts_every_task_has_its_own_job_and_partners_share_one(play: Play) -> None:
    for partner in (False, True):
        caller = await play("trueai", options=Options(partner=partner))
        grid = await caller.imagine()
        first = await caller.done(await caller.click(grid, "U1"))
        second = await caller.done(await caller.click(grid, "U2"))
        same = await caller.button(first, "Zoom Out 2x") == await caller.button(second, "Zoom Out 2x")
        assert same is partner


@pytest.mark.parametrize(
    ("custom_id", "kind", "index", "detail"),
    [
        (f"MJ::JOB::upsample::3::{UUID}", Kind.UPSCALE, 3, ""),
        (f"MJ::JOB::variation::4::{UUID}", Kind.VARIATION, 4, ""),
        (f"MJ::JOB::reroll::0::{UUID}::SOLO", Kind.REROLL, 0, ""),
        (f"MJ::JOB::upsample_v7_2x_creative::1::{UUID}::SOLO", Kind.UPSCALE_HD, 1, "creative"),
        (f"MJ::JOB::upsample_v5_4x::1::{UUID}::SOLO", Kind.UPSCALE_HD, 1, "4x"),
        (f"MJ::JOB::low_variation::1::{UUID}::SOLO", Kind.SUBTLE, 1, ""),
        (f"MJ::JOB::high_variation::1::{UUID}::SOLO", Kind.STRONG, 1, ""),
        (f"MJ::Inpaint::1::{UUID}::SOLO", Kind.REGION, 1, ""),
        (f"MJ::Outpaint::50::1::{UUID}::SOLO", Kind.ZOOM, 1, "2"),
        (f"MJ::Outpaint::75::1::{UUID}::SOLO", Kind.ZOOM, 1, "1.5"),
        (f"MJ::Outpaint::100::1::{UUID}::SOLO", Kind.SQUARE, 1, ""),
        (f"MJ::CustomZoom::{UUID}", Kind.CUSTOM_ZOOM, 1, ""),
        (f"MJ::JOB::pan_up::1::{UUID}::SOLO", Kind.PAN, 1, "up"),
        (f"MJ::JOB::animate_low::1::{UUID}::SOLO", Kind.ANIMATE, 1, "low"),
        (f"MJ::JOB::animate_high_extend::1::{UUID}", Kind.VIDEO_EXTEND, 1, "high"),
        (f"MJ::JOB::video_virtual_upscale::2::{UUID}", Kind.VIDEO_PICK, 2, ""),
        ("MJ::Job::PicReader::2", Kind.LINE, 2, "PicReader"),
        ("MJ::Job::PromptAnalyzer::5", Kind.LINE, 5, "PromptAnalyzer"),
        ("MJ::JOB::PromptAnalyzer::5", Kind.LINE, 5, "PromptAnalyzer"),
        ("MJ::Job::PromptAnalyzerExtended", Kind.DETAILS, 1, ""),
        ("MJ::Picread::Retry", Kind.DESCRIBE, 1, ""),
    ],
)
def test_a_custom_id_of_the_catalog_is_understood(custom_id: str, kind: Kind, index: int, detail: str) -> None:
    click = parse_custom_id(custom_id)
    assert click is not None
    assert (click.kind, click.index, click.detail) == (kind, index, detail)


@pytest.mark.parametrize("custom_id", [f"MJ::BOOKMARK::{UUID}", "MJ::Settings::x", "nothing", "", "MJ::iframe::abc"])
def test_other_custom_ids_mean_nothing(custom_id: str) -> None:
    assert parse_custom_id(custom_id) is None


def test_no_buttons_before_success() -> None:
    assert buttons_of(Task("1", Kind.IMAGINE, status=Status.IN_PROGRESS), PROFILES["plus"]) == []


@pytest.mark.parametrize(
    ("profile", "label", "status", "description"),
    [
        ("plus", "❤️", 200, "未知的 Action 类型"),
        ("trueai", "❤️", 200, "未知的 Action 类型"),
        ("newapi", "❤️", 400, "unknown_action:MJ::BOOKMARK::"),
        ("newapi", "Animate (High motion)", 400, "unknown_action:MJ::JOB::animate_high::1::"),
    ],
)
async def test_buttons_that_a_service_does_not_take(
    play: Play, profile: str, label: str, status: int, description: str
) -> None:
    caller = await play(profile)
    answer = await caller.click(await caller.upscaled(), label)
    assert (answer.status, answer.json["code"]) == (status, 4)
    assert answer.json["description"].startswith(description)


async def test_a_button_of_another_task_is_refused(plus: Caller) -> None:
    grid = await plus.imagine()
    answer = await plus.press(grid, f"MJ::JOB::upsample::1::{UUID}")
    assert answer.json["code"] == 4


async def test_a_custom_id_without_colons_breaks_newapis_parser(newapi: Caller) -> None:
    answer = await newapi.press(await newapi.imagine(), "upsample")
    assert (answer.status, answer.json["error"]["type"]) == (500, "new_api_panic")


@pytest.mark.parametrize("profile", DIALECTS)
@pytest.mark.parametrize("label", ["Vary (Region)", "Custom Zoom"])
async def test_region_and_custom_zoom_always_open_a_modal(play: Play, profile: str, label: str) -> None:
    caller = await play(profile)
    answer = await caller.click(await caller.upscaled(), label, state="s1")
    body = answer.json
    assert body["code"] == 21
    if profile == "plus":
        assert body == {"code": 21, "description": "窗口等待", "result": answer.task_id}
    else:
        proposal = "" if label == "Vary (Region)" else "a tin robot --v 7 --zoom 2"
        assert body["properties"] == {"finalPrompt": proposal, "remix": True}
    await caller.images.until(lambda: caller.images.shown(answer.task_id)["status"] == "MODAL")


async def test_newapi_rewrites_21_to_1_but_for_region_and_custom_zoom(play: Play) -> None:
    caller = await play("newapi", options=Options(remix=True))
    grid = await caller.imagine()
    answer = await caller.click(grid, "V2")
    expected = '"description":"Waiting for window confirm"'
    assert answer.text.startswith('{"code":1,' + expected)
    assert answer.json["properties"] == {"finalPrompt": "a tin robot --v 7", "remix": True}
    await caller.images.until(lambda: caller.images.shown(answer.task_id)["status"] == "MODAL")


async def test_newapi_shows_the_old_copy_after_a_modal_until_a_further_round(newapi: Caller) -> None:
    single = await newapi.upscaled()
    modal = (await newapi.click(single, "Custom Zoom")).task_id
    await newapi.images.until(lambda: newapi.images.shown(modal)["status"] == "MODAL")
    await newapi.post("submit/modal", {"taskId": modal, "prompt": "a tin robot --zoom 1.5"})
    await newapi.images.finished(modal)
    assert newapi.images.shown(modal)["status"] == "MODAL"
    await newapi.images.until(lambda: newapi.images.shown(modal)["status"] == "SUCCESS")


async def test_newapi_shows_nothing_before_its_first_round(play: Play) -> None:
    caller = await play("newapi", pace=replace(PACE, sync=3600))
    caller.images.hold()
    task_id = (await caller.post("submit/imagine", {"prompt": "a fox", "state": "s"})).task_id
    await caller.images.until(lambda: caller.images.tasks[task_id].status is Status.SUBMITTED)
    fresh = caller.images.shown(task_id)
    assert (fresh["status"], fresh["progress"], fresh["state"], fresh["buttons"]) == ("", "0%", "", None)
    caller.images.service.relay_copies.sync()
    synced = caller.images.shown(task_id)
    assert (synced["status"], synced["state"]) == ("SUBMITTED", "s")


@pytest.mark.parametrize("profile", ["plus", "trueai"])
@pytest.mark.parametrize("label", ["V1", "🔄"])
async def test_with_remix_on_variations_and_rerolls_wait_in_a_modal(play: Play, profile: str, label: str) -> None:
    caller = await play(profile, options=Options(remix=True))
    grid = await caller.imagine()
    assert (await caller.click(grid, label)).json["code"] == 21
    assert (await caller.click(grid, "U1")).json["code"] == 1


async def test_a_remix_with_another_prompt_draws_that_prompt(play: Play) -> None:
    caller = await play("trueai", options=Options(remix=True))
    grid = await caller.imagine()
    task_id = await through_modal(caller, grid, "V3", prompt="a castle")
    task = await caller.fetch(task_id)
    assert (task["prompt"], task["promptFull"], task["parentId"]) == ("a castle", "a castle --v 7", grid)
    artwork = caller.images.tasks[task_id].artwork
    assert artwork is not None
    assert {cell.scene.subject for cell in artwork.cells} == {"castle"}


async def test_enable_remix_asks_for_a_modal_where_the_account_allows_it(trueai: Caller, plus: Caller) -> None:
    grid = await trueai.imagine()
    assert (await trueai.click(grid, "V1", enableRemix=True)).json["code"] == 21
    assert (await trueai.click(grid, "U1", enableRemix=True)).json["code"] == 1
    trueai.images.options.remix_allowed = False
    assert (await trueai.click(grid, "V1", enableRemix=True)).json["code"] == 4
    assert (await plus.click(await plus.imagine(), "V1", enableRemix=True)).json["code"] == 1


async def test_a_modal_refuses_what_is_wrong_and_stays_open(plus: Caller) -> None:
    single = await plus.upscaled()
    modal = (await plus.click(single, "Vary (Region)")).task_id
    for mask in (None, "AAAA", data_url(png(size=(10, 10)))):
        body = {"taskId": modal, "prompt": "a hat"} | ({"maskBase64": mask} if mask else {})
        assert (await plus.post("submit/modal", body)).json["code"] == 4
        assert (await plus.fetch(modal))["status"] == "MODAL"
    good = {"taskId": modal, "prompt": "a hat", "maskBase64": data_url(png("#fff", (64, 64)))}
    assert (await plus.fetch(await plus.done(await plus.post("submit/modal", good))))["status"] == "SUCCESS"


@pytest.mark.parametrize(("prefix", "code"), [("", 1), ("data:image/png;base64,", 1), ("data:image/jpeg;base64,", 4)])
async def test_trueai_strips_only_the_prefix_of_png(trueai: Caller, prefix: str, code: int) -> None:
    modal = (await trueai.click(await trueai.upscaled(), "Vary (Region)")).task_id
    mask = prefix + data_url(png("#fff", (64, 64))).partition(",")[2]
    answer = await trueai.post("submit/modal", {"taskId": modal, "prompt": "a hat", "maskBase64": mask})
    assert answer.json["code"] == code


async def test_a_custom_zoom_beyond_its_range_fails(plus: Caller) -> None:
    single = await plus.upscaled()
    task = await plus.fetch(await through_modal(plus, single, "Custom Zoom", prompt="a tin robot --zoom 5"))
    assert task["status"] == "FAILURE"
    assert "--zoom" in task["failReason"]


async def test_a_second_modal_is_refused_by_plus_and_taken_by_trueai(plus: Caller, trueai: Caller) -> None:
    for caller, code in ((plus, 4), (trueai, 1)):
        modal = (await caller.click(await caller.upscaled(), "Custom Zoom")).task_id
        body = {"taskId": modal, "prompt": "a tin robot --zoom 2"}
        assert (await caller.post("submit/modal", body)).task_id == modal
        assert (await caller.post("submit/modal", body)).json["code"] == code
        assert caller.images.tasks[modal].confirmations == (2 if code == 1 else 1)


async def test_of_two_modals_at_the_same_time_plus_takes_one(plus: Caller) -> None:
    modal = (await plus.click(await plus.upscaled(), "Custom Zoom")).task_id
    body = {"taskId": modal, "prompt": "a tin robot --zoom 2"}
    answers = await asyncio.gather(*(plus.post("submit/modal", body) for _ in range(4)))
    assert sorted(answer.json["code"] for answer in answers) == [1, 4, 4, 4]
    assert plus.images.tasks[modal].confirmations == 1


async def test_an_answer_to_no_modal_and_one_with_a_banned_word_are_refused(plus: Caller) -> None:
    single = await plus.upscaled()
    assert (await plus.post("submit/modal", {"taskId": single, "prompt": "x"})).json["code"] == 4
    modal = (await plus.click(single, "Custom Zoom")).task_id
    assert (await plus.post("submit/modal", {"taskId": modal, "prompt": "forbiddenword"})).json["code"] == 24


async def test_the_state_of_the_press_counts_not_that_of_the_modal(trueai: Caller) -> None:
    modal = (await trueai.click(await trueai.upscaled(), "Custom Zoom", state="press")).task_id
    await trueai.post("submit/modal", {"taskId": modal, "prompt": "x --zoom 2", "state": "modal"})
    assert (await trueai.fetch(modal))["state"] == "press"


@pytest.mark.parametrize("profile", ["plus", "trueai"])
async def test_a_describe_line_opens_a_modal_with_the_line(play: Play, profile: str) -> None:
    caller = await play(profile)
    described = await caller.done(await caller.post("submit/describe", {"base64": data_url(png())}))
    line = caller.images.tasks[described].result.lines[1]
    answer = await caller.click(described, "2️⃣")
    assert answer.json["code"] == 21
    assert (await caller.fetch(answer.task_id))["properties"]["finalPrompt"].startswith(line)
    task_id = await caller.done(await caller.post("submit/modal", {"taskId": answer.task_id}))
    task = await caller.fetch(task_id)
    assert (task["prompt"], task["action"]) == (line, "IMAGINE" if profile == "plus" else "PIC_READER")


async def test_describe_all_starts_four_tasks_on_trueai(trueai: Caller) -> None:
    described = await trueai.done(await trueai.post("submit/describe", {"base64": data_url(png())}))
    answer = await trueai.click(described, "Imagine all", state="k")
    ids = answer.json["result"].split(",")
    assert [trueai.images.tasks[task_id].state for task_id in ids] == [f"k::{n}" for n in range(1, 5)]
    assert trueai.images.submits[-1].task_ids == tuple(ids)
    again = await trueai.done(await trueai.click(described, "🔄"))
    assert (await trueai.fetch(again))["action"] == "DESCRIBE"


async def test_describe_buttons_do_not_pass_newapi(newapi: Caller) -> None:
    described = await newapi.done(await newapi.post("submit/describe", {"base64": data_url(png())}))
    answer = await newapi.press(described, "MJ::Job::PicReader::2")
    assert (answer.status, answer.json["description"]) == (400, "unknown_action:MJ::Job::PicReader::2 ")


async def test_a_shortened_line_and_the_details_on_plus(plus: Caller, trueai: Caller) -> None:
    short = await plus.done(await plus.post("submit/shorten", {"prompt": "a very long and golden owl in the forest"}))
    task_id = await through_modal(plus, short, "1️⃣", prompt="owl")
    assert (await plus.fetch(task_id))["prompt"] == "owl"
    details = await plus.done(await plus.click(short, "Show Details"))
    assert "**owl** (1.00)" in (await plus.fetch(details))["properties"]["finalPrompt"]
    other = await trueai.done(await trueai.post("submit/shorten", {"prompt": "a long owl"}))
    assert (await trueai.click(other, "1️⃣")).json["code"] == 4


async def test_the_older_trueai_takes_what_the_newer_one_refuses(play: Play) -> None:
    older = await play("trueai-9")
    zoomed = await older.done(await older.click(await older.upscaled(), "Zoom Out 2x"))
    assert (await older.click(zoomed, "🔄")).json["code"] == 1
    single = await older.upscaled()
    tasks = len(older.images.tasks)
    assert (await older.click(single, "❤️")).task_id == single
    assert len(older.images.tasks) == tasks
    shortened = await older.done(await older.post("submit/shorten", {"prompt": "a long owl"}))
    modal = await older.click(shortened, "1️⃣")
    assert modal.json["code"] == 21
    assert (await older.post("submit/modal", {"taskId": modal.task_id})).json["code"] == 4


async def test_trueai_rerolls_no_zoomed_image(trueai: Caller) -> None:
    zoomed = await trueai.done(await trueai.click(await trueai.upscaled(), "Zoom Out 2x"))
    assert (await trueai.click(zoomed, "🔄")).json["code"] == 4
    varied = await trueai.done(await trueai.click(await trueai.imagine(), "V1"))
    assert (await trueai.click(varied, "🔄")).json["code"] == 1


async def test_a_video_is_made_picked_and_continued(trueai: Caller) -> None:
    clips = await trueai.done(await trueai.click(await trueai.upscaled(), "Animate (High motion)"))
    task = await trueai.fetch(clips)
    assert (task["action"], len(task["videoUrls"]), await labels(trueai, clips)) == (
        "VIDEO",
        4,
        ["U1", "U2", "U3", "U4", "🔄"],
    )
    one = await trueai.done(await trueai.click(clips, "U2"))
    assert len((await trueai.fetch(one))["videoUrls"]) == 1
    more = await trueai.done(await trueai.click(one, "Extend (Low motion)"))
    assert (await trueai.fetch(more))["action"] == "VIDEO_EXTEND"


@pytest.mark.parametrize(
    ("profile", "label", "action"),
    [
        ("plus", "V1", "VARIATION"),
        ("plus", "Zoom Out 2x", "ZOOM"),
        ("plus", "⬅️", "PAN"),
        ("trueai", "Upscale (Subtle)", "UPSCALE_HD"),
        ("trueai", "Zoom Out 1.5x", "OUTPAINT"),
        ("trueai", "Vary (Strong)", "VARIATION"),
        ("newapi", "Vary (Strong)", "HIGH_VARIATION"),
        ("newapi", "Vary (Subtle)", "LOW_VARIATION"),
        ("newapi", "⬇️", "PAN"),
        ("newapi", "Zoom Out 2x", "ZOOM"),
    ],
)
async def test_each_dialect_names_its_actions(play: Play, profile: str, label: str, action: str) -> None:
    caller = await play(profile)
    parent = await caller.imagine() if label == "V1" else await caller.upscaled()
    task = await caller.fetch(await caller.done(await caller.click(parent, label)))
    assert task["action"] == action
    assert [entry["label"] for entry in task["buttons"]][:2] in (
        ["U1", "U2"],
        ["Redo Upscale (Subtle)", "Redo Upscale (Creative)"],
    )
