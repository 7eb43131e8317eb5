"""What the bot's cards and private answers look like to a person on the page, with the real bot."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from playground.driver import Environment
from tests.page.scripted_bot import Open

pytestmark = pytest.mark.asyncio(loop_scope="session")

SLOW = 25_000
PHONE = {"width": 390, "height": 844}


async def test_the_buttons_of_an_upscaled_picture_leave_room_for_it_on_a_phone(
    open_page: Open, env: Environment
) -> None:
    await env.start_bot()
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a red fox in the snow"}))
    await env.result_of(await env.press(grid, "U2"))
    page = await open_page(viewport=PHONE, has_touch=True, is_mobile=True)
    card = page.locator("li.message[data-id]").last
    await expect(card.get_by_role("button", name="Pan Down")).to_be_visible(timeout=SLOW)
    await card.locator("img").last.evaluate("(image) => image.decode()")
    first = await card.get_by_role("button", name="Upscale (Subtle)").bounding_box()
    last = await card.get_by_role("button", name="Pan Down").bounding_box()
    assert first
    assert last
    # With the service's labels and emoji in full, most buttons have a line of their own here.
    assert last["y"] + last["height"] - first["y"] < 0.6 * PHONE["height"]


async def test_a_refused_prompt_is_edited_and_sent_on_the_page(open_page: Open, env: Environment) -> None:
    await env.start_bot()
    page = await open_page()
    await page.click("#text")
    await page.keyboard.type("/imagine a forbiddenword owl")
    await page.keyboard.press("Enter")
    refused = page.locator("li.message[data-id]").last
    await refused.get_by_role("button", name="Edit and send again").click(timeout=SLOW)
    modal = page.get_by_role("dialog")
    await expect(modal.locator("textarea")).to_have_value("a forbiddenword owl")
    await modal.locator("textarea").fill("a brass owl")
    await modal.get_by_role("button", name="Submit").click()
    result = page.locator("li.message[data-id]").last
    await expect(result).to_contain_text("a brass owl", timeout=SLOW)
    await expect(result.get_by_role("button", name="Reroll")).to_be_visible(timeout=SLOW)
    await result.get_by_role("button", name="U1", exact=True).click()
    await expect(page.get_by_role("button", name="✓ U1")).to_be_visible(timeout=SLOW)
