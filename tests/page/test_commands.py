"""Commands, modals and menus at the page: as Discord's client fills them in, and as it refuses them."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from playground.driver import Environment
from tests.page import payloads
from tests.page.scripted_bot import Open, ScriptedBot

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICK = {
    "name": "pick",
    "type": 1,
    "description": "Pick a fruit",
    "options": [
        {
            "type": 3,
            "name": "fruit",
            "description": "Which fruit",
            "required": True,
            "choices": [{"name": "Apple", "value": "a"}, {"name": "Pear", "value": "p"}],
        },
        {"type": 4, "name": "count", "description": "How many", "min_value": 1, "max_value": 9},
        {"type": 5, "name": "ripe", "description": "Must it be ripe"},
        {"type": 6, "name": "for", "description": "For whom"},
        {"type": 3, "name": "note", "description": "A note", "max_length": 5},
    ],
}
FIND = {
    "name": "find",
    "type": 1,
    "description": "Find something",
    "options": [{"type": 3, "name": "what", "description": "What", "required": True, "autocomplete": True}],
}
SEND = {
    "name": "send",
    "type": 1,
    "description": "Send pictures",
    "options": [
        {"type": 11, "name": "first", "description": "The first", "required": True},
        {"type": 11, "name": "second", "description": "The second"},
    ],
}
NESTED = {
    "name": "tree",
    "type": 1,
    "description": "Of trees",
    "options": [{"type": 1, "name": "plant", "description": "Plant a tree"}],
}
INSPECT = {"name": "Inspect", "type": 3}
GREET = {"name": "Greet", "type": 2}


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def commands(scripted: ScriptedBot) -> None:
    await scripted.connect()
    await scripted.register(PICK, FIND, SEND, NESTED, INSPECT, GREET)


def options_of(scripted: ScriptedBot) -> dict[str, object]:
    """The options of the last command that the bot received."""
    return {option["name"]: option["value"] for option in scripted.received[-1]["data"]["options"]}


async def test_the_list_shows_commands_with_descriptions_and_narrows_down(open_page: Open) -> None:
    page = await open_page()
    await page.click("#text")
    await page.keyboard.type("/")
    rows = page.locator("#popup .popup-row")
    await expect(rows.locator(".popup-label")).to_have_text(["/find", "/pick", "/send", "/tree plant"])
    await expect(rows.first.locator("small")).to_have_text("Find something")
    await page.keyboard.type("pi")
    await expect(rows.locator(".popup-label")).to_have_text(["/pick", "/send"])
    await page.keyboard.type("ck")
    await expect(rows.locator(".popup-label")).to_have_text(["/pick"])
    await page.keyboard.press("Escape")
    await expect(page.locator("#popup")).to_be_hidden()


async def test_options_are_filled_in_by_keyboard_alone(
    open_page: Open, env: Environment, scripted: ScriptedBot
) -> None:
    scripted.answers["pick"] = {"type": 4, "data": {"content": "picked"}}
    page = await open_page()
    await page.click("#text")
    await page.keyboard.type("/pi")
    await page.keyboard.press("Enter")
    await page.keyboard.type("pe")
    await page.keyboard.press("Tab")
    await expect(page.locator("#popup .popup-label")).to_have_text(["count", "ripe", "for", "note"])
    for typed in ("cou", "3", "ri", "tr", "for", "bo"):
        await page.keyboard.type(typed)
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message .content")).to_have_text("picked")
    await expect(page.locator(".context").first).to_have_text("AAdaused/pick")
    bob = str(env.person("bob").user.id)
    assert options_of(scripted) == {"fruit": "p", "count": 3, "ripe": True, "for": bob}


async def test_a_wrong_option_is_marked_and_nothing_is_sent(open_page: Open, scripted: ScriptedBot) -> None:
    page = await open_page()
    await page.click("#text")
    await page.keyboard.type("/pick ")
    await page.click("#send")
    await expect(page.locator(".pill.wrong")).to_have_attribute("data-option", "fruit")
    await page.keyboard.type("Apple")
    await page.locator(".more-options").click()
    await page.locator("#popup .popup-row", has_text="note").click()
    await page.keyboard.type("too long")
    await page.keyboard.press("Enter")
    await expect(page.locator(".pill.wrong")).to_have_attribute("data-option", "note")
    assert scripted.received == []


async def test_a_command_is_left_by_escape_and_by_backspace(open_page: Open) -> None:
    page = await open_page()
    await page.click("#text")
    for key in ("Escape", "Backspace"):
        await page.keyboard.type("/find ")
        await expect(page.locator(".command-form")).to_be_visible()
        await page.keyboard.press(key)
        await page.wait_for_timeout(0)
        if await page.locator(".command-form").count():
            await page.keyboard.press(key)
        await expect(page.locator("#text")).to_be_focused()


async def test_the_bot_suggests_while_one_types(open_page: Open, env: Environment, scripted: ScriptedBot) -> None:
    scripted.answers["autocomplete"] = {
        "type": 8,
        "data": {"choices": [{"name": "A red fox", "value": "fox-1"}, {"name": "A fox cub", "value": "fox-2"}]},
    }
    scripted.answers["find"] = {"type": 4, "data": {"content": "found"}}
    page = await open_page()
    await page.click("#text")
    await page.keyboard.type("/find fox")
    await expect(page.locator("#popup .popup-label")).to_have_text(["A red fox", "A fox cub"])
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message .content")).to_have_text("found")
    assert options_of(scripted) == {"what": "fox-2"}


async def test_files_come_by_picker_drop_and_paste(
    open_page: Open, tmp_path: Path, env: Environment, scripted: ScriptedBot
) -> None:
    scripted.answers["send"] = {"type": 4, "data": {"content": "sent"}}
    chosen = tmp_path / "chosen.png"
    chosen.write_bytes(payloads.picture("red"))
    page = await open_page()
    await page.click("#text")
    await page.keyboard.type("/send ")
    async with page.expect_file_chooser() as choosing:
        await page.locator(".pill-file").first.click()
    await (await choosing.value).set_files(chosen)
    await hand_over(page, "drop", "#chat", "dropped.txt")
    await expect(page.locator(".upload-name")).to_contain_text(["chosen.png", "dropped.txt"])
    await page.get_by_role("button", name="Remove dropped.txt").click()
    await hand_over(page, "paste", ".command-form", "pasted.txt")
    await expect(page.locator(".upload-name")).to_contain_text(["chosen.png", "pasted.txt"])
    await page.click("#send")
    await expect(page.locator(".message .content")).to_have_text("sent")
    attachments = scripted.received[-1]["data"]["resolved"]["attachments"].values()
    assert [each["filename"] for each in attachments] == ["chosen.png", "pasted.txt"]


async def hand_over(page: Page, event: str, target: str, name: str) -> None:
    """Drops or pastes a text file."""
    script = """
    ([event, target, name]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["words"], name, { type: "text/plain" }));
      const settings = { bubbles: true, cancelable: true };
      const made = event === "paste"
        ? new ClipboardEvent("paste", { ...settings, clipboardData: transfer })
        : new DragEvent("drop", { ...settings, dataTransfer: transfer });
      document.querySelector(target).dispatchEvent(made);
    }"""
    await page.evaluate(script, [event, target, name])


async def test_a_message_with_a_file_is_sent_as_oneself(open_page: Open) -> None:
    page = await open_page("mod")
    await page.click("#text")
    await hand_over(page, "paste", "#text", "words.txt")
    await page.keyboard.type("look")
    await page.keyboard.press("Enter")
    message = page.locator("li.message")
    await expect(message.locator(".author")).to_have_text("Mod")
    await expect(message.locator(".file a")).to_have_text("words.txt")
    await message.hover()
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Delete Message").click()
    await expect(message).to_have_count(0)


async def test_a_message_menu_opens_by_right_click_and_by_key(open_page: Open, scripted: ScriptedBot) -> None:
    scripted.answers["Inspect"] = {"type": 4, "data": {"content": "inspected", "flags": 64}}
    page = await open_page()
    posted = await scripted.post({"content": "look at me"})
    await page.locator(f"#message-{posted} .content").click(button="right")
    await page.get_by_role("menuitem", name="Inspect").click()
    private = page.locator("li.message.private")
    await expect(private.locator(".content")).to_have_text("inspected")
    await expect(private).to_contain_text("Only you can see this")
    await private.get_by_role("button", name="Dismiss message").click()
    await expect(private).to_have_count(0)

    await page.locator(f"#message-{posted}").focus()
    await page.keyboard.press("ContextMenu")
    await expect(page.get_by_role("menuitem", name="Inspect")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(private.locator(".content")).to_have_text("inspected")


async def test_a_person_has_a_menu_too(open_page: Open, env: Environment, scripted: ScriptedBot) -> None:
    scripted.answers["Greet"] = {"type": 4, "data": {"content": "hello"}}
    page = await open_page()
    await page.fill("#text", "here I am")
    await page.keyboard.press("Enter")
    await page.locator(".author").click(button="right")
    await page.get_by_role("menuitem", name="Greet").click()
    await expect(page.locator(".content", has_text="hello")).to_be_visible()
    assert scripted.received[-1]["data"]["target_id"] == str(env.person("ada").user.id)


async def test_a_private_answer_is_seen_by_nobody_else(open_page: Open, scripted: ScriptedBot) -> None:
    scripted.answers["Inspect"] = {"type": 4, "data": {"content": "a secret", "flags": 64}}
    posted = await scripted.post({"content": "look at me"})
    ada, bob = await open_page("ada"), await open_page("bob")
    await ada.locator(f"#message-{posted} .content").click(button="right")
    await ada.get_by_role("menuitem", name="Inspect").click()
    await expect(ada.locator("li.message.private")).to_have_count(1)
    await scripted.post({"content": "for everybody"})
    await expect(bob.locator("li.message")).to_have_count(2)
    assert "a secret" not in await bob.locator("#messages").inner_text()


async def test_silence_is_said_after_three_seconds(open_page: Open, scripted: ScriptedBot) -> None:
    scripted.answers["press Yes"] = None
    page = await open_page()
    posted = await scripted.post({"content": "well?", "components": [payloads.row(payloads.button("Yes"))]})
    await page.get_by_role("button", name="Yes").click()
    await page.click("#text")
    await page.keyboard.type("/tree plant ")
    await page.keyboard.press("Enter")
    await expect(page.locator("li.local")).to_contain_text("Sending command…")
    await expect(page.get_by_role("button", name="Yes")).to_be_disabled()
    await expect(page.locator("li.local")).to_contain_text("The application did not respond")
    await expect(page.locator(f"#message-{posted} .failure")).to_have_text("This interaction failed")
    await expect(page.get_by_role("button", name="Yes")).to_be_enabled()
    await expect(page.locator("#traffic .row.failed")).to_have_count(2)
    await page.locator("li.local").get_by_role("button", name="Dismiss message").click()
    await expect(page.locator("li.local")).to_have_count(0)


async def test_what_discord_refuses_is_shown_with_the_reason(open_page: Open, scripted: ScriptedBot) -> None:
    page = await open_page()
    too_long = payloads.row(payloads.button("x" * 81, custom_id="long"))
    channel = await page.evaluate("import('/js/store.js').then(({ store }) => store.channel)")
    await scripted.call("POST", f"/channels/{channel}/messages", {"content": "x", "components": [too_long]})
    refusal = page.locator("li.refusal")
    await expect(refusal).to_contain_text("Discord refused this: Invalid Form Body (50035)")
    await expect(refusal.locator("li").first).to_contain_text("components.0.components.0.label: ")
    await expect(page.locator("#traffic .row.failed .status")).to_have_text("400")
    await refusal.get_by_role("button", name="Dismiss").click()
    await expect(refusal).to_have_count(0)


async def test_thinking_becomes_the_answer(open_page: Open, env: Environment, scripted: ScriptedBot) -> None:
    scripted.answers["tree"] = {"type": 5}
    page = await open_page()
    await page.click("#text")
    await page.keyboard.type("/tree plant ")
    await page.keyboard.press("Enter")
    await expect(page.locator(".thinking")).to_have_text("Atelier is thinking…")
    token = scripted.received[-1]["token"]
    path = f"/webhooks/{env.discord.state.application_id}/{token}/messages/@original"
    await scripted.call("PATCH", path, {"content": "planted"})
    await expect(page.locator("li.message .content")).to_have_text("planted")
    await expect(page.locator(".thinking")).to_have_count(0)


async def test_a_modal_takes_every_kind_of_field(
    open_page: Open, tmp_path: Path, env: Environment, scripted: ScriptedBot
) -> None:
    scripted.answers |= {"press Open": {"type": 9, "data": payloads.MODAL}, "everything": {"type": 6}}
    note = tmp_path / "note.txt"
    note.write_text("words")
    page = await open_page()
    await scripted.post({"content": "a form", "components": [payloads.row(payloads.button("Open"))]})
    await page.get_by_role("button", name="Open").click()
    modal = page.get_by_role("dialog", name="One of everything")
    await expect(modal).to_contain_text("Some words above.")
    await expect(modal.get_by_label("A line")).to_be_focused()
    await modal.get_by_role("button", name="Submit").click()
    await expect(modal.locator(".mistake", has_text="This is required.")).to_be_visible()
    await modal.get_by_label("A line").fill("a")
    await modal.get_by_role("button", name="Submit").click()
    await expect(modal).to_contain_text("At least 2 characters.")
    await modal.get_by_label("A line").fill("a line")
    await modal.get_by_role("combobox", name="A choice").click()
    await page.get_by_role("option", name="Left").click()
    await page.get_by_role("option", name="Up").click()
    await page.keyboard.press("Escape")
    async with page.expect_file_chooser() as choosing:
        await modal.get_by_role("button", name="A file: choose files").click()
    await (await choosing.value).set_files(note)
    await modal.get_by_role("combobox", name="A person").click()
    await page.get_by_role("option", name="Mod").click()
    await modal.get_by_role("button", name="Submit").click()
    await expect(modal).to_have_count(0)
    fields = {each["component"]["custom_id"]: each["component"] for each in components(scripted) if "component" in each}
    assert fields["line"]["value"] == "a line"
    assert fields["choice"]["values"] == ["left", "up"]
    assert fields["person"]["values"] == [str(env.person("mod").user.id)]
    uploaded = scripted.received[-1]["data"]["resolved"]["attachments"][fields["file"]["values"][0]]
    assert uploaded["filename"] == "note.txt"


async def test_a_modal_takes_boxes_and_keeps_what_was_there(open_page: Open, scripted: ScriptedBot) -> None:
    scripted.answers |= {"press Open": {"type": 9, "data": payloads.SECOND_MODAL}, "rest": {"type": 6}}
    page = await open_page()
    await scripted.post({"content": "a form", "components": [payloads.row(payloads.button("Open"))]})
    await page.get_by_role("button", name="Open").click()
    await expect(page.get_by_label("A classic input")).to_have_value("as it was")
    await page.get_by_label("B", exact=True).check()
    await page.get_by_label("C", exact=True).check()
    await page.get_by_label("E", exact=True).check()
    await page.get_by_label("Agreed").check()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("dialog")).to_have_count(0)
    classic, radio, boxes, agreed = components(scripted)
    assert classic["components"][0]["value"] == "as it was"
    assert radio["component"]["value"] == "b"
    assert boxes["component"]["values"] == ["c", "e"]
    assert agreed["component"]["value"] is True


def components(scripted: ScriptedBot) -> list[payloads.Json]:
    """What the last modal held when it was submitted."""
    held: list[payloads.Json] = scripted.received[-1]["data"]["components"]
    return held


async def test_a_modal_without_an_answer_stays_open_and_says_so(open_page: Open, scripted: ScriptedBot) -> None:
    scripted.answers["press Open"] = {"type": 9, "data": payloads.SECOND_MODAL}
    page = await open_page()
    await scripted.post({"content": "a form", "components": [payloads.row(payloads.button("Open"))]})
    await page.get_by_role("button", name="Open").click()
    for label in ("A", "C"):
        await page.get_by_label(label, exact=True).check()
    await page.get_by_role("button", name="Submit").click()
    await expect(page.locator(".modal-body > .mistake")).to_have_text("Something went wrong. Try again.")
    scripted.answers["rest"] = {"type": 6}
    await page.get_by_role("button", name="Submit").click()
    await expect(page.locator("dialog")).to_have_count(0)
