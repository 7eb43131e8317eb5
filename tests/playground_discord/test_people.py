"""People can do what their client would let them do, and nothing else."""

from typing import Any

import aiohttp
import pytest

from playground.discord import ClientRefused, LocalDiscord, UploadedFile

IMAGE = UploadedFile("x.png", "image/png", b"\x89PNG")


@pytest.mark.parametrize(
    ("command", "options", "why"),
    [
        ("nothing", {}, "no command"),
        ("imagine", {}, "required"),
        ("imagine", {"prompt": "x" * 21}, "20 characters"),
        ("imagine", {"prompt": ""}, "characters"),
        ("imagine", {"prompt": 7}, "takes a text"),
        ("imagine", {"prompt": "x", "colour": "red"}, "no option colour"),
        ("imagine", {"prompt": "x", "mode": "turbo"}, "offers Fast, Relax"),
        ("imagine", {"prompt": "x", "count": 5}, "1 to 4"),
        ("imagine", {"prompt": "x", "count": 1.5}, "whole number"),
        ("imagine", {"prompt": "x", "quiet": "yes"}, "does not take"),
        ("imagine", {"prompt": "x", "image1": "x.png"}, "does not take"),
        ("admin stop", {}, "no command /admin"),
    ],
)
async def test_wrong_options_never_leave_the_client(
    local: LocalDiscord, registered: object, command: str, options: dict[str, Any], why: str
) -> None:
    with pytest.raises(ClientRefused, match=why):
        await local.person("ada").slash(local.channel("studio"), command, options)
    assert local.interactions == []


async def test_a_choice_is_made_by_its_name_or_value(local: LocalDiscord, registered: object) -> None:
    ada, studio = local.person("ada"), local.channel("studio")
    for mode in ("Fast", "fast"):
        interaction = await ada.slash(studio, "imagine", {"prompt": "x", "mode": mode, "count": 2, "quiet": True})
        values = {option["name"]: option["value"] for option in interaction.data["options"]}
        assert values == {"prompt": "x", "mode": "fast", "count": 2, "quiet": True}


async def test_a_file_too_large_for_the_server_is_not_uploaded(local: LocalDiscord, registered: object) -> None:
    local.guild("Test Server").attachment_size_limit = 3
    with pytest.raises(ClientRefused, match="too large"):
        await local.person("ada").slash(local.channel("studio"), "imagine", {"prompt": "x", "image1": IMAGE})


async def test_commands_are_offered_by_permission_and_place(local: LocalDiscord, registered: object) -> None:
    def names(person: str, channel: Any) -> set[str]:
        return {each["name"] for each in local.person(person).offered(channel)}

    studio, eve = local.channel("studio"), local.person("eve")
    assert names("ada", studio) == {"imagine", "show", "Describe", "Greet"}
    assert "admin" in names("mod", studio)
    assert "admin" in names("owner", studio)
    assert "show" not in names("eve", local.dm(eve))
    assert "imagine" in names("eve", local.dm(eve))
    outside = local.add_channel(local.add_guild("Outside", eve, with_bot=False), "far")
    assert names("eve", outside) == set()
    local.install_for_user(eve)
    assert names("eve", outside) == {"imagine"}


async def test_a_subcommand_is_reached_by_its_path(local: LocalDiscord, registered: object) -> None:
    mod, studio = local.person("mod"), local.channel("studio")
    interaction = await mod.slash(studio, "admin stop")
    assert interaction.data["options"] == [{"name": "stop", "type": 1, "options": []}]
    with pytest.raises(ClientRefused, match="needs a subcommand"):
        await mod.slash(studio, "admin")
    with pytest.raises(ClientRefused, match="no subcommand start"):
        await mod.slash(studio, "admin start")


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


CARD = {
    "content": "card",
    "components": [
        row(
            {"type": 2, "style": 1, "label": "U1", "custom_id": "u1"},
            {"type": 2, "style": 1, "label": "U2", "custom_id": "u2", "disabled": True},
        ),
        row({"type": 3, "custom_id": "s", "options": [{"label": "a", "value": "a"}, {"label": "b", "value": "b"}]}),
        row({"type": 5, "custom_id": "who", "max_values": 2}),
    ],
}


async def test_a_press_carries_the_message_and_the_button(local: LocalDiscord, post: Any) -> None:
    message = await post(CARD)
    press = await local.person("bob").press(message, "u1")
    assert press.data == {"component_type": 2, "custom_id": "u1", "id": message.buttons[0]["id"]}
    assert press.payload["message"]["id"] == str(message.id)
    assert press.said == "[U1]"


async def test_what_is_disabled_absent_or_something_else_cannot_be_pressed(local: LocalDiscord, post: Any) -> None:
    message, bob = await post(CARD), local.person("bob")
    for custom_id, why in (("u2", "disabled"), ("u3", "has no u3"), ("s", "no button")):
        with pytest.raises(ClientRefused, match=why):
            await bob.press(message, custom_id)
    local.delete_message(message)
    with pytest.raises(ClientRefused, match="does not see"):
        await bob.press(message, "u1")


async def test_people_cannot_press_where_they_are_not_members(local: LocalDiscord, post: Any) -> None:
    with pytest.raises(ClientRefused, match="does not see"):
        await local.person("eve").press(await post(CARD), "u1")
    with pytest.raises(ClientRefused, match="may not"):
        await local.person("eve").say(local.channel("studio"), "hello")


