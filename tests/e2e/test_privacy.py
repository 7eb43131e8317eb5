"""A prompt is read by who wrote it and by those who can read a channel in which it stands, and by nobody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from playground.discord import Channel, Message
from playground.driver import Scene, World
from tests.support.forging import everything_told, forged_modal, forged_press
from tests.support.panels import drawn, panel_of
from tests.support.worlds import MakeWorld, captions, task_id_of

SECRET = "moonlit heron"
PROMPT = f"a {SECRET}"


def vault(world: World) -> Channel:
    """A channel that ada can read and bob cannot."""
    lounge = world.discord.channel("lounge")
    world.discord.hide(lounge, world.person("ada"))
    return lounge


async def hidden_picture(world: World) -> Message:
    """ada's picture in the vault."""
    return await world.result_of(await world.slash("imagine", {"prompt": PROMPT}, where=vault(world)))


async def bobs_card(world: World) -> Message:
    (card,) = await drawn(world, "a plain kettle", by="bob")
    return card


async def test_commands_and_suggestions_do_not_know_a_task_in_a_hidden_channel(world: World) -> None:
    picture = await hidden_picture(world)
    task = task_id_of(picture)
    for command in ("show", "seed", "cancel"):
        asked = await world.slash(command, {"task": task}, by="bob")
        assert "can't find that task" in await world.private_answer(asked)
    for command in ("show", "seed", "cancel"):
        for typed in ("", task, SECRET):
            offered = await world.person("bob").autocomplete(world.studio, command, {"task": typed}, focused="task")
            assert offered == []
    await panel_of(world, await world.slash("tasks", {"words": "heron"}, by="bob"))
    assert SECRET not in everything_told(world, "bob")
    shown = await world.result_of(await world.slash("show", {"task": task}, where=world.studio))
    assert SECRET in shown.text


async def test_the_queue_counts_hidden_tasks_and_tells_no_more_of_them(world: World) -> None:
    hidden = vault(world)
    world.images.hold()
    await world.slash("imagine", {"prompt": PROMPT}, where=hidden)
    await world.slash("imagine", {"prompt": "an open umbrella"})
    await world.until(lambda: len(world.images.tasks) == 2)
    panel = await panel_of(world, await world.slash("queue", by="bob"))
    assert "an open umbrella" in panel.text
    assert "1 of them in channels that you can't see" in panel.text
    await world.press(panel, "Refresh", by="bob")
    mine = await panel_of(world, await world.slash("queue"))
    assert SECRET in mine.text
    assert "can't see" not in mine.text
    of_the_owner = await panel_of(world, await world.slash("queue", by="owner"))
    assert SECRET in of_the_owner.text
    assert SECRET not in everything_told(world, "bob")
    assert "heron" not in everything_told(world, "bob")
    world.images.release()


async def test_a_channel_is_read_by_role_and_a_thread_with_its_channel(world: World) -> None:
    picture = await hidden_picture(world)
    lounge, ada, bob = world.discord.channel("lounge"), world.person("ada"), world.person("bob")
    world.discord.set_bot_permission(lounge, manage_threads=True)
    thread = world.discord.add_thread(lounge, "sketches", ada, private=False)
    private = world.discord.add_thread(lounge, "secrets", ada, private=True)
    in_thread, in_private = [
        await world.result_of(await world.slash("imagine", {"prompt": PROMPT}, where=place))
        for place in (thread, private)
    ]

    async def sees(card: Message) -> bool:
        asked = await world.slash("seed", {"task": task_id_of(card)}, by="bob")
        return "--seed" in await world.private_answer(asked)

    assert [await sees(card) for card in (picture, in_thread, in_private)] == [False, False, False]
    readers = world.discord.add_role(world.discord.guild("Atelier"), "Readers", bob)
    world.discord.set_permission(lounge, readers, view_channel=True)
    assert [await sees(card) for card in (picture, in_thread, in_private)] == [True, True, False]
    world.discord.set_permission(lounge, readers, manage_threads=True)
    assert await sees(in_private)
    world.discord.set_permission(lounge, readers, view_channel=False, manage_threads=True)
    assert [await sees(card) for card in (picture, in_thread, in_private)] == [False, False, False]


