"""Rate limits: headers on every answer, 429 as Discord sends it."""

from typing import Any

import aiohttp
import pytest

from playground.discord import Limits, LocalDiscord, RateLimit

HOUR = 3600.0


async def send(local: LocalDiscord, http: aiohttp.ClientSession, method: str, path: str, json: Any = None) -> Any:
    headers = {"Authorization": f"Bot {local.bot_token}"}
    async with http.request(method, local.api_url + path, json=json, headers=headers) as response:
        await response.read()
        return response


async def test_a_bucket_empties_and_then_refuses(http: aiohttp.ClientSession) -> None:
    async with LocalDiscord(limits=Limits(send=RateLimit(2, HOUR))) as local:
        path = f"/channels/{local.channel('studio').id}/messages"
        first = await send(local, http, "POST", path, {"content": "x"})
        assert first.headers["X-RateLimit-Limit"] == "2"
        assert first.headers["X-RateLimit-Remaining"] == "1"
        assert float(first.headers["X-RateLimit-Reset-After"]) == pytest.approx(HOUR, abs=5)
        assert float(first.headers["X-RateLimit-Reset"]) > 1e9
        second = await send(local, http, "POST", path, {"content": "x"})
        assert second.headers["X-RateLimit-Bucket"] == first.headers["X-RateLimit-Bucket"]
        assert second.headers["X-RateLimit-Remaining"] == "0"
        third = await send(local, http, "POST", path, {"content": "x"})
        assert third.status == 429
        assert third.headers["Via"] == "1.1 google"
        assert third.headers["X-RateLimit-Scope"] == "user"
        assert int(third.headers["Retry-After"]) >= HOUR - 5
        body = await third.json()
        assert body["global"] is False
        assert body["message"] == "You are being rate limited."
        assert 0 < body["retry_after"] <= HOUR
        assert len(local.messages(local.channel("studio"))) == 2


async def test_each_channel_and_each_route_has_its_own_bucket(http: aiohttp.ClientSession) -> None:
    async with LocalDiscord(limits=Limits(send=RateLimit(1, HOUR))) as local:
        for name in ("studio", "lounge"):
            path = f"/channels/{local.channel(name).id}/messages"
            assert (await send(local, http, "POST", path, {"content": "x"})).status == 200
            assert (await send(local, http, "POST", path, {"content": "x"})).status == 429
            assert (await send(local, http, "GET", path)).status == 200


async def test_a_window_opens_again(http: aiohttp.ClientSession) -> None:
    async with LocalDiscord(limits=Limits(send=RateLimit(1, 0.05), overall=RateLimit(100_000, 1.0))) as local:
        path = f"/channels/{local.channel('studio').id}/messages"
        assert (await send(local, http, "POST", path, {"content": "x"})).status == 200

        async def again() -> int:
            return int((await send(local, http, "POST", path, {"content": "x"})).status)

        statuses = [await again()]
        while statuses[-1] != 200:
            statuses.append(await again())
        assert set(statuses[:-1]) <= {429}


async def test_the_global_limit_spares_answers_by_token(http: aiohttp.ClientSession) -> None:
    async with LocalDiscord(limits=Limits(overall=RateLimit(2, HOUR), webhook=RateLimit(1, HOUR))) as local:
        application = local.state.application_id
        command = [{"name": "imagine", "description": "x"}]
        await send(local, http, "PUT", f"/applications/{application}/commands", command)
        assert (await send(local, http, "GET", "/users/@me")).status == 200
        refused = await send(local, http, "GET", "/users/@me")
        assert (refused.status, refused.headers["X-RateLimit-Global"]) == (429, "true")
        assert (await refused.json())["global"] is True
        interaction = await local.person("ada").slash(local.channel("studio"), "imagine")
        callback = f"/interactions/{interaction.id}/{interaction.token}/callback"
        answered = await send(local, http, "POST", callback, {"type": 5})
        assert answered.status == 204
        assert "X-RateLimit-Limit" not in answered.headers
        hook = f"/webhooks/{application}/{interaction.token}"
        assert (await send(local, http, "POST", hook, {"content": "x"})).status == 200
        full = await send(local, http, "PATCH", f"{hook}/messages/@original", {"content": "y"})
        assert full.status == 429


def test_the_defaults_are_discords_and_off_is_out_of_reach() -> None:
    assert (Limits().send, Limits().edit) == (RateLimit(5, 5.0), RateLimit(5, 5.0))
    assert (Limits().acknowledge, Limits().token) == (3.0, 900.0)
    assert Limits.off().send.count > 10_000
    assert Limits.off(acknowledge=1.5).acknowledge == 1.5
