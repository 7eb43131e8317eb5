"""Links to files at Discord in what people ask for: refreshed before they are used, or named when that fails."""

from __future__ import annotations

import aiohttp
import pytest

from bot.tasks.fair_queue import PER_PERSON
from bot.ui.components.markdown import escape_markdown
from playground.discord import Attachment, Interaction, Limits
from playground.discord.attachments import LINK_SECONDS
from playground.driver import Environment, Scenario, public_messages
from tests.support.environments import MakeEnvironment
from tests.support.languages import ENGLISH
from tests.support.panels import drawn
from tests.support.pictures import png

REFRESH = "attachments/refresh-urls"


async def posted(env: Environment) -> tuple[Attachment, str]:
    """A picture that somebody posted in the channel, and the address of its file without a signature."""
    message = await env.person("bob").say(env.studio, "my cat", [png("cat.png")])
    attachment = message.attachments[0]
    return attachment, f"{env.discord.base_url}/attachments/{attachment.channel_id}/{attachment.id}/cat.png"


async def opens(link: str) -> bool:
    async with aiohttp.ClientSession() as session, session.get(link) as answer:
        return answer.status == 200


def refreshes(env: Environment) -> int:
    return sum(REFRESH in request.path for request in env.discord.requests)


async def test_links_that_have_ended_are_refreshed_wherever_they_stand_in_a_prompt(env: Environment) -> None:
    _, link = await posted(env)
    past = f"{link}?ex=66000000&is=65000000&hm={'0' * 64}&"
    await drawn(env, f"<{link}> a cat", f"a cat --sref {past} --sw 50", f"a cat —oref {link}")
    for submit in env.images.submits:
        (found,) = [word for word in submit.body["prompt"].split() if word.startswith("http")]
        assert "hm=" in found
        assert await opens(found)
    assert env.images.submits[1].body["prompt"].endswith(" --sw 50")
    assert refreshes(env) == 3


async def test_links_that_still_work_and_those_of_other_hosts_go_out_as_they_are(env: Environment) -> None:
    attachment, _ = await posted(env)
    link = env.discord.files.url(attachment)
    await drawn(env, f"{link} a cat", "https://pictures.example/attachments/1/2/cat.png a cat")
    assert env.images.submits[0].body["prompt"] == f"{link} a cat"
    assert refreshes(env) == 0


@pytest.mark.parametrize("failing", [False, True], ids=["no such file", "Discord fails"])
async def test_a_link_that_cannot_be_refreshed_is_named_before_anything_is_sent(
    env: Environment, *, failing: bool
) -> None:
    _, link = await posted(env)
    if failing:
        env.discord.fail_next("POST", REFRESH, status=403, code=50001)
    else:
        link = link.replace("cat.png", "dog.png")
    refused = await env.slash("imagine", {"prompt": f"{link}?ex=1&is=1&hm=1 a cat"})
    named = escape_markdown(link.removeprefix("http://"), 200, ENGLISH)
    assert f"expired and couldn't be refreshed: {named}." in await env.private_answer(refused)
    assert env.images.submits == []


async def test_a_link_to_describe_is_read_out_of_its_brackets_and_refreshed(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(profile="trueai", settings={"MJ_PROFILE": "trueai"}))
    _, link = await posted(env)
    await env.result_of(await env.slash("describe", {"link": f"<{link}>"}))
    assert await opens(env.images.submits[0].body["link"])
    refused = await env.slash("describe", {"link": "look at this"})
    assert "isn't a link" in await env.private_answer(refused)
    assert len(env.images.submits) == 1


async def test_a_link_in_a_window_is_refreshed(env: Environment) -> None:
    (grid,) = await drawn(env, "a tin robot")
    single = await env.result_of(await env.press(grid, "U2"))
    _, link = await posted(env)
    opened = await env.press(single, "Custom Zoom")
    await env.result_of(await env.submit_modal(opened, {"prompt": f"a tin robot --zoom 2 --sref {link}"}))
    assert await opens(env.images.submits[-1].body["prompt"].split()[-1])


