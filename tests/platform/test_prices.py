"""Price lists: read where they are understood, and never a reason for anything else to fail."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engines.errors import Unreadable
from bot.platform.client import PlatformClient
from bot.platform.engines_file import default_engines
from bot.platform.model_directory import ModelDirectory
from bot.platform.prices import Price, PriceUnit, read_prices
from playground.platform import LocalPlatform
from tests.midjourney.service import Reply, ScriptedService, js, page
from tests.platform.conftest import MakePlatform


def entry(**fields: Any) -> dict[str, Any]:
    return {"model_name": "dall-e-3", "quota_type": 1, "model_price": 0.04, "model_ratio": 0, **fields}


@pytest.mark.parametrize(
    ("given", "price"),
    [
        (entry(), Price(0.04, PriceUnit.CALL)),
        (entry(quota_type=0, model_price=0, model_ratio=1.25), Price(2.5, PriceUnit.MILLION_TOKENS)),
        (entry(model_price=3), Price(3.0, PriceUnit.CALL)),
        (entry(model_price=0), None),
        (entry(model_price=-1), None),
        (entry(model_price="0.04"), None),
        (entry(model_price=True), None),
        (entry(model_price=None), None),
        (entry(quota_type=0), None),
        (entry(model_name=""), None),
        (entry(model_name=None), None),
    ],
)
def test_a_price_is_read_if_it_says_something(given: dict[str, Any], price: Price | None) -> None:
    found = read_prices({"success": True, "data": [given, None, "x"]})
    assert list(found.values()) == ([price] if price else [])


@pytest.mark.parametrize(
    ("amount", "shown"), [(0.04, "0.04"), (0.1, "0.1"), (2.0, "2"), (0.123456, "0.123"), (1e6, "1,000,000")]
)
def test_a_price_has_at_most_three_significant_digits(amount: float, shown: str) -> None:
    assert Price(amount, PriceUnit.CALL).number == shown


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
    )
)
def test_no_answer_breaks_the_reader(body: Any) -> None:
    try:
        read_prices({"data": [body, {"model_name": "a", "quota_type": body, "model_price": body, "model_ratio": body}]})
        read_prices(body)
    except Unreadable:
        pass


@pytest.mark.parametrize(
    "reply", [js({"message": "Invalid URL"}, 404), page(), js({"success": False}), js({"data": {}})]
)
async def test_a_platform_without_prices_still_has_its_models(
    service: ScriptedService, platform: PlatformClient, reply: Reply
) -> None:
    service.will(js({"data": [{"id": "dall-e-3"}]}), js({"data": [entry()]}), reply)
    directory = ModelDirectory(platform, default_engines())
    await directory.refresh()
    await directory.refresh_prices()
    await directory.refresh_prices()
    assert list(directory.image_models) == ["dall-e-3"]
    assert directory.price_of("dall-e-3") == Price(0.04, PriceUnit.CALL)
    assert service.paths == ["/v1/models", "/api/pricing", "/api/pricing"]


@pytest.mark.parametrize(("profile", "told"), [("clean", False), ("one-api", False), ("new-api", True)])
async def test_only_a_platform_that_tells_its_prices_has_some(
    profile: str, told: bool, make_platform: MakePlatform
) -> None:
    async with LocalPlatform(profile) as local:
        directory = ModelDirectory(make_platform(base_url=local.base_url), default_engines())
        await directory.refresh_prices()
    assert (directory.price_of("dall-e-3") is not None) is told
    assert (directory.price_of("gpt-4o") is not None) is told
