"""Fault injection, waiting without polling, the request log and subscriptions."""

import asyncio
import time
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest
from yarl import URL

from playground.discord import LocalDiscord
from playground.discord.records import created_at


@pytest.fixture
def path(local: LocalDiscord) -> str:
    return f"/channels/{local.channel('studio').id}/messages"


async def test_requests_fail_the_given_number_of_times(local: LocalDiscord, call: Any, path: str) -> None:
    local.fail_next("POST", r"/messages$", status=503, times=2)
    assert [(await call("POST", path, {"content": "x"})).status for _ in range(3)] == [503, 503, 200]
    assert len(local.messages(local.channel("studio"))) == 1


async def test_an_injected_429_looks_like_discords(local: LocalDiscord, call: Any, path: str) -> None:
    local.fail_next(None, r"/messages", status=429, retry_after=7.5)
    reply = await call("POST", path, {"content": "x"})
    assert (reply.status, reply.body["retry_after"], reply.headers["Via"]) == (429, 7.5, "1.1 google")


async def test_a_failure_can_be_a_page_of_a_proxy(local: LocalDiscord, call: Any) -> None:
    local.fail_next("GET", "/users", status=502, page="<h1>Bad gateway</h1>")
    reply = await call("GET", "/users/@me")
    assert (reply.status, reply.body) == (502, "<h1>Bad gateway</h1>")
    local.fail_next("GET", "/users", status=403, code=50013, message="Missing Permissions")
    assert (await call("GET", "/users/@me")).body["code"] == 50013


async def test_a_request_that_is_cut_off_is_neither_logged_nor_carried_out(
    local: LocalDiscord, call: Any, path: str
) -> None:
    address = URL(local.base_url)
    _, writer = await asyncio.open_connection(address.host, address.port)
    head = f"POST /api/v10{path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n"
    writer.write(head.encode() + b'{"content": "half')
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await call("POST", path, {"content": "whole"})).status == 200
    assert [request.json for request in local.requests] == [{"content": "whole"}]


async def test_other_requests_do_not_fail(local: LocalDiscord, call: Any, path: str) -> None:
    local.fail_next("PATCH", r"/messages")
    local.fail_next("POST", r"/elsewhere")
    assert (await call("POST", path, {"content": "x"})).status == 200
    local.faults.clear()


async def test_a_response_is_held_after_the_request_took_effect(local: LocalDiscord, call: Any, path: str) -> None:
    with local.hold(r"/messages$", method="POST") as hold:
        posting = asyncio.create_task(call("POST", path, {"content": "x"}))
        await local.until(lambda: local.messages(local.channel("studio")))
        assert (await call("GET", path)).status == 200
        assert not posting.done()
        assert hold.waiting == 1
    assert (await posting).status == 200


async def test_a_request_is_held_before_it_takes_effect(local: LocalDiscord, call: Any, path: str) -> None:
    with local.hold(r"/messages$", when="before") as hold:
        posting = asyncio.create_task(call("POST", path, {"content": "x"}))
        await local.until(lambda: local.requests)
        assert local.messages(local.channel("studio")) == []
        hold.release()
        assert (await posting).status == 200


async def test_a_response_can_be_delayed(local: LocalDiscord, call: Any, path: str) -> None:
    local.delay_next("POST", r"/messages$", 0.1)
    before = time.monotonic()
    assert (await call("POST", path, {"content": "x"})).status == 200
    assert time.monotonic() - before >= 0.1


@pytest.mark.parametrize(("when", "posted"), [("before", 0), ("after", 1)])
async def test_a_response_can_get_lost(local: LocalDiscord, call: Any, path: str, when: Any, posted: int) -> None:
    local.lose_next("POST", r"/messages$", when=when)
    with pytest.raises(aiohttp.ClientError):
        await call("POST", path, {"content": "x"})
    assert len(local.messages(local.channel("studio"))) == posted
    assert local.requests[-1].status is None


async def test_every_request_is_logged(local: LocalDiscord, call: Any, path: str) -> None:
    await call("POST", path, {"content": "x"}, params={"a": "b"})
    await call("GET", "/channels/1")
    posted, failed = local.requests
    assert (posted.method, posted.route, posted.path) == ("POST", "/channels/{channel_id}/messages", path)
    assert (posted.json, posted.query, posted.status, posted.error) == ({"content": "x"}, {"a": "b"}, 200, None)
    assert posted.answered_at is not None
    assert posted.at <= posted.answered_at
    assert (failed.status, (failed.error or {})["code"]) == (404, 10003)
    assert str(failed) == "GET /channels/1 → 404 10003"


