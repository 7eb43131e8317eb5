"""A newcomer's path with the real bot: a command, its image, a press, a modal, and a restart in between."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from playground.driver import Environment
from tests.page.scripted_bot import Open

pytestmark = pytest.mark.asyncio(loop_scope="session")

# An image takes a second here; a machine with much else to do gets more.
SLOW = 25_000
# While a task runs, its message has a button to cancel it.
FINISHED = 'button[data-key]:not(:has-text("Cancel"))'


def messages(page: Page) -> Locator:
    return page.locator("li.message[data-id]")


async def finished(page: Page, count: int) -> Locator:
    """The newest message, once there are so many and its buttons are there."""
    await expect(messages(page)).to_have_count(count, timeout=SLOW)
    newest = messages(page).last
    await expect(newest.locator(FINISHED).first).to_be_visible(timeout=SLOW)
    return newest


async def connected(page: Page, state: str) -> None:
    await expect(page.locator(".bot-state")).to_contain_text(f"The bot is {state}.", timeout=SLOW)


async def kill_and_start_by_mouse(page: Page) -> None:
    await page.get_by_role("tab", name="Switches").click()
    await page.get_by_role("button", name="kill -9").click()
    await connected(page, "stopped")
    await page.locator("#switches").get_by_role("button", name="Start").click()
    await connected(page, "connected")


async def test_by_mouse(open_page: Open, env: Environment) -> None:
    await env.start_bot()
    page = await open_page()
    await page.click("#text")
    await page.keyboard.type("/")
    await page.locator(".popup-row", has_text="/imagine").click()
    await page.locator(".pill[data-option=prompt] .pill-field").click()
    await page.keyboard.type("a paper boat on a lake")
    await page.click("#send")
    grid = await finished(page, 1)
    await expect(grid.locator(".context")).to_contain_text("/imagine")
    await expect(grid).to_contain_text("a paper boat on a lake")
    picture = grid.get_by_role("button", name="Enlarge: a paper boat on a lake")
    await picture.click()
    await page.get_by_role("button", name="Close").click()

    await grid.get_by_role("button", name="U2", exact=True).click()
    single = await finished(page, 2)
    await expect(single.locator(".context")).to_contain_text("a paper boat on a lake")
    await expect(page.locator("#traffic .row.interaction .status.good")).to_have_count(2)

    await single.get_by_role("button", name="Custom Zoom").click()
    modal = page.get_by_role("dialog")
    await expect(modal.locator("textarea")).to_have_value("a paper boat on a lake --v 7 --zoom 1.8")
    await modal.locator("textarea").fill("a paper boat on a lake --zoom 1.4")
    await modal.get_by_role("button", name="Submit").click()
    await finished(page, 3)
    await expect(page.get_by_role("dialog")).to_have_count(0)

    await kill_and_start_by_mouse(page)
    await messages(page).first.get_by_role("button", name="U3", exact=True).click()
    await finished(page, 4)
    assert [submit.endpoint for submit in env.images.submits] == [
        "submit/imagine",
        "submit/action",
        "submit/action",
        "submit/modal",
        "submit/action",
    ]


async def restart_by_keyboard(page: Page) -> None:
    await page.locator("#tab-traffic").focus()
    await page.keyboard.press("ArrowRight")
    for name, state in (("Stop", "stopped"), ("Start", "connected")):
        await focus_by_tab(page, name)
        await page.keyboard.press("Enter")
        await connected(page, state)


async def test_by_keyboard(open_page: Open, env: Environment) -> None:
    await env.start_bot()
    page = await open_page()
    press, type_in = page.keyboard.press, page.keyboard.type
    await type_in("/im")
    await press("Tab")
    await type_in("a red fox")
    await press("Tab")
    await type_in("asp")
    await press("Tab")
    await type_in("3:2")
    await press("Tab")
    await press("Enter")
    grid = await finished(page, 1)
    await expect(grid).to_contain_text("a red fox --ar 3:2")

    await press("ArrowUp")
    await expect(grid).to_be_focused()
    await focus_by_tab(page, "U1")
    await press("Enter")
    single = await finished(page, 2)
    await single.focus()
    await focus_by_tab(page, "Custom Zoom")
    await press("Enter")
    await expect(page.get_by_role("dialog").locator("textarea")).to_be_focused()
    await press("Control+Enter")
    await finished(page, 3)

    await restart_by_keyboard(page)
    await single.focus()
    await focus_by_tab(page, "Zoom Out 2x")
    await press(" ")
    await finished(page, 4)

    await page.locator("#account").focus()
    await press("Enter")
    await press("ArrowDown")
    await press("Enter")
    await expect(page.locator("#account b")).to_have_text("Bob")
    await expect(messages(page)).to_have_count(4)


async def focus_by_tab(page: Page, name: str) -> None:
    """Goes on with Tab until the button of this name has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if await focused.count() and (await focused.inner_text()).strip().endswith(name):
            return
    raise AssertionError(f"Tab does not lead to {name}")


async def test_direct_messages_work_too_and_a_reload_brings_everything_back(open_page: Open, env: Environment) -> None:
    await env.start_bot()
    page = await open_page()
    direct = page.get_by_role("button", name="Direct messages with Atelier")
    await direct.click()
    await page.click("#text")
    await page.keyboard.type("/imagine a lighthouse")
    await page.keyboard.press("Enter")
    await finished(page, 1)
    await page.reload()
    await direct.click()
    grid = await finished(page, 1)
    await grid.get_by_role("button", name="V2", exact=True).click()
    await finished(page, 2)


async def test_the_page_fits_a_phone(open_page: Open, env: Environment) -> None:
    await env.start_bot()
    page = await open_page(viewport={"width": 375, "height": 700}, has_touch=True, is_mobile=True)
    await page.tap("#text")
    await page.keyboard.type("/imagine")
    await page.locator(".popup-row", has_text="/imagine").tap()
    await page.keyboard.type("a very long prompt " * 12)
    await page.tap("#send")
    grid = await finished(page, 1)
    for selector in ("#messages", "#scroller", "body", "#composer"):
        wide = await page.locator(selector).evaluate("(one) => one.scrollWidth - one.clientWidth")
        assert wide <= 0, selector
    await grid.get_by_role("button", name="More").tap()
    await expect(page.get_by_role("menuitem").first).to_be_visible()
    await page.keyboard.press("Escape")
    await page.tap("#open-sidebar")
    await page.get_by_role("button", name="Channel lounge").tap()
    await expect(page.locator("#channel-name")).to_have_text("lounge")
    await page.tap("#open-panel")
    await expect(page.locator("#traffic .row").first).to_be_visible()
