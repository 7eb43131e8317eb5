"""The switches: each does what it says, and shows its value."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import expect

import playground.page
from playground.driver import Environment, Scenario
from tests.page.conftest import PACE
from tests.page.scripted_bot import Open
from tests.support.forked import ForkedBotProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def env(tmp_path: Path) -> AsyncIterator[Environment]:
    """A local Discord, and both local services; the bot is not started."""
    scenario = Scenario(pace=PACE, platform="clean", settings={"MJ_AUTH": "secret"}, process=ForkedBotProcess)
    async with Environment(tmp_path, scenario) as opened:
        yield opened


async def set_switch(site: playground.page.Page, name: str, value: Any = None) -> tuple[int, dict[str, Any]]:
    async with (
        aiohttp.ClientSession(site.url) as http,
        http.post("/api/switch", data={"fields": json.dumps({"as": "ada", "name": name, "value": value})}) as answer,
    ):
        return answer.status, await answer.json()


@pytest.mark.parametrize(
    ("name", "value", "state"),
    [
        ("profile", "novicezk", {"profile": "novicezk"}),
        ("speed", "slow", {"speed": "slow"}),
        ("slots", "5", {"slots": 5}),
        ("queue", "0", {"queue": 0}),
        ("hold", True, {"held": True}),
        ("remix", True, {"remix": True}),
        ("platform", "reverse", {"platform": "reverse"}),
        ("platform_fault", "quota_429", {"said": "The next call of the platform goes wrong: quota_429."}),
    ],
)
async def test_a_switch_keeps_the_value_it_was_set_to(
    site: playground.page.Page, name: str, value: Any, state: dict[str, Any]
) -> None:
    status, answer = await set_switch(site, name, value)
    assert status == 200
    assert answer.items() >= state.items()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("profile", "nobody"),
        ("platform", "nobody"),
        ("platform_fault", "nobody"),
        ("speed", "faster"),
        ("slots", "0"),
        ("queue", "many"),
        ("fail_task", " "),
        ("bot", "stop"),
        ("bot", "dance"),
        ("unknown", None),
    ],
)
async def test_a_wrong_value_is_refused(site: playground.page.Page, name: str, value: Any) -> None:
    status, answer = await set_switch(site, name, value)
    assert status == 422
    assert answer["refused"]


async def test_faults_hit_the_next_task_and_the_bot_reports_them(open_page: Open, env: Environment) -> None:
    await env.start_bot()
    page = await open_page()
    await page.get_by_role("tab", name="Switches").click()
    words = page.get_by_label("The next task fails with")
    await words.fill("No such colour")
    await page.get_by_role("button", name="Fail it").click()
    await expect(page.locator(".notice")).to_contain_text("The next task fails half-way.")
    await imagine(page, "a tin robot")
    await expect(page.locator("li.message").last).to_contain_text("No such colour")

    await page.get_by_role("button", name="Refuse the next: queue is full").click()
    await imagine(page, "a brass owl")
    await expect(page.locator("li.message.private")).to_contain_text("queue is full")

    await page.get_by_role("button", name="Lose the next answer").click()
    await imagine(page, "a stone bridge")
    await expect(page.locator("li.message").last.locator("button[data-key]").first).to_be_visible()
    await page.get_by_role("tab", name="Traffic").click()
    await expect(page.locator("#traffic .row.image .status", has_text="lost")).to_have_count(1)
    assert len(env.images.submits) == 3


async def test_calls_of_the_platform_are_shown_and_go_wrong(open_page: Open, env: Environment) -> None:
    page = await open_page()
    await page.get_by_role("tab", name="Switches").click()
    await page.get_by_label("Answers as").select_option("reverse")
    await expect(page.locator(".notice").last).to_contain_text("answers as reverse")
    await page.get_by_label("The next call ends in").select_option("bad_gateway")
    await page.get_by_role("button", name="Let it go wrong").click()
    await expect(page.locator(".notice").last).to_contain_text("goes wrong: bad_gateway")
    await page.get_by_role("tab", name="Traffic").click()
    headers = {"Authorization": f"Bearer {env.platform_key}"}
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "a fox"}]}
    async with aiohttp.ClientSession(env.platform.base_url, headers=headers) as http:
        for status in (502, 200):
            async with http.post("/v1/chat/completions", json=body) as answer:
                assert answer.status == status
    rows = page.locator("#traffic .row.platform")
    await expect(rows.locator(".status")).to_have_text(["200", "502"])
    await expect(rows.first).to_contain_text("gpt-4o")


async def imagine(page: Any, prompt: str) -> None:
    await page.click("#text")
    await page.keyboard.type(f"/imagine {prompt}")
    await page.keyboard.press("Enter")


async def test_the_profile_changes_while_the_bot_runs_and_the_gateway_drops(open_page: Open, env: Environment) -> None:
    await env.start_bot()
    page = await open_page()
    await page.get_by_role("tab", name="Switches").click()
    for count, profile in enumerate(("newapi", "trueai", "novicezk"), 1):
        await page.get_by_label("Plays the part of").select_option(profile)
        await expect(page.locator(".notice").last).to_contain_text(f"speaks as {profile}")
        await imagine(page, f"a fox for {profile}")
        await expect(page.locator("li.message[data-id]")).to_have_count(count)
        await expect(page.locator("li.message").last.locator("button[data-key]").first).to_be_visible(timeout=20_000)
    resumed = env.discord.gateway.resumed
    await page.get_by_role("button", name="Drop the gateway").click()
    await env.until(lambda: env.discord.gateway.resumed > resumed)
    await expect(page.locator(".bot-state")).to_contain_text("The bot is connected.")
