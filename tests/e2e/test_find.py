"""`/find` and *More like this*: what is found, by whom, in which way, and after a restart."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from playground.discord import Channel, Message
from playground.driver import Environment, Scenario, private_text
from playground.platform import Kind
from playground.platform.models import Model
from tests.support.environments import MakeEnvironment, captions, task_id_of
from tests.support.forging import everything_told
from tests.support.panels import choose, drawn, panel_of

EMBEDDINGS = "/v1/embeddings"
WORDS_ONLY = "Searched by exact words only"
PROMPTS = (
    "a kitten asleep on a windowsill --ar 3:2",
    "a fishing boat leaving the harbour",
    "an astronaut floating over the moon",
    "a lighthouse in a thunderstorm",
)


@pytest.fixture
async def env(make_env: MakeEnvironment) -> Environment:
    return await make_env(Scenario(platform="clean"))


def spaces(env: Environment) -> dict[str, str]:
    """The prompt of each image that has a vector, with the model and the length of the vector."""
    with closing(sqlite3.connect(f"file:{env.folder / 'atelier.db'}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT text, model || ' ' || length FROM image_texts JOIN vector_spaces ON vector_spaces.id = space_id"
            " JOIN image_vectors USING (row_id) WHERE LENGTH(vector) = 4 * length"
        )
        return dict(rows.fetchall())


async def embedded(env: Environment, count: int, model: str = "text-embedding-3-small 256") -> None:
    """Waits until this number of images has a vector of this model. A search makes the bot request them soon."""
    await env.slash("find", {"words": "anything"}, by="mod")
    await env.until(lambda: list(spaces(env).values()) == [model] * count)


async def found(env: Environment, words: str, by: str = "ada") -> Message:
    return await panel_of(env, await env.slash("find", {"words": words}, by=by))


def order(panel: Message, *parts: str) -> list[str]:
    """These parts of the panel's text in the order in which they appear there."""
    return sorted((part for part in parts if part in panel.text), key=panel.text.index)


async def test_an_image_is_found_by_other_words_than_its_prompts_also_after_a_restart(env: Environment) -> None:
    await drawn(env, *PROMPTS, *(f"a {colour} boat" for colour in ("red", "blue", "green", "white", "brown")))
    await embedded(env, 9)
    # No prompt has one of these words.
    panel = await found(env, "sleeping kittens --ar 1:1")
    assert WORDS_ONLY not in panel.text
    assert order(panel, "kitten asleep", "fishing boat", "astronaut")[0] == "kitten asleep"
    assert "--ar 1:1" not in panel.text
    boats = await found(env, "fisherman's boats")
    assert order(boats, "fishing boat", "astronaut", "kitten")[0] == "fishing boat"
    assert "Page 1 of 2" in captions(boats)
    calls = len(env.platform.calls_of(EMBEDDINGS))
    await env.kill_bot()
    await env.start_bot()
    first = boats.text
    await env.press(boats, "▶️")
    await env.until(lambda: boats.text != first)
    await env.press(boats, "◀️")
    await env.until(lambda: boats.text == first)
    # Neither turning a page nor a restart requests a vector again.
    assert len(env.platform.calls_of(EMBEDDINGS)) == calls
    shown = await panel_of(env, await env.press(boats, "Show"))
    assert "Post here" in captions(shown)


async def test_more_like_this_finds_similar_images_from_results_and_from_task_info(env: Environment) -> None:
    cards = await drawn(env, *PROMPTS, "a boat in a harbour at dawn")
    await embedded(env, 5)
    panel = await panel_of(env, await env.person("ada").context_menu(cards[1], "Task info"))
    calls = len(env.platform.calls_of(EMBEDDINGS))
    similar = await panel_of(env, await env.press(panel, "More like this"))
    assert order(similar, "boat in a harbour", "kitten", "astronaut")[0] == "boat in a harbour"
    # Neither the image itself, nor a request for a vector that is stored.
    assert "fishing boat" not in similar.text
    assert f"Images like {task_id_of(cards[1])}" in similar.text.replace("`", "")
    assert len(env.platform.calls_of(EMBEDDINGS)) == calls
    back = await panel_of(env, await env.press(similar, "More like this"))
    assert order(back, "fishing boat", "kitten", "astronaut")[0] == "fishing boat"


HERONS = ("in the studio", "in the lounge", "in private", "on another server")


async def herons_found(env: Environment, by: str, where: Channel, words: str = "herons") -> set[str]:
    panel = await panel_of(env, await env.slash("find", {"words": words}, by=by, where=where))
    return set(order(panel, *HERONS))


