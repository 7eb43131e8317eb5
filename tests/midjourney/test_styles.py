"""Services that want to be asked otherwise than the rest of the family are asked so."""

from __future__ import annotations

import base64

import pytest

from bot.engines.errors import NotOffered, NotSent, ServiceRefused
from bot.engines.midjourney import MidjourneyClient, Profile, Quirk
from bot.engines.midjourney.command_requests import BlendRequest, DescribeRequest, EditRequest, SwapRequest
from bot.engines.midjourney.requests import ImagineRequest, ModalRequest
from bot.engines.models import SubmitTag
from bot.engines.options import Mode
from tests.midjourney.conftest import MakeClient
from tests.midjourney.service import ScriptedService, js

PNG = b"\x89PNG\r\n\x1a\n and the rest"
ONE, TWO = (f"data:image/png;base64,{base64.b64encode(word).decode()}" for word in (b"one", b"two"))
ACCEPTED = js({"code": 1, "description": "ok", "result": "17"})
TAG = SubmitTag("nonce-1")
OWL = ImagineRequest(prompt="an owl")


def styled(*quirks: Quirk) -> Profile:
    """A service that wants to be asked so."""
    return Profile("styled", quirks=frozenset(quirks))


async def test_the_mask_is_sent_bare_where_the_service_wants_it_so(
    service: ScriptedService, make_client: MakeClient
) -> None:
    service.will(ACCEPTED)
    await make_client(profile=styled(Quirk.BARE_MASK)).submit(ModalRequest(task_id="18", mask_base64=PNG), None, TAG)
    assert service.heard[0].json["maskBase64"] == base64.b64encode(PNG).decode()


async def test_a_swap_travels_as_files_where_the_service_wants_it_so(
    service: ScriptedService, make_client: MakeClient
) -> None:
    service.will(ACCEPTED)
    await make_client(profile=styled(Quirk.SWAP_AS_FILES)).submit(
        SwapRequest(source_base64=ONE, target_base64=TWO), None, TAG
    )
    (heard,) = service.heard
    assert heard.headers["content-type"].startswith("multipart/form-data")
    for part in (b'name="source"; filename="source.png"', b"\r\n\r\none\r\n", b"\r\n\r\ntwo\r\n", b'name="state"'):
        assert part in heard.body


@pytest.mark.parametrize(("mode", "field"), [(Mode.RELAX, "RELAX"), (Mode.FAST, "FAST"), (None, "FAST")])
async def test_the_mode_stands_in_the_body_where_the_service_wants_it_so(
    service: ScriptedService, make_client: MakeClient, mode: Mode | None, field: str
) -> None:
    client = make_client(profile=styled(Quirk.MODE_IN_BODY))
    service.will(ACCEPTED)
    await client.submit(OWL, mode, TAG)
    assert service.paths == ["/mj/submit/imagine"]
    assert service.heard[0].json["mode"] == field
    with pytest.raises(NotOffered):
        await client.submit(OWL, Mode.TURBO, TAG)


async def test_an_upload_too_names_the_mode_where_the_service_wants_it_in_the_body(
    service: ScriptedService, make_client: MakeClient
) -> None:
    service.will(js({"code": 1, "result": ["https://example.org/a.png"]}))
    await make_client(profile=styled(Quirk.MODE_IN_BODY)).upload([ONE])
    assert service.heard[0].json == {"base64Array": [ONE], "mode": "FAST"}


@pytest.mark.parametrize("told", ["invalid parameter: mode ", "mode is required", "参数错误：mode", "mode不能为空"])
async def test_a_service_that_misses_the_mode_is_told_it_in_the_body_from_then_on(
    service: ScriptedService, client: MidjourneyClient, told: str
) -> None:
    service.will(js({"code": 4, "description": told}, 400), ACCEPTED)
    await client.submit(OWL, Mode.RELAX, TAG)
    await client.submit(ImagineRequest(prompt="a fox"), None, TAG)
    assert service.paths == ["/mj-relax/mj/submit/imagine", "/mj/submit/imagine", "/mj/submit/imagine"]
    assert [heard.json.get("mode") for heard in service.heard] == [None, "RELAX", "FAST"]


async def test_another_word_about_modes_changes_nothing(service: ScriptedService, client: MidjourneyClient) -> None:
    service.will(js({"code": 4, "description": "this account draws in relax mode only"}))
    with pytest.raises(ServiceRefused):
        await client.submit(OWL, Mode.TURBO, TAG)
    assert len(service.heard) == 1


async def test_a_mode_in_the_body_that_is_refused_is_not_sent_again(
    service: ScriptedService, make_client: MakeClient
) -> None:
    service.will(js({"code": 4, "description": "invalid parameter: mode"}))
    with pytest.raises(ServiceRefused):
        await make_client(profile=styled(Quirk.MODE_IN_BODY)).submit(OWL, None, TAG)
    assert len(service.heard) == 1


async def test_pictures_travel_bare_where_the_service_wants_them_so(
    service: ScriptedService, make_client: MakeClient
) -> None:
    client = make_client(profile=styled(Quirk.BARE_PICTURES))
    service.will(ACCEPTED)
    await client.submit(BlendRequest(base64_array=[ONE, TWO]), None, TAG)
    await client.submit(DescribeRequest(base64=ONE), None, TAG)
    await client.submit(SwapRequest(source_base64=ONE, target_base64=TWO), None, TAG)
    bare = [url.partition(",")[2] for url in (ONE, TWO)]
    blend, describe, swap = (heard.json for heard in service.heard)
    assert (blend["base64Array"], describe["base64"]) == (bare, bare[0])
    assert [swap["sourceBase64"], swap["targetBase64"]] == bare


async def test_a_picture_to_edit_stands_in_an_array_where_the_service_wants_it_so(
    service: ScriptedService, make_client: MakeClient
) -> None:
    service.will(ACCEPTED)
    await make_client(profile=styled(Quirk.EDITS_AS_ARRAY)).submit(EditRequest(prompt="snow", image=ONE), None, TAG)
    assert service.heard[0].json == {"action": "EDITS", "prompt": "snow", "base64Array": [ONE], "state": "nonce-1"}


async def test_a_picture_to_swap_that_is_no_base64_is_not_sent(
    service: ScriptedService, make_client: MakeClient
) -> None:
    client = make_client(profile=styled(Quirk.SWAP_AS_FILES))
    with pytest.raises(NotSent):
        await client.submit(SwapRequest(source_base64="data:image/png;base64,?", target_base64=TWO), None, TAG)
    assert service.heard == []