async def test_a_card_that_was_brought_somewhere_can_be_used_there(world: World) -> None:
    picture = await hidden_picture(world)
    shown = await world.result_of(await world.slash("show", {"task": task_id_of(picture)}))
    single = await world.result_of(await world.press(shown, "U2", by="bob"))
    assert SECRET in single.text
    assert "--seed" in await world.private_answer(await world.person("bob").context_menu(shown, "Get seed"))
    world.discord.delete_message(shown)
    world.images.fail_task("no luck")
    failing = await world.slash("imagine", {"prompt": "a broken kite"}, where=world.discord.channel("lounge"))
    failed = await world.result_of(failing)
    brought = await world.slash("show", {"task": task_id_of(failed)})
    card = await world.result_of(brought)
    again = await world.result_of(await world.press(card, "Try again", by="bob"))
    assert "a broken kite" in again.text
    assert captions(again)[0] == "U1"


async def test_task_info_leads_only_to_relatives_that_its_reader_may_see(world: World) -> None:
    picture = await hidden_picture(world)
    child = await world.result_of(await world.press(picture, "U2"))
    shown = await world.result_of(await world.slash("show", {"task": task_id_of(picture)}))
    assert "U2" in captions(await panel_of(world, await world.person("ada").context_menu(shown, "Task info")))
    of_bob = await panel_of(world, await world.person("bob").context_menu(shown, "Task info"))
    assert "U2" not in captions(of_bob)
    assert task_id_of(child) not in str(of_bob.components)
    shown_child = await world.result_of(await world.slash("show", {"task": task_id_of(child)}))
    world.discord.delete_message(shown)
    # The bot learns that a message is gone when it has to change it.
    await world.press(picture, "V1")
    await world.until(lambda: len(world.images.submits) == 3)
    await world.until(
        lambda: any("PATCH" in str(each) and str(shown.id) in str(each) for each in world.discord.requests)
    )
    of_child = await panel_of(world, await world.person("bob").context_menu(shown_child, "Task info"))
    assert task_id_of(picture) not in of_child.text
    assert "Parent" not in captions(of_child)


async def test_a_task_is_stopped_by_the_moderators_of_its_own_channel(world: World) -> None:
    hidden, bob = vault(world), world.person("bob")
    world.discord.set_permission(world.studio, bob, manage_messages=True)
    for _ in range(2):
        world.images.stall_next()
    secret = await world.slash("imagine", {"prompt": PROMPT}, where=hidden)
    plain = await world.slash("imagine", {"prompt": "an open umbrella"})
    for asked in (secret, plain):
        await world.until(lambda: "%" in asked.messages[0].text)  # noqa: B023 - waited for within the turn
    told = await world.slash("cancel", {"task": task_id_of(secret.messages[0])}, by="bob")
    assert "can't find that task" in await world.private_answer(told)
    world.discord.set_permission(hidden, bob, view_channel=True)
    told = await world.slash("cancel", {"task": task_id_of(secret.messages[0])}, by="bob")
    assert "moderator" in await world.private_answer(told)
    # From another channel than the task's, in which they moderate nothing.
    told = await world.slash("cancel", {"task": task_id_of(plain.messages[0])}, by="bob", where=hidden)
    assert "Canceled" in await world.private_answer(told)


async def test_a_job_is_brought_where_its_asker_can_read_it_and_nowhere_else(make_world: MakeWorld) -> None:
    world = await make_world(Scene("trueai-9"))
    hidden = vault(world)
    await world.result_of(await world.slash("imagine", {"prompt": PROMPT}, where=hidden))
    (job,) = [task.job for task in world.images.tasks.values()]
    refused = await world.slash("show", {"task": job}, by="bob")
    assert "in another server or channel" in await world.private_answer(refused)
    assert SECRET not in everything_told(world, "bob")
    world.discord.set_permission(hidden, world.person("bob"), view_channel=True)
    brought = await world.result_of(await world.slash("show", {"task": job}, by="bob"))
    assert brought.attachments


async def test_where_the_bot_is_no_member_only_the_channel_that_one_is_in_is_known(world: World) -> None:
    ada, bob, discord = world.person("ada"), world.person("bob"), world.discord
    discord.install_for_user(ada)
    discord.install_for_user(bob)
    guild = discord.add_guild("Outside", world.person("eve"), ada, bob, with_bot=False)
    here, there = discord.add_channel(guild, "here"), discord.add_channel(guild, "there")
    picture = await world.result_of(await world.slash("imagine", {"prompt": PROMPT}, where=here))
    seed = {"task": task_id_of(picture)}
    assert "--seed" in await world.private_answer(await world.slash("seed", seed, by="bob", where=here))
    assert "can't find that task" in await world.private_answer(await world.slash("seed", seed, by="bob", where=there))
    assert "--seed" in await world.private_answer(await world.slash("seed", seed, where=there))


