"""Every component type, embed and attachment is shown, from the payloads that Discord's clients get."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from playground.driver import Environment
from tests.page import payloads
from tests.page.scripted_bot import Open, ScriptedBot

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_layout_shows_every_component(open_page: Open, scripted: ScriptedBot) -> None:
    page = await open_page()
    message_id = await scripted.post(payloads.LAYOUT_MESSAGE, payloads.FILES)
    message = page.locator(f"#message-{message_id}")
    await expect(message.locator(".text-display h1")).to_have_text("A layout")
    container = message.locator(".container").first
    await expect(container).to_have_css("border-left-color", "rgb(59, 165, 93)")
    section = container.locator(".section").first
    await expect(section.locator("h3")).to_have_text("A section")
    await expect(section.locator(".subtext")).to_have_text("with a thumbnail")
    await expect(section.get_by_alt_text("A thumbnail")).to_be_visible()
    await expect(container.locator(".section").nth(1).get_by_role("button")).to_have_text("Beside")
    await expect(container.locator("hr.separator.large")).to_be_visible()
    await expect(container.locator(".spacer")).to_have_count(1)
    await expect(container.locator(".gallery .tile")).to_have_count(3)
    await expect(container.locator(".file a")).to_have_attribute("download", "notes.txt")
    await expect(message.locator(".select-menu")).to_have_count(5)
    await expect(message.get_by_role("combobox", name="Choose colours")).to_have_text("Crimson")
    await expect(message.locator(".unknown-component")).to_have_count(0)


async def test_buttons_have_the_colors_and_names_of_their_style(open_page: Open, scripted: ScriptedBot) -> None:
    page = await open_page()
    message_id = await scripted.post(payloads.LAYOUT_MESSAGE, payloads.FILES)
    message = page.locator(f"#message-{message_id}")
    colours = {"Primary": "rgb(88, 101, 242)", "Success": "rgb(0, 134, 58)", "Danger": "rgb(210, 45, 57)"}
    for label, colour in colours.items():
        await expect(message.get_by_role("button", name=label, exact=True)).to_have_css("background-color", colour)
    link = message.get_by_role("link", name="Link")
    await expect(link).to_have_attribute("href", "https://example.org/")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(message.get_by_role("button", name="Disabled")).to_be_disabled()
    await expect(message.get_by_role("button", name="🔄")).to_be_enabled()
    await expect(message.get_by_role("button", name="Custom")).to_contain_text(":sparkle:")


async def test_images_enlarge_with_their_alt_text_and_arrows_lead_on(open_page: Open, scripted: ScriptedBot) -> None:
    page = await open_page()
    await scripted.post(payloads.LAYOUT_MESSAGE, payloads.FILES)
    await page.get_by_role("button", name="Enlarge: The first picture").click()
    figure = page.locator(".lightbox figure")
    await expect(figure.locator("img")).to_have_attribute("alt", "The first picture")
    await page.keyboard.press("ArrowRight")
    await expect(figure.locator("img")).to_have_attribute("alt", "The second picture")
    await page.keyboard.press("Escape")
    await expect(page.locator(".lightbox")).to_have_count(0)


async def test_spoilers_are_covered_until_they_are_clicked(open_page: Open, scripted: ScriptedBot) -> None:
    page = await open_page()
    message_id = await scripted.post(payloads.LAYOUT_MESSAGE, payloads.FILES)
    message = page.locator(f"#message-{message_id}")
    await expect(message.locator(".cover")).to_have_count(2)
    await message.locator(".tile .cover").click()
    await message.locator(".container > .cover").click()
    await expect(message.locator(".covered")).to_have_count(0)


async def test_images_are_loaded_by_way_of_the_page_itself(open_page: Open, scripted: ScriptedBot) -> None:
    page = await open_page()
    await scripted.post(payloads.LAYOUT_MESSAGE, payloads.FILES)
    pictures = page.locator("#messages img")
    await expect(pictures).to_have_count(4)
    assert await pictures.evaluate_all("async (all) => (await Promise.all(all.map((one) => one.decode()))).length") == 4
    sources = await pictures.evaluate_all("(all) => all.map((one) => one.getAttribute('src'))")
    assert all(source.startswith("/media/") for source in sources)


async def test_a_classic_message_shows_embed_rows_and_attachments(open_page: Open, scripted: ScriptedBot) -> None:
    page = await open_page()
    message_id = await scripted.post(payloads.CLASSIC_MESSAGE, payloads.CLASSIC_FILES)
    message = page.locator(f"#message-{message_id}")
    await expect(message.locator(".content .mention")).to_have_text(["@Ada", "# studio"])
    embed = message.locator(".embed")
    await expect(embed).to_have_css("border-left-color", "rgb(232, 145, 45)")
    await expect(embed.locator(".embed-author")).to_have_text("Its author")
    await expect(embed.locator(".embed-title a")).to_have_attribute("href", "https://example.org/embed")
    await expect(embed.locator(".embed-text em")).to_have_text("emphasis")
    await expect(embed.locator(".embed-field")).to_have_count(3)
    await expect(embed.locator(".embed-image img")).to_be_visible()
    await expect(embed.locator(".embed-footer")).to_have_text("Its footer • 05/01/2026 10:00")
    await expect(message.locator("video")).to_have_count(1)
    await expect(message.locator("audio")).to_have_count(1)
    await expect(message.locator(".file a")).to_have_text(["list.txt"])
    await expect(message.locator(".rows .action-row")).to_have_count(2)
    await expect(message).to_have_class("message mentioned")


async def test_a_choice_from_a_menu_reaches_the_bot(open_page: Open, env: Environment, scripted: ScriptedBot) -> None:
    page = await open_page()
    await scripted.connect()
    scripted.answers["classic"] = {"type": 6}
    await scripted.post(payloads.CLASSIC_MESSAGE, payloads.CLASSIC_FILES)
    menu = page.get_by_role("combobox", name="Choose colours")
    await menu.click()
    await page.get_by_role("option", name="Amber").click()
    await page.get_by_role("option", name="Blue").click()
    await page.keyboard.press("Escape")
    await env.discord.until(lambda: scripted.received)
    assert set(scripted.received[0]["data"]["values"]) == {"amber", "blue", "crimson"}
    await expect(menu).to_be_enabled()


async def test_a_person_is_chosen_from_a_menu_with_the_keyboard(
    open_page: Open, env: Environment, scripted: ScriptedBot
) -> None:
    page = await open_page()
    await scripted.connect()
    scripted.answers["people"] = {"type": 6}
    await scripted.post(payloads.LAYOUT_MESSAGE, payloads.FILES)
    await page.get_by_role("combobox", name="Choose somebody").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.type("bob")
    await page.keyboard.press("Enter")
    await env.discord.until(lambda: scripted.received)
    assert scripted.received[0]["data"]["values"] == [str(env.person("bob").user.id)]


async def test_an_edit_shows_in_place_and_keeps_image_and_focus(open_page: Open, scripted: ScriptedBot) -> None:
    page = await open_page()
    message_id = await scripted.post(payloads.CLASSIC_MESSAGE, payloads.CLASSIC_FILES)
    await page.get_by_role("button", name="No").focus()
    await page.locator(".gallery img").first.evaluate("(image) => { image.marked = true }")
    channel = await channel_of(page)
    await scripted.call("PATCH", f"/channels/{channel}/messages/{message_id}", {"content": "Edited words"})
    message = page.locator(f"#message-{message_id}")
    await expect(message.locator(".content")).to_have_text("Edited words (edited)")
    await expect(page.get_by_role("button", name="No")).to_be_focused()
    assert await page.locator(".gallery img").first.evaluate("(image) => image.marked")


async def channel_of(page: Page) -> str:
    """The id of the channel on the screen."""
    channel: str = await page.evaluate("import('/js/store.js').then(({ store }) => store.channel)")
    return channel


async def test_a_deleted_message_disappears_and_replies_to_it_say_so(open_page: Open, scripted: ScriptedBot) -> None:
    page = await open_page()
    first = await scripted.post({"content": "the first"})
    second = await scripted.post({"content": "the answer", "message_reference": {"message_id": first}})
    answer = page.locator(f"#message-{second}")
    await expect(answer.locator(".context-text")).to_have_text("the first")
    channel = await channel_of(page)
    await scripted.call("DELETE", f"/channels/{channel}/messages/{first}")
    await expect(page.locator(f"#message-{first}")).to_have_count(0)
    await expect(answer.locator(".context")).to_contain_text("Original message was deleted")


@pytest.mark.parametrize("size", [(1600, 1600), (2000, 800), (600, 1800)])
async def test_a_single_image_is_shown_whole_on_a_phone(
    open_page: Open, scripted: ScriptedBot, size: tuple[int, int]
) -> None:
    page = await open_page(viewport={"width": 375, "height": 700}, has_touch=True, is_mobile=True)
    gallery = {"type": 12, "items": [{"media": {"url": "attachment://large.png"}}]}
    body = {"flags": payloads.LAYOUT, "components": [{"type": 17, "components": [gallery]}]}
    await scripted.post(body | {"attachments": [{"id": 0}]}, {"large.png": payloads.picture("teal", *size)})
    image = page.locator(".gallery img")
    await image.evaluate("(image) => image.decode()")
    box = await image.bounding_box()
    assert box
    assert box["width"] / box["height"] == pytest.approx(size[0] / size[1], rel=0.02)
    assert box["x"] + box["width"] <= 375
