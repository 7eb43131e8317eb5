"""Profiles say what a service can do; its own answers correct them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.engines.errors import NotOffered, RefusalKind, ServiceRefused, UnknownTask
from bot.engines.midjourney import PROFILES, Capabilities, ChangeAction, MidjourneyClient, ModeStyle
from bot.engines.midjourney.capabilities import SWITCHED_OFF_SECONDS
from bot.engines.midjourney.command_requests import (
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
from bot.engines.midjourney.requests import ActionRequest, ChangeRequest, ImagineRequest, ModalRequest
from bot.engines.models import Feature, SubmitTag
from bot.engines.options import Mode
from tests.midjourney.conftest import MakeClient
from tests.midjourney.service import Reply, ScriptedService, empty, js, page

U = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"
TAG = SubmitTag("nonce-1")
OWL = ImagineRequest(prompt="an owl")
PICTURE = "data:image/png;base64,QQ=="
NOT_ROUTED = js({"error": {"message": "Invalid URL", "type": "invalid_request_error", "code": ""}}, 404)
NO_CHANNEL = js({"error": {"message": "No available channel", "code": "model_not_found"}}, 503)
ACCEPTED = js({"code": 1, "result": "17"})
Call = Callable[[MidjourneyClient], Awaitable[Any]]
PRESS = f"MJ::JOB::upsample::1::{U}"

FEATURES: dict[Feature, Call] = {
    Feature.ACTION: lambda c: c.submit(ActionRequest(task_id="17", custom_id=PRESS), None, TAG),
    Feature.MODAL: lambda c: c.submit(ModalRequest(task_id="17"), None, TAG),
    Feature.BLEND: lambda c: c.submit(BlendRequest(base64_array=[PICTURE, PICTURE]), None, TAG),
    Feature.DESCRIBE: lambda c: c.submit(DescribeRequest(base64=PICTURE), None, TAG),
    Feature.SHORTEN: lambda c: c.submit(ShortenRequest(prompt="an owl"), None, TAG),
    Feature.EDIT: lambda c: c.submit(EditRequest(prompt="an owl", image=PICTURE), None, TAG),
    Feature.RETEXTURE: lambda c: c.submit(RetextureRequest(prompt="an owl", image=PICTURE), None, TAG),
    Feature.VIDEO: lambda c: c.submit(VideoRequest(prompt="an owl", image=PICTURE), None, TAG),
    Feature.SWAP: lambda c: c.submit(SwapRequest(source_base64=PICTURE, target_base64=PICTURE), None, TAG),
    Feature.SWAP_VIDEO: lambda c: c.submit(SwapVideoRequest(source_base64=PICTURE, target_file=b"clip"), None, TAG),
    Feature.SHOW: lambda c: c.submit(ShowRequest(job_id=U), None, TAG),
    Feature.CHANGE: lambda c: c.submit(ChangeRequest(task_id="17", action=ChangeAction.REROLL), None, TAG),
    Feature.UPLOAD: lambda c: c.upload([PICTURE]),
    Feature.LIST_BY_CONDITION: lambda c: c.list_by_ids(["17"]),
    Feature.TASK_LIST: lambda c: c.list_all(),
    Feature.QUERY: lambda c: c.query("nonce-1"),
    Feature.QUEUE: lambda c: c.queue(),
    Feature.CANCEL: lambda c: c.cancel("17"),
    Feature.SEED: lambda c: c.seed("17"),
}
# What can be asked for at another endpoint, too.
OTHER_WAY = {
    Feature.EDIT: Feature.EDIT_OLDER,
    Feature.CHANGE: Feature.SIMPLE_CHANGE,
    Feature.LIST_BY_CONDITION: Feature.LIST_BY_IDS,
}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("reply", [NOT_ROUTED, empty(404), page(404)], ids=["JSON", "empty", "page"])
async def test_what_is_not_routed_is_switched_off_and_not_asked_for_again(
    service: ScriptedService, client: MidjourneyClient, feature: Feature, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    service.will(reply)
    for _ in range(2):
        with pytest.raises(NotOffered):
            await FEATURES[feature](client)
    ways = {feature, OTHER_WAY.get(feature, feature)}
    assert len(service.heard) == len(ways)
    assert {known for known in Feature if not client.capabilities.has(known)} == ways
    assert len(caplog.records) == len(ways)


@pytest.mark.parametrize(
    ("feature", "reply", "path", "body"),
    [
        (
            Feature.EDIT,
            ACCEPTED,
            "/mj/submit/edit",
            {"prompt": "an owl", "image": PICTURE, "state": "nonce-1"},
        ),
        (Feature.CHANGE, ACCEPTED, "/mj/submit/simple-change", {"content": "17 R", "state": "nonce-1"}),
        (Feature.LIST_BY_CONDITION, js([{"id": "17"}]), "/mj/task/list-by-ids", {"ids": ["17"]}),
    ],
)
async def test_what_is_not_routed_is_asked_for_in_the_other_way(
    service: ScriptedService,
    client: MidjourneyClient,
    feature: Feature,
    reply: Reply,
    path: str,
    body: dict[str, object],
) -> None:
    service.will(NOT_ROUTED, reply)
    await FEATURES[feature](client)
    assert (service.heard[-1].path, service.heard[-1].json) == (path, body)
    await FEATURES[feature](client)
    assert [heard.path for heard in service.heard[1:]] == [path, path]


@pytest.mark.parametrize("feature", OTHER_WAY)
async def test_what_is_refused_otherwise_is_not_asked_for_in_another_way(
    service: ScriptedService, client: MidjourneyClient, feature: Feature
) -> None:
    service.will(js({"code": 4, "description": "no"}, 400))
    with pytest.raises(ServiceRefused):
        await FEATURES[feature](client)
    assert len(service.heard) == 1


async def test_what_is_routed_but_switched_off_is_not_asked_for_in_another_way(
    service: ScriptedService, client: MidjourneyClient
) -> None:
    service.will(js({"code": 4, "description": "服务不支持"}))
    with pytest.raises(NotOffered):
        await FEATURES[Feature.EDIT](client)
    assert service.paths == ["/mj/submit/edits"]


async def test_a_change_that_finds_no_task_in_other_words_was_not_offered(
    service: ScriptedService, client: MidjourneyClient
) -> None:
    service.will(NOT_ROUTED, js({"code": 4, "description": "task_not_found "}, 400))
    with pytest.raises(NotOffered):
        await FEATURES[Feature.CHANGE](client)
    assert service.paths == ["/mj/submit/change", "/mj/submit/simple-change"]


@pytest.mark.parametrize(
    ("action", "index", "content"),
    [(ChangeAction.UPSCALE, 2, "17 U2"), (ChangeAction.VARIATION, 4, "17 V4"), (ChangeAction.REROLL, 1, "17 R")],
)
async def test_a_change_in_other_words(
    service: ScriptedService, client: MidjourneyClient, action: ChangeAction, index: int, content: str
) -> None:
    service.will(NOT_ROUTED, ACCEPTED)
    await client.submit(ChangeRequest(task_id="17", action=action, index=index), None, TAG)
    assert service.heard[-1].json["content"] == content


@pytest.mark.parametrize("feature", FEATURES)
async def test_what_a_profile_lacks_is_not_asked_for(
    service: ScriptedService, make_client: MakeClient, feature: Feature
) -> None:
    service.will(ACCEPTED)
    for profile in PROFILES.values():
        if {feature, OTHER_WAY.get(feature, feature)} <= profile.lacks:
            with pytest.raises(NotOffered):
                await FEATURES[feature](make_client(profile=profile))
    assert service.heard == []


async def test_a_link_to_describe_needs_a_service_that_takes_links(make_client: MakeClient) -> None:
    with pytest.raises(NotOffered):
        await make_client(profile="plus").submit(DescribeRequest(link="https://example.org/a.png"), None, TAG)


@pytest.mark.parametrize(
    ("call", "still_there"),
    [(FEATURES[Feature.UPLOAD], False), (FEATURES[Feature.ACTION], True)],
    ids=["upload", "action"],
)
async def test_a_missing_channel_switches_off_what_has_one_channel(
    service: ScriptedService, client: MidjourneyClient, call: Call, still_there: bool
) -> None:
    service.will(NO_CHANNEL)
    with pytest.raises(NotOffered):
        await call(client)
    feature = Feature.ACTION if still_there else Feature.UPLOAD
    assert client.capabilities.has(feature) is still_there


async def test_a_refused_button_is_known_afterwards(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(js({"code": 4, "description": "unknown_action:MJ::BOOKMARK::x "}, 400))
    for custom_id in (f"MJ::BOOKMARK::{U}", PRESS):
        with pytest.raises(NotOffered) as caught:
            await client.submit(ActionRequest(task_id="17", custom_id=custom_id), None, TAG)
        assert caught.value.kind is RefusalKind.UNSUPPORTED_BUTTON
    assert not client.capabilities.supports_button("MJ::BOOKMARK::another")
    assert client.capabilities.supports_button(PRESS)
    assert client.capabilities.has(Feature.ACTION)


async def test_a_service_without_mode_prefixes_is_asked_without_them_at_once(
    service: ScriptedService, client: MidjourneyClient
) -> None:
    service.will(NOT_ROUTED, ACCEPTED)
    await client.submit(ShortenRequest(prompt="an owl"), Mode.FAST, TAG)
    assert client.capabilities.mode_style is ModeStyle.NONE
    await client.submit(OWL, Mode.FAST, TAG)
    assert service.paths == ["/mj-fast/mj/submit/shorten", "/mj/submit/shorten", "/mj/submit/imagine"]


async def test_a_mode_that_was_tried_in_the_path_in_vain_goes_out_in_the_prompt(
    service: ScriptedService, client: MidjourneyClient
) -> None:
    service.will(NOT_ROUTED, ACCEPTED)
    await client.submit(ImagineRequest(prompt="an owl --ar 3:2"), Mode.RELAX, TAG)
    assert service.paths == ["/mj-relax/mj/submit/imagine", "/mj/submit/imagine"]
    assert [heard.json["prompt"] for heard in service.heard] == ["an owl --ar 3:2", "an owl --ar 3:2 --relax"]


async def test_a_refusal_without_the_prefix_tells_that_the_prefix_is_missing(
    service: ScriptedService, client: MidjourneyClient
) -> None:
    service.will(NOT_ROUTED, js({"code": 24, "description": "banned"}))
    with pytest.raises(ServiceRefused):
        await client.submit(OWL, Mode.FAST, TAG)
    assert client.capabilities.mode_style is ModeStyle.NONE


async def test_an_unknown_task_says_nothing_of_prefixes(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(js({"code": 3, "description": "?", "result": None, "properties": {}}, 404))
    with pytest.raises(UnknownTask):
        await client.submit(ActionRequest(task_id="17", custom_id=PRESS), Mode.FAST, TAG)
    assert service.paths == ["/mj-fast/mj/submit/action"]


async def test_an_endpoint_that_is_missing_with_and_without_the_prefix_says_nothing_of_prefixes(
    service: ScriptedService, client: MidjourneyClient
) -> None:
    service.will(NOT_ROUTED)
    with pytest.raises(NotOffered):
        await client.submit(ShortenRequest(prompt="an owl"), Mode.FAST, TAG)
    assert service.paths == ["/mj-fast/mj/submit/shorten", "/mj/submit/shorten"]
    assert not client.capabilities.has(Feature.SHORTEN)
    assert client.capabilities.mode_style is ModeStyle.PREFIX


async def test_a_missing_endpoint_behind_a_proven_prefix_is_missing(
    service: ScriptedService, client: MidjourneyClient
) -> None:
    service.will(ACCEPTED, NOT_ROUTED)
    await client.submit(OWL, Mode.FAST, TAG)
    with pytest.raises(NotOffered):
        await client.submit(ShortenRequest(prompt="an owl"), Mode.FAST, TAG)
    assert not client.capabilities.has(Feature.SHORTEN)
    assert client.capabilities.mode_style is ModeStyle.PREFIX


def test_what_was_switched_off_is_tried_again_after_an_hour() -> None:
    clock = Clock()
    capabilities = Capabilities(PROFILES["unknown"], clock=clock)
    bookmark = f"MJ::BOOKMARK::{U}"

    def now() -> tuple[bool, bool, ModeStyle]:
        return capabilities.has(Feature.CANCEL), capabilities.supports_button(bookmark), capabilities.mode_style

    capabilities.switch_off(Feature.CANCEL)
    capabilities.refuse_button(bookmark)
    capabilities.switch_off_mode_prefix()
    clock.now = SWITCHED_OFF_SECONDS - 1
    assert now() == (False, False, ModeStyle.NONE)
    clock.now = SWITCHED_OFF_SECONDS
    assert now() == (True, True, ModeStyle.PREFIX)


def test_a_feature_and_a_button_of_one_name_are_two_things() -> None:
    capabilities = Capabilities.unknown()
    capabilities.refuse_button(f"MJ::CancelJob::ByJobid::{U}")
    assert capabilities.has(Feature.CANCEL)


SUPPORTED = {
    f"MJ::JOB::upsample::1::{U}": {"unknown", "plus", "trueai", "newapi"},
    f"MJ::JOB::upsample_v7_2x_subtle::1::{U}::SOLO": {"unknown", "plus", "trueai", "newapi"},
    f"MJ::Inpaint::1::{U}::SOLO": {"unknown", "plus", "trueai", "newapi"},
    f"MJ::JOB::pan_left::1::{U}::SOLO": {"unknown", "plus", "trueai", "newapi"},
    f"MJ::JOB::animate_high::1::{U}::SOLO": {"unknown", "plus", "trueai"},
    f"MJ::JOB::video_virtual_upscale::1::{U}": {"unknown", "plus", "trueai"},
    "MJ::Job::PicReader::1": {"unknown", "plus", "trueai"},
    "MJ::Job::PicReader::all": {"unknown", "trueai"},
    "MJ::Picread::Retry": {"unknown", "plus", "trueai"},
    "MJ::Job::PromptAnalyzer::1": {"unknown", "plus"},
    f"MJ::BOOKMARK::{U}": {"unknown"},
    "change::UPSCALE::1": {"unknown", "plus", "newapi", "novicezk"},
    "MJ::iframe::token": set(),
}


@pytest.mark.parametrize("custom_id", SUPPORTED)
def test_a_profile_knows_its_buttons(custom_id: str) -> None:
    able = {name for name in PROFILES if Capabilities.of(name).supports_button(custom_id)}
    # The older trueai looks at no button, and of a gateway's nothing is known.
    assert able == SUPPORTED[custom_id] | ({"trueai-9", "gateway"} if "unknown" in SUPPORTED[custom_id] else set())


def test_a_profile_can_be_adopted_later() -> None:
    capabilities = Capabilities.unknown()
    capabilities.adopt(PROFILES["novicezk"])
    assert not capabilities.has(Feature.ACTION)
    assert capabilities.has(Feature.CHANGE)
    assert capabilities.mode_style is ModeStyle.NONE


def test_every_feature_is_an_attribute() -> None:
    capabilities = Capabilities.unknown()
    assert all(map(capabilities.has, Feature))
