"""What each submit answers: codes, descriptions, envelopes, the queue."""

from __future__ import annotations

import pytest

from playground.images.service_state import Options
from tests.playground_images.caller import Caller, data_url, png
from tests.playground_images.conftest import Play

EVERY = ["novicezk", "plus", "trueai", "trueai-9", "newapi"]


@pytest.mark.parametrize("profile", EVERY)
async def test_an_accepted_submit_has_code_1_a_new_id_and_keeps_its_state(play: Play, profile: str) -> None:
    caller = await play(profile)
    answer = await caller.post("submit/imagine", {"prompt": "a paper boat", "state": "n1"})
    body = answer.json
    assert (answer.status, body["code"]) == (200, 1)
    assert body["description"] == ("Submit success" if profile == "newapi" else "提交成功")
    assert body["properties"]["discordInstanceId"]
    assert len(body["result"]) == 16
    assert body["result"].isdigit()
    submit = caller.images.submits[-1]
    assert (submit.endpoint, submit.state, submit.task_id, submit.status) == (
        "submit/imagine",
        "n1",
        body["result"],
        200,
    )
    await caller.done(answer)
    assert (await caller.fetch(body["result"]))["state"] == "n1"


@pytest.mark.parametrize("profile", EVERY)
async def test_an_empty_prompt_is_refused(play: Play, profile: str) -> None:
    caller = await play(profile)
    answer = await caller.post("submit/imagine", {"prompt": "  "})
    assert answer.json["code"] == 4
    if profile == "newapi":
        assert (answer.status, answer.text) == (
            400,
            '{"code":4,"description":"prompt_is_required ","type":"upstream_error"}',
        )
    else:
        assert answer.status == 200
    assert caller.images.tasks == {}


@pytest.mark.parametrize("profile", EVERY)
async def test_tasks_beyond_the_slots_wait_and_beyond_the_queue_are_refused(play: Play, profile: str) -> None:
    caller = await play(profile, slots=1, queue_limit=2)
    caller.images.hold()
    answers = [await caller.post("submit/imagine", {"prompt": "a fox"}) for _ in range(4)]
    codes = [answer.json["code"] for answer in answers]
    if profile == "newapi":
        assert codes == [1, 1, 1, 9]
    else:
        assert codes == [1, 22, 22, 9 if profile in ("trueai", "trueai-9") else 23]
    assert [answer.json["properties"].get("numberOfQueues") for answer in answers] == [None, 1, 2, None]
    caller.images.release()
    for answer in answers[:3]:
        assert (await caller.images.finished(answer.task_id)).status == "SUCCESS"


async def test_the_queue_lists_the_waiting_tasks_in_order(play: Play) -> None:
    caller = await play("plus", slots=1)
    caller.images.hold()
    ids = [(await caller.post("submit/imagine", {"prompt": "a fox"})).task_id for _ in range(3)]
    waiting = (await caller.get("task/queue")).json
    assert [task["id"] for task in waiting] == ids[1:]
    assert {task["status"] for task in waiting} == {"NOT_START"}


@pytest.mark.parametrize("profile", EVERY)
async def test_a_banned_word_is_refused_at_once_or_fails_later(play: Play, profile: str) -> None:
    caller = await play(profile)
    answer = await caller.post("submit/imagine", {"prompt": "a forbiddenword owl"})
    if profile in ("novicezk", "plus", "trueai-9"):
        assert answer.json["code"] == 24
        assert answer.json["properties"] == {"promptEn": "a forbiddenword owl", "bannedWord": "forbiddenword"}
        return
    task = await caller.fetch(await caller.done(answer))
    assert (task["status"], task["failReason"]) == ("FAILURE", "可能包含敏感词")


async def test_an_unknown_parameter_fails_after_acceptance(plus: Caller) -> None:
    task = await plus.fetch(await plus.imagine("an owl --foo"))
    assert (task["status"], task["failReason"]) == ("FAILURE", "[Invalid parameter] unknown flag --foo")


@pytest.mark.parametrize("number", [0, 1, 6])
async def test_blend_takes_two_to_five_images(plus: Caller, number: int) -> None:
    answer = await plus.post("submit/blend", {"base64Array": [data_url(png())] * number})
    assert answer.json["code"] == 4


async def test_blend_wants_the_type_that_the_bytes_have(plus: Caller) -> None:
    pictures = [data_url(png()), data_url(png(), "image/jpeg")]
    assert (await plus.post("submit/blend", {"base64Array": pictures})).json["code"] == 4


@pytest.mark.parametrize("value", ["not base64", "data:image/png;base64,AAAA", 7])
async def test_a_reference_that_is_no_image_is_refused(trueai: Caller, value: object) -> None:
    answer = await trueai.post("submit/imagine", {"prompt": "a fox", "base64Array": [value]})
    assert (answer.json["code"], answer.json["description"]) == (4, "base64Array invalid")


