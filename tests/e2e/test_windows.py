"""Windows open as the first answer, propose a prompt, are confirmed once, and can be submitted after a restart."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from playground.discord import Interaction, Message
from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment, captions, picture_of
from tests.support.image_comparison import centre, difference
from tests.support.pictures import png

WITH_MODALS = ("plus", "trueai", "newapi")


async def single_in(env: Environment) -> Message:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a tin robot"}))
    return await env.result_of(await env.press(grid, "U2"))


def proposed(opened: Interaction) -> str:
    """The text that stands in an open window."""
    assert opened.modal is not None
    return str(opened.modal["components"][0]["component"].get("value", ""))


@pytest.mark.parametrize("profile", WITH_MODALS)
async def test_custom_zoom_opens_a_window_with_a_prompt_and_is_confirmed_once(
    make_env: MakeEnvironment, profile: str
) -> None:
    env = await make_env(Scenario(profile=profile))
    single = await single_in(env)
    opened = await env.press(single, "Custom Zoom")
    assert proposed(opened).endswith("--zoom 1.8")
    submitted = await env.submit_modal(opened, {"prompt": "a tin robot --zoom 2"})
    wider = await env.result_of(submitted)
    assert captions(wider)[:4] == ["U1", "U2", "U3", "U4"]
    sent = [(submit.endpoint, submit.body.get("prompt")) for submit in env.images.submits[2:]]
    assert sent == [("submit/action", None), ("submit/modal", "a tin robot --zoom 2")]


async def test_a_window_submitted_after_a_restart_goes_on_as_if_nothing_had_been(env: Environment) -> None:
    single = await single_in(env)
    opened = await env.press(single, "Custom Zoom")
    await env.kill_bot()
    await env.start_bot()
    wider = await env.result_of(await env.submit_modal(opened, {"prompt": "a tin robot --zoom 2"}))
    assert captions(wider)[0] == "U1"


@pytest.mark.parametrize("profile", WITH_MODALS)
async def test_a_region_is_chosen_in_parts_of_the_picture_and_sent_as_a_mask_of_its_size(
    make_env: MakeEnvironment, profile: str
) -> None:
    env = await make_env(Scenario(profile=profile, callbacks=False))
    single = await single_in(env)
    opened = await env.press(single, "Vary (Region)")
    submitted = await env.submit_modal(opened, {"prompt": "a tin robot with a hat", "area": ["left", "top_right"]})
    await env.result_of(submitted)
    modal = env.images.submits[-1]
    mask = Image.open(io.BytesIO(base64.b64decode(modal.body["maskBase64"].partition(",")[2])))
    assert mask.size == picture_of(single).size
    assert {mask.getpixel(point) for point in ((1, 1), (1, mask.height - 2), (mask.width - 2, 1))} == {255}
    assert mask.getpixel((mask.width - 2, mask.height - 2)) == 0


@pytest.mark.parametrize("profile", WITH_MODALS)
async def test_a_window_that_nobody_expected_is_confirmed_with_what_the_service_proposes(
    make_env: MakeEnvironment, profile: str
) -> None:
    env = await make_env(Scenario(profile=profile, remix=True))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a brass owl"}))
    relatives = await env.result_of(await env.press(grid, "V2"))
    assert captions(relatives)[0] == "U1"
    assert [submit.endpoint for submit in env.images.submits] == ["submit/imagine", "submit/action", "submit/modal"]


async def test_a_described_picture_leads_on_from_its_lines(env: Environment) -> None:
    described = await env.result_of(await env.slash("describe", {"image": png("sea.png")}))
    assert "**1.**" in described.text
    opened = await env.press(described, "2️⃣")
    assert proposed(opened)
    drawn = await env.result_of(await env.submit_modal(opened, {"prompt": "a teal sea at noon"}))
    assert captions(drawn)[0] == "U1"
    assert "a teal sea at noon" in drawn.text


async def test_a_zoomed_picture_holds_the_one_before(env: Environment) -> None:
    single = await single_in(env)
    wider = await env.result_of(await env.press(single, "Zoom Out 2x"))
    one = await env.result_of(await env.press(wider, "U1"))
    assert difference(centre(picture_of(one), 2.0), picture_of(single)) < 0.05
