"""What goes out: method, path, headers and body, to the letter."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr

from bot.engines.errors import NotSent, ServiceRefused
from bot.engines.midjourney import AuthStyle, ChangeAction, Dimensions, MidjourneyClient, Motion
from bot.engines.midjourney.command_requests import (
    AccountFilter,
    BlendRequest,
    DescribeRequest,
    EditRequest,
    RetextureRequest,
    ShortenRequest,
    ShowRequest,
    SwapRequest,
    SwapVideoRequest,
    VideoRequest,
)
from bot.engines.midjourney.requests import ActionRequest, ChangeRequest, ImagineRequest, ModalRequest, SubmitRequest
from bot.engines.models import SubmitTag
from bot.engines.options import BotType, Mode
from tests.midjourney.conftest import KEY, MakeClient
from tests.midjourney.service import ScriptedService, js

PNG = b"\x89PNG\r\n\x1a\n and the rest"
ONE, TWO = (f"data:image/png;base64,{base64.b64encode(word).decode()}" for word in (b"one", b"two"))
ACCEPTED = js({"code": 1, "description": "ok", "result": "17"})
TAG = SubmitTag("nonce-1")
OWL = ImagineRequest(prompt="an owl")
HOOKED = SubmitTag("nonce-1", "https://bot.example.org/callback/t/x")
JOB = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"
PRESS = f"MJ::JOB::upsample::2::{JOB}"
Call = Callable[[MidjourneyClient], Awaitable[Any]]


def sent(request: SubmitRequest, mode: Mode | None = None, tag: SubmitTag = TAG) -> Call:
    return lambda client: client.submit(request, mode, tag)


SENT: dict[str, tuple[Call, str, dict[str, Any]]] = {
    "imagine": (
        sent(OWL),
        "/mj/submit/imagine",
        {"prompt": "an owl", "state": "nonce-1"},
    ),
    "show": (
        sent(ShowRequest(job_id=JOB, account_filter=AccountFilter(instance_id="9"))),
        "/mj/submit/show",
        {"jobId": JOB, "accountFilter": {"instanceId": "9"}, "state": "nonce-1"},
    ),
    "show of the service's own": (
        sent(ShowRequest(job_id=JOB)),
        "/mj/submit/show",
        {"jobId": JOB, "state": "nonce-1"},
    ),
    "imagine with all": (
        sent(ImagineRequest(prompt="an owl", base64_array=[ONE, TWO], bot_type=BotType.NIJI), Mode.RELAX, HOOKED),
        "/mj-relax/mj/submit/imagine",
        {
            "prompt": "an owl",
            "base64Array": [ONE, TWO],
            "botType": "NIJI_JOURNEY",
            "state": "nonce-1",
            "notifyHook": "https://bot.example.org/callback/t/x",
        },
    ),
    "blend": (
        sent(BlendRequest(base64_array=[ONE, TWO], dimensions=Dimensions.LANDSCAPE), Mode.FAST),
        "/mj-fast/mj/submit/blend",
        {"base64Array": [ONE, TWO], "dimensions": "LANDSCAPE", "state": "nonce-1"},
    ),
    "describe a picture": (
        sent(DescribeRequest(base64=ONE, bot_type=BotType.MIDJOURNEY)),
        "/mj/submit/describe",
        {"base64": ONE, "botType": "MID_JOURNEY", "state": "nonce-1"},
    ),
    "describe a link": (
        sent(DescribeRequest(link="https://example.org/a.png")),
        "/mj/submit/describe",
        {"link": "https://example.org/a.png", "state": "nonce-1"},
    ),
    "shorten": (
        sent(ShortenRequest(prompt="a very long owl"), Mode.TURBO),
        "/mj-turbo/mj/submit/shorten",
        {"prompt": "a very long owl", "state": "nonce-1"},
    ),
    "action": (
        sent(ActionRequest(task_id="17", custom_id=PRESS)),
        "/mj/submit/action",
        {"taskId": "17", "customId": PRESS, "state": "nonce-1"},
    ),
    "action that wants a window": (
        sent(ActionRequest(task_id="17", custom_id=PRESS, enable_remix=True)),
        "/mj/submit/action",
        {"taskId": "17", "customId": PRESS, "enableRemix": True, "state": "nonce-1"},
    ),
    "modal with nothing to say": (
        sent(ModalRequest(task_id="18", prompt=" ")),
        "/mj/submit/modal",
        {"taskId": "18", "state": "nonce-1"},
    ),
    "modal with a mask": (
        sent(ModalRequest(task_id="18", prompt="a hat", mask_base64=PNG)),
        "/mj/submit/modal",
        {
            "taskId": "18",
            "prompt": "a hat",
            "maskBase64": f"data:image/png;base64,{base64.b64encode(PNG).decode()}",
            "state": "nonce-1",
        },
    ),
    "change": (
        sent(ChangeRequest(task_id="17", action=ChangeAction.UPSCALE, index=3)),
        "/mj/submit/change",
        {"taskId": "17", "action": "UPSCALE", "index": 3, "state": "nonce-1"},
    ),
    "reroll has an index too": (
        sent(ChangeRequest(task_id="17", action=ChangeAction.REROLL)),
        "/mj/submit/change",
        {"taskId": "17", "action": "REROLL", "index": 1, "state": "nonce-1"},
    ),
    "edit": (
        sent(EditRequest(prompt="make it night", image=ONE), Mode.FAST),
        "/mj-fast/mj/submit/edits",
        {"prompt": "make it night", "image": ONE, "state": "nonce-1"},
    ),
    "retexture": (
        sent(RetextureRequest(prompt="made of wool", image=ONE)),
        "/mj/submit/retexture",
        {"prompt": "made of wool", "image": ONE, "state": "nonce-1"},
    ),
    "video": (
        sent(VideoRequest(prompt="waves roll", image=ONE)),
        "/mj/submit/video",
        {"prompt": "waves roll", "image": ONE, "state": "nonce-1"},
    ),
    "video with all": (
        sent(
            VideoRequest(prompt="waves roll", image=ONE, end_image=TWO, motion=Motion.HIGH, loop=True),
            Mode.RELAX,
            HOOKED,
        ),
        "/mj-relax/mj/submit/video",
        {
            "prompt": "waves roll",
            "image": ONE,
            "endImage": TWO,
            "motion": "high",
            "loop": True,
            "state": "nonce-1",
            "notifyHook": "https://bot.example.org/callback/t/x",
        },
    ),
    "swap": (
        sent(SwapRequest(source_base64=ONE, target_base64=TWO)),
        "/mj/insight-face/swap",
        {"sourceBase64": ONE, "targetBase64": TWO, "state": "nonce-1"},
    ),
}


@pytest.mark.parametrize("name", SENT)
async def test_a_submit_is_sent_to_the_letter(service: ScriptedService, client: MidjourneyClient, name: str) -> None:
    call, path, body = SENT[name]
    service.will(ACCEPTED)
    await call(client)
    (heard,) = service.heard
    assert (heard.method, heard.path, heard.json) == ("POST", path, body)
    assert heard.headers["content-type"] == "application/json"


async def test_an_upload_is_sent_to_the_letter(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(js({"code": 1, "result": ["https://cdn.example.net/1.png"]}))
    assert (await client.upload([ONE])).urls == ("https://cdn.example.net/1.png",)
    (heard,) = service.heard
    assert (heard.method, heard.path) == ("POST", "/mj/submit/upload-discord-images")
    assert heard.json == {"base64Array": [ONE]}


TASK = {"id": "17", "status": "SUCCESS", "action": "IMAGINE"}
READ: dict[str, tuple[Call, Any, str, str, Any]] = {
    "fetch": (lambda c: c.fetch("17"), TASK, "GET", "/mj/task/17/fetch", None),
    "list by ids": (
        lambda c: c.list_by_ids(["17", "18", "17"]),
        [TASK],
        "POST",
        "/mj/task/list-by-condition",
        {"ids": ["17", "18"]},
    ),
    "list": (lambda c: c.list_all(), [TASK], "GET", "/mj/task/list", None),
    "queue": (lambda c: c.queue(), [TASK], "GET", "/mj/task/queue", None),
    "query": (
        lambda c: c.query("nonce-1"),
        {"content": [TASK], "totalElements": 1, "totalPages": 1, "number": 0},
        "POST",
        "/mj/task/query",
        {"pageNumber": 0, "state": "nonce-1"},
    ),
    "seed": (lambda c: c.seed("17"), {"code": 1, "result": 4242}, "GET", "/mj/task/17/image-seed", None),
    "cancel": (lambda c: c.cancel("17"), {"code": 1}, "POST", "/mj/task/17/cancel", None),
}


@pytest.mark.parametrize("name", READ)
async def test_a_read_is_sent_to_the_letter(service: ScriptedService, client: MidjourneyClient, name: str) -> None:
    call, answer, method, path, body = READ[name]
    service.will(js(answer))
    await call(client)
    (heard,) = service.heard
    assert (heard.method, heard.path) == (method, path)
    assert (heard.json if heard.body else None) == body


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        (AuthStyle.BEARER, {"authorization": f"Bearer {KEY}"}),
        (AuthStyle.SECRET, {"mj-api-secret": KEY}),
        (AuthStyle.BOTH, {"authorization": f"Bearer {KEY}", "mj-api-secret": KEY}),
    ],
)
async def test_the_key_travels_as_the_style_says(
    service: ScriptedService, make_client: MakeClient, auth: AuthStyle, expected: dict[str, str]
) -> None:
    service.will(ACCEPTED, js(TASK))
    client = make_client(auth=auth)
    await client.submit(OWL, None, TAG)
    await client.fetch("17")
    for heard in service.heard:
        assert {k: v for k, v in heard.headers.items() if k in ("authorization", "mj-api-secret")} == expected


async def test_without_a_key_no_credential_travels(service: ScriptedService, make_client: MakeClient) -> None:
    service.will(ACCEPTED)
    await make_client(key="", auth=AuthStyle.BOTH).submit(OWL, None, TAG)
    assert not {"authorization", "mj-api-secret"} & set(service.heard[0].headers)


async def test_a_key_that_no_header_can_carry_is_not_sent_and_not_shown(
    service: ScriptedService, make_client: MakeClient
) -> None:
    with pytest.raises(NotSent) as caught:
        await make_client(key="sk-line\r\nX: y").submit(OWL, None, TAG)
    assert "sk-line" not in str(caught.value)
    assert service.heard == []


@pytest.mark.parametrize("ending", ["", "/", "/mj", "/mj/"])
async def test_the_base_address_may_end_in_any_way(
    service: ScriptedService, make_client: MakeClient, ending: str
) -> None:
    service.will(ACCEPTED)
    await make_client(base_url=service.url + "/behind/a/proxy" + ending).submit(OWL, None, TAG)
    assert service.paths == ["/behind/a/proxy/mj/submit/imagine"]


async def test_a_face_for_a_clip_travels_as_text_and_the_clip_as_a_file(
    service: ScriptedService, client: MidjourneyClient
) -> None:
    service.will(ACCEPTED)
    await client.submit(SwapVideoRequest(source_base64=ONE, target_file=b"\0\0\0\x14ftypisom"), Mode.FAST, HOOKED)
    (heard,) = service.heard
    assert heard.path == "/mj-fast/mj/insight-face/video-swap"
    assert heard.headers["content-type"].startswith("multipart/form-data")
    for part in (
        b'name="sourceBase64"\r\n\r\n' + ONE.encode(),
        b'name="state"\r\n\r\nnonce-1',
        b'name="notifyHook"\r\n\r\nhttps://bot.example.org/callback/t/x',
        b'name="targetFile"; filename="target.mp4"\r\n\r\n\0\0\0\x14ftypisom',
    ):
        assert part in heard.body


async def test_a_video_is_not_asked_for_in_the_mode_that_makes_none(
    service: ScriptedService, client: MidjourneyClient
) -> None:
    with pytest.raises(ServiceRefused, match="turbo"):
        await client.submit(VideoRequest(prompt="waves roll", image=ONE), Mode.TURBO, TAG)
    assert service.heard == []


async def test_a_service_without_modes_is_not_told_any(service: ScriptedService, make_client: MakeClient) -> None:
    service.will(ACCEPTED)
    await make_client(profile="novicezk").submit(OWL, Mode.RELAX, TAG)
    assert service.paths == ["/mj/submit/imagine"]
    assert "mode" not in service.heard[0].json


WRONG: dict[str, Call] = {
    "a prompt of blanks": lambda c: c.submit(ImagineRequest(prompt=" \n "), None, TAG),
    "a prompt that cannot be encoded": lambda c: c.submit(ImagineRequest(prompt="an owl \ud800"), None, TAG),
    "a picture that is no data URL": lambda c: c.submit(
        ImagineRequest(prompt="an owl", base64_array=["https://example.org"]), None, TAG
    ),
    "no state": lambda c: c.submit(OWL, None, SubmitTag("")),
    "too long a state": lambda c: c.submit(OWL, None, SubmitTag("x" * 256)),
    "too long a hook": lambda c: c.submit(OWL, None, SubmitTag("x", "https://" + "x" * 2000)),
    "one picture to blend": lambda c: c.submit(BlendRequest(base64_array=[ONE]), None, TAG),
    "six pictures to blend": lambda c: c.submit(BlendRequest(base64_array=[ONE] * 6), None, TAG),
    "nothing to describe": lambda c: c.submit(DescribeRequest(), None, TAG),
    "two things to describe": lambda c: c.submit(
        DescribeRequest(base64=ONE, link="https://example.org/a.png"), None, TAG
    ),
    "a link that is none": lambda c: c.submit(DescribeRequest(link="file:///etc/passwd"), None, TAG),
    "no customId": lambda c: c.submit(ActionRequest(task_id="17", custom_id=""), None, TAG),
    "an id of Discord's own windows": lambda c: c.submit(
        ActionRequest(task_id="17", custom_id="MJ::RemixModal::u::1::0"), None, TAG
    ),
    "an id of our own": lambda c: c.submit(ActionRequest(task_id="17", custom_id="change::UPSCALE::1"), None, TAG),
    "no task": lambda c: c.submit(ActionRequest(task_id="", custom_id=PRESS), None, TAG),
    "a mask that is no PNG": lambda c: c.submit(ModalRequest(task_id="18", mask_base64=b"GIF89a"), None, TAG),
    "a fifth picture of four": lambda c: c.submit(
        ChangeRequest(task_id="17", action=ChangeAction.UPSCALE, index=5), None, TAG
    ),
    "nothing to upload": lambda c: c.upload([]),
    "a path for an id": lambda c: c.fetch("../list"),
    "dots for an id": lambda c: c.cancel(".."),
    "nothing for an id": lambda c: c.seed(""),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_is_not_sent(service: ScriptedService, client: MidjourneyClient, name: str) -> None:
    with pytest.raises(NotSent):
        await WRONG[name](client)
    assert service.heard == []


async def test_no_error_repeats_a_picture(client: MidjourneyClient) -> None:
    with pytest.raises(NotSent) as caught:
        await client.submit(ImagineRequest(prompt="an owl", base64_array=["QUJDREVGR0g" * 100]), None, TAG)
    assert "QUJD" not in str(caught.value)


def test_the_key_shows_in_no_repr(make_client: MakeClient) -> None:
    client = make_client()
    assert KEY not in repr(client) + repr(vars(client)) + repr(SecretStr(KEY))


async def test_no_ids_are_no_request(service: ScriptedService, client: MidjourneyClient) -> None:
    assert await client.list_by_ids([]) == {}
    assert service.heard == []


async def test_large_pictures_arrive_whole(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(ACCEPTED)
    large = "data:image/png;base64," + "QUJD" * 1_000_000
    await client.submit(ImagineRequest(prompt="an owl", base64_array=[large, ONE]), None, TAG)
    assert service.heard[0].json["base64Array"] == [large, ONE]
