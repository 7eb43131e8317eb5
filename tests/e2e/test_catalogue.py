"""Every button of the catalogue (docs/image-api.md#buttons) is pressed once; the table says which requests went out."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.engines.registry import digest
from playground.discord import Interaction, Json, Message
from playground.driver import Environment, Scenario, is_finished
from playground.images import Pace
from tests.support.environments import MakeEnvironment, captions, stored_custom_ids
from tests.support.pictures import png

SMALL = replace(Pace.quick(), side=64)
ACTION, MODAL = ["submit/action"], ["submit/action", "submit/modal"]
# A line whose button the service does not take is drawn as a prompt of its own.
AS_PROMPT = ["submit/imagine"]
# What the service is known not to take stands on no card.
NOT_OFFERED = ["not offered"]

# customId without its uuid, and the requests that a press of it leads to.
GRID = {
    **{f"MJ::JOB::upsample::{n}::": ACTION for n in range(1, 5)},
    "MJ::JOB::reroll::0::::SOLO": ACTION,
    **{f"MJ::JOB::variation::{n}::": ACTION for n in range(1, 5)},
}
SINGLE = {
    "MJ::JOB::upsample_v7_2x_subtle::1::::SOLO": ACTION,
    "MJ::JOB::upsample_v7_2x_creative::1::::SOLO": ACTION,
    "MJ::JOB::low_variation::1::::SOLO": ACTION,
    "MJ::JOB::high_variation::1::::SOLO": ACTION,
    "MJ::Inpaint::1::::SOLO": MODAL,
    "MJ::Outpaint::50::1::::SOLO": ACTION,
    "MJ::Outpaint::75::1::::SOLO": ACTION,
    "MJ::Outpaint::100::1::::SOLO": ACTION,
    "MJ::CustomZoom::": MODAL,
    **{f"MJ::JOB::pan_{way}::1::::SOLO": ACTION for way in ("left", "right", "up", "down")},
    "MJ::JOB::animate_high::1::::SOLO": ACTION,
    "MJ::JOB::animate_low::1::::SOLO": ACTION,
    "MJ::BOOKMARK::": NOT_OFFERED,
}
SINGLE_V5 = {"MJ::JOB::upsample_v5_2x::1::::SOLO": ACTION, "MJ::JOB::upsample_v5_4x::1::::SOLO": ACTION}
SINGLE_V4 = {"MJ::JOB::upsample_max::1::::SOLO": ACTION, "MJ::JOB::variation::1::::SOLO": ACTION}
SINGLE_V6 = {f"MJ::JOB::upsample_v6_2x_{way}::1::::SOLO": ACTION for way in ("subtle", "creative")}
SINGLE_V6R1 = {f"MJ::JOB::upsample_v6r1_2x_{way}::1::::SOLO": ACTION for way in ("subtle", "creative")}
# Of a partner account on a server before version 10.
SINGLE_PARTNER = {
    "MJ::CustomZoom::1::": MODAL,
    **{f"MJ::JOB::video::{motion}::::vid_1.1_i2v_480::auto": ACTION for motion in ("low", "high")},
    **{f"MJ::JOB::video::{motion}::::vid_1.1_i2v_480::manual": MODAL for motion in ("low", "high")},
    "MJ::BOOKMARK::": ACTION,
}
DESCRIBED = {
    **{f"MJ::Job::PicReader::{n}": MODAL for n in range(1, 5)},
    "MJ::Picread::Retry": ACTION,
    "MJ::Job::PicReader::all": ACTION,
}
SHORTENED = {
    **{f"MJ::Job::PromptAnalyzer::{n}": MODAL for n in range(1, 6)},
    "MJ::Job::PromptAnalyzerExtended": ACTION,
}
SPELLED_BY_A_GATEWAY = {f"MJ::JOB::PromptAnalyzer::{n}": MODAL for n in range(1, 6)}
VIDEO = {
    **{f"MJ::JOB::video_virtual_upscale::{n}::": ACTION for n in range(1, 5)},
    "MJ::JOB::reroll::0::::SOLO": ACTION,
}
CLIP = {"MJ::JOB::animate_high_extend::1::": ACTION, "MJ::JOB::animate_low_extend::1::": ACTION}

TABLE = [
    ("grid", "plus", GRID),
    ("single", "plus", SINGLE),
    ("single of v5", "plus", SINGLE_V5),
    ("single of v4", "plus", SINGLE_V4),
    ("single of v6", "plus", SINGLE_V6),
    ("single of v6.1", "plus", SINGLE_V6R1),
    ("single of a partner", "trueai-9", SINGLE_PARTNER),
    ("described", "trueai", DESCRIBED),
    ("shortened", "plus", SHORTENED),
    ("shortened by a gateway", "plus", SPELLED_BY_A_GATEWAY),
    ("video", "trueai", VIDEO),
    ("clip", "trueai", CLIP),
    ("described", "newapi", {f"MJ::Job::PicReader::{n}": AS_PROMPT for n in range(1, 5)}),
    ("shortened", "newapi", {f"MJ::Job::PromptAnalyzer::{n}": AS_PROMPT for n in range(1, 6)}),
]

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.mark.parametrize(
    ("stage", "profile", "table"), TABLE, ids=[f"{stage} on {profile}" for stage, profile, _ in TABLE]
)
async def test_each_button_leads_to_its_requests(
    make_env: MakeEnvironment, stage: str, profile: str, table: dict[str, list[str]]
) -> None:
    # Without an address of its own the bot asks for a region in a window, as for everything else.
    env = await make_env(Scenario(profile, SMALL, callbacks=False, partner=stage == "single of a partner"))
    message = await reach(env, stage)
    went_out = {}
    for pattern in table:
        before = len(env.images.submits)
        if button := shown_button(env, message, pattern):
            await press_through(env, message, button)
        went_out[pattern] = [submit.endpoint for submit in env.images.submits[before:]] if button else NOT_OFFERED
    assert went_out == table


async def test_a_running_job_is_cancelled_by_the_button_on_its_card(env: Environment) -> None:
    """`MJ::CancelJob` stands on messages of Midjourney's own; a press of it is the `cancel` of the API
    (docs/image-api.md#cancel)."""
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "a tin robot"})
    await env.until(lambda: asked.messages and "Cancel" in captions(asked.messages[0]))
    await env.press(asked.messages[0], "Cancel")
    await env.until(lambda: "Canceled" in asked.messages[0].text)
    (task_id,) = env.images.tasks
    assert f"/mj/task/{task_id}/cancel" in [request.path for request in env.images.requests]


