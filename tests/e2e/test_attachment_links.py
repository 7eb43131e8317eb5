"""Links to files at Discord in what people ask for: refreshed before they are used, or named when that fails."""

from __future__ import annotations

import aiohttp
import pytest

from bot.ui.words import plain
from playground.discord.records import Attachment
from playground.driver import Scene, World
from tests.support.panels import drawn
from tests.support.pictures import png
from tests.support.worlds import MakeWorld

REFRESH = "attachments/refresh-urls"


async def posted(world: World) -> tuple[Attachment, str]:
    """A picture that somebody posted in the channel, and the address of its file without a signature."""
    message = await world.person("bob").say(world.studio, "my cat", [png("cat.png")])
    attachment = message.attachments[0]
    return attachment, f"{world.discord.base_url}/attachments/{attachment.channel_id}/{attachment.id}/cat.png"


async def opens(link: str) -> bool:
    async with aiohttp.ClientSession() as session, session.get(link) as answer:
        return answer.status == 200


def refreshes(world: World) -> int:
    return sum(REFRESH in request.path for request in world.discord.requests)


async def test_links_that_have_ended_are_refreshed_wherever_they_stand_in_a_prompt(world: World) -> None:
    _, link = await posted(world)
    past = f"{link}?ex=66000000&is=65000000&hm={'0' * 64}&"
    await drawn(world, f"<{link}> a cat", f"a cat --sref {past} --sw 50", f"a cat —oref {link}")
    for submit in world.images.submits:
        (found,) = [word for word in submit.body["prompt"].split() if word.startswith("http")]
        assert "hm=" in found
        assert await opens(found)
    assert world.images.submits[1].body["prompt"].endswith(" --sw 50")
    assert refreshes(world) == 3


async def test_links_that_still_work_and_those_of_other_hosts_go_out_as_they_are(world: World) -> None:
    attachment, _ = await posted(world)
    link = world.discord._files.url(attachment)
    await drawn(world, f"{link} a cat", "https://pictures.example/attachments/1/2/cat.png a cat")
    assert world.images.submits[0].body["prompt"] == f"{link} a cat"
    assert refreshes(world) == 0


@pytest.mark.parametrize("failing", [False, True], ids=["no such file", "Discord fails"])
async def test_a_link_that_cannot_be_refreshed_is_named_before_anything_is_sent(world: World, *, failing: bool) -> None:
    _, link = await posted(world)
    if failing:
        world.discord.fail_next("POST", REFRESH, status=403, code=50001)
    else:
        link = link.replace("cat.png", "dog.png")
    refused = await world.slash("imagine", {"prompt": f"{link}?ex=1&is=1&hm=1 a cat"})
    named = plain(link.removeprefix("http://"), 200)
    assert f"expired and couldn't be refreshed: {named}." in await world.private_answer(refused)
    assert world.images.submits == []


async def test_a_link_to_describe_is_read_out_of_its_brackets_and_refreshed(make_world: MakeWorld) -> None:
    world = await make_world(Scene(profile="trueai", settings={"MJ_PROFILE": "trueai"}))
    _, link = await posted(world)
    await world.result_of(await world.slash("describe", {"link": f"<{link}>"}))
    assert await opens(world.images.submits[0].body["link"])
    refused = await world.slash("describe", {"link": "look at this"})
    assert "isn't a link" in await world.private_answer(refused)
    assert len(world.images.submits) == 1


async def test_a_link_in_a_window_is_refreshed(world: World) -> None:
    (grid,) = await drawn(world, "a tin robot")
    single = await world.result_of(await world.press(grid, "U2"))
    _, link = await posted(world)
    opened = await world.press(single, "Custom Zoom")
    await world.result_of(await world.submit_modal(opened, {"prompt": f"a tin robot --zoom 2 --sref {link}"}))
    assert await opens(world.images.submits[-1].body["prompt"].split()[-1])
