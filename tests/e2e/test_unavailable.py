"""What the service is known not to have is refused in private at once, or not offered at all."""

from __future__ import annotations

import pytest

from playground.discord import CallbackType, OptionValue, walk
from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment, captions
from tests.support.panels import panel_of
from tests.support.pictures import png

SEA = png("sea.png")
JOB = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"


@pytest.mark.parametrize(
    ("profile", "command", "options"),
    [
        ("plus", "edit", {"prompt": "a typed boat", "image": SEA}),
        ("plus", "retexture", {"prompt": "a typed boat", "image": SEA}),
        ("plus", "video", {"prompt": "a typed boat", "image": SEA}),
        ("novicezk", "shorten", {"prompt": "a typed boat"}),
        ("novicezk", "swap", {"source": SEA, "target": SEA}),
        ("novicezk", "upload", {"image1": SEA}),
    ],
)
async def test_a_command_that_the_service_has_not_is_refused_by_name_before_anything_is_public(
    make_env: MakeEnvironment, profile: str, command: str, options: dict[str, OptionValue]
) -> None:
    env = await make_env(Scenario(profile=profile, settings={"MJ_PROFILE": profile}))
    asked = await env.slash(command, options)
    said = await env.private_answer(asked)
    assert f"/{command} isn't available with this server's image service" in said.replace("\\", "")
    assert ("a typed boat" in said) == ("prompt" in options)
    assert asked.callback_type == CallbackType.REPLY
    assert all(message.ephemeral for message in asked.messages)
    assert env.images.submits == []


async def test_a_job_from_elsewhere_is_refused_before_anything_is_public(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(settings={"MJ_PROFILE": "plus"}))
    asked = await env.slash("show", {"task": JOB})
    assert "can't import" in await env.private_answer(asked)
    assert asked.callback_type == CallbackType.REPLY


async def test_the_heart_is_not_offered_where_the_service_is_known_to_refuse_it(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(settings={"MJ_PROFILE": "plus"}))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    single = await env.result_of(await env.press(grid, "U1"))
    assert "Favorite" not in captions(single)
    assert "Vary (Region)" in captions(single)


async def test_a_refused_favorite_leaves_nothing_in_the_lineage(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(settings={"MJ_PROFILE": "unknown"}))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    single = await env.result_of(await env.press(grid, "U1"))
    await env.private_answer(await env.press(single, "❤️"))
    info = await panel_of(env, await env.person("ada").context_menu(single, "Task info"))
    assert "Derived images" not in info.text
    of_grid = await panel_of(env, await env.person("ada").context_menu(grid, "Task info"))
    assert "U1" in captions(of_grid)


async def test_a_favorite_that_was_taken_leaves_nothing_in_the_lineage_either(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="trueai-9"))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    single = await env.result_of(await env.press(grid, "U1"))
    assert "favorites" in await env.private_answer(await env.press(single, "❤️"))
    info = await panel_of(env, await env.person("ada").context_menu(single, "Task info"))
    assert "Derived images" not in info.text


async def test_a_link_to_describe_is_fetched_by_the_bot_where_the_service_takes_none(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(settings={"MJ_PROFILE": "plus"}))
    link = await link_to_a_picture(env)
    described = await env.result_of(await env.slash("describe", {"link": link}))
    assert "**1.**" in described.text
    submit = env.images.submits[-1]
    assert submit.body["base64"].startswith("data:image/png;base64,")
    assert "link" not in submit.body
    sources = [each for each in described.attachments if each.filename.startswith("source")]
    assert [each.description for each in sources] == ["Made from this image: Describe"]


@pytest.mark.parametrize("link", ["http://127.0.0.1:9/sea.png", "http://169.254.169.254/sea.png", "http://[::1]/a.png"])
async def test_a_link_that_leads_to_where_only_the_bot_is_is_not_fetched(make_env: MakeEnvironment, link: str) -> None:
    env = await make_env(Scenario(settings={"MJ_PROFILE": "plus"}))
    asked = await env.slash("describe", {"link": link})
    assert "couldn't be downloaded" in await env.private_answer(asked)
    assert asked.callback_type == CallbackType.DEFER_REPLY
    assert [message for message in asked.messages if not message.ephemeral and not message.deleted] == []
    assert env.images.submits == []


async def test_a_link_goes_on_as_it_is_where_the_service_takes_links(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="trueai", settings={"MJ_PROFILE": "trueai"}))
    link = await link_to_a_picture(env)
    await env.result_of(await env.slash("describe", {"link": link}))
    assert env.images.submits[-1].body["link"] == link


async def link_to_a_picture(env: Environment) -> str:
    """The address of a picture that Discord hands out."""
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    (gallery,) = [part for part in walk(grid.components) if part["type"] == 12]
    return str(gallery["items"][0]["media"]["url"])
