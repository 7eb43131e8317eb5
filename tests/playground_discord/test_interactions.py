"""The course of an interaction: three seconds, one answer, fifteen minutes of token."""

import asyncio
from typing import Any

import aiohttp
import pytest

from playground.discord import InteractionFailed, Limits, LocalDiscord, UploadedFile

BUTTON = {"type": 1, "components": [{"type": 2, "style": 1, "label": "U1", "custom_id": "u1"}]}


async def pressed(local: LocalDiscord, raw_bot_for: Any, post: Any) -> Any:
    message = await post({"content": "card", "components": [BUTTON]})
    return raw_bot_for(await local.person("bob").press(message, "u1"))


async def test_an_answer_is_a_message_and_its_time_is_taken(local: LocalDiscord, raw_bot: Any) -> None:
    reply = await raw_bot.answer(4, {"content": "here"})
    assert (reply.status, reply.body) == (204, "")
    interaction = await raw_bot.interaction.answered()
    assert interaction.response_message.text == "here"
    assert interaction.response_message.type == 20
    assert 0 < interaction.acknowledged_at < 3
    assert interaction.response_message.interaction_metadata["name"] == "imagine"
    assert local.violations == []


async def test_with_response_the_answer_describes_itself(raw_bot: Any) -> None:
    reply = await raw_bot.answer(4, {"content": "here", "flags": 64}, params={"with_response": "1"})
    assert reply.status == 200
    assert reply.body["resource"]["type"] == 4
    assert reply.body["resource"]["message"]["content"] == "here"
    described = reply.body["interaction"]
    assert described["response_message_id"] == reply.body["resource"]["message"]["id"]
    assert (described["response_message_loading"], described["response_message_ephemeral"]) == (False, True)


async def test_a_second_answer_is_refused(raw_bot: Any) -> None:
    await raw_bot.answer(5)
    reply = await raw_bot.answer(4, {"content": "again"})
    assert (reply.status, reply.body["code"]) == (400, 40060)


async def test_an_invalid_answer_leaves_the_interaction_open(raw_bot: Any) -> None:
    refused = await raw_bot.answer(4, {"content": "x" * 2001})
    assert refused.body["errors"]["data"]["content"]["_errors"][0]["code"] == "BASE_TYPE_MAX_LENGTH"
    assert (await raw_bot.answer(4, {"content": "x"})).status == 204


@pytest.mark.parametrize("change", ["id", "token"])
async def test_an_unknown_interaction_cannot_be_answered(raw_bot: Any, call: Any, change: str) -> None:
    interaction = raw_bot.interaction
    path = f"/interactions/{interaction.id + (change == 'id')}/{interaction.token}{'x' if change == 'token' else ''}"
    reply = await call("POST", f"{path}/callback", {"type": 5})
    assert (reply.status, reply.body["code"]) == (404, 10062)


async def test_without_an_answer_in_time_the_interaction_has_failed(http: aiohttp.ClientSession) -> None:
    async with LocalDiscord(limits=Limits.off(acknowledge=0.05)) as local:
        headers = {"Authorization": f"Bot {local.bot_token}"}
        commands = f"{local.api_url}/applications/{local.state.application_id}/commands"
        await http.put(commands, json=[{"name": "imagine", "description": "x"}], headers=headers)
        interaction = await local.person("ada").slash(local.channel("studio"), "imagine")
        with pytest.raises(InteractionFailed):
            await interaction.answered()
        assert interaction.state == "failed"
        late = await http.post(
            f"{local.api_url}/interactions/{interaction.id}/{interaction.token}/callback", json={"type": 5}
        )
        assert late.status == 404
        assert (await late.json())["code"] == 10062
        assert "did not respond" in local.transcript(local.channel("studio"))


async def test_a_token_expires(http: aiohttp.ClientSession) -> None:
    async with LocalDiscord(limits=Limits.off(token=0.0)) as local:
        headers = {"Authorization": f"Bot {local.bot_token}"}
        application = local.state.application_id
        commands = f"{local.api_url}/applications/{application}/commands"
        await http.put(commands, json=[{"name": "imagine", "description": "x"}], headers=headers)
        interaction = await local.person("ada").slash(local.channel("studio"), "imagine")
        await http.post(f"{local.api_url}/interactions/{interaction.id}/{interaction.token}/callback", json={"type": 5})
        url = f"{local.api_url}/webhooks/{application}/{interaction.token}/messages/@original"
        late = await http.patch(url, json={"content": "late"})
        assert (late.status, (await late.json())["code"]) == (401, 50027)


