"""A card shows what its task was made from, small, before and after the result is there; every picture has words."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import pytest
from PIL import Image

from playground.discord import Attachment, Message, OptionValue, walk
from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment, task_id_of
from tests.support.panels import panel_of
from tests.support.pictures import png

LARGE = (1600, 1200)
A, B, C = png("a.png", "navy", LARGE), png("b.png", "gold", LARGE), png("c.png", "red", (300, 900))
MOST_BYTES = 20_000


def sources(message: Message) -> list[Attachment]:
    return [each for each in message.attachments if each.filename.startswith("source")]


def shown(message: Message) -> list[tuple[str, str | None]]:
    """The pictures in the message's galleries, with their words."""
    galleries = [part for part in walk(message.components) if part["type"] == 12]
    return [
        (urlsplit(item["media"]["url"]).path.rpartition("/")[2], item.get("description"))
        for gallery in galleries
        for item in gallery["items"]
    ]


@pytest.mark.parametrize(
    ("profile", "command", "options", "words"),
    [
        ("plus", "blend", {"image1": A, "image2": B, "image3": C}, "Made from image 2 of 3: Blend"),
        ("plus", "swap", {"source": A, "target": B}, "The image that gets the face: Face swap"),
        ("trueai", "edit", {"prompt": "a hat", "image": A}, "Made from this image: a hat"),
        ("plus", "describe", {"image": C}, "Made from this image: Describe"),
        ("plus", "imagine", {"prompt": "a kite", "image1": A}, "Made from this image: a kite"),
    ],
)
async def test_sources_stand_on_the_card_from_the_beginning_to_the_end(
    make_env: MakeEnvironment, profile: str, command: str, options: dict[str, OptionValue], words: str
) -> None:
    env = await make_env(Scenario(profile=profile, settings={"MJ_PROFILE": profile}))
    given = sum(not isinstance(value, str) for value in options.values())
    env.images.hold()
    asked = await env.slash(command, options)
    card = await env.until(lambda: next((each for each in asked.messages if len(sources(each)) == given), None))
    assert card is not None
    env.images.release()
    result = await env.result_of(asked)
    await env.until(lambda: "%" not in result.text)
    assert len(sources(result)) == given
    for source in sources(result):
        assert len(source.data) < MOST_BYTES
        with Image.open(io.BytesIO(source.data)) as small:
            assert max(small.size) == 256
    names = {name for name, _ in shown(result)}
    assert {source.filename for source in sources(result)} <= names
    assert words in [alt for _, alt in shown(result)]
    assert all(alt for _, alt in shown(result))


async def test_sources_come_back_with_a_task_that_is_shown_again_after_a_restart(env: Environment) -> None:
    swapped = await env.result_of(await env.slash("swap", {"source": A, "target": B}))
    await env.kill_bot()
    await env.start_bot()
    again = await env.result_of(await env.slash("show", {"task": task_id_of(swapped)}))
    assert len(sources(again)) == 2
    assert len(again.attachments) == 3


async def test_another_try_shows_the_sources_too(env: Environment) -> None:
    env.images.fail_task("no luck")
    failed = await env.result_of(await env.slash("blend", {"image1": A, "image2": B}))
    assert len(sources(failed)) == 2
    again = await env.result_of(await env.press(failed, "Try again"))
    assert len(sources(again)) == 2


async def test_each_of_four_pictures_says_which_it_is(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="trueai", partner=True))
    grid = await env.result_of(await env.slash("imagine", {"prompt": "four brass owls"}))
    assert [alt for _, alt in shown(grid)] == [f"Image {number} of 4: four brass owls" for number in range(1, 5)]
    assert [each.description for each in grid.attachments] == [alt for _, alt in shown(grid)]


async def test_lists_and_the_info_show_thumbnails_and_lead_to_messages(env: Environment) -> None:
    grid = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}))
    single = await env.result_of(await env.press(grid, "U2"))
    env.images.fail_task("no luck")
    failed = await env.result_of(await env.slash("imagine", {"prompt": "a broken kite"}))
    panel = await panel_of(env, await env.slash("tasks"))
    thumbnails = [part for part in walk(panel.components) if part["type"] == 11]
    assert [part["description"] for part in thumbnails] == ["a fox", "a fox"]
    assert {each.filename for each in panel.attachments} == {
        f"thumbnail-{task_id_of(message)}.jpg" for message in (grid, single)
    }
    for message in (grid, single, failed):
        assert f"https://discord.com/channels/{env.studio.guild_id}/{env.studio.id}/{message.id}" in panel.text
    info = await panel_of(env, await env.person("mod").context_menu(single, "Task info"))
    assert {each.filename for each in info.attachments} == {each.filename for each in panel.attachments}
    of_grid = await panel_of(env, await env.person("mod").context_menu(grid, "Task info"))
    assert shown(of_grid) == [(f"thumbnail-{task_id_of(single)}.jpg", "a fox")]


async def test_the_queue_leads_to_messages_and_says_nothing_of_what_there_is_none_of(env: Environment) -> None:
    empty = await panel_of(env, await env.slash("queue"))
    assert "Nothing is generating" in empty.text
    assert "0" not in empty.text
    env.images.stall_next()
    asked = await env.slash("imagine", {"prompt": "a fox"})
    await env.until(lambda: "%" in asked.messages[0].text)
    panel = await panel_of(env, await env.slash("queue"))
    assert "**1** generating" in panel.text
    assert "**0**" not in panel.text
    assert f"https://discord.com/channels/{env.studio.guild_id}/{env.studio.id}/{asked.messages[0].id}" in panel.text
