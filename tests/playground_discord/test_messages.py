"""Messages over REST: permissions, pings, edits and files."""

import json
import re
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from playground.discord import LocalDiscord, payloads

V2 = 1 << 15
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000040000000300806000000")


@pytest.fixture
def path(local: LocalDiscord) -> str:
    return f"/channels/{local.channel('studio').id}/messages"


def form(payload: Any, **files: bytes) -> aiohttp.FormData:
    data = aiohttp.FormData(quote_fields=False)
    data.add_field("payload_json", json.dumps(payload))
    for index, (name, content) in enumerate(files.items()):
        filename = name.replace("_png", ".png").replace("_txt", ".txt")
        data.add_field(f"files[{index}]", content, filename=filename, content_type="application/octet-stream")
    return data


def code(reply: Any) -> tuple[int, int]:
    return reply.status, reply.body["code"]


# who may


async def test_requests_without_the_bots_token_are_unauthorized(call: Any, local: LocalDiscord, path: str) -> None:
    for token in ("", "Bot wrong", f"Bearer {local.bot_token}", local.bot_token):
        for method, where in (("GET", "/users/@me"), ("GET", "/gateway/bot"), ("POST", path)):
            reply = await call(method, where, headers={"Authorization": token})
            assert (reply.status, reply.body) == (401, {"message": "401: Unauthorized", "code": 0})


async def test_answers_are_exactly_json(call: Any) -> None:
    for where in ("/gateway", "/users/@me", "/nowhere"):
        assert (await call("GET", where)).headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("method", "where", "expected"),
    [
        ("GET", "/nowhere", (404, 0)),
        ("GET", "/channels/1", (404, 10003)),
        ("GET", "/channels/abc", (404, 10003)),
        ("POST", "/channels/1/messages", (404, 10003)),
        ("GET", "/channels/{studio}/messages/1", (404, 10008)),
        ("PATCH", "/channels/{studio}/messages/1", (404, 10008)),
        ("DELETE", "/channels/{studio}/messages/1", (404, 10008)),
        ("GET", "/users/1", (404, 10013)),
        ("GET", "/guilds/1", (404, 10004)),
        ("GET", "/guilds/{guild}/members/1", (404, 10007)),
        ("GET", "/channels/{studio}/messages?limit=0", (400, 50035)),
        ("GET", "/channels/{studio}/messages?limit=x", (400, 50035)),
        ("POST", "/users/@me/channels", (400, 50035)),
    ],
)
async def test_what_is_unknown_has_its_own_code(
    local: LocalDiscord, call: Any, method: str, where: str, expected: tuple[int, int]
) -> None:
    studio = local.channel("studio")
    reply = await call(method, where.format(studio=studio.id, guild=studio.guild_id), {} if method != "GET" else None)
    assert code(reply) == expected


async def test_permissions_denied_to_the_bot_are_missing(local: LocalDiscord, call: Any, path: str) -> None:
    studio = local.channel("studio")
    local.set_bot_permission(studio, send_messages=False)
    assert code(await call("POST", path, {"content": "x"})) == (403, 50013)
    assert code(await call("POST", f"/channels/{studio.id}/typing")) == (403, 50013)
    local.set_bot_permission(studio, send_messages=True, attach_files=False)
    assert code(await call("POST", path, data=form({}, a_txt=b"x"))) == (403, 50013)
    local.set_bot_permission(studio, view_channel=False)
    assert code(await call("GET", path)) == (403, 50001)
    local.set_bot_permission(studio, view_channel=True)
    assert (await call("POST", path, {"content": "x"})).status == 200


async def test_a_deleted_channel_is_unknown(local: LocalDiscord, call: Any, path: str) -> None:
    local.delete_channel(local.channel("studio"))
    assert code(await call("POST", path, {"content": "x"})) == (404, 10003)