async def reach(env: Environment, stage: str) -> Message:
    """The message under which the buttons of a stage stand."""
    if stage == "described":
        return await env.result_of(await env.slash("describe", {"image": png("sea.png")}))
    if stage.startswith("shortened"):
        env.images.options.gateway_spelling = stage.endswith("by a gateway")
        return await env.result_of(await env.slash("shorten", {"prompt": "a very big and long brass owl at night"}))
    _, is_versioned, version = stage.partition(" of v")
    prompt = f"a tin robot --v {version}" if is_versioned else "a tin robot"
    grid = await env.result_of(await env.slash("imagine", {"prompt": prompt, "aspect": "3:2"}))
    if stage == "grid":
        return grid
    single = await env.result_of(await env.press(grid, "U1"))
    if stage.startswith("single"):
        return single
    video = await env.result_of(await env.press(single, "Animate (High motion)"))
    return video if stage == "video" else await env.result_of(await env.press(video, "U2"))


def shown_button(env: Environment, message: Message, pattern: str) -> Json | None:
    """The button of this customId, which is told without its uuid; None where the card does not offer it."""
    (custom_id,) = [each for each in stored_custom_ids(env, message) if UUID.sub("", each) == pattern]
    return next((button for button in message.buttons if f":{digest(custom_id)}:" in button["custom_id"]), None)


async def press_through(env: Environment, message: Message, button: Json) -> None:
    """Presses a button, fills in its window if it opens one, and waits for what comes of it."""
    pressed = await (await env.person("ada").press(message, button["custom_id"])).answered()
    if pressed.modal is not None:
        values: dict[str, str | list[str]] = {"prompt": "a tin robot with a hat --zoom 1.5"}
        if "Inpaint" in str(pressed.modal) or len(pressed.modal["components"]) > 1:
            values["area"] = ["left"]
        pressed = await env.submit_modal(pressed, values)
    await env.until(lambda: ended(pressed))


def ended(interaction: Interaction) -> bool:
    """Has the press led to a finished message, or to a private answer?"""
    return any(message.ephemeral or is_finished(message) for message in interaction.messages)
