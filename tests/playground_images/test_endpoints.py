"""Which endpoints each service has, who may enter, and how what is not there is answered."""

from __future__ import annotations

import pytest

from playground.images.profiles import PROFILES
from playground.images.requests import HANDLERS
from playground.images.service_state import Options
from tests.playground_images.caller import KEY, Caller
from tests.playground_images.conftest import Play

# Which service has which endpoint (docs/image-api.md#endpoints), by the letters of LETTERS.
TABLE = {
    "submit/imagine": "npota",
    "submit/blend": "npota",
    "submit/describe": "npota",
    "submit/change": "npoa",
    "submit/simple-change": "npoa",
    "submit/action": "pota",
    "submit/modal": "pota",
    "submit/shorten": "pota",
    "submit/upload-discord-images": "pota",
    "submit/show": "o",
    "submit/edit": "ot",
    "submit/edits": "ota",
    "submit/retexture": "ot",
    "submit/video": "ota",
    "insight-face/swap": "pota",
    "insight-face/video-swap": "ot",
    "task/{id}/fetch": "npota",
    "task/list-by-condition": "npota",
    "task/list-by-ids": "pot",
    "task/list": "npot",
    "task/queue": "npo",
    "task/query": "p",
    "task/{id}/cancel": "pot",
    "task/{id}/image-seed": "pota",
    "image/{id}": "a",
}
LETTERS = {"n": "novicezk", "p": "plus", "o": "trueai-9", "t": "trueai", "a": "newapi"}
METHODS = {endpoint: method for method, endpoint in HANDLERS} | {"image/{id}": "GET"}
CASES = [(profile, endpoint, letter in has) for endpoint, has in TABLE.items() for letter, profile in LETTERS.items()]


def test_the_profiles_are_those_of_the_table() -> None:
    for letter, profile in LETTERS.items():
        assert PROFILES[profile].endpoints == {endpoint for endpoint, has in TABLE.items() if letter in has}


@pytest.mark.parametrize(("profile", "endpoint", "exists"), CASES)
async def test_an_endpoint_is_there_or_answered_as_absent(
    play: Play, profile: str, endpoint: str, exists: bool
) -> None:
    caller = await play(profile)
    task_id = await caller.imagine()
    method = METHODS[endpoint]
    answer = await caller.send(
        method, "/mj/" + endpoint.replace("{id}", task_id), json={} if method == "POST" else None
    )
    if exists:
        assert answer.status in (200, 400) or answer.json["code"] == 3
        assert "Invalid URL" not in answer.text
    elif profile == "newapi" and method == "GET":
        assert (answer.status, answer.content_type) == (200, "text/html")
    elif profile == "newapi":
        assert answer.status == 404
        assert answer.json["error"]["message"] == f"Invalid URL ({method} /mj/{endpoint.replace('{id}', task_id)})"
    else:
        assert answer.status == 404


async def test_newapi_without_its_web_page_answers_404_to_a_get_too(play: Play) -> None:
    caller = await play("newapi", options=Options(web_ui=False))
    answer = await caller.get("task/list")
    assert answer.status == 404
    assert answer.json["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("profile", "headers", "status"),
    [
        ("novicezk", {"mj-api-secret": KEY}, 200),
        ("novicezk", {"mj-api-secret": "wrong"}, 401),
        ("novicezk", {"Authorization": f"Bearer {KEY}"}, 401),
        ("plus", {"mj-api-secret": KEY, "Authorization": f"Bearer {KEY}"}, 200),
        ("plus", {}, 401),
        ("trueai", {"Authorization": KEY}, 200),
        ("trueai", {"Mj-Api-Secret": KEY}, 200),
        ("trueai", {"Authorization": f"Bearer {KEY}"}, 401),
        ("trueai", {"mj-api-secret": KEY, "Authorization": f"Bearer {KEY}"}, 401),
        ("trueai", {}, 401),
        ("newapi", {"Authorization": f"Bearer {KEY}"}, 200),
        ("newapi", {"Authorization": f"Bearer sk-{KEY}"}, 200),
        ("newapi", {"Authorization": "Bearer midjourney-proxy", "mj-api-secret": f"sk-{KEY}"}, 200),
        ("newapi", {"mj-api-secret": KEY}, 200),
        ("newapi", {"Authorization": "Bearer wrong", "mj-api-secret": KEY}, 401),
    ],
)
async def test_each_service_has_its_own_way_with_keys(
    play: Play, profile: str, headers: dict[str, str], status: int
) -> None:
    caller = await play(profile)
    answer = await caller.send("POST", "/mj/task/list-by-condition", json={"ids": []}, headers=headers)
    assert answer.status == status
    if status == 401:
        body = {"novicezk": "", "plus": "", "trueai": "Unauthorized", "newapi": "Invalid token"}[profile]
        assert body in answer.text
        assert (answer.text == "") == (body == "")


async def test_a_service_without_a_key_is_open(play: Play) -> None:
    caller = await play("novicezk")
    caller.images.key = ""
    answer = await caller.send("POST", "/mj/task/list-by-condition", json={"ids": []}, headers={})
    assert answer.status == 200


@pytest.mark.parametrize(
    ("profile", "prefix", "status", "mode"),
    [
        ("plus", "mj-turbo", 200, "TURBO"),
        ("trueai", "mj-relax", 200, "RELAX"),
        ("newapi", "mj-fast", 200, None),
        ("newapi", "whatever", 200, None),
        ("plus", "whatever", 404, None),
        ("novicezk", "mj-fast", 404, None),
    ],
)
async def test_the_mode_comes_from_the_prefix(
    play: Play, profile: str, prefix: str, status: int, mode: str | None
) -> None:
    caller = await play(profile)
    answer = await caller.post("submit/imagine", {"prompt": "a fox"}, root=f"/{prefix}/mj/")
    assert answer.status == status
    if status == 200:
        assert caller.images.tasks[answer.task_id].mode == mode
        assert caller.images.submits[-1].prefix == prefix


@pytest.mark.parametrize(
    ("body", "mode"),
    [
        ({"prompt": "a fox --relax"}, "RELAX"),
        ({"prompt": "a fox --relax", "accountFilter": {"modes": ["TURBO", "FAST"]}}, "TURBO"),
        ({"prompt": "a fox"}, None),
    ],
)
async def test_without_a_prefix_the_filter_and_then_the_prompt_set_the_mode(
    trueai: Caller, body: dict[str, object], mode: str | None
) -> None:
    answer = await trueai.post("submit/imagine", body)
    assert trueai.images.tasks[answer.task_id].mode == mode


@pytest.mark.parametrize(
    ("profile", "status", "text"),
    [("plus", 200, ""), ("novicezk", 200, ""), ("trueai", 204, ""), ("newapi", 400, "task_no_found ")],
)
async def test_an_unknown_task_is_answered_in_four_ways(play: Play, profile: str, status: int, text: str) -> None:
    answer = await (await play(profile)).get("task/1760000000000999/fetch")
    assert answer.status == status
    assert answer.text == text or answer.json == {"code": 4, "description": text, "type": "upstream_error"}


async def test_a_profile_can_be_switched_while_it_runs(plus: Caller) -> None:
    task_id = await plus.imagine()
    plus.images.switch_profile("newapi")
    assert (await plus.fetch(task_id))["imageUrl"].endswith(f"/mj/image/{task_id}")
    with pytest.raises(ValueError, match="no profile"):
        plus.images.switch_profile("nobody")
