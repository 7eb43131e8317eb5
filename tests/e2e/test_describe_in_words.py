"""*Describe in words*: any image as prompts that each create an image, and alt text for what the bot posts."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from playground.discord import Message, walk
from playground.driver import Environment, Scenario
from playground.platform import Fault
from tests.support.environments import MakeEnvironment, captions
from tests.support.models import without_model
from tests.support.panels import drawn, panel_of, posted_after
from tests.support.pictures import png

CHAT = "/v1/chat/completions"
MENU = "Describe in words"


@pytest.fixture
async def env(make_env: MakeEnvironment) -> Environment:
    return await sold(await make_env(Scenario(platform="clean")))


async def sold(env: Environment) -> Environment:
    """Waits until the bot knows what the platform sells."""
    await env.platform.until(lambda: any(each.status for each in env.platform.calls_of("/v1/models")))
    return env


async def described(env: Environment, message: Message, by: str = "ada") -> Message:
    return await panel_of(env, await (await env.person(by).context_menu(message, MENU)).answered())


def seen_images(env: Environment) -> list[Image.Image]:
    """The images that the model was shown by the last request."""
    content = env.platform.calls_of(CHAT)[-1].body["messages"][-1]["content"]
    urls = [part["image_url"]["url"] for part in content if part["type"] == "image_url"]
    assert all(url.startswith("data:image/jpeg;base64,") for url in urls)
    return [Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) for url in urls]


def alts(message: Message) -> list[str]:
    return [item["description"] for part in walk(message.components) for item in part.get("items", ())]


async def test_each_line_creates_an_image_also_after_a_restart(env: Environment) -> None:
    message = await env.person("bob").say(env.studio, "look", [png("sea.png", "teal", (3_000, 1_000))])
    panel = await described(env, message)
    assert panel.ephemeral
    assert captions(panel) == ["Create", "Edit"] * 4
    assert panel.text.count("teal") >= 4
    assert [image.size for image in seen_images(env)] == [(1_536, 512)]
    await env.kill_bot()
    await env.start_bot()
    creates = [each["custom_id"] for each in panel.buttons if each.get("label") == "Create"]
    used = await (await env.person("ada").press(panel, creates[1])).answered()
    await posted_after(env, used)
    assert "teal" in env.images.submits[-1].body["prompt"]
    assert len(env.platform.billed) == 1


async def test_a_result_of_ours_is_described_from_its_menu_and_from_its_info(env: Environment) -> None:
    (grid,) = await drawn(env, "a fox")
    assert "**1.**" in (await described(env, grid, "bob")).text
    info = await panel_of(env, await env.person("bob").context_menu(grid, "Task info"))
    panel = await panel_of(env, await env.press(info, MENU, by="bob"))
    assert "**4.**" in panel.text
    assert len(env.platform.billed) == 2


async def test_a_hidden_image_is_described_hidden(env: Environment) -> None:
    message = await env.person("bob").say(env.studio, "look", [png("SPOILER_sea.png")])
    panel = await described(env, message)
    assert panel.text.count("||") == 8


async def test_a_message_without_an_image_and_a_file_that_is_none_cost_nothing(env: Environment) -> None:
    for files in ([], [png("sea.png")]):
        message = await env.person("bob").say(env.studio, "only words", files)
        if files:
            message.attachments[0].data = b"no image at all"
        asked = await env.person("ada").context_menu(message, MENU)
        assert "image" in await env.private_answer(asked)
    assert env.platform.calls_of(CHAT) == []


@pytest.mark.parametrize("fault", ["close", "empty", "do_request"])
async def test_a_lost_description_is_asked_again_by_a_person_only(env: Environment, fault: str) -> None:
    env.platform.fail_next(CHAT, fault)
    message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
    panel = await described(env, message)
    assert "may have been billed" in panel.text
    assert captions(panel) == ["Ask again"]
    assert len(env.platform.calls_of(CHAT)) == 1
    await env.kill_bot()
    await env.start_bot()
    again = await panel_of(env, await env.press(panel, "Ask again"))
    assert captions(again) == ["Create", "Edit"] * 4


@pytest.mark.parametrize("menu", [False, True])
async def test_the_model_describes_where_the_image_service_cannot(env: Environment, menu: bool) -> None:
    env.images.fail_next("submit/describe", "not_routed")
    for _ in range(2):
        if menu:
            message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
            used = await (await env.person("ada").context_menu(message, "Describe")).answered()
        else:
            used = await env.slash("describe", {"image": png("sea.png")})
        panel = await panel_of(env, used)
        assert captions(panel) == ["Create", "Edit"] * 4
    assert len(env.images.submits) == 1


async def test_without_midjourney_the_model_describes(make_env: MakeEnvironment) -> None:
    settings = {"MJ_API_URL": "", "MJ_API_KEY": ""}
    env = await sold(await make_env(Scenario(platform="clean", settings=settings)))
    panel = await panel_of(env, await env.slash("describe", {"image": png("sea.png")}))
    card = await posted_after(env, await env.press(panel, "Create"))
    assert "teal" in card.text
    assert "Describe" not in {str(command["name"]) for command in env.person("ada").offered(env.studio)}


async def test_without_a_model_that_sees_the_menu_says_so(make_env: MakeEnvironment, tmp_path: Path) -> None:
    env = await without_model(make_env, tmp_path, "vision")
    message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
    asked = await env.person("ada").context_menu(message, MENU)
    assert "no model that can describe images" in await env.private_answer(asked)
    (grid,) = await drawn(env, "a fox")
    info = await panel_of(env, await env.person("ada").context_menu(grid, "Task info"))
    assert MENU not in captions(info)


# Alt text


def engines(folder: Path, lines: str) -> dict[str, str]:
    file = folder / "engines.toml"
    file.write_text(lines, encoding="utf-8")
    return {"ENGINES_FILE": str(file)}


async def test_a_posted_image_gets_alt_text_once_and_keeps_it(make_env: MakeEnvironment, tmp_path: Path) -> None:
    settings = engines(tmp_path, "alt_texts = true")
    env = await sold(await make_env(Scenario(platform="clean", settings=settings)))
    async with env.platform.holding(CHAT):
        # The card does not wait for the model.
        (grid,) = await drawn(env, "a fox")
        assert alts(grid) == ["a fox"]
        files = [attachment.id for attachment in grid.attachments]
        await env.platform.until(lambda: env.platform.calls_of(CHAT))
    await env.until(lambda: alts(grid) != ["a fox"])
    (alt,) = alts(grid)
    assert alt.startswith("A square image")
    assert [attachment.id for attachment in grid.attachments] == files
    single = await env.result_of(await env.press(grid, "U1"))
    await env.until(lambda: alts(single) != ["a fox"])
    await env.until(lambda: "✓ U1" in [each.get("label") for each in grid.buttons])
    assert alts(grid) == [alt]
    await env.stop_bot()
    await env.start_bot()
    shown = await env.result_of(await env.slash("show", {"task": grid.text.split("`")[1]}))
    assert alts(shown) == [alt]
    assert len(env.platform.calls_of(CHAT)) == 2


async def test_alt_texts_have_a_limit_and_a_failure_leaves_the_prompt(
    make_env: MakeEnvironment, tmp_path: Path
) -> None:
    settings = engines(tmp_path, "alt_texts = true\nalt_texts_per_hour = 2")
    env = await sold(await make_env(Scenario(platform="clean", settings=settings)))
    env.platform.fail_next(CHAT, Fault.CLOSE)
    (first,) = await drawn(env, "a fox")
    (second,) = await drawn(env, "an owl")
    await env.until(lambda: alts(second) != ["an owl"])
    (third,) = await drawn(env, "a boat")
    message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
    await described(env, message)
    assert alts(first) == ["a fox"]
    assert alts(third) == ["a boat"]
    assert len(env.platform.calls_of(CHAT)) == 3


async def test_without_the_setting_no_alt_text_is_asked_for(env: Environment) -> None:
    (grid,) = await drawn(env, "a fox")
    message = await env.person("bob").say(env.studio, "look", [png("sea.png")])
    await described(env, message)
    assert alts(grid) == ["a fox"]
    assert len(env.platform.calls_of(CHAT)) == 1
