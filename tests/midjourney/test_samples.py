"""Every example answer is read as its README says (tests/data/image-api/README.md)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from bot.engines.errors import AuthFailed, NotOffered, RateLimited, RefusalKind, ServiceRefused, UnknownTask
from bot.engines.midjourney import (
    MidjourneyClient,
    SubmitEndpoint,
    parse_submit,
    parse_task,
    parse_tasks,
)
from bot.engines.midjourney.reads import parse_seed
from bot.engines.midjourney.requests import ImagineRequest
from bot.engines.midjourney.sender import parse_cancel, parse_upload
from bot.engines.midjourney.task_answers import parse_page
from bot.engines.models import (
    AlreadyExists,
    ButtonGroup,
    ModalRequired,
    RemoteStatus,
    SubmitAccepted,
    SubmitTag,
    UploadAccepted,
)
from tests.midjourney.service import Reply, ScriptedService, empty, page, plain
from tests.support.samples import SAMPLES, sample

Check = Callable[[Any], object]


def submitted(expected: object, endpoint: SubmitEndpoint = SubmitEndpoint.IMAGINE) -> Check:
    def check(body: Any) -> None:
        assert parse_submit(body, http_status=200, endpoint=endpoint) == expected

    return check


def accepted(task_id: str, ahead: int | None = None, endpoint: SubmitEndpoint = SubmitEndpoint.IMAGINE) -> Check:
    return submitted(SubmitAccepted(task_id, ahead, (task_id,)), endpoint)


def modal(task_id: str, prompt: str | None = None) -> Check:
    return submitted(ModalRequired(task_id, prompt), SubmitEndpoint.ACTION)


def refused(
    kind: RefusalKind,
    status: int = 200,
    endpoint: SubmitEndpoint = SubmitEndpoint.IMAGINE,
    cls: type[ServiceRefused] = ServiceRefused,
    **more: Any,
) -> Check:
    def check(body: Any) -> None:
        with pytest.raises(cls) as caught:
            parse_submit(body, http_status=status, endpoint=endpoint)
        assert caught.value.kind is kind
        assert {name: getattr(caught.value, name) for name in more} == more

    return check


def task(status: RemoteStatus, buttons: int = 0, **more: Any) -> Check:
    def check(body: Any) -> None:
        read = parse_task(body)
        assert (read.id, read.status, len(read.buttons)) == (body["id"], status, buttons)
        assert {name: getattr(read, name) for name in more} == more

    return check


def unknown_task(status: int) -> Check:
    def check(body: Any) -> None:
        with pytest.raises(UnknownTask):
            parse_task(body, http_status=status)

    return check


def tasks(*expected: tuple[str, RemoteStatus]) -> Check:
    def check(body: Any) -> None:
        assert [(read.id, read.status) for read in parse_tasks(body)] == list(expected)

    return check


def shortened(body: Any) -> None:
    read = parse_task(body)
    assert (read.status, read.image_url, read.final_prompt) == (RemoteStatus.SUCCESS, None, "")
    assert read.text is not None
    assert read.text.startswith("## Important tokens")
    assert read.text_lines == ("long owl", "owl", "owl, long", "big owl", "bird")


def uploaded(body: Any) -> None:
    assert parse_upload(body, http_status=200) == UploadAccepted(tuple(body["result"]))


def queried(body: Any) -> None:
    assert len(parse_page(body)) == 2


def cancelled(body: Any) -> None:
    parse_cancel(body, http_status=200)


def cannot_cancel(body: Any) -> None:
    with pytest.raises(NotOffered):
        parse_cancel(body, http_status=404)


def seeded(body: Any) -> None:
    assert parse_seed(body, http_status=200) == "424242424"


def upscaled(body: Any) -> None:
    read = parse_task(body)
    assert (read.status, read.parent_id, read.mode, len(read.buttons)) == (
        RemoteStatus.SUCCESS,
        "1760000000000310",
        "fast",
        15,
    )
    first = read.buttons[0]
    # The sample names one of Midjourney's own emoji, which other bots cannot use.
    assert (first.emoji, first.group) == ("⏫", ButtonGroup.UPSCALE)


def filmed(body: Any) -> None:
    read = parse_task(body)
    assert [video.url.rpartition("/")[2] for video in read.videos] == ["0.mp4", "1.mp4", "2.mp4", "3.mp4"]
    assert all(video.thumbnail for video in read.videos)
    assert read.image_url == "https://cdn.example.net/video/grid.webp"


S = RemoteStatus
PENDING, RUNNING, SUCCESS, FAILURE = S.PENDING, S.RUNNING, S.SUCCESS, S.FAILURE
BANNED = refused(RefusalKind.BANNED_PROMPT, code=24, banned_word="forbiddenword")
OWL = "https://cdn.example.net/attachments/11/22/owl_u1.png?ex=68aa0001&is=68a9ff01&hm=00ffeeddccbbaa"
EXPECTED: dict[str, Check] = {
    "novicezk-task-no-buttons.json": task(SUCCESS, text=None, final_prompt="a brass owl --v 6"),
    "novicezk-task-failure-progress-empty.json": task(
        FAILURE, progress=None, fail_reason="[Invalid parameter] unknown flag --foo"
    ),
    "novicezk-submit-22-queued.json": accepted("1760000000000104", 2),
    "novicezk-submit-21-existed.json": submitted(
        AlreadyExists("1760000000000105", OWL, SUCCESS), SubmitEndpoint.CHANGE
    ),
    "novicezk-submit-24-banned.json": BANNED,
    "novicezk-submit-3-no-account.json": refused(RefusalKind.NO_ACCOUNT, code=3),
    "novicezk-list.json": tasks(("1760000000000107", RUNNING), ("1760000000000106", PENDING)),
    "plus-submit-imagine-ok.json": accepted("1760000000000201"),
    "plus-submit-21-window.json": modal("1760000000000202"),
    "plus-task-imagine-success.json": task(SUCCESS, 9, width=2048, progress=100),
    "plus-task-modal.json": task(S.WAITING_USER, progress=0),
    "plus-task-shorten.json": shortened,
    "plus-task-cancelled.json": task(S.CANCELLED, fail_reason="任务取消"),
    "plus-upload-array-result.json": uploaded,
    "plus-query-page.json": queried,
    "plus-cancel-ok.json": cancelled,
    "plus-seed-ok.json": seeded,
    "plus-swap-ok-no-properties.json": accepted("1760000000000212", endpoint=SubmitEndpoint.SWAP),
    "trueai-submit-imagine-ok.json": accepted("1760000000000301"),
    "trueai-submit-22-queued.json": accepted("1760000000000302", 4),
    "trueai-submit-21-modal-inpaint.json": modal("1760000000000303"),
    "trueai-submit-21-remix.json": modal("1760000000000304", "tin robot --v 7"),
    "trueai-submit-21-picreader.json": modal("1760000000000305", "a paper kite, wide shot"),
    "trueai-submit-4-unknown-action.json": refused(
        RefusalKind.UNSUPPORTED_BUTTON, endpoint=SubmitEndpoint.ACTION, cls=NotOffered
    ),
    "trueai-task-imagine-success.json": task(SUCCESS, 9, seed=None),
    "trueai-task-upscale-success.json": upscaled,
    "trueai-task-modal.json": task(S.WAITING_USER),
    "trueai-task-failure-progress-empty.json": task(FAILURE, progress=None, fail_reason="可能包含敏感词"),
    "trueai-task-status-null.json": task(PENDING, progress=None, finished_at=None),
    "trueai-task-video-urls.json": filmed,
    "trueai-swap-22-no-instance.json": accepted("1760000000000321", 1, SubmitEndpoint.SWAP),
    "newapi-submit-21-rewritten-to-1.json": modal("1760000000000401", "stone bridge --v 7"),
    "newapi-submit-21-inpaint-kept.json": modal("1760000000000402"),
    "newapi-task-empty-status.json": task(PENDING, image_url=None, finished_at=None),
    "newapi-task-in-progress.json": task(
        RUNNING,
        progress=46,
        image_url="https://gw.example.org/mj/image/1760000000000405?rand=1760000012345678901",
        finished_at=None,
    ),
    "newapi-task-success.json": task(SUCCESS, 9, image_urls=(), width=None, height=None),
    "newapi-task-failure-progress-100.json": task(FAILURE, fail_reason="Request cancelled due to image filters"),
    "newapi-list-by-condition.json": tasks(("1760000000000412", SUCCESS), ("1760000000000411", RUNNING)),
    "newapi-error-upstream.json": unknown_task(400),
    "newapi-error-prompt-required.json": refused(RefusalKind.INVALID, 400, description="prompt_is_required"),
    "newapi-unknown-action.json": refused(RefusalKind.UNSUPPORTED_BUTTON, 400, SubmitEndpoint.ACTION, NotOffered),
    "newapi-error-openai-401.json": refused(RefusalKind.AUTH, 401, cls=AuthFailed),
    "newapi-error-503-no-channel.json": refused(RefusalKind.NOT_OFFERED, 503, cls=NotOffered),
    "newapi-error-404-not-routed.json": cannot_cancel,
    "gateway-result-int.json": accepted("1760000000000501"),
    "gateway-code-string.json": accepted("1760000000000503"),
    "gateway-task-imageurls-objects.json": task(
        SUCCESS, 9, image_urls=tuple(f"https://img.example.net/{index}.png" for index in range(4))
    ),
    "gateway-task-not-exist-200.json": unknown_task(200),
    "gateway-status-synonym.json": task(S.CANCELLED),
    "gateway-empty-description.json": accepted("1760000000000513"),
    "callback-1-submitted.json": task(PENDING, state="k9"),
    "callback-2-in-progress.json": task(RUNNING, progress=62),
    "callback-3-success.json": task(SUCCESS, 9),
}


def test_no_sample_is_left_out() -> None:
    listed = re.findall(r"^\| (\S+\.json) \|", (SAMPLES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(path.name for path in SAMPLES.glob("*.json")) == sorted(EXPECTED) == sorted(listed)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_is_read_as_its_readme_says(name: str) -> None:
    EXPECTED[name](sample(name))


async def fetch(client: MidjourneyClient) -> object:
    return await client.fetch("1760000000000101")


async def imagine(client: MidjourneyClient) -> object:
    return await client.submit(ImagineRequest(prompt="an owl"), None, SubmitTag("k1"))


async def cancel(client: MidjourneyClient) -> None:
    await client.cancel("1760000000000101")


async def task_list(client: MidjourneyClient) -> object:
    return await client.list_all()


@pytest.mark.parametrize(
    ("call", "reply", "expected"),
    [
        pytest.param(fetch, empty(200), UnknownTask, id="novicezk-fetch-unknown"),
        pytest.param(fetch, empty(204), UnknownTask, id="trueai-fetch-unknown"),
        pytest.param(imagine, empty(401), AuthFailed, id="novicezk-wrong-secret"),
        pytest.param(fetch, empty(401), AuthFailed, id="novicezk-wrong-secret-read"),
        pytest.param(imagine, plain("Authorization header missing", 401), AuthFailed, id="trueai-no-header"),
        pytest.param(fetch, plain("user disabled", 403), AuthFailed, id="trueai-disabled-user"),
        pytest.param(cancel, empty(200), None, id="trueai-cancel-admin"),
        pytest.param(cancel, plain("not allowed", 400), NotOffered, id="trueai-cancel-normal-key"),
        pytest.param(imagine, empty(429), RateLimited, id="trueai-rate-limiter"),
        pytest.param(fetch, empty(429), RateLimited, id="trueai-rate-limiter-read"),
        pytest.param(task_list, page(200), NotOffered, id="newapi-get-not-routed"),
    ],
)
async def test_an_answer_without_json_is_read_by_its_status(
    service: ScriptedService,
    client: MidjourneyClient,
    call: Callable[[MidjourneyClient], Any],
    reply: Reply,
    expected: Any,
) -> None:
    service.will(reply)
    if expected is None:
        await call(client)
    else:
        with pytest.raises(expected):
            await call(client)
