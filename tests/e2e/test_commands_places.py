"""Every command works in a server, in direct messages, and where the bot is no member but somebody has installed it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from playground.discord import Channel, Message
from playground.discord.options import OptionValue
from playground.driver import World
from tests.support.panels import drawn, panel_of
from tests.support.pictures import png
from tests.support.worlds import captions, task_id_of


def in_server(world: World) -> Channel:
    return world.studio


def in_direct_messages(world: World) -> Channel:
    return world.discord.dm(world.person("ada"))


def where_the_bot_is_no_member(world: World) -> Channel:
    ada = world.person("ada")
    world.discord.install_for_user(ada)
    guild = world.discord.add_guild("Elsewhere", world.person("eve"), ada, with_bot=False)
    return world.discord.add_channel(guild, "lounge")


PLACES = [in_server, in_direct_messages, where_the_bot_is_no_member]


@pytest.mark.parametrize("place", PLACES)
async def test_every_command_works_there(world: World, place: Callable[[World], Channel]) -> None:
    where = place(world)

    async def result(command: str, options: dict[str, OptionValue]) -> Message:
        return await world.result_of(await world.slash(command, options, where=where))

    fox = await result("imagine", {"prompt": "a fox"})
    task = task_id_of(fox)
    await result("blend", {"image1": png("a.png"), "image2": png("b.png", "red")})
    await result("describe", {"image": png("a.png")})
    await result("shorten", {"prompt": "a very long prompt"})
    assert "<http" in await world.private_answer(await world.slash("upload", {"image1": png("a.png")}, where=where))
    await result("swap", {"source": png("a.png"), "target": png("b.png", "red")})
    assert captions(await result("show", {"task": task})) == captions(fox)
    assert captions(await world.result_of(await world.press(fox, "U1")))
    assert "a fox" in (await panel_of(world, await world.slash("tasks", where=where))).text
    assert "nothing in the queue" in (await panel_of(world, await world.slash("queue", where=where))).text
    assert "Remix" in (await panel_of(world, await world.slash("settings", where=where))).text
    assert "--seed" in await world.private_answer(await world.slash("seed", {"task": task}, where=where))
    assert "already ended" in await world.private_answer(await world.slash("cancel", {"task": task}, where=where))
    ada = world.person("ada")
    info = await panel_of(world, await (await ada.context_menu(fox, "Task info")).answered())
    assert task in info.text


async def test_tasks_of_another_server_cannot_be_seen_stopped_or_asked_about(world: World) -> None:
    eve = world.person("eve")
    world.discord.install_for_user(eve)
    lobby = next(
        each
        for each in world.discord.world.channels.values()
        if world.discord.world.may(eve.user.id, each, "view_channel") and each.guild_id
    )
    (fox,) = await drawn(world, "a fox")
    for command in ("show", "seed", "cancel"):
        asked = await world.slash(command, {"task": task_id_of(fox)}, by="eve", where=lobby)
        assert "can't find that task" in await world.private_answer(asked)
    queue = await panel_of(world, await world.slash("queue", by="eve", where=lobby))
    assert "fox" not in queue.text
    by_owner = await world.slash(
        "seed", {"task": task_id_of(fox)}, by="owner", where=world.discord.dm(world.person("owner"))
    )
    assert "--seed" in await world.private_answer(by_owner)
