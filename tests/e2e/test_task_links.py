"""`/show`, `/seed` and `/cancel` with the links that people have at hand instead of a task's id."""

from __future__ import annotations

import pytest

from playground.driver import Environment
from tests.support.environments import captions, task_id_of
from tests.support.panels import drawn

HOSTS = ("discord.com", "ptb.discord.com", "canary.discord.com", "discordapp.com")


@pytest.mark.parametrize("host", HOSTS)
async def test_a_task_is_shown_by_the_link_of_its_message(env: Environment, host: str) -> None:
    (grid,) = await drawn(env, "an old tree")
    link = f"https://{host}/channels/{env.studio.guild_id}/{grid.channel_id}/{grid.id}"
    again = await env.result_of(await env.slash("show", {"task": f"<{link}>"}, by="bob"))
    assert again is not grid
    assert captions(again) == captions(grid)


async def test_a_task_is_meant_by_the_link_of_its_picture(env: Environment) -> None:
    (grid,) = await drawn(env, "an old tree")
    name = grid.attachments[0].filename
    assert task_id_of(grid) in name
    for link in (
        f"https://cdn.discordapp.com/attachments/1/2/{name}?ex=1&is=2&hm=3&",
        f"<https://media.discordapp.net/ephemeral-attachments/1/2/{name.replace('.', '-2.')}?ex=1>",
        f"https://cdn.discordapp.com/attachments/1/2/SPOILER_{name}",
    ):
        again = await env.result_of(await env.slash("show", {"task": link}))
        assert task_id_of(again) == task_id_of(grid)


async def test_a_seed_is_told_and_a_task_stopped_by_the_link_of_a_message(env: Environment) -> None:
    (grid,) = await drawn(env, "an old tree")
    link = f"https://discord.com/channels/{env.studio.guild_id}/{grid.channel_id}/{grid.id}"
    assert task_id_of(grid) in await env.private_answer(await env.slash("seed", {"task": link}))
    env.images.stall_next()
    asked = await env.slash("imagine", {"prompt": "a fox"})
    await env.until(lambda: "%" in asked.messages[0].text)
    link = f"https://ptb.discord.com/channels/{env.studio.guild_id}/{grid.channel_id}/{asked.messages[0].id}"
    stopped = await env.slash("cancel", {"task": link})
    assert "Canceled" in await env.private_answer(stopped)
    (choice,) = await env.person("ada").autocomplete(env.studio, "seed", {"task": link}, focused="task")
    assert choice["value"] == task_id_of(asked.messages[0])


async def test_a_link_to_another_message_is_no_task(env: Environment) -> None:
    said = await env.person("bob").say(env.studio, "hello")
    link = f"https://discord.com/channels/{env.studio.guild_id}/{said.channel_id}/{said.id}"
    assert await env.private_answer(await env.slash("show", {"task": link}))
    assert await env.private_answer(await env.slash("cancel", {"task": link}))