async def test_a_group_sees_what_stands_in_it(world: World) -> None:
    ada, bob, discord = world.person("ada"), world.person("bob"), world.discord
    for person in (ada, bob):
        discord.install_for_user(person)
    group, other = discord.add_group("friends", ada, bob), discord.add_group("work", ada, bob)
    picture = await world.result_of(await world.slash("imagine", {"prompt": PROMPT}, where=group))
    assert captions(await world.result_of(await world.press(picture, "U1", by="bob")))
    seed = {"task": task_id_of(picture)}
    assert "--seed" in await world.private_answer(await world.slash("seed", seed, by="bob", where=group))
    assert "can't find that task" in await world.private_answer(await world.slash("seed", seed, by="bob", where=other))


# Who sends forged keys, and the message that they send them from: a member who cannot read the channel, a member of
# another server, and somebody in their own direct messages.
async def a_member(world: World) -> tuple[str, Message]:
    return "bob", await bobs_card(world)


async def of_another_server(world: World) -> tuple[str, Message]:
    hall = world.discord.channel("hall")
    return "eve", await world.result_of(
        await world.slash("imagine", {"prompt": "a plain kettle"}, by="eve", where=hall)
    )


async def in_direct_messages(world: World) -> tuple[str, Message]:
    dm = world.discord.dm(world.person("bob"))
    return "bob", await world.result_of(await world.slash("imagine", {"prompt": "a plain kettle"}, by="bob", where=dm))


CONTROLS = ("retry", "look", "fetch", "cancel", "show", "seed", "edit", "post")
ATTACKERS = [a_member, of_another_server, in_direct_messages]
Attacker = Callable[[World], Awaitable[tuple[str, Message]]]


async def in_the_vault(world: World) -> Channel:
    return vault(world)


async def in_adas_direct_messages(world: World) -> Channel:
    return world.discord.dm(world.person("ada"))


@pytest.mark.parametrize("place", [in_the_vault, in_adas_direct_messages])
@pytest.mark.parametrize("attacker", ATTACKERS)
@pytest.mark.parametrize("editor", [False, True])
async def test_forged_keys_are_refused_and_nothing_is_sent_or_told(
    make_world: MakeWorld, attacker: Attacker, place: Callable[[World], Awaitable[Channel]], editor: bool
) -> None:
    world = await make_world(Scene(callbacks=editor))
    where = await place(world)
    grid = await world.result_of(await world.slash("imagine", {"prompt": PROMPT}, where=where))
    single = await world.result_of(await world.press(grid, "U2"))
    keys = [button["custom_id"] for card in (grid, single) for button in card.buttons]
    modals = [key.replace("mj:", "mw:", 1) for key in keys if key.startswith("mj:")] + [f"ew:1:{task_id_of(grid)}"]
    keys += [f"at:1:{task_id_of(grid)}:{control}" for control in CONTROLS]
    by, carrier = await attacker(world)
    sent, edits = len(world.images.submits), len(grid.revisions)
    for key in keys:
        assert "can't find that task" in await world.private_answer(await forged_press(world, by, carrier, key)), key
    for key in modals:
        submitted = await forged_modal(world, by, carrier, key, prompt="anything", area=["left"])
        assert "can't find that task" in await world.private_answer(submitted), key
    page = await forged_press(world, by, carrier, f"at:1:{task_id_of(grid)}:page:1")
    assert "can't find that task" in await world.private_answer(page)
    assert len(world.images.submits) == sent
    assert len(grid.revisions) == edits
    assert not [each for each in world.images.requests if "image-seed" in each.path]
    assert SECRET not in everything_told(world, by)
    assert "/paint/" not in everything_told(world, by)


async def test_a_card_does_not_become_a_panel_by_a_forged_key(world: World) -> None:
    (card,) = await drawn(world, "an open umbrella")
    shown = captions(card)
    for key in ("ls:1:t:r:0:any:", "ls:1:q:r:0:any:", "st:1:mode", "st:1:remix:on"):
        pressed = await forged_press(world, "bob", card, key)
        assert "from another version" in await world.private_answer(pressed), key
    submitted = await forged_modal(world, "bob", card, "sw:1:suffix", suffix="in ink")
    assert "from another version" in await world.private_answer(submitted)
    assert captions(card) == shown


async def test_a_page_is_turned_only_on_the_message_that_shows_the_task(world: World) -> None:
    card, other = await drawn(world, "an open umbrella", "a closed umbrella")
    edits = len(card.revisions)
    turned = await forged_press(world, "ada", other, f"at:1:{task_id_of(card)}:page:1")
    assert "can't find that task" in await world.private_answer(turned)
    assert len(card.revisions) == edits