async def test_the_bot_edits_its_own_messages_only(local: LocalDiscord, call: Any, path: str) -> None:
    said = await local.person("ada").say(local.channel("studio"), "mine")
    assert code(await call("PATCH", f"{path}/{said.id}", {"content": "yours"})) == (403, 50005)
    assert code(await call("DELETE", f"{path}/{said.id}")) == (403, 50013)
    local.set_bot_permission(local.channel("studio"), manage_messages=True)
    assert (await call("DELETE", f"{path}/{said.id}")).status == 204


async def test_direct_messages_reach_people_who_accept_them(local: LocalDiscord, call: Any) -> None:
    ada = local.person("ada")
    opened = await call("POST", "/users/@me/channels", {"recipient_id": str(ada.user.id)})
    assert opened.body["recipients"][0]["username"] == "ada"
    where = f"/channels/{opened.body['id']}/messages"
    assert (await call("POST", where, {"content": "x"})).status == 200
    assert [each.text for each in local.visible_messages(local.dm(ada), ada)] == ["x"]
    assert local.visible_messages(local.dm(ada), local.person("bob")) == []
    ada.user.accepts_dms = False
    assert code(await call("POST", where, {"content": "x"})) == (403, 50007)
    stranger = local.add_person("zoe")
    alone = await call("POST", "/users/@me/channels", {"recipient_id": str(stranger.user.id)})
    assert code(await call("POST", f"/channels/{alone.body['id']}/messages", {"content": "x"})) == (403, 50278)
    local.leave(local.guild("Test Server"), ada)
    assert code(await call("POST", where, {"content": "x"})) == (403, 50278)
    bob = local.person("bob")
    to_bob = f"/channels/{(await call('POST', '/users/@me/channels', {'recipient_id': str(bob.user.id)})).body['id']}"
    bob.user.accepts_dm_files = False
    assert code(await call("POST", f"{to_bob}/messages", data=form({"content": "x"}, a_png=PNG))) == (403, 20009)
    assert (await call("POST", f"{to_bob}/messages", {"content": "x"})).status == 200


async def test_an_archived_thread_takes_new_messages_but_no_edits_and_a_locked_one_nothing(
    local: LocalDiscord, call: Any
) -> None:
    thread = local.add_thread(local.channel("studio"), "boats", local.person("ada"), private=False)
    where = f"/channels/{thread.id}/messages"
    sent = (await call("POST", where, {"content": "x"})).body
    local.archive(thread)
    assert code(await call("PATCH", f"{where}/{sent['id']}", {"content": "y"})) == (400, 50083)
    assert (await call("POST", where, {"content": "z"})).status == 200
    assert (await call("PATCH", f"{where}/{sent['id']}", {"content": "y"})).status == 200
    local.archive(thread, locked=True)
    assert code(await call("POST", where, {"content": "z"})) == (403, 160005)


async def test_old_messages_are_edited_a_number_of_times(local: LocalDiscord, call: Any, path: str) -> None:
    sent = (await call("POST", path, {"content": "x"})).body
    local.state.messages[int(sent["id"])].created_at -= timedelta(hours=2)
    answers = [(await call("PATCH", f"{path}/{sent['id']}", {"content": f"{n}"})) for n in range(31)]
    assert {each.status for each in answers[:30]} == {200}
    assert code(answers[30]) == (429, 30046)


