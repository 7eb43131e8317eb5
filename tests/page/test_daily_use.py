"""What the bot's cards and private answers look like to a person on the page, with the real bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from playground.driver import Environment, Scenario
from tests.page.conftest import PACE
from tests.page.scripted_bot import Open
from tests.support.forked import ForkedBotProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

SLOW = 25_000
HEIGHT = 844
WIDTHS = (390, 360)
# Pixels of an image's edge: more than a phone shows, as real images have.
SIDE = 512
# Of everything that the card of an upscaled image has, in CSS pixels. The message area is what is visible between
# the channel's name and the box to write in.
MEASURES = """(message) => {
  const box = (element) => element.getBoundingClientRect();
  const buttons = [...message.querySelectorAll(".button")].map(box);
  const [first, last] = [buttons[0].top, Math.max(...buttons.map(({ bottom }) => bottom))];
  const top = box(message.querySelector(".container")).top;
  const area = box(document.querySelector("#scroller")).height;
  const cut = [...message.querySelectorAll(".button .clip")].some((label) => label.scrollWidth > label.clientWidth);
  const image = box(message.querySelector(".enlargeable")).height;
  return { card: last - top, buttons: last - first, image, area, cut };
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def env(tmp_path: Path) -> AsyncIterator[Environment]:
    """As for the other tests of the page, with images as wide as a phone, and with the buttons that a platform adds."""
    scenario = Scenario(
        pace=replace(PACE, side=SIDE), settings={"MJ_AUTH": "secret"}, process=ForkedBotProcess, platform="clean"
    )
    async with Environment(tmp_path, scenario) as opened:
        yield opened


async def measures(page: Page, prompt: str, count: int) -> dict[str, float]:
    """The measures of the last message once the page shows `count` messages, the last of them with its buttons."""
    messages = page.locator("li.message[data-id]")
    await expect(messages).to_have_count(count, timeout=SLOW)
    await expect(messages.last).to_contain_text(prompt)
    await expect(messages.last.get_by_role("button", name="Vary (Region)")).to_be_visible(timeout=SLOW)
    await messages.last.locator("img").evaluate("(image) => image.decode()")
    return dict(await messages.last.evaluate(MEASURES))


async def test_the_card_of_an_upscaled_picture_does_not_fill_a_phone(open_page: Open, env: Environment) -> None:
    await env.start_bot()
    pages = [
        await open_page(viewport={"width": width, "height": HEIGHT}, has_touch=True, is_mobile=True) for width in WIDTHS
    ]
    for turn, flags in enumerate(("--v 5.2", "--v 6.1", "--v 7", "--niji 6", "--v 8", "--v 7 --ar 16:9"), start=1):
        grid = await env.result_of(await env.slash("imagine", {"prompt": f"a red fox {flags}"}))
        await env.result_of(await env.press(grid, "U2"))
        for width, page in zip(WIDTHS, pages, strict=True):
            found = await measures(page, "a red fox", 2 * turn)
            about = f"{flags} at {width}: {found}"
            await expect(page.get_by_role("button", name="Continue with…").last).to_be_visible()
            assert not found["cut"], about
            assert found["buttons"] < 0.48 * HEIGHT, about
            # A square image is as high as a phone is wide. Besides it, at most ten lines of buttons and the text.
            assert found["card"] - found["image"] < (0.64 if "--ar" in flags else 0.6) * HEIGHT, about
            assert found["card"] < 0.92 * HEIGHT, about
            if "--ar" in flags:
                assert found["card"] < min(0.8 * HEIGHT, found["area"]), about


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
