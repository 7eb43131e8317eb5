"""The reseller's gateway: what it refuses that others take, and how it writes what others write."""

from __future__ import annotations

import base64
from typing import Any

import aiohttp
import pytest

from tests.playground_images.caller import Answer, Caller, data_url, png
from tests.playground_images.conftest import Play

FAST = {"mode": "FAST"}


@pytest.fixture
async def gateway(play: Play) -> Caller:
    return await play("gateway")


async def taken(caller: Caller, endpoint: str, body: dict[str, Any]) -> str:
    """The id of an accepted task, when it has ended."""
    answer = await caller.post(endpoint, {**FAST, **body})
    assert answer.json["data"]["code"] in ("1", "21"), answer.text
    task_id = str(answer.json["data"]["result"])
    if answer.json["data"]["code"] == "1":
        await caller.images.finished(task_id)
    return task_id


@pytest.mark.parametrize(
    ("endpoint", "body", "wrong"),
    [
        ("submit/imagine", {"prompt": "a fox"}, "mode"),
        ("submit/imagine", {"prompt": "a fox", "mode": "TURBO"}, "mode"),
        ("submit/imagine", {**FAST, "prompt": "a fox", "state": ""}, "state"),
        ("submit/imagine", {**FAST, "prompt": "a fox", "notifyHook": None}, "notifyHook"),
        ("submit/action", {**FAST, "taskId": "1", "customId": "x", "enableRemix": True}, "enableRemix"),
        ("submit/modal", {**FAST, "taskId": "1", "maskBase64": data_url(png())}, "maskBase64"),
        ("submit/edits", {**FAST, "prompt": "snow", "image": data_url(png())}, "image"),
        ("submit/edits", {**FAST, "prompt": "snow", "base64Array": [data_url(png())]}, "action"),
        ("insight-face/swap", FAST, "source"),
    ],
)
async def test_a_body_that_is_not_to_the_letter_is_refused(
    gateway: Caller, endpoint: str, body: dict[str, Any], wrong: str
) -> None:
    answer = await gateway.post(endpoint, body)
    assert (answer.json["code"], answer.json["description"]) == (4, f"invalid parameter: {wrong}")
    assert not gateway.images.tasks


async def test_ids_are_numbers_and_states_have_words_of_their_own(gateway: Caller) -> None:
    answer = await gateway.post("submit/imagine", {**FAST, "prompt": "a fox", "state": "nonce"})
    data = answer.json["data"]
    assert (data["code"], type(data["result"])) == ("1", int)
    await gateway.images.finished(str(data["result"]))
    task = await gateway.fetch(str(data["result"]))
    assert (task["id"], task["status"], task["state"]) == (data["result"], "COMPLETED", "nonce")
    assert len(task["imageUrls"]) == 4
    assert gateway.images.tasks[str(task["id"])].mode == "FAST"
    listed = await gateway.post("task/list-by-condition", {"ids": [str(task["id"])]})
    assert [entry["id"] for entry in listed.json["data"]] == [task["id"]]
    assert (await gateway.get("task/1/fetch")).json == {
        "code": 4,
        "description": "任务不存在",
        "result": None,
        "properties": {},
    }


async def test_a_modal_takes_a_bare_mask_and_edits_an_array(gateway: Caller) -> None:
    grid = await taken(gateway, "submit/imagine", {"prompt": "a fox"})
    upscale = await gateway.button(grid, "U1")
    single = await taken(gateway, "submit/action", {"taskId": grid, "customId": upscale})
    region = await gateway.button(single, "Vary (Region)")
    modal = await taken(gateway, "submit/action", {"taskId": single, "customId": region})
    mask = base64.b64encode(png("white", (64, 64))).decode()
    await taken(gateway, "submit/modal", {"taskId": modal, "prompt": "a hat", "maskBase64": mask})
    await gateway.images.finished(modal)
    array = {"action": "EDITS", "prompt": "snow", "base64Array": [data_url(png())]}
    edited = await taken(gateway, "submit/edits", array)
    assert (await gateway.fetch(edited))["status"] == "COMPLETED"


async def test_a_swap_comes_as_files(gateway: Caller) -> None:
    form = aiohttp.FormData(FAST)
    for name in ("source", "target"):
        form.add_field(name, png(), filename=f"{name}.png", content_type="image/png")
    answer: Answer = await gateway.send("POST", "/mj/insight-face/swap", data=form)
    assert answer.json["data"]["code"] == "1"