# bodies


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"content": "x" * 2001}, "content"),
        ({"content": 7}, "content"),
        ({"embeds": [{"title": "t" * 257}]}, "embeds.0.title"),
        ({"embeds": [{"description": "d" * 4097}]}, "embeds.0.description"),
        ({"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}, "embeds.0.fields"),
        ({"embeds": [{"fields": [{"name": "n" * 257, "value": "v"}]}]}, "embeds.0.fields.0.name"),
        ({"embeds": [{"fields": [{"name": "n", "value": "v" * 1025}]}]}, "embeds.0.fields.0.value"),
        ({"embeds": [{"fields": [{"name": "n", "value": ""}]}]}, "embeds.0.fields.0.value"),
        ({"embeds": [{"footer": {"text": "t" * 2049}}]}, "embeds.0.footer.text"),
        ({"embeds": [{"author": {"name": "n" * 257}}]}, "embeds.0.author.name"),
        ({"embeds": [{"image": {"url": "file:///x"}}]}, "embeds.0.image.url"),
        ({"embeds": [{"description": "d" * 3001}] * 2}, "embeds"),
        ({"embeds": [{"title": "t"}] * 11}, "embeds"),
        ({"content": "x", "attachments": [{"id": 0}]}, "attachments.0.id"),
        ({"content": "x", "allowed_mentions": {"parse": ["me"]}}, "allowed_mentions.parse"),
        ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "allowed_mentions"),
        ({"content": "x", "allowed_mentions": {"users": [str(n) for n in range(101)]}}, "allowed_mentions.users"),
        ({"content": "x", "nonce": "n" * 26}, "nonce"),
        ({"content": "x", "message_reference": {"message_id": "1"}}, "message_reference"),
    ],
)
async def test_an_invalid_body_is_refused_by_path(call: Any, path: str, body: dict[str, Any], where: str) -> None:
    reply = await call("POST", path, body)
    assert code(reply) == (400, 50035)
    errors = reply.body["errors"]
    for part in where.split("."):
        errors = errors[part]
    assert errors["_errors"]


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": " \n"}, {"content": "", "embeds": []}])
async def test_an_empty_message_is_refused(call: Any, path: str, body: dict[str, Any]) -> None:
    assert code(await call("POST", path, body)) == (400, 50006)


async def test_invalid_json_is_refused(call: Any, path: str) -> None:
    reply = await call("POST", path, data="{", headers={"Content-Type": "application/json"})
    assert code(reply) == (400, 50109)


async def test_a_page_of_history_is_newest_first(call: Any, path: str) -> None:
    ids = [(await call("POST", path, {"content": str(n)})).body["id"] for n in range(4)]
    assert [each["content"] for each in (await call("GET", path)).body] == ["3", "2", "1", "0"]
    assert [m["content"] for m in (await call("GET", f"{path}?limit=1&before={ids[2]}")).body] == ["1"]
    assert [m["content"] for m in (await call("GET", f"{path}?limit=2&after={ids[0]}")).body] == ["2", "1"]


async def test_a_nonce_that_is_enforced_makes_one_message_of_two(local: LocalDiscord, call: Any, path: str) -> None:
    body = {"content": "x", "nonce": "42", "enforce_nonce": True}
    first, second = await call("POST", path, body), await call("POST", path, body)
    assert first.body["id"] == second.body["id"]
    assert len(local.messages(local.channel("studio"))) == 1


# edits


async def test_what_an_edit_leaves_out_stays(local: LocalDiscord, post: Any, call: Any, path: str) -> None:
    message = await post({"content": "a", "embeds": [{"title": "t"}]})
    reply = await call("PATCH", f"{path}/{message.id}", {"content": "b"})
    assert (reply.body["content"], reply.body["embeds"][0]["title"]) == ("b", "t")
    assert reply.body["edited_timestamp"] is not None
    assert [each.payload["content"] for each in message.revisions] == ["a", "b"]
    assert code(await call("PATCH", f"{path}/{message.id}", {"content": "", "embeds": []})) == (400, 50006)
    assert message.content == "b"


async def test_the_layout_flag_is_set_by_an_edit_and_never_taken_back(call: Any, path: str, post: Any) -> None:
    message = await post({"content": "a"})
    layout = {"flags": V2, "components": [{"type": 10, "content": "x"}]}
    left_over = await call("PATCH", f"{path}/{message.id}", layout)
    assert left_over.body["errors"]["content"]
    assert (await call("PATCH", f"{path}/{message.id}", layout | {"content": None})).body["flags"] == V2
    assert code(await call("PATCH", f"{path}/{message.id}", {"flags": 0, "content": "a"})) == (400, 50035)
    without_flag = {"components": [{"type": 10, "content": "y"}]}
    assert (await call("PATCH", f"{path}/{message.id}", without_flag)).body["flags"] == V2