async def test_selects_accept_only_what_they_offer(local: LocalDiscord, post: Any) -> None:
    message, bob = await post(CARD), local.person("bob")
    assert (await bob.choose(message, "s", ["b"])).data["values"] == ["b"]
    for values, why in ((["a", "b"], "1 to 1"), ([], "1 to 1"), (["c"], "does not offer c")):
        with pytest.raises(ClientRefused, match=why):
            await bob.choose(message, "s", values)
    with pytest.raises(ClientRefused, match="no select"):
        await bob.choose(message, "u1", ["a"])
    ada = local.person("ada").user
    chosen = await bob.choose(message, "who", [ada])
    assert chosen.data["resolved"]["users"][str(ada.id)]["username"] == "ada"


async def test_context_menus_carry_their_target(local: LocalDiscord, registered: object) -> None:
    ada, bob, studio = local.person("ada"), local.person("bob"), local.channel("studio")
    said = await bob.say(studio, "look", [IMAGE])
    menu = await ada.context_menu(said, "Describe")
    assert menu.data["target_id"] == str(said.id)
    assert menu.data["resolved"]["messages"][str(said.id)]["content"] == "look"
    greet = await ada.context_menu(bob.user, "Greet", studio)
    assert greet.data["resolved"]["users"][greet.data["target_id"]]["username"] == "bob"
    with pytest.raises(ClientRefused, match="no context menu"):
        await ada.context_menu(said, "Unknown")
    with pytest.raises(ClientRefused, match="in a channel"):
        await ada.context_menu(bob.user, "Greet")


async def test_messages_are_deleted_by_their_author_and_by_moderators(local: LocalDiscord) -> None:
    ada, studio = local.person("ada"), local.channel("studio")
    said = await ada.say(studio, "mine")
    with pytest.raises(ClientRefused, match="may not delete"):
        await local.person("bob").delete(said)
    await local.person("mod").delete(said)
    own = await ada.say(studio, "mine")
    await ada.delete(own)
    assert local.messages(studio) == []


async def test_a_reply_names_its_message_and_mentions_the_author_unless_that_is_switched_off(
    local: LocalDiscord,
) -> None:
    ada, bob, studio = local.person("ada"), local.person("bob"), local.channel("studio")
    said = await ada.say(studio, "mine")
    loud, quiet = [await bob.say(studio, "nice", reply_to=said, ping=ping) for ping in (True, False)]
    assert [(each.type, each.reference_id) for each in (loud, quiet)] == [(19, said.id)] * 2
    assert [each.mentions for each in (loud, quiet)] == [[ada.user], []]
    with pytest.raises(ClientRefused, match="in the channel of its message"):
        await bob.say(local.channel("lounge"), "nice", reply_to=said)


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001])
async def test_an_empty_or_too_long_message_is_not_sent(local: LocalDiscord, text: str) -> None:
    with pytest.raises(ClientRefused, match="a message has text"):
        await local.person("ada").say(local.channel("studio"), text)


async def test_only_private_messages_are_dismissed(local: LocalDiscord, post: Any) -> None:
    with pytest.raises(ClientRefused, match="ephemeral"):
        local.person("ada").dismiss(await post(CARD))


async def test_an_option_without_autocomplete_offers_nothing(local: LocalDiscord, registered: object) -> None:
    with pytest.raises(ClientRefused, match="does not autocomplete"):
        await local.person("ada").autocomplete(local.channel("studio"), "imagine", {}, focused="prompt")


def test_an_unknown_name_is_an_error(local: LocalDiscord) -> None:
    with pytest.raises(KeyError, match="zoe"):
        local.person("zoe")
    with pytest.raises(KeyError, match="cellar"):
        local.channel("cellar")


async def test_a_forward_carries_the_message_as_it_was_and_nothing_of_its_own(
    local: LocalDiscord, registered: object
) -> None:
    ada, bob, studio = local.person("ada"), local.person("bob"), local.channel("studio")
    said = await bob.say(studio, "look", [IMAGE])
    forward = await bob.forward(said, studio)
    await bob.delete(said)
    menu = await ada.context_menu(forward, "Describe")
    message = menu.data["resolved"]["messages"][str(forward.id)]
    assert (message["content"], message["attachments"], message["flags"]) == ("", [], 1 << 14)
    assert message["message_reference"]["type"] == 1
    assert message["message_reference"]["message_id"] == str(said.id)
    (snapshot,) = message["message_snapshots"]
    assert snapshot["message"]["content"] == "look"
    assert snapshot["message"]["attachments"][0]["filename"] == IMAGE.filename
    assert "author" not in snapshot["message"]


async def test_stickers_are_items_of_a_message_and_files_of_discord(
    local: LocalDiscord, registered: object, http: aiohttp.ClientSession
) -> None:
    ada, studio = local.person("ada"), local.channel("studio")
    sticker = local.files.sticker(UploadedFile("wink", None, b"png"), animated=True)
    said = await ada.say(studio, stickers=[sticker])
    menu = await ada.context_menu(said, "Describe")
    (item,) = menu.data["resolved"]["messages"][str(said.id)]["sticker_items"]
    assert item == {"id": str(sticker.id), "name": "wink", "format_type": 2}
    async with http.get(f"{local.base_url}/stickers/{sticker.id}.png") as response:
        assert await response.read() == b"png"
    async with http.get(f"{local.base_url}/stickers/1.png") as response:
        assert response.status == 404


async def test_the_type_of_a_file_can_be_left_out(local: LocalDiscord, registered: object) -> None:
    local.files.content_types = False
    bob, studio = local.person("bob"), local.channel("studio")
    menu = await bob.context_menu(await bob.say(studio, "look", [IMAGE]), "Describe")
    ((message,),) = [list(menu.data["resolved"]["messages"].values())]
    assert not {"content_type", "width", "height"} & set(message["attachments"][0])