async def test_a_token_is_unknown_before_the_first_answer(raw_bot: Any) -> None:
    reply = await raw_bot.webhook("POST", "", {"content": "x"})
    assert (reply.status, reply.body["code"]) == (404, 10015)


async def test_a_wrong_token_and_a_wrong_application_differ(raw_bot: Any, call: Any, local: LocalDiscord) -> None:
    await raw_bot.answer(5)
    wrong_token = await call("POST", f"/webhooks/{local.state.application_id}/wrong", {"content": "x"})
    assert (wrong_token.status, wrong_token.body["code"]) == (401, 50027)
    wrong_application = await call("POST", f"/webhooks/1/{raw_bot.interaction.token}", {"content": "x"})
    assert (wrong_application.status, wrong_application.body["code"]) == (404, 10015)


async def test_the_first_follow_up_of_a_deferred_reply_becomes_that_reply(raw_bot: Any, local: LocalDiscord) -> None:
    await raw_bot.answer(5, {"flags": 64})
    thinking = raw_bot.interaction.response_message
    assert thinking.loading
    first = await raw_bot.webhook("POST", "", {"content": "done", "flags": 0})
    assert first.body["id"] == str(thinking.id)
    assert (thinking.text, thinking.loading, thinking.ephemeral, thinking.edited_at) == ("done", False, True, None)
    second = await raw_bot.webhook("POST", "", {"content": "more"})
    assert second.body["id"] != str(thinking.id)
    assert second.body["type"] == 19
    assert [each.text for each in raw_bot.interaction.messages] == ["done", "more"]
    assert local.violations == []


async def test_a_follow_up_after_the_reply_was_edited_is_a_new_message(raw_bot: Any) -> None:
    await raw_bot.answer(5)
    await raw_bot.webhook("PATCH", "/messages/@original", {"content": "done"})
    reply = await raw_bot.webhook("POST", "", {"content": "more"})
    assert reply.body["id"] != str(raw_bot.interaction.response_message.id)


async def test_a_deferral_ignores_the_layout_flag_but_its_edit_takes_it(raw_bot: Any) -> None:
    await raw_bot.answer(5, {"flags": 1 << 15})
    assert raw_bot.interaction.response_message.flags == 128
    reply = await raw_bot.webhook(
        "PATCH", "/messages/@original", {"flags": 1 << 15, "components": [{"type": 10, "content": "x"}]}
    )
    assert reply.body["flags"] == 1 << 15


async def test_original_and_follow_ups_are_read_changed_and_deleted_by_the_token(raw_bot: Any, call: Any) -> None:
    await raw_bot.answer(4, {"content": "one"})
    follow_up = (await raw_bot.webhook("POST", "", {"content": "two"})).body
    assert (await raw_bot.webhook("GET", "/messages/@original")).body["content"] == "one"
    assert (await raw_bot.webhook("GET", f"/messages/{follow_up['id']}")).body["content"] == "two"
    assert (await raw_bot.webhook("PATCH", f"/messages/{follow_up['id']}", {"content": "2"})).body["content"] == "2"
    assert (await raw_bot.webhook("DELETE", f"/messages/{follow_up['id']}")).status == 204
    missing = await raw_bot.webhook("GET", f"/messages/{follow_up['id']}")
    assert (missing.status, missing.body["code"]) == (404, 10008)
    assert (await raw_bot.webhook("DELETE", "/messages/@original")).status == 204
    assert (await raw_bot.webhook("GET", "/messages/@original")).body["code"] == 10008


async def test_a_token_reaches_no_other_message(raw_bot: Any, post: Any) -> None:
    await raw_bot.answer(4, {"content": "one"})
    other = await post({"content": "other"})
    assert (await raw_bot.webhook("PATCH", f"/messages/{other.id}", {"content": "x"})).body["code"] == 10008