@pytest.mark.parametrize("profile", EVERY)
async def test_describe_takes_a_data_url_everywhere(play: Play, profile: str) -> None:
    caller = await play(profile)
    task = await caller.fetch(await caller.done(await caller.post("submit/describe", {"base64": data_url(png())})))
    assert (task["action"], task["status"]) == ("DESCRIBE", "SUCCESS")
    assert await caller.download(task["imageUrl"]) == png()


async def test_describe_takes_a_link_on_trueai_only(play: Play) -> None:
    trueai, plus = await play("trueai"), await play("plus")
    link = (await trueai.fetch(await trueai.upscaled()))["imageUrl"]
    assert (await trueai.post("submit/describe", {"link": link})).json["code"] == 1
    assert (await trueai.post("submit/describe", {"link": link + "x"})).json["code"] == 4
    assert (await plus.post("submit/describe", {"link": link})).json["code"] == 4


async def test_upload_answers_with_addresses_and_makes_no_task(plus: Caller) -> None:
    answer = await plus.post("submit/upload-discord-images", {"base64Array": [data_url(png()), data_url(png("#fff"))]})
    assert len(answer.json["result"]) == 2
    assert await plus.download(answer.json["result"][0])
    assert plus.images.tasks == {}


async def test_newapi_without_a_channel_for_uploads_says_so(play: Play) -> None:
    caller = await play("newapi", options=Options(upload_channel=False))
    answer = await caller.post("submit/upload-discord-images", {"base64Array": [data_url(png())]})
    assert (answer.status, answer.json["error"]["code"]) == (503, "model_not_found")


async def test_swap_answers_without_properties(plus: Caller) -> None:
    body = {"sourceBase64": data_url(png()), "targetBase64": data_url(png("#cc4422"))}
    answer = await plus.post("insight-face/swap", body)
    assert answer.json == {"code": 1, "description": "提交成功", "result": answer.task_id}
    task = await plus.fetch(await plus.done(answer))
    assert (task["action"], task["botType"], task["buttons"]) == ("SWAP_FACE", "INSIGHT_FACE", [])


async def test_swap_needs_both_images_and_on_trueai_different_ones(trueai: Caller, newapi: Caller) -> None:
    same = {"sourceBase64": data_url(png()), "targetBase64": data_url(png())}
    assert (await trueai.post("insight-face/swap", same)).json["code"] == 4
    answer = await newapi.post("insight-face/swap", {"sourceBase64": data_url(png())})
    assert (answer.status, answer.json["description"]) == (400, "sour_base64_and_target_base64_is_required ")


@pytest.mark.parametrize(("field", "length"), [("state", 256), ("notifyHook", 2001)])
async def test_trueai_limits_state_and_hook_by_its_filter(trueai: Caller, field: str, length: int) -> None:
    answer = await trueai.post("submit/imagine", {"prompt": "a fox", field: "x" * length})
    assert answer.status == 200
    assert answer.json["success"] is False
    assert answer.json["code"] == -1


@pytest.mark.parametrize(
    "body", [{"prompt": 7}, {"prompt": "a fox", "state": 1}, {"prompt": "a fox", "base64Array": "x"}, "no object"]
)
async def test_newapi_wants_the_types_of_go(newapi: Caller, body: object) -> None:
    answer = await newapi.post("submit/imagine", body)
    assert (answer.status, answer.json["description"]) == (400, "bind_request_body_failed ")


async def test_newapi_refuses_a_task_id_that_is_a_number(newapi: Caller, plus: Caller) -> None:
    for caller, refused in ((newapi, True), (plus, False)):
        task_id = await caller.imagine()
        answer = await caller.press(task_id, await caller.button(task_id, "U1"))
        assert answer.json["code"] == 1
        body = {"taskId": int(task_id), "customId": await caller.button(task_id, "U1")}
        again = await caller.post("submit/action", body)
        assert (again.status == 400) is refused


async def test_a_body_that_is_no_json_is_a_bad_request(plus: Caller) -> None:
    assert (await plus.send("POST", "/mj/submit/imagine", data=b"{")).status == 400


async def test_change_without_buttons_and_its_repetition(novicezk: Caller) -> None:
    grid = await novicezk.imagine()
    body = {"taskId": grid, "action": "UPSCALE", "index": 2}
    first = await novicezk.done(await novicezk.post("submit/change", body))
    again = (await novicezk.post("submit/change", body)).json
    assert (again["code"], again["result"], again["properties"]["status"]) == (21, first, "SUCCESS")
    assert await novicezk.download(again["properties"]["imageUrl"])
    other = await novicezk.post("submit/change", {"taskId": grid, "action": "REROLL"})
    assert (await novicezk.fetch(await novicezk.done(other)))["action"] == "REROLL"
    assert (await novicezk.post("submit/change", {"taskId": first, "action": "VARIATION", "index": 1})).json[
        "code"
    ] == 4