def lobby_of(env: Environment) -> Channel:
    """A channel of the other server, which eve reads and bob does not."""
    eve, bob = env.person("eve").user.id, env.person("bob").user.id
    may, channels = env.discord.state.may, env.discord.state.channels.values()
    return next(
        each
        for each in channels
        if each.guild_id and may(eve, each, "view_channel") and not may(bob, each, "view_channel")
    )


async def test_others_images_are_found_only_where_their_channel_is_read(env: Environment) -> None:
    ada, bob = env.person("ada"), env.person("bob")
    lounge, dm = env.discord.channel("lounge"), env.discord.dm(ada)
    lobby = lobby_of(env)
    env.discord.install_for_user(env.person("eve"))
    env.discord.hide(lounge, ada)
    for where, place, by in zip(HERONS, (env.studio, lounge, dm, lobby), ("ada", "ada", "ada", "eve"), strict=True):
        await env.result_of(await env.slash("imagine", {"prompt": f"a heron {where}"}, where=place, by=by))
    await embedded(env, 4)
    assert await herons_found(env, "bob", env.studio) == {"in the studio"}
    assert await herons_found(env, "bob", env.discord.dm(bob)) == set()
    assert await herons_found(env, "eve", lobby) == {"on another server"}
    for place in (env.studio, dm):
        assert await herons_found(env, "ada", place) == {"in the studio", "in the lounge", "in private"}
    # By exact words as well, and by example.
    assert await herons_found(env, "bob", env.studio, "heron lounge private server") == {"in the studio"}
    panel = await found(env, "a heron", by="bob")
    like = await panel_of(env, await env.press(panel, "More like this", by="bob"))
    assert order(like, *HERONS) == []
    for secret in HERONS[1:]:
        assert secret not in everything_told(env, "bob")


async def test_a_panel_is_narrowed_to_ones_own_images_and_loses_deleted_ones(env: Environment) -> None:
    (card,) = await drawn(env, "a heron of ada")
    await drawn(env, "a heron of bob", by="bob")
    panel = await found(env, "heron", by="bob")
    assert set(order(panel, "of ada", "of bob")) == {"of ada", "of bob"}
    await choose(env, panel, 0, "own", by="bob")
    await env.until(lambda: order(panel, "of ada", "of bob") == ["of bob"])
    await choose(env, panel, 0, "server", by="bob")
    await env.until(lambda: "of ada" in panel.text)
    asked = await env.slash("delete", {"task": task_id_of(card)})
    await env.press(await panel_of(env, asked), "Yes, delete")
    await env.until(lambda: card.deleted)
    await choose(env, panel, 0, "server", by="bob")
    await env.until(lambda: order(panel, "of ada", "of bob") == ["of bob"])


async def test_another_model_embeds_every_image_again_and_a_failing_one_leaves_the_words(env: Environment) -> None:
    await drawn(env, *PROMPTS)
    await embedded(env, 4)
    await env.stop_bot()
    del env.platform.catalog.models["text-embedding-3-small"]
    env.platform.catalog.models["bge-m3"] = Model("bge-m3", Kind.EMBEDDING, "baai")
    env.platform.fail_always(EMBEDDINGS, "bad_gateway")
    await env.start_bot()
    panel = await found(env, "lighthouse storm")
    assert WORDS_ONLY in panel.text
    assert order(panel, "lighthouse", "boat") == ["lighthouse"]
    env.platform.faults.clear()
    await embedded(env, 4, "bge-m3 256")
    assert {call.model for call in env.platform.calls_of(EMBEDDINGS)} == {"text-embedding-3-small", "bge-m3"}


async def test_without_a_platform_words_are_found(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario())
    await drawn(env, *PROMPTS)
    await drawn(env, "a 雨の夜 lighthouse", by="bob")
    panel = await found(env, "LIGHTHOUSE")
    assert WORDS_ONLY in panel.text
    assert set(order(panel, "in a thunderstorm", "雨の夜", "kitten")) == {"in a thunderstorm", "雨の夜"}
    assert order(await found(env, "夜"), "雨の夜", "kitten") == ["雨の夜"]
    assert "No images match" in (await found(env, "xylophone")).text


@pytest.mark.parametrize("words", [" ", "\u200b\u200b"])
async def test_nothing_is_refused_before_anything_is_sent(env: Environment, words: str) -> None:
    used = await env.slash("find", {"words": words})
    await env.until(lambda: "nothing to search for" in private_text(used))
    assert env.platform.calls_of(EMBEDDINGS) == []