async def test_after_a_silent_deferral_the_original_is_the_pressed_message(
    local: LocalDiscord, raw_bot_for: Any, post: Any
) -> None:
    press = await pressed(local, raw_bot_for, post)
    await press.answer(6)
    await press.webhook("PATCH", "/messages/@original", {"content": "changed"})
    assert press.interaction.message.text == "changed"
    follow_up = await press.webhook("POST", "", {"content": "new"})
    assert follow_up.body["message_reference"]["message_id"] == str(press.interaction.message.id)
    assert local.violations == []


async def test_an_update_changes_the_pressed_message_at_once(local: LocalDiscord, raw_bot_for: Any, post: Any) -> None:
    press = await pressed(local, raw_bot_for, post)
    reply = await press.answer(7, {"content": "changed", "components": []}, params={"with_response": "true"})
    assert reply.body["resource"]["message"]["content"] == "changed"
    assert press.interaction.message.buttons == []
    assert press.interaction.message.edited_at is not None


@pytest.mark.parametrize("kind", [6, 7, 8, 1, 12])
async def test_a_command_is_not_answered_like_a_button(raw_bot: Any, kind: int) -> None:
    reply = await raw_bot.answer(kind, {"content": "x"})
    assert reply.body["errors"]["type"]["_errors"][0]["code"] == "BASE_TYPE_CHOICES"


async def test_a_modal_cannot_answer_a_modal(local: LocalDiscord, raw_bot: Any, raw_bot_for: Any) -> None:
    await raw_bot.answer(9, {"title": "t", "custom_id": "m", "components": [{"type": 10, "content": "x"}]})
    submit = raw_bot_for(await local.person("ada").submit_modal(raw_bot.interaction, {}))
    reply = await submit.answer(9, {"title": "t", "custom_id": "m", "components": [{"type": 10, "content": "x"}]})
    assert reply.status == 400
    assert (await submit.answer(6)).status == 400
    assert (await submit.answer(4, {"content": "x"})).status == 204


async def test_a_private_answer_is_seen_by_one_person_only(local: LocalDiscord, raw_bot: Any) -> None:
    await raw_bot.answer(4, {"content": "psst", "flags": 64})
    ada, bob, studio = local.person("ada"), local.person("bob"), local.channel("studio")
    (message,) = local.visible_messages(studio, ada)
    assert message.ephemeral
    assert local.visible_messages(studio, bob) == []
    assert "psst" not in local.transcript(studio, bob)
    assert "only they see this" in local.transcript(studio, ada)
    ada.dismiss(message)
    assert local.visible_messages(studio, ada) == []
    assert (await raw_bot.webhook("PATCH", "/messages/@original", {"content": "still there"})).status == 200


async def test_a_private_answer_cannot_be_reached_through_the_channel(
    local: LocalDiscord, raw_bot: Any, call: Any
) -> None:
    await raw_bot.answer(4, {"content": "psst", "flags": 64})
    message = raw_bot.interaction.response_message
    reply = await call("GET", f"/channels/{message.channel_id}/messages/{message.id}")
    assert (reply.status, reply.body["code"]) == (404, 10008)
    assert (await call("GET", f"/channels/{message.channel_id}/messages")).body == []


async def test_a_redelivered_interaction_has_the_same_id_and_takes_one_answer(
    local: LocalDiscord, raw_bot: Any
) -> None:
    local.redeliver(raw_bot.interaction)
    assert raw_bot.interaction.deliveries == 2
    assert (await raw_bot.answer(5)).status == 204
    assert (await raw_bot.answer(5)).body["code"] == 40060


async def test_files_come_with_an_answer(local: LocalDiscord, raw_bot: Any, call: Any) -> None:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", '{"type": 4, "data": {"attachments": [{"id": 0, "description": "alt"}]}}')
    form.add_field("files[0]", b"data", filename="a.txt", content_type="application/octet-stream")
    interaction = raw_bot.interaction
    reply = await call("POST", f"/interactions/{interaction.id}/{interaction.token}/callback", data=form)
    assert reply.status == 204
    (attachment,) = interaction.response_message.attachments
    assert (attachment.filename, attachment.description, attachment.data) == ("a.txt", "alt", b"data")
    assert local.requests[-1].files == [("files[0]", "a.txt", 4)]
    assert local.violations == []


