"""The dialect is found out by harmless questions, and nothing is switched off on a guess."""

from __future__ import annotations

import pytest

from playground.images import LocalImages, Pace
from tests.midjourney.conftest import MakeClient
from tests.midjourney.service import Reply, ScriptedService, empty, js, page


@pytest.mark.parametrize("profile", ["plus", "trueai", "trueai-9", "newapi", "novicezk"])
async def test_each_dialect_is_recognised_and_nothing_is_started(make_client: MakeClient, profile: str) -> None:
    async with LocalImages(profile=profile, key="", pace=Pace.quick()) as images:
        client = make_client(base_url=images.base_url, key="")
        found = await client.detect()
        assert found is not None
        assert found.name == profile
        assert client.capabilities.profile is found
        assert images.tasks == {}


@pytest.mark.parametrize(
    ("answers", "name"),
    [
        ([page()], "unknown"),
        ([js({"code": 4, "description": "task not exist", "result": None})], "unknown"),
        ([empty(401)], "unknown"),
        # Like the original, but with actions: it is not taken for the original, which would switch off every button.
        ([empty(), empty(404), js({"code": 4, "description": "customId missing", "result": None})], "unknown"),
        ([empty(), empty(404), page(502)], "unknown"),
        ([empty(), empty(404), empty(429)], "unknown"),
        ([empty(), page(502), page(502)], "unknown"),
        ([empty(), empty(404), empty(404)], "novicezk"),
        ([empty(), page(), page()], "novicezk"),
    ],
)
async def test_an_unclear_answer_switches_nothing_off(
    service: ScriptedService, make_client: MakeClient, answers: list[Reply], name: str
) -> None:
    service.will(*answers)
    found = await make_client().detect()
    assert found is not None
    assert found.name == name


async def test_a_service_that_does_not_answer_is_asked_again_later(make_client: MakeClient) -> None:
    assert await make_client(base_url="http://127.0.0.1:9").detect() is None


async def test_an_unclear_answer_changes_nothing_of_what_was_known(
    service: ScriptedService, make_client: MakeClient
) -> None:
    client = make_client(profile="plus")
    service.will(page())
    assert await client.detect() is not None
    assert client.capabilities.profile.name == "plus"