async def test_a_timeout_of_until_contains_the_conversation(local: LocalDiscord, call: Any, path: str) -> None:
    await call("POST", path, {"content": "hello there"})
    with pytest.raises(TimeoutError, match="hello there"):
        await local.until(lambda: False, timeout=0.01)


async def test_until_returns_the_first_true_value(local: LocalDiscord) -> None:
    waiting = asyncio.create_task(local.until(lambda: local.messages(local.channel("studio"))))
    said = await local.person("ada").say(local.channel("studio"), "x")
    assert await waiting == [said]


async def test_a_subscription_gets_events_in_order_until_it_is_closed(local: LocalDiscord, raw_bot: Any) -> None:
    subscription = local.subscribe()
    await raw_bot.answer(4, {"content": "x"})
    await raw_bot.webhook("PATCH", "/messages/@original", {"content": "y"})
    await raw_bot.webhook("DELETE", "/messages/@original")
    local.delete_channel(local.channel("lounge"))
    subscription.close()
    kinds = [event.kind async for event in subscription if event.kind not in ("request", "answer")]
    assert kinds == ["message_create", "interaction", "message_update", "message_delete", "channel_delete"]


async def test_closing_ends_subscriptions_and_leaves_no_task(http: aiohttp.ClientSession) -> None:
    async with LocalDiscord() as local:
        subscription = local.subscribe()
        socket = await http.ws_connect(local.gateway.url)
        await socket.receive(timeout=5)
        reading = asyncio.create_task(socket.receive(timeout=5))
        url = local.api_url
    assert [event async for event in subscription if event.kind != "gateway"] == []
    assert (await reading).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED)
    await socket.close()
    left = {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
    assert [task for task in left if "playground" in str(task) or "gateway" in task.get_name()] == []
    with pytest.raises(aiohttp.ClientConnectorError):
        await http.get(url)


async def test_a_port_in_use_raises_an_error(local: LocalDiscord) -> None:
    port = int(local.base_url.rpartition(":")[2])
    with pytest.raises(OSError, match="address already in use"):
        async with LocalDiscord(port=port):
            pass


async def test_the_transcript_reads_like_a_conversation(local: LocalDiscord, raw_bot: Any, raw_bot_for: Any) -> None:
    button = {"type": 2, "style": 1, "label": "U1", "custom_id": "u1", "emoji": {"name": "✨"}}
    off = button | {"label": "U2", "custom_id": "u2", "disabled": True}
    select = {"type": 3, "custom_id": "s", "placeholder": "Mode", "options": [{"label": "a", "value": "a"}]}
    box = [
        {"type": 10, "content": "A fox\nin snow"},
        {"type": 14},
        {"type": 12, "items": [{"media": {"url": "https://example.org/fox.png?x=1"}, "description": "a fox"}]},
        {"type": 9, "components": [{"type": 10, "content": "More"}], "accessory": button | {"custom_id": "u3"}},
        {"type": 1, "components": [button, off]},
        {"type": 1, "components": [select]},
    ]
    await raw_bot.answer(5)
    assert "is thinking…" in local.transcript(raw_bot.interaction.channel)
    await raw_bot.webhook(
        "PATCH", "/messages/@original", {"flags": 1 << 15, "components": [{"type": 17, "components": box}]}
    )
    await local.person("bob").press(raw_bot.interaction.response_message, "u1")
    assert local.transcript(local.channel("studio")).splitlines() == [
        "— Test Server #studio —",
        "Ada → /imagine prompt: a fox",
        "Test Bot:",
        "    ┃ A fox",
        "    ┃ in snow",
        "    ┃ ────────────",
        "    ┃ 🖼 fox.png “a fox”",
        "    ┃ More",
        "    ┃ [✨ U1]",
        "    ┃ [✨ U1] (✨ U2)",
        "    ┃ ▾ Mode",
        "Bob → [U1]",
    ]


async def test_a_page_in_front_of_discord_has_its_own_headers_only(local: LocalDiscord, call: Any) -> None:
    local.fail_next("GET", "/users", status=429, page="error code: 1015", headers={"Retry-After": "3"})
    reply = await call("GET", "/users/@me")
    assert (reply.status, reply.body, reply.headers["Retry-After"]) == (429, "error code: 1015", "3")
    assert "Via" not in reply.headers


async def test_its_clock_can_differ_from_this_machines(http: aiohttp.ClientSession) -> None:
    async with LocalDiscord(clock_ahead=-1200) as local, http.get(f"{local.api_url}/gateway") as answer:
        date = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        said = await local.person("ada").say(local.channel("studio"), "x")
    assert -1210 < date - time.time() < -1190
    assert -1210 < created_at(said.id).timestamp() - time.time() < -1190