async def test_an_outside_server_allows_five_follow_ups(
    local: LocalDiscord, registered: object, raw_bot_for: Any
) -> None:
    ada = local.person("ada")
    outside = local.add_guild("Outside", local.person("eve"), ada, with_bot=False)
    channel = local.add_channel(outside, "far")
    local.install_for_user(ada)
    raw_bot = raw_bot_for(await ada.slash(channel, "imagine", {"prompt": "x"}))
    assert raw_bot.interaction.payload["authorizing_integration_owners"] == {"1": str(ada.user.id)}
    assert raw_bot.interaction.payload["context"] == 0
    await raw_bot.answer(4, {"content": "0"})
    statuses = [(await raw_bot.webhook("POST", "", {"content": "x"})).status for _ in range(6)]
    assert statuses == [200] * 5 + [400]


async def test_the_payload_is_complete(local: LocalDiscord, registered: object) -> None:
    ada, studio = local.person("ada"), local.channel("studio")
    options: dict[str, Any] = {
        "prompt": "x",
        "image1": UploadedFile("a b.png", None, b"\x89PNG"),
        "who": local.person("bob").user,
    }
    interaction = await ada.slash(studio, "imagine", options)
    payload = interaction.payload
    assert payload["version"] == 1
    assert payload["guild_id"] == payload["guild"]["id"] == str(studio.guild_id)
    assert payload["channel"]["permissions"] == payload["member"]["permissions"]
    assert payload["member"]["user"]["username"] == "ada"
    assert int(payload["app_permissions"]) & 1 << 11
    assert (payload["locale"], payload["guild_locale"], payload["context"]) == ("en-US", "en-US", 0)
    assert payload["authorizing_integration_owners"] == {"0": str(studio.guild_id)}
    assert payload["attachment_size_limit"] == 10 * 1024 * 1024
    assert payload["entitlements"] == []
    by_name = {option["name"]: option["value"] for option in payload["data"]["options"]}
    attachment = payload["data"]["resolved"]["attachments"][by_name["image1"]]
    assert (attachment["filename"], attachment["ephemeral"]) == ("a_b.png", True)
    assert payload["data"]["resolved"]["users"][by_name["who"]]["username"] == "bob"
    assert "permissions" in payload["data"]["resolved"]["members"][by_name["who"]]


async def test_in_direct_messages_there_is_a_user_and_no_member(local: LocalDiscord, registered: object) -> None:
    eve = local.person("eve")
    interaction = await eve.slash(local.dm(eve), "imagine", {"prompt": "x"})
    assert interaction.payload["user"]["username"] == "eve"
    assert interaction.payload["context"] == 1
    assert not {"member", "guild_id", "guild"} & set(interaction.payload)


async def test_a_deleted_channel_takes_no_follow_up(local: LocalDiscord, raw_bot: Any) -> None:
    await raw_bot.answer(4, {"content": "x"})
    local.delete_channel(raw_bot.interaction.channel)
    assert (await raw_bot.webhook("POST", "", {"content": "y"})).body["code"] == 10003
    assert (await raw_bot.webhook("PATCH", "/messages/@original", {"content": "y"})).body["code"] == 10008


async def test_waiting_for_an_answer_has_a_limit(raw_bot: Any) -> None:
    with pytest.raises(TimeoutError):
        await raw_bot.interaction.answered(0.01)


async def test_autocomplete_returns_the_choices(local: LocalDiscord, registered: object, raw_bot_for: Any) -> None:
    completion = asyncio.create_task(
        local.person("ada").autocomplete(local.channel("studio"), "show", {"task": "fo"}, focused="task")
    )
    await local.until(lambda: local.interactions)
    raw_bot = raw_bot_for(local.interactions[0])
    assert raw_bot.interaction.data["options"] == [{"name": "task", "type": 3, "value": "fo", "focused": True}]
    assert (await raw_bot.answer(4, {"content": "x"})).status == 400
    refused = await raw_bot.answer(8, {"choices": [{"name": "n" * 101, "value": "v"}]})
    assert "choices" in refused.body["errors"]["data"]
    await raw_bot.answer(8, {"choices": [{"name": "a fox", "value": "1"}]})
    assert await completion == [{"name": "a fox", "value": "1"}]