# pings


@pytest.mark.parametrize(
    ("allowed", "pinged"),
    [
        (None, ["ada", "bob"]),
        ({"parse": []}, []),
        ({"parse": ["users"]}, ["ada", "bob"]),
        ({"parse": ["everyone", "roles"]}, []),
        ({"users": ["{bob}"]}, ["bob"]),
    ],
)
async def test_a_message_pings_the_allowed_users(
    local: LocalDiscord, call: Any, path: str, allowed: Any, pinged: list[str]
) -> None:
    ada, bob = local.person("ada").user, local.person("bob").user
    body: dict[str, Any] = {"flags": V2, "components": [{"type": 10, "content": f"<@{ada.id}> <@!{bob.id}> @everyone"}]}
    if allowed is not None:
        body["allowed_mentions"] = json.loads(json.dumps(allowed).replace("{bob}", str(bob.id)))
    reply = await call("POST", path, body)
    assert [user["username"] for user in reply.body["mentions"]] == pinged
    assert reply.body["mention_everyone"] is False


async def test_everyone_is_pinged_with_the_permission(local: LocalDiscord, call: Any, path: str) -> None:
    local.set_bot_permission(local.channel("studio"), mention_everyone=True)
    role = next(role for role in local.guild("Test Server").roles.values() if role.name == "Moderators")
    reply = await call("POST", path, {"content": f"@here <@&{role.id}> <@&1234567890123456789>"})
    assert reply.body["mention_everyone"] is True
    assert reply.body["mention_roles"] == [str(role.id)]


async def test_a_reply_pings_its_author_if_asked(local: LocalDiscord, call: Any, path: str) -> None:
    said = await local.person("ada").say(local.channel("studio"), "hello")
    body = {"content": "x", "message_reference": {"message_id": str(said.id)}}
    reply = await call("POST", path, body)
    assert reply.body["type"] == 19
    assert [user["username"] for user in reply.body["mentions"]] == ["ada"]
    assert (await call("POST", path, body | {"allowed_mentions": {"parse": []}})).body["mentions"] == []
    missing = body | {"message_reference": {"message_id": "1", "fail_if_not_exists": False}}
    assert (await call("POST", path, missing)).body["type"] == 0


# files


