"""Every command works in a server, in direct messages, and where the bot is no member but somebody has installed it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from playground.discord import Channel, Message, OptionValue
from playground.driver import Environment
from tests.support.environments import captions, task_id_of
from tests.support.panels import drawn, panel_of
from tests.support.pictures import png


def in_server(env: Environment) -> Channel:
    return env.studio


def in_direct_messages(env: Environment) -> Channel:
    return env.discord.dm(env.person("ada"))


def where_the_bot_is_no_member(env: Environment) -> Channel:
    ada = env.person("ada")
    env.discord.install_for_user(ada)
    guild = env.discord.add_guild("Elsewhere", env.person("eve"), ada, with_bot=False)
    return env.discord.add_channel(guild, "lounge")


PLACES = [in_server, in_direct_messages, where_the_bot_is_no_member]


@pytest.mark.parametrize("place", PLACES)
async def test_every_command_works_there(env: Environment, place: Callable[[Environment], Channel]) -> None:
    where = place(env)

    async def result(command: str, options: dict[str, OptionValue]) -> Message:
        return await env.result_of(await env.slash(command, options, where=where))

    fox = await result("imagine", {"prompt": "a fox"})
    task = task_id_of(fox)
    await result("blend", {"image1": png("a.png"), "image2": png("b.png", "red")})
    await result("describe", {"image": png("a.png")})
    await result("shorten", {"prompt": "a very long prompt"})
    assert "<http" in await env.private_answer(await env.slash("upload", {"image1": png("a.png")}, where=where))
    await result("swap", {"source": png("a.png"), "target": png("b.png", "red")})
    assert captions(await result("show", {"task": task})) == captions(fox)
    assert captions(await env.result_of(await env.press(fox, "U1")))
    assert "a fox" in (await panel_of(env, await env.slash("tasks", where=where))).text
    assert "nothing in the queue" in (await panel_of(env, await env.slash("queue", where=where))).text
    assert "Remix" in (await panel_of(env, await env.slash("settings", where=where))).text
    assert "--seed" in await env.private_answer(await env.slash("seed", {"task": task}, where=where))
    assert "already ended" in await env.private_answer(await env.slash("cancel", {"task": task}, where=where))
    ada = env.person("ada")
    info = await panel_of(env, await (await ada.context_menu(fox, "Task info")).answered())
    assert task in info.text


async def test_tasks_of_another_server_cannot_be_seen_stopped_or_asked_about(env: Environment) -> None:
    eve = env.person("eve")
    env.discord.install_for_user(eve)
    lobby = next(
        each
        for each in env.discord.state.channels.values()
        if env.discord.state.may(eve.user.id, each, "view_channel") and each.guild_id
    )
    (fox,) = await drawn(env, "a fox")
    for command in ("show", "seed", "cancel"):
        asked = await env.slash(command, {"task": task_id_of(fox)}, by="eve", where=lobby)
        assert "can't find that task" in await env.private_answer(asked)
    queue = await panel_of(env, await env.slash("queue", by="eve", where=lobby))
    assert "fox" not in queue.text
    by_owner = await env.slash("seed", {"task": task_id_of(fox)}, by="owner", where=env.discord.dm(env.person("owner")))
    assert "--seed" in await env.private_answer(by_owner)
