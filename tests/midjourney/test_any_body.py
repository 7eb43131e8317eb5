"""Whatever a service sends, nothing but the border's own errors comes out, and what does come out can be kept."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.engines.emoji import EMOJI
from bot.engines.errors import EngineError
from bot.engines.midjourney import SubmitEndpoint, parse_submit, parse_task, parse_tasks
from bot.engines.midjourney.buttons import default_label, fitting_emoji, never_send, parse_id
from bot.engines.midjourney.reads import parse_seed
from bot.engines.midjourney.sender import parse_cancel, parse_upload
from bot.engines.midjourney.task_answers import parse_page
from bot.engines.models import Finished, NoTask, RemoteTask

_FIELDS = [
    "id", "status", "action", "progress", "prompt", "promptEn", "description", "state", "failReason",
    "submitTime", "startTime", "finishTime", "imageUrl", "imageUrls", "videoUrl", "videoUrls", "thumbnailUrl",
    "imageWidth", "imageHeight", "buttons", "properties", "seed", "mode", "parentId", "code", "result",
    "data", "error", "success", "message", "content", "totalElements", "number", "customId", "custom_id",
    "emoji", "label", "style", "url", "thumbnail", "finalPrompt", "numberOfQueues", "remix", "bannedWord",
    "name",
]  # fmt: skip
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.characters(categories=["Cs"])
    | st.sampled_from(
        ["SUCCESS", "MODAL", "DESCRIBE", "SHORTEN", "17", "1️⃣ a", "https://a.b/c", "http://[", 1, 21, 22, 10**400]
    )
)
BODIES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_FIELDS), inner, max_size=8),
    max_leaves=30,
)
TASKS = st.fixed_dictionaries(
    {"id": st.just("17"), "status": _SCALARS},
    optional={name: BODIES for name in _FIELDS if name not in ("id", "status")},
)
# Found bugs stay found: the same bodies every time. A slow machine is no defect.
CALM = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
STATUSES = st.sampled_from([200, 204, 400, 401, 404, 429, 500, 503])


def check(task: RemoteTask) -> None:
    assert task.id
    json.dumps(repr(task)).encode()
    for text in (task.prompt, task.final_prompt, task.fail_reason, task.state, task.text or "", *task.text_lines):
        text.encode()
    assert task.progress is None or 0 <= task.progress <= 100
    for button in task.buttons:
        button.custom_id.encode()
        assert 1 <= len(default_label(button.custom_id)) <= 80
        emoji = fitting_emoji(button.emoji, button.custom_id)
        assert emoji is None or EMOJI.fullmatch(emoji)


@CALM
@given(body=BODIES | TASKS, status=STATUSES)
def test_any_body_is_a_task_or_an_error_of_ours(body: Any, status: int) -> None:
    try:
        check(parse_task(body, http_status=status))
    except EngineError as error:
        str(error).encode()


@CALM
@given(body=TASKS)
def test_a_body_with_an_id_is_a_task_however_wrong_its_fields(body: dict[str, Any]) -> None:
    body = {name: value for name, value in body.items() if name not in ("error", "success", "data", "content")}
    check(parse_task(body))


@CALM
@given(body=BODIES, status=STATUSES, endpoint=st.sampled_from(list(SubmitEndpoint)))
def test_any_body_is_a_submits_answer_or_an_error_of_ours(body: Any, status: int, endpoint: SubmitEndpoint) -> None:
    try:
        submitted = parse_submit(body, http_status=status, endpoint=endpoint)
    except EngineError as error:
        str(error).encode()
    else:
        assert not isinstance(submitted, NoTask | Finished)
        assert submitted.task_id


@CALM
@given(body=BODIES, status=STATUSES)
def test_any_body_is_any_other_answer_or_an_error_of_ours(body: Any, status: int) -> None:
    for parse in (parse_tasks, parse_page, parse_upload, parse_seed, parse_cancel):
        try:
            parse(body, http_status=status)
        except EngineError as error:
            str(error).encode()


@CALM
@given(
    custom_id=st.lists(
        st.sampled_from(["MJ", "JOB", "upsample", "1", "pan_left", "Inpaint", "video"]) | st.text(max_size=8)
    ).map("::".join)
)
def test_any_custom_id_can_be_read(custom_id: str) -> None:
    parse_id(custom_id)
    never_send(custom_id)
    assert 1 <= len(default_label(custom_id)) <= 80
