"""In the playground's page the painter opens from its button, as everything else does."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

import playground.page
from tests.mask_editor.conftest import PATIENCE, Studio

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_painter_opens_from_its_button(studio: Studio, browser: Browser) -> None:
    async with playground.page.Page(studio.env, port=0) as site:
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE)
        await context.add_init_script("localStorage.setItem('atelier-playground-acting', 'ada')")
        page = await context.new_page()
        await page.goto(site.url)
        await page.get_by_role("button", name="Vary (Region)").click()
        async with context.expect_page() as opening:
            await page.get_by_role("link", name="Open region editor").click()
        mask_editor = await opening.value
        await mask_editor.wait_for_selector("#controls:enabled")
        assert await mask_editor.input_value("#prompt") == "a tin robot --ar 3:2 --v 7"
        await context.close()
