"""The page's server: what it serves, to whom, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

import playground.page
from playground.discord import UploadedFile
from playground.driver import Environment
from tests.page import payloads
from tests.page.scripted_bot import ScriptedBot

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def http(site: playground.page.Page) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(site.url) as session:
        yield session


async def post(http: aiohttp.ClientSession, name: str, **fields: object) -> tuple[int, payloads.Json]:
    async with http.post(f"/api/{name}", data={"fields": json.dumps({"as": "ada", **fields})}) as answer:
        return answer.status, await answer.json()


async def state_of(http: aiohttp.ClientSession, acting: str) -> payloads.Json:
    """What a page gets when it opens."""
    async with http.ws_connect(f"/api/live?as={acting}") as socket:
        state: payloads.Json = await socket.receive_json(timeout=5)
    assert state["event"] == "state"
    return state


async def test_files_are_not_cached_and_nothing_else_may_be_loaded(http: aiohttp.ClientSession) -> None:
    for path in ("/", "/js/main.js", "/css/base.css", "/icon.svg"):
        async with http.get(path) as answer:
            assert answer.status == 200
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Content-Security-Policy"].startswith(
                "default-src 'self'; img-src 'self' blob: data:;"
            )
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/nothing", "/../server.py", "/%2e%2e/server.py", "/js", "/js/", "/media/x/y.png"])
async def test_paths_outside_the_page_are_not_found(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as answer:
        assert answer.status == 404
        assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Host": "elsewhere.example"}, {"Origin": "null"}]
)
async def test_another_site_gets_nothing(
    http: aiohttp.ClientSession, env: Environment, headers: dict[str, str]
) -> None:
    body = {"as": "ada", "channel": str(env.studio.id), "text": "x"}
    async with http.post("/api/say", data={"fields": json.dumps(body)}, headers=headers) as answer:
        assert answer.status == 403
    async with http.get("/api/live?as=ada", headers=headers) as answer:
        assert answer.status == 403
    assert env.discord.messages(env.studio) == []


async def test_a_taken_port_leads_to_a_free_one(env: Environment, site: playground.page.Page) -> None:
    taken = int(site.url.rpartition(":")[2])
    async with playground.page.Page(env, port=taken) as second, aiohttp.ClientSession() as session:
        assert second.moved
        assert not site.moved
        async with session.get(second.url) as answer:
            assert answer.status == 200


async def test_the_state_is_what_a_person_sees(http: aiohttp.ClientSession, env: Environment) -> None:
    state = await state_of(http, "eve")
    assert [guild["name"] for guild in state["guilds"]] == ["Elsewhere"]
    assert [channel["name"] for channel in state["channels"]] == ["hall", "Atelier"]
    assert {person["name"]: person["role"] for person in state["people"]} == {
        "owner": "owner",
        "mod": "moderator",
        "ada": "member",
        "bob": "member",
        "eve": "owner",
    }
    async with http.get("/api/live?as=nobody") as answer:
        assert answer.status == 404


async def test_changes_arrive_as_the_acting_person_may_see_them(http: aiohttp.ClientSession, env: Environment) -> None:
    async with http.ws_connect("/api/live?as=bob") as socket:
        first = await socket.receive_json(timeout=5)
        assert first["event"] == "state"
        ada, bob = env.person("ada"), env.person("bob")
        await ada.say(env.discord.dm(ada), "for the bot alone")
        await bob.say(env.studio, "for all")
        while (change := await socket.receive_json(timeout=5))["event"] != "message":
            pass
        assert change["message"]["content"] == "for all"


async def test_a_refusal_names_its_reason(http: aiohttp.ClientSession, env: Environment, scripted: ScriptedBot) -> None:
    channel = str(env.studio.id)
    posted = await scripted.post({"content": "x", "components": [payloads.row(payloads.button("Off", disabled=True))]})
    said = await env.person("bob").say(env.studio, "mine")
    cases = [
        ("slash", {"channel": channel, "command": "nothing"}, "there is no command /nothing here"),
        ("slash", {"channel": "1", "command": "x"}, "this channel is gone"),
        ("press", {"message": posted, "custom_id": "press Off"}, "press Off is disabled"),
        ("press", {"message": "1", "custom_id": "x"}, "this message is gone"),
        ("delete", {"message": str(said.id)}, "ada may not delete this message"),
        ("dismiss", {"message": posted}, "only an ephemeral message can be dismissed"),
        ("modal", {"interaction": "1"}, "no modal is open"),
        ("say", {"channel": channel, "as": "nobody", "text": "x"}, "the page did not say who acts"),
    ]
    for name, fields, reason in cases:
        status, answer = await post(http, name, **fields)
        assert status == 422
        assert reason in answer["refused"], answer


async def test_a_request_that_cannot_be_read_is_refused(http: aiohttp.ClientSession) -> None:
    for body in ("", "[]", "{"):
        async with http.post("/api/press", data={"fields": body}) as answer:
            assert answer.status == 422
    async with http.post("/api/unknown", json={}) as answer:
        assert answer.status == 404


async def test_files_are_served_unchanged_but_only_media_is_shown(
    http: aiohttp.ClientSession, env: Environment
) -> None:
    picture = payloads.picture()
    uploads = [
        UploadedFile("a.png", "image/png", picture),
        UploadedFile("a.html", "text/html", b"<script>alert(1)</script>"),
    ]
    await env.person("ada").say(env.studio, "files", uploads)
    shown, page = (await state_of(http, "ada"))["messages"][0]["attachments"]
    async with http.get(shown["src"]) as answer:
        assert await answer.read() == picture
        assert answer.content_type == "image/png"
        assert "Content-Disposition" not in answer.headers
    async with http.get(page["src"]) as answer:
        assert answer.headers["Content-Disposition"] == "attachment"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