async def test_an_uploaded_image_is_measured_and_served(
    call: Any, path: str, http: aiohttp.ClientSession, local: LocalDiscord
) -> None:
    payload = {
        "flags": V2,
        "attachments": [{"id": "0", "description": "a fox"}],
        "components": [
            {"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]},
            {"type": 13, "file": {"url": "attachment://b.txt"}},
        ],
    }
    reply = await call("POST", path, data=form(payload, a_png=PNG, b_txt=b"text"))
    assert reply.body["attachments"] == []  # components show them
    shown = local.state.messages[int(reply.body["id"])]
    image, text = (payloads.attachment(each, local.files) for each in shown.attachments)
    assert (image["filename"], image["size"], image["description"]) == ("a.png", len(PNG), "a fox")
    assert (image["content_type"], image["width"], image["height"]) == ("image/png", 64, 48)
    assert text["content_type"] == "text/plain; charset=utf-8"
    gallery, file = reply.body["components"]
    media = gallery["items"][0]["media"]
    assert (media["attachment_id"], media["width"]) == (image["id"], 64)
    assert (file["name"], file["size"]) == ("b.txt", 4)
    async with http.get(media["url"]) as served:
        assert (served.status, served.headers["Content-Type"]) == (200, "image/png")
        assert await served.read() == PNG
    async with http.get(text["proxy_url"]) as served:
        assert await served.text() == "text"
    assert local.violations == []


@pytest.mark.parametrize("change", ["no query", "wrong signature", "another time", "another name"])
async def test_a_link_is_valid_only_with_its_signature(
    call: Any, path: str, http: aiohttp.ClientSession, change: str
) -> None:
    url = (await call("POST", path, data=form({}, a_txt=b"x"))).body["attachments"][0]["url"]
    changed = {
        "no query": url.partition("?")[0],
        "wrong signature": re.sub("hm=.", "hm=z", url),
        "another time": re.sub("ex=", "ex=f", url),
        "another name": url.replace("a.txt", "b.txt"),
    }[change]
    async with http.get(changed) as response:
        assert response.status == 404


async def test_an_edit_keeps_the_files_it_lists_and_adds_new_ones(call: Any, path: str, local: LocalDiscord) -> None:
    sent = (await call("POST", path, data=form({"content": "x"}, a_txt=b"a", b_txt=b"b"))).body
    one = f"{path}/{sent['id']}"
    untouched = await call("PATCH", one, {"content": "y"})
    assert [each["filename"] for each in untouched.body["attachments"]] == ["a.txt", "b.txt"]
    kept = {"attachments": [{"id": sent["attachments"][1]["id"], "description": "kept"}, {"id": 0}]}
    changed = await call("PATCH", one, data=form(kept, c_txt=b"c"))
    assert [each["filename"] for each in changed.body["attachments"]] == ["b.txt", "c.txt"]
    assert changed.body["attachments"][0]["description"] == "kept"
    added = await call("PATCH", one, data=form({}, d_txt=b"d"))
    assert [each["filename"] for each in added.body["attachments"]] == ["b.txt", "c.txt", "d.txt"]
    unknown = await call("PATCH", one, {"attachments": [{"id": "12345678"}]})
    assert unknown.body["errors"]["attachments"]["0"]["id"]
    assert (await call("PATCH", one, {"attachments": []})).body["attachments"] == []
    assert local.violations == []


async def test_a_card_may_name_a_file_that_it_keeps(call: Any, path: str) -> None:
    gallery = {"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]}
    sent = (await call("POST", path, data=form({"flags": V2, "components": [gallery]}, a_png=PNG))).body
    one = f"{path}/{sent['id']}"
    assert (await call("PATCH", one, {"components": [gallery]})).status == 200
    dropped = await call("PATCH", one, {"components": [gallery], "attachments": []})
    assert code(dropped) == (400, 50035)


async def test_a_file_over_the_servers_limit_is_refused(local: LocalDiscord, call: Any, path: str) -> None:
    local.guild("Test Server").attachment_size_limit = 10
    assert code(await call("POST", path, data=form({}, a_txt=b"x" * 11))) == (413, 40005)
    assert (await call("POST", path, data=form({}, a_txt=b"x" * 10))).status == 200


async def test_a_message_has_ten_files_at_most(call: Any, path: str) -> None:
    files = {f"f{n}_txt": b"x" for n in range(11)}
    assert code(await call("POST", path, data=form({}, **files))) == (400, 50035)
    files.popitem()
    assert (await call("POST", path, data=form({}, **files))).status == 200


async def test_a_file_gets_a_clean_name(call: Any, path: str, local: LocalDiscord) -> None:
    data = aiohttp.FormData(quote_fields=False)
    gallery = {"type": 12, "items": [{"media": {"url": "attachment://mein_Fuchs.png"}}]}
    data.add_field("payload_json", json.dumps({"flags": V2, "components": [gallery]}))
    data.add_field("files[0]", PNG, filename="mein Fuchs.png")
    reply = await call("POST", path, data=data)
    (attachment,) = local.state.messages[int(reply.body["id"])].attachments
    assert (attachment.filename, attachment.title) == ("mein_Fuchs.png", "mein Fuchs.png")