async def waiting_with(make_env: MakeEnvironment, prompt: str = "{link} a cat") -> tuple[Environment, Interaction, str]:
    """A request that waits in the bot's own queue; the link in it works, until Discord's clock is a day further on."""
    env = await make_env(Scenario(limits=Limits.off()))
    attachment, _ = await posted(env)
    link = env.discord.files.url(attachment)
    env.images.hold()
    for number in range(PER_PERSON):
        await env.slash("imagine", {"prompt": f"a cat {number}"})
    waiting = await env.slash("imagine", {"prompt": prompt.format(link=link)})
    await env.until(lambda: any("the bot's queue" in each.text for each in public_messages(waiting)))
    assert refreshes(env) == 0
    env.discord.state.snowflakes.ahead += 2 * 86_400
    assert not await opens(link)
    # An answer of Discord's, by which the bot sets its clock.
    await env.slash("settings", by="bob")
    return env, waiting, link


async def test_a_link_that_ends_while_its_request_waits_is_refreshed_when_it_is_sent(make_env: MakeEnvironment) -> None:
    env, waiting, link = await waiting_with(make_env, "/imagine prompt: <{link}> a cat —ar 3:2")
    env.images.release()
    card = await env.result_of(waiting)
    fresh, words = env.images.submits[-1].body["prompt"].split(maxsplit=1)
    assert fresh != link
    assert await opens(fresh)
    assert words == "a cat --ar 3:2"
    assert refreshes(env) == 1
    assert card is public_messages(waiting)[0]


async def test_a_link_that_cannot_be_refreshed_any_more_is_named_on_the_card_and_nothing_is_sent(
    make_env: MakeEnvironment,
) -> None:
    env, waiting, link = await waiting_with(make_env)
    (card,) = public_messages(waiting)
    gone = env.discord.files.stored.copy()
    env.discord.files.stored.clear()
    env.images.release()
    await env.until(lambda: "couldn't be refreshed" in card.text)
    assert escape_markdown(link.removeprefix("http://").partition("?")[0], 200, ENGLISH) in card.text
    assert len(env.images.submits) == PER_PERSON
    env.discord.files.stored.update(gone)
    env.discord.state.snowflakes.ahead += 5  # no double click of what was asked before
    first = await env.press(card, "Try again")
    env.discord.state.snowflakes.ahead += 1  # the second click gets another signature, and is still a double click
    await env.press(card, "Try again")
    await env.result_of(first)
    assert len(env.images.submits) == PER_PERSON + 1
    assert await opens(env.images.submits[-1].body["prompt"].split()[0])


async def test_a_request_whose_link_ends_while_the_bot_is_down_is_refreshed_too(make_env: MakeEnvironment) -> None:
    env, _, link = await waiting_with(make_env)
    await env.kill_bot()
    env.images.release()
    await env.start_bot()
    await env.until(lambda: len(env.images.submits) == PER_PERSON + 1)
    fresh = env.images.submits[-1].body["prompt"].split()[0]
    assert fresh != link
    assert await opens(fresh)


async def test_a_request_whose_link_has_ended_waits_until_the_bot_has_logged_in(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario(limits=Limits.off()))
    _, link = await posted(env)
    env.discord.files.link_seconds = -1
    env.images.hold()
    for number in range(PER_PERSON):
        await env.slash("imagine", {"prompt": f"a cat {number}"})
    waiting = await env.slash("imagine", {"prompt": f"{link} a cat"})
    await env.until(lambda: any("the bot's queue" in each.text for each in public_messages(waiting)))
    await env.kill_bot()
    env.discord.files.link_seconds = LINK_SECONDS
    env.images.release()
    with env.discord.hold("/users/@me", when="before"):
        await env.bot.start()
        await env.bot.logged("cannot refresh its links")
        assert len(env.images.submits) == PER_PERSON
    await env.result_of(waiting)
    assert len(env.images.submits) == PER_PERSON + 1
    assert await opens(env.images.submits[-1].body["prompt"].split()[0])