@pytest.mark.parametrize(("content", "action"), [("U2", "UPSCALE"), ("V3", "VARIATION"), ("R", "REROLL")])
async def test_simple_change_reads_its_words(novicezk: Caller, content: str, action: str) -> None:
    grid = await novicezk.imagine()
    answer = await novicezk.post("submit/simple-change", {"content": f"{grid} {content}"})
    assert (await novicezk.fetch(await novicezk.done(answer)))["action"] == action
    assert (await novicezk.post("submit/simple-change", {"content": f"{grid} X9"})).json["code"] == 4


async def test_newapi_wants_an_index_even_for_reroll_and_knows_no_simple_change(newapi: Caller) -> None:
    grid = await newapi.imagine()
    refused = await newapi.post("submit/change", {"taskId": grid, "action": "REROLL", "index": 0})
    assert (refused.status, refused.json["description"]) == (400, "index_is_required ")
    assert (await newapi.post("submit/change", {"taskId": grid, "action": "REROLL", "index": 1})).json["code"] == 1
    assert (await newapi.post("submit/simple-change", {"content": f"{grid} U1"})).json[
        "description"
    ] == "task_not_found "


@pytest.mark.parametrize(("profile", "status", "code"), [("plus", 200, 3), ("trueai", 404, 3), ("newapi", 400, 4)])
async def test_an_unknown_parent(play: Play, profile: str, status: int, code: int) -> None:
    caller = await play(profile)
    for answer in (
        await caller.press("1760000000000999", "MJ::JOB::upsample::1::0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"),
        await caller.post("submit/modal", {"taskId": "1760000000000999", "prompt": "x"}),
        await caller.get("task/1760000000000999/image-seed"),
    ):
        assert (answer.status, answer.json["code"]) == (status, code)


@pytest.mark.parametrize("profile", ["plus", "trueai", "newapi"])
async def test_an_unfinished_parent_is_refused(play: Play, profile: str) -> None:
    caller = await play(profile)
    caller.images.hold()
    running = (await caller.post("submit/imagine", {"prompt": "a fox"})).task_id
    answer = await caller.press(running, f"MJ::JOB::upsample::1::{caller.images.tasks[running].job}")
    assert answer.json["code"] == 4
    assert answer.status == (400 if profile == "newapi" else 200)


@pytest.mark.parametrize(
    ("profile", "fields", "words"),
    [
        ("newapi", {"taskId": "1"}, "custom_id_is_required "),
        ("newapi", {"customId": "MJ::JOB::reroll::0::x::SOLO"}, "task_id_is_required "),
        ("plus", {"taskId": "1"}, "customId不能为空"),
        ("plus", {"customId": "MJ::x"}, "taskId不能为空"),
    ],
)
async def test_an_incomplete_press_is_refused(play: Play, profile: str, fields: dict[str, str], words: str) -> None:
    answer = await (await play(profile)).post("submit/action", fields)
    assert (answer.json["code"], answer.json["description"]) == (4, words)


async def test_cancel_on_plus_ends_running_and_waiting_tasks(play: Play) -> None:
    caller = await play("plus", slots=1)
    caller.images.hold()
    ids = [(await caller.post("submit/imagine", {"prompt": "a fox"})).task_id for _ in range(2)]
    for task_id in reversed(ids):
        answer = await caller.post(f"task/{task_id}/cancel")
        assert answer.json == {"code": 1, "description": "成功"}
        task = await caller.fetch(task_id)
        assert (task["status"], task["failReason"]) == ("CANCEL", "任务取消")
    assert (await caller.post(f"task/{ids[0]}/cancel")).json["code"] == 4
    assert (await caller.post("task/1/cancel")).json["code"] == 3
    caller.images.release()
    assert (await caller.fetch(await caller.imagine()))["status"] == "SUCCESS"


async def test_cancel_on_trueai_says_nothing_and_needs_an_admin(trueai: Caller) -> None:
    trueai.images.hold()
    task_id = (await trueai.post("submit/imagine", {"prompt": "a fox"})).task_id
    for target in (task_id, "1760000000000999"):
        answer = await trueai.post(f"task/{target}/cancel")
        assert (answer.status, answer.text) == (200, "")
    assert (await trueai.fetch(task_id))["status"] == "FAILURE"
    trueai.images.options.admin = False
    answer = await trueai.post(f"task/{task_id}/cancel")
    assert (answer.status, answer.content_type) == (400, "text/plain")


