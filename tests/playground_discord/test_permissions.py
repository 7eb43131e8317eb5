"""Hidden channels, threads and group DMs: what people and the bot see of them."""

from __future__ import annotations

from typing import Any

import pytest

from playground.discord import ClientRefused, LocalDiscord, RawInteraction, payloads

VIEW = 1 << 10


async def test_a_hidden_channel_is_open_to_those_named(local: LocalDiscord, registered: object) -> None:
    ada, bob, lounge = local.person("ada"), local.person("bob"), local.channel("lounge")
    said = await bob.say(lounge, "before")
    local.hide(lounge, ada)
    await ada.say(lounge, "here")
    used = await ada.slash(lounge, "imagine", {"prompt": "a fox"})
    assert int(used.payload["member"]["permissions"]) & VIEW
    assert not bob.sees(said)
    with pytest.raises(ClientRefused, match="may not"):
        await bob.slash(lounge, "imagine", {"prompt": "a fox"})
    assert local.person("owner").sees(said)


async def test_a_channel_is_opened_to_a_role(local: LocalDiscord) -> None:
    ada, bob, lounge = local.person("ada"), local.person("bob"), local.channel("lounge")
    artists = local.add_role(local.guild("Test Server"), "Artists", bob)
    local.hide(lounge, artists)
    await bob.say(lounge, "here")
    with pytest.raises(ClientRefused, match="may not"):
        await ada.say(lounge, "here")
    overwrites = {each["id"]: each["type"] for each in payloads.channel(lounge)["permission_overwrites"]}
    assert overwrites[str(artists.id)] == 0
    assert overwrites[str(local.guild("Test Server").id)] == 0
    assert overwrites[str(local.state.bot.id)] == 1


async def test_a_permission_is_that_of_the_channel_an_interaction_is_used_in(
    local: LocalDiscord, registered: object
) -> None:
    ada, lounge, studio = local.person("ada"), local.channel("lounge"), local.channel("studio")
    local.set_permission(lounge, ada, manage_messages=True)
    held = [
        int((await ada.slash(each, "imagine", {"prompt": "x"})).payload["member"]["permissions"])
        for each in (lounge, studio)
    ]
    assert [bool(each & 1 << 13) for each in held] == [True, False]


@pytest.mark.parametrize(("private", "sees"), [(False, True), (True, False)])
async def test_a_private_thread_is_for_its_members(local: LocalDiscord, private: bool, sees: bool) -> None:
    ada, bob, studio = local.person("ada"), local.person("bob"), local.channel("studio")
    thread = local.add_thread(studio, "sketches", ada, private=private)
    said = await ada.say(thread, "here")
    assert bob.sees(said) is sees
    local.set_permission(studio, bob, manage_threads=True)
    assert bob.sees(said)
    local.hide(studio, ada)
    assert not bob.sees(said)


async def test_a_thread_is_written_in_with_its_own_permission(local: LocalDiscord) -> None:
    ada, studio = local.person("ada"), local.channel("studio")
    thread = local.add_thread(studio, "sketches", ada, private=False)
    local.set_permission(studio, ada, send_messages=False)
    await ada.say(thread, "still here")
    local.set_permission(studio, ada, send_messages=True, send_messages_in_threads=False)
    with pytest.raises(ClientRefused, match="may not"):
        await ada.say(thread, "no more")


async def test_a_group_is_for_its_people_and_the_bot_comes_with_an_installation(
    local: LocalDiscord, registered: object
) -> None:
    ada, bob, eve = local.person("ada"), local.person("bob"), local.person("eve")
    group = local.add_group("three friends", ada, bob)
    said = await bob.say(group, "look")
    assert ada.sees(said)
    assert not eve.sees(said)
    local.install_for_user(ada)
    used = local.inject(ada, group, RawInteraction(2, {"name": "imagine", "type": 1}))
    assert used.payload["context"] == 2
    assert used.payload["channel"]["type"] == 3
    assert used.payload["authorizing_integration_owners"] == {"1": str(ada.user.id)}
    assert "guild_id" not in used.payload
    assert [each["name"] for each in bob.offered(group)] == []


async def test_a_raw_interaction_is_sent_unchanged_and_answered_by_its_token(
    local: LocalDiscord, raw_bot_for: Any
) -> None:
    ada, studio = local.person("ada"), local.channel("studio")

    def without_user(payload: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in payload.items() if key != "member"}

    made = local.inject(ada, studio, RawInteraction(3, {"custom_id": "\ud800"}, change=without_user))
    assert made.payload["data"] == {"custom_id": "\ud800"}
    assert "member" not in made.payload
    assert (await raw_bot_for(made).answer(4, {"content": "no", "flags": 64})).status == 204
    assert made.state == "acknowledged"
