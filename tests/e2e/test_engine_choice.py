"""Which engine generates an image: without Midjourney, by a person's default. What `/models` and autocomplete say."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment
from tests.support.panels import choose, chosen_in, panel_of, selects

ALONE = {"MJ_API_URL": "", "MJ_API_KEY": ""}
ENGINE = 0


@pytest.fixture
async def alone(make_env: MakeEnvironment) -> Environment:
    """A bot without Midjourney."""
    env = await make_env(Scenario(platform="clean", settings=ALONE))
    await listed(env)
    return env


@pytest.fixture
async def both(make_env: MakeEnvironment) -> Environment:
    env = await make_env(Scenario(platform="clean"))
    await listed(env)
    return env


async def listed(env: Environment) -> None:
    """Waits until the bot knows what the platform sells."""
    # The price list is asked for after the list of models has been read.
    await env.until(lambda: any(call.status for call in env.platform.calls_of("/api/pricing")))


async def suggested(env: Environment, typed: str = "", by: str = "ada") -> list[str]:
    choices = await env.person(by).autocomplete(env.studio, "imagine", {"engine": typed}, focused="engine")
    return [str(choice["value"]) for choice in choices]


async def test_without_midjourney_imagine_uses_the_first_image_model(alone: Environment) -> None:
    names = await suggested(alone)
    card = await alone.result_of(await alone.slash("imagine", {"prompt": "a brass owl"}))
    assert names[0] in card.text
    assert card.attachments


async def test_without_midjourney_its_commands_are_not_offered(alone: Environment) -> None:
    names = {str(command["name"]) for command in alone.person("ada").offered(alone.studio)}
    assert {"imagine", "models", "settings", "tasks", "show", "Task info"} <= names
    assert not {"blend", "shorten", "swap", "edit", "retexture", "video", "upload", "seed"} & names
    assert not {"Describe", "Get seed", "Use this image…"} & names


async def test_the_list_of_the_last_run_is_used_until_the_new_one_is_known(alone: Environment) -> None:
    await alone.stop_bot()
    async with alone.platform.holding("/v1/models"):
        await alone.start_bot()
        card = await alone.result_of(await alone.slash("imagine", {"prompt": "a brass owl", "engine": "dall-e-3"}))
        assert card.attachments


async def test_before_any_list_is_known_the_person_is_asked_to_try_again(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(platform="clean", settings=ALONE))
    await env.stop_bot()
    for file in env.folder.glob("atelier.db*"):
        file.unlink()
    async with env.platform.holding("/v1/models"):
        await env.start_bot()
        told = await env.private_answer(await env.slash("imagine", {"prompt": "a brass owl"}))
        assert "try again in a moment" in told
        assert "a brass owl" in told
        assert env.platform.billed == []


async def test_the_engines_file_names_the_default(make_env: MakeEnvironment, tmp_path: Path) -> None:
    file = tmp_path / "engines.toml"
    file.write_text('default = "gpt-image-2"\n')
    env = await make_env(Scenario(platform="clean", settings={**ALONE, "ENGINES_FILE": str(file)}))
    await listed(env)
    card = await env.result_of(await env.slash("imagine", {"prompt": "a brass owl"}))
    assert "gpt-image-2" in card.text


async def test_a_persons_default_engine_is_used_by_imagine_and_suggested_first(both: Environment) -> None:
    panel = await panel_of(both, await both.slash("settings"))
    assert chosen_in(panel, ENGINE) == "-"
    await choose(both, panel, ENGINE, "dall-e-3")
    await both.until(lambda: chosen_in(panel, ENGINE) == "dall-e-3")
    card = await both.result_of(await both.slash("imagine", {"prompt": "a brass owl"}))
    assert "dall-e-3" in card.text
    assert both.images.submits == []
    other = await both.result_of(await both.slash("imagine", {"prompt": "a fox"}, by="bob"))
    assert "dall-e-3" not in other.text
    assert (await suggested(both))[:2] == ["dall-e-3", "midjourney"]
    assert (await suggested(both, "mid")) == ["midjourney"]


async def test_a_default_engine_that_is_gone_is_named_and_replaced(both: Environment) -> None:
    panel = await panel_of(both, await both.slash("settings"))
    await choose(both, panel, ENGINE, "dall-e-3")
    await both.until(lambda: chosen_in(panel, ENGINE) == "dall-e-3")
    both.platform.catalog.withdraw("dall-e-3")
    await both.stop_bot()
    read = len(both.platform.calls_of("/v1/models"))
    await both.start_bot()
    await both.until(lambda: len(both.platform.calls_of("/v1/models")) > read)
    card = await both.result_of(await both.slash("imagine", {"prompt": "a brass owl"}))
    assert "isn't available right now" in card.text
    assert len(both.images.submits) == 1
    panel = await panel_of(both, await both.slash("settings"))
    labels = [str(option["label"]) for option in selects(panel)[ENGINE]["options"]]
    assert "dall-e-3 (not available)" in labels
    assert chosen_in(panel, ENGINE) == "dall-e-3"


async def test_models_lists_what_works_here_by_kind(both: Environment) -> None:
    panel = await panel_of(both, await both.slash("models"))
    assert "**midjourney** · default" in panel.text
    assert "**dall-e-3**" in panel.text.replace("\\", "")
    assert "Translation: **whisper-1**" in panel.text.replace("\\", "")
    assert "was read" in panel.text
    assert "credits left" not in panel.text


async def test_prices_are_shown_where_the_platform_publishes_them(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(platform="new-api"))
    await listed(env)
    panel = await panel_of(env, await env.slash("models", by="owner"))
    assert "0.01 credits a call" in panel.text
    assert "0.6 credits per million tokens" in panel.text
    assert "No limit on credits" in panel.text
    choices = await env.person("ada").autocomplete(env.studio, "imagine", {"engine": "dall"}, focused="engine")
    assert [choice["name"] for choice in choices] == ["dall-e-3 · 0.01 credits a call"]


async def test_only_owners_and_moderators_see_what_is_left(both: Environment) -> None:
    assert "credits left" in (await panel_of(both, await both.slash("models", by="owner"))).text
    assert "credits left" in (await panel_of(both, await both.slash("models", by="mod"))).text
    assert "credits left" not in (await panel_of(both, await both.slash("models", by="bob"))).text
