"""The gateway, tested with a raw WebSocket."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from playground.discord import LocalDiscord

INTENTS = 1 << 0 | 1 << 9 | 1 << 12


@dataclass
class Client:
    socket: aiohttp.ClientWebSocketResponse
    token: str

    async def next(self) -> Any:
        return await self.socket.receive_json(timeout=5)

    async def event(self, name: str) -> Any:
        """The next event of this name; others are skipped."""
        while (frame := await self.next())["t"] != name:
            assert frame["t"] not in ("RESUMED", "READY"), frame
        return frame

    async def op(self, number: int) -> Any:
        while (frame := await self.next())["op"] != number:
            pass
        return frame

    async def identify(self, **changes: Any) -> Any:
        data = {"token": self.token, "intents": INTENTS, "properties": {}, "compress": True} | changes
        await self.socket.send_json({"op": 2, "d": data})

    async def ready(self, **changes: Any) -> Any:
        await self.identify(**changes)
        await self.op(10)
        return (await self.event_or_ready())["d"]

    async def event_or_ready(self) -> Any:
        frame = await self.next()
        assert frame["t"] == "READY"
        return frame

    async def resume(self, session_id: str, seq: int) -> None:
        await self.socket.send_json({"op": 6, "d": {"token": self.token, "session_id": session_id, "seq": seq}})

    async def close_code(self) -> int | None:
        while (await self.socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
            pass
        return self.socket.close_code


Connect = Callable[..., Awaitable[Client]]


@pytest.fixture
async def connect(local: LocalDiscord, http: aiohttp.ClientSession) -> AsyncIterator[Connect]:
    opened: list[Client] = []

    async def open_one(query: str = "?v=10&encoding=json&compress=zlib-stream") -> Client:
        client = Client(await http.ws_connect(local.gateway.url + query), local.bot_token)
        opened.append(client)
        return client

    yield open_one
    for client in opened:
        await client.socket.close()


async def test_hello_then_ready_then_the_servers(local: LocalDiscord, connect: Connect) -> None:
    client = await connect()
    hello = await client.next()
    assert (hello["op"], hello["d"]["heartbeat_interval"]) == (10, 41250)
    await client.identify()
    ready = await client.next()
    assert (ready["t"], ready["s"], ready["d"]["v"]) == ("READY", 1, 10)
    assert ready["d"]["resume_gateway_url"] == local.gateway.url
    assert ready["d"]["application"]["id"] == ready["d"]["user"]["id"]
    assert all(guild["unavailable"] for guild in ready["d"]["guilds"])
    first, second = await client.next(), await client.next()
    assert (first["t"], second["t"]) == ("GUILD_CREATE", "GUILD_CREATE")
    assert [each["name"] for each in first["d"]["channels"]] == ["studio", "lounge"]
    assert {each["user"]["username"] for each in first["d"]["members"]} == {"test_bot", "owner"}
    everyone = next(role for role in first["d"]["roles"] if role["id"] == first["d"]["id"])
    assert int(everyone["permissions"]) & 1 << 31
    assert any(role.get("tags", {}).get("bot_id") == ready["d"]["user"]["id"] for role in first["d"]["roles"])
    assert local.gateway.connected


async def test_a_heartbeat_is_acknowledged(connect: Connect) -> None:
    client = await connect()
    await client.op(10)
    await client.socket.send_json({"op": 1, "d": None})
    assert (await client.next())["op"] == 11


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"op": 2, "d": {"token": "wrong", "intents": 1}}, 4004),
        ({"op": 2, "d": {"token": "{token}", "intents": 1 << 30}}, 4013),
        ({"op": 2, "d": {"token": "{token}"}}, 4013),
        ({"op": 2, "d": {"token": "{token}", "intents": 1 << 15}}, 4014),
        ({"op": 2, "d": {"token": "{token}", "intents": 1 << 1}}, 4014),
        ({"op": 2, "d": {"token": "{token}", "intents": 1, "shard": [2, 2]}}, 4010),
        ({"op": 2, "d": "x"}, 4002),
        ({"op": 3, "d": {}}, 4003),
        ({"d": {}}, 4002),
        ("nonsense", 4002),
        ({"op": 6, "d": {"token": "wrong", "session_id": "x", "seq": 1}}, 4004),
    ],
)
async def test_an_invalid_identify_closes_with_its_code(
    local: LocalDiscord, connect: Connect, frame: dict[str, Any] | str, code: int
) -> None:
    client = await connect()
    if isinstance(frame, dict) and isinstance(frame.get("d"), dict) and frame["d"].get("token") == "{token}":
        frame["d"]["token"] = local.bot_token
    await client.socket.send_json(frame)
    assert await client.close_code() == code
    assert not local.gateway.connected


async def test_a_wrong_version_is_refused(connect: Connect) -> None:
    assert await (await connect("?v=6")).close_code() == 4012
    assert await (await connect("?v=10&encoding=etf")).close_code() == 4002


async def test_identifying_twice_and_unknown_opcodes_close(connect: Connect) -> None:
    client = await connect()
    await client.ready()
    await client.identify()
    assert await client.close_code() == 4005
    other = await connect()
    await other.ready()
    await other.socket.send_json({"op": 42, "d": None})
    assert await other.close_code() == 4001


async def test_presence_voice_and_member_requests_are_ignored(connect: Connect) -> None:
    client = await connect()
    await client.ready()
    for op in (3, 4, 8):
        await client.socket.send_json({"op": op, "d": {}})
    await client.socket.send_json({"op": 1, "d": 1})
    assert (await client.op(11))["op"] == 11


async def test_a_privileged_intent_can_be_allowed(local: LocalDiscord, connect: Connect) -> None:
    local.state.privileged_intents = 1 << 15
    client = await connect()
    await client.ready(intents=INTENTS | 1 << 15)
    await local.person("ada").say(local.channel("studio"), "hello")
    assert (await client.event("MESSAGE_CREATE"))["d"]["content"] == "hello"


async def test_messages_of_others_come_without_content(local: LocalDiscord, connect: Connect) -> None:
    client = await connect()
    await client.ready()
    ada, studio = local.person("ada"), local.channel("studio")
    await ada.say(studio, "hello")
    await ada.say(studio, f"<@{local.state.bot.id}> hello")
    await ada.say(local.dm(ada), "hello")
    assert [(await client.event("MESSAGE_CREATE"))["d"]["content"] for _ in range(3)] == [
        "",
        f"<@{local.state.bot.id}> hello",
        "hello",
    ]


async def test_events_are_sent_by_intent(local: LocalDiscord, connect: Connect) -> None:
    client = await connect()
    await client.ready(intents=1 << 12)
    ada, studio = local.person("ada"), local.channel("studio")
    await ada.say(studio, "in a channel")
    said = await ada.say(local.dm(ada), "received")
    await ada.delete(said)
    assert [(await client.next())["t"] for _ in range(2)] == ["MESSAGE_CREATE", "MESSAGE_DELETE"]


async def test_changes_of_channels_send_events(local: LocalDiscord, connect: Connect) -> None:
    client = await connect()
    await client.ready()
    attic = local.add_channel(local.guild("Test Server"), "attic")
    local.set_bot_permission(attic, send_messages=False)
    local.delete_channel(attic)
    outside = local.add_guild("Outside", local.person("eve"))
    local.remove_bot(outside)
    assert (await client.event("CHANNEL_CREATE"))["d"]["name"] == "attic"
    assert (await client.event("CHANNEL_UPDATE"))["d"]["permission_overwrites"]
    assert (await client.event("CHANNEL_DELETE"))["d"]["id"] == str(attic.id)
    assert (await client.event("GUILD_CREATE"))["d"]["name"] == "Outside"
    assert (await client.event("GUILD_DELETE"))["d"]["id"] == str(outside.id)


async def test_an_ephemeral_message_sends_no_event(local: LocalDiscord, connect: Connect, raw_bot: Any) -> None:
    client = await connect()
    await client.ready()
    await raw_bot.answer(4, {"content": "psst", "flags": 64})
    await local.person("ada").say(local.channel("studio"), "loud")
    assert (await client.event("MESSAGE_CREATE"))["d"]["author"]["username"] == "ada"


async def test_each_shard_gets_the_events_of_its_servers(local: LocalDiscord, connect: Connect) -> None:
    seen: list[str] = []
    for shard in range(2):
        ready = await (await connect()).ready(shard=[shard, 2])
        assert ready["shard"] == [shard, 2]
        seen += [guild["id"] for guild in ready["guilds"]]
    assert sorted(seen) == sorted(str(guild.id) for guild in local.state.guilds.values())


async def test_a_dropped_client_resumes_and_gets_what_it_missed(local: LocalDiscord, connect: Connect) -> None:
    client = await connect()
    session = (await client.ready())["session_id"]
    last = (await client.event("GUILD_CREATE"))["s"] + 1
    local.gateway.drop()
    assert await client.close_code() == 4000
    assert not local.gateway.connected
    ada, studio = local.person("ada"), local.channel("studio")
    await ada.say(studio, "one")
    await ada.say(studio, "two")
    again = await connect()
    await again.op(10)
    await again.resume(session, last)
    frames = [await again.next() for _ in range(3)]
    assert [frame["t"] for frame in frames] == ["MESSAGE_CREATE", "MESSAGE_CREATE", "RESUMED"]
    assert [frame["s"] for frame in frames] == [last + 1, last + 2, last + 3]
    assert (local.gateway.identified, local.gateway.resumed, local.gateway.connected) == (1, 1, True)


async def test_what_cannot_be_resumed_is_invalid(local: LocalDiscord, connect: Connect) -> None:
    client = await connect()
    session = (await client.ready())["session_id"]
    for session_id, seq in (("unknown", 1), (session, 99)):
        other = await connect()
        await other.op(10)
        await other.resume(session_id, seq)
        frame = await other.next()
        assert (frame["op"], frame["d"]) == (9, False)


async def test_a_session_ends_with_a_normal_close(connect: Connect) -> None:
    client = await connect()
    session = (await client.ready())["session_id"]
    await client.socket.close(code=1000)
    other = await connect()
    await other.op(10)
    await other.resume(session, 1)
    assert (await other.next())["op"] == 9


async def test_the_server_requests_a_reconnect_or_a_new_session(local: LocalDiscord, connect: Connect) -> None:
    client = await connect()
    await client.ready()
    local.gateway.request_reconnect()
    assert (await client.op(7))["op"] == 7
    local.gateway.invalidate()
    assert (await client.op(9))["d"] is False


async def test_ready_can_be_delayed(local: LocalDiscord, connect: Connect) -> None:
    local.gateway.ready_delay = 0.2
    client = await connect()
    await client.identify()
    await client.op(10)
    await local.until(lambda: local.gateway.identified)
    assert not local.gateway.connected
    assert local.gateway.ready == 0
    assert (await client.next())["t"] == "READY"
    assert local.gateway.ready == 1
    await local.bot_ready()


async def test_an_interaction_waits_for_a_bot_that_comes_back(
    local: LocalDiscord, connect: Connect, registered: object
) -> None:
    client = await connect()
    session = (await client.ready())["session_id"]
    await client.event("GUILD_CREATE")
    local.gateway.drop()
    await local.person("ada").slash(local.channel("studio"), "imagine", {"prompt": "x"})
    again = await connect()
    await again.op(10)
    await again.resume(session, 3)
    assert (await again.next())["t"] == "INTERACTION_CREATE"


async def test_a_client_that_disappears_is_noticed(local: LocalDiscord, connect: Connect) -> None:
    client = await connect()
    await client.ready()
    await local.bot_ready()
    client.socket._response.close()  # a killed process, as far as can be had from inside one
    await local.bot_gone()


async def test_a_reset_token_cuts_the_bot_off_and_is_refused_everywhere(
    local: LocalDiscord, connect: Connect, call: Any
) -> None:
    client = await connect()
    await client.ready()
    old = local.bot_token
    local.reset_token()
    assert await client.close_code() == 4004
    again = await connect()
    again.token = old
    await again.identify()
    assert await again.close_code() == 4004
    assert (await call("GET", "/users/@me", headers={"Authorization": f"Bot {old}"})).status == 401
    assert (await call("GET", "/users/@me")).status == 200


async def test_every_identify_counts_and_one_too_many_resets_the_token(
    local: LocalDiscord, connect: Connect, call: Any
) -> None:
    local.account.remaining = 1
    await (await connect()).ready()
    assert (await call("GET", "/gateway/bot")).body["session_start_limit"]["remaining"] == 0
    token = local.bot_token
    client = await connect()
    await client.identify()
    assert await client.close_code() == 4004
    assert local.bot_token != token


async def test_the_gateway_closes_with_a_code_before_or_after_hello(local: LocalDiscord, connect: Connect) -> None:
    client = await connect()
    session = (await client.ready())["session_id"]
    local.gateway.end(4011)
    assert await client.close_code() == 4011
    local.gateway.refuse(4012)
    assert await (await connect()).close_code() == 4012
    local.gateway.refuse(None)
    again = await connect()
    await again.op(10)
    await again.resume(session, 1)
    assert (await again.next())["op"] == 9
