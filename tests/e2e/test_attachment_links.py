"""Links to files at Discord in what people ask for: refreshed before they are used, or named when that fails."""

from __future__ import annotations

import aiohttp
import pytest

from bot.tasks.fair_queue import PER_PERSON
from bot.ui.components.markdown import escape_markdown
from playground.discord import Interaction, Limits
from playground.discord.attachments import LINK_LIVES
from playground.discord.records import Attachment
from playground.driver import Scene, World, public_messages
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
    link = world.discord.files.url(attachment)
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
    named = escape_markdown(link.removeprefix("http://"), 200)
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


async def waiting_with(make_world: MakeWorld, prompt: str = "{link} a cat") -> tuple[World, Interaction, str]:
    """A request that waits in the bot's own queue; the link in it works, until Discord's clock is a day further on."""
    world = await make_world(Scene(limits=Limits.off()))
    attachment, _ = await posted(world)
    link = world.discord.files.url(attachment)
    world.images.hold()
    for number in range(PER_PERSON):
        await world.slash("imagine", {"prompt": f"a cat {number}"})
    waiting = await world.slash("imagine", {"prompt": prompt.format(link=link)})
    await world.until(lambda: any("the bot's queue" in each.text for each in public_messages(waiting)))
    assert refreshes(world) == 0
    world.discord.world.snowflakes.ahead += 2 * 86_400
    assert not await opens(link)
    # An answer of Discord's, by which the bot sets its clock.
    await world.slash("settings", by="bob")
    return world, waiting, link


async def test_a_link_that_ends_while_its_request_waits_is_refreshed_when_it_is_sent(make_world: MakeWorld) -> None:
    world, waiting, link = await waiting_with(make_world, "/imagine prompt: <{link}> a cat —ar 3:2")
    world.images.release()
    card = await world.result_of(waiting)
    fresh, words = world.images.submits[-1].body["prompt"].split(maxsplit=1)
    assert fresh != link
    assert await opens(fresh)
    assert words == "a cat --ar 3:2"
    assert refreshes(world) == 1
    assert card is public_messages(waiting)[0]


async def test_a_link_that_cannot_be_refreshed_any_more_is_named_on_the_card_and_nothing_is_sent(
    make_world: MakeWorld,
) -> None:
    world, waiting, link = await waiting_with(make_world)
    (card,) = public_messages(waiting)
    gone = world.discord.files._stored.copy()
    world.discord.files._stored.clear()
    world.images.release()
    await world.until(lambda: "couldn't be refreshed" in card.text)
    assert escape_markdown(link.removeprefix("http://").partition("?")[0], 200) in card.text
    assert len(world.images.submits) == PER_PERSON
    world.discord.files._stored.update(gone)
    world.discord.world.snowflakes.ahead += 5  # no double click of what was asked before
    first = await world.press(card, "Try again")
    world.discord.world.snowflakes.ahead += 1  # the second click gets another signature, and is still a double click
    await world.press(card, "Try again")
    await world.result_of(first)
    assert len(world.images.submits) == PER_PERSON + 1
    assert await opens(world.images.submits[-1].body["prompt"].split()[0])


async def test_a_request_whose_link_ends_while_the_bot_is_down_is_refreshed_too(make_world: MakeWorld) -> None:
    world, _, link = await waiting_with(make_world)
    await world.kill_bot()
    world.images.release()
    await world.start_bot()
    await world.until(lambda: len(world.images.submits) == PER_PERSON + 1)
    fresh = world.images.submits[-1].body["prompt"].split()[0]
    assert fresh != link
    assert await opens(fresh)


async def test_a_request_whose_link_has_ended_waits_until_the_bot_has_logged_in(make_world: MakeWorld) -> None:
    world = await make_world(Scene(limits=Limits.off()))
    _, link = await posted(world)
    world.discord.files.link_lives = -1
    world.images.hold()
    for number in range(PER_PERSON):
        await world.slash("imagine", {"prompt": f"a cat {number}"})
    waiting = await world.slash("imagine", {"prompt": f"{link} a cat"})
    await world.until(lambda: any("the bot's queue" in each.text for each in public_messages(waiting)))
    await world.kill_bot()
    world.discord.files.link_lives = LINK_LIVES
    world.images.release()
    with world.discord.hold("/users/@me", when="before"):
        await world.bot.start()
        await world.until(lambda: any("cannot refresh its links" in line for line in world.bot.lines))
        assert len(world.images.submits) == PER_PERSON
    await world.result_of(waiting)
    assert len(world.images.submits) == PER_PERSON + 1
    assert await opens(world.images.submits[-1].body["prompt"].split()[0])