async def test_the_seed_is_that_of_the_prompt(plus: Caller, trueai: Caller) -> None:
    task_id = await plus.imagine("an owl --seed 424242")
    assert (await plus.get(f"task/{task_id}/image-seed")).json == {"code": 1, "description": "成功", "result": "424242"}
    described = await trueai.done(await trueai.post("submit/describe", {"base64": data_url(png())}))
    answer = await trueai.get(f"task/{described}/image-seed")
    assert (answer.status, answer.json["code"]) == (400, 4)


async def test_lists_know_no_missing_ids_and_have_their_order(plus: Caller, newapi: Caller) -> None:
    for caller, newest_first in ((plus, False), (newapi, True)):
        ids = [(await caller.post("submit/imagine", {"prompt": "a fox"})).task_id for _ in range(3)]
        answer = await caller.post("task/list-by-condition", {"ids": [ids[2], "1", ids[0], ids[1]]})
        assert [task["id"] for task in answer.json] == sorted(ids, reverse=newest_first)
        assert (await caller.post("task/list-by-condition", {"ids": []})).json == []
        assert caller.images.polls == 2
    shown = (await plus.post("task/list-by-ids", {"ids": ["1", *plus.images.tasks]})).json
    assert [task["displays"]["action"] for task in shown] == ["IMAGINE"] * 3


@pytest.mark.parametrize("profile", ["novicezk", "plus", "trueai"])
async def test_the_list_of_all_is_newest_first(play: Play, profile: str) -> None:
    caller = await play(profile)
    ids = [(await caller.post("submit/imagine", {"prompt": "a fox"})).task_id for _ in range(3)]
    assert [task["id"] for task in (await caller.get("task/list")).json] == ids[::-1]


async def test_the_paged_query_filters_sorts_and_counts(plus: Caller) -> None:
    for number in range(5):
        await plus.post("submit/imagine", {"prompt": f"a fox {number}", "state": f"s{number}"})
    await plus.post("submit/shorten", {"prompt": "a long fox"})
    page = (await plus.post("task/query", {"pageSize": 2, "pageNumber": 1, "action": "IMAGINE"})).json
    assert [task["prompt"] for task in page["content"]] == ["a fox 2", "a fox 1"]
    assert (page["totalElements"], page["totalPages"], page["number"], page["first"], page["last"]) == (
        5,
        3,
        1,
        False,
        False,
    )
    assert page["pageable"]["offset"] == 2
    one = (await plus.post("task/query", {"state": "s3"})).json
    assert [task["prompt"] for task in one["content"]] == ["a fox 3"]
    upwards = (await plus.post("task/query", {"sort": "id,asc", "pageSize": 1, "prompt": "fox"})).json
    assert upwards["content"][0]["prompt"] == "a fox 0"
    assert (await plus.post("task/query", {"statusSet": ["CANCEL"]})).json["empty"] is True


@pytest.mark.parametrize("code", [3, 4, 9, 23, 24])
async def test_refusals_on_request_make_no_task(plus: Caller, code: int) -> None:
    plus.images.fail_next("submit/imagine", f"code_{code}")
    body = (await plus.post("submit/imagine", {"prompt": "a fox"})).json
    assert (body["code"], body["result"]) == (code, None)
    assert bool(body["properties"]) == (code in (9, 23, 24))
    assert plus.images.tasks == {}
    assert plus.images.submits[-1].task_id is None


async def test_the_limit_comes_in_the_filters_envelope(trueai: Caller) -> None:
    trueai.images.fail_next("submit/", "limit")
    answer = await trueai.post("submit/shorten", {"prompt": "a fox"})
    assert (answer.status, answer.json["success"], answer.json["message"]) == (200, False, "limit reached")


async def test_newapi_lets_hooks_pass_only_when_its_operator_does(play: Play) -> None:
    for hooks in (False, True):
        caller = await play("newapi", options=Options(hooks=hooks))
        answer = await caller.post("submit/imagine", {"prompt": "a fox", "notifyHook": "http://127.0.0.1:9/x"})
        assert bool(caller.images.tasks[answer.task_id].notify_hook) is hooks


@pytest.mark.parametrize(
    ("profile", "options", "named", "states"),
    [
        ("trueai-9", Options(), 4, ["k::1", "k::2", "k::3", "k::4"]),
        ("trueai-9", Options(names_all=False), 1, ["k::1", "k::2", "k::3", "k::4"]),
        ("plus", Options(), 1, ["k"]),
    ],
)
async def test_one_service_makes_a_task_of_each_choice_in_braces(
    play: Play, profile: str, options: Options, named: int, states: list[str]
) -> None:
    caller = await play(profile, options=options)
    answer = await caller.post("submit/imagine", {"prompt": "a {red, blue} {fox, owl}", "state": "k"})
    assert len(answer.json["result"].split(",")) == named
    tasks = list(caller.images.tasks.values())
    assert [task.state for task in tasks] == states
    if len(tasks) > 1:
        assert [task.prompt for task in tasks] == ["a red fox", "a red owl", "a blue fox", "a blue owl"]
