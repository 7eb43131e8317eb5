"""A prompt is read by who wrote it and by those who can read a channel in which it stands, and by nobody else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from playground.discord import Channel, Message
from playground.driver import Environment, Scenario
from tests.support.environments import MakeEnvironment, captions, task_id_of
from tests.support.forging import everything_told, forged_modal, forged_press
from tests.support.panels import drawn, panel_of

SECRET = "moonlit heron"
PROMPT = f"a {SECRET}"


def vault(env: Environment) -> Channel:
    """A channel that ada can read and bob cannot."""
    lounge = env.discord.channel("lounge")
    env.discord.hide(lounge, env.person("ada"))
    return lounge


async def hidden_picture(env: Environment) -> Message:
    """ada's picture in the vault."""
    return await env.result_of(await env.slash("imagine", {"prompt": PROMPT}, where=vault(env)))


async def bobs_card(env: Environment) -> Message:
    (card,) = await drawn(env, "a plain kettle", by="bob")
    return card


async def test_commands_and_suggestions_do_not_know_a_task_in_a_hidden_channel(env: Environment) -> None:
    picture = await hidden_picture(env)
    task = task_id_of(picture)
    for command in ("show", "seed", "cancel"):
        asked = await env.slash(command, {"task": task}, by="bob")
        assert "can't find that task" in await env.private_answer(asked)
    for command in ("show", "seed", "cancel"):
        for typed in ("", task, SECRET):
            offered = await env.person("bob").autocomplete(env.studio, command, {"task": typed}, focused="task")
            assert offered == []
    await panel_of(env, await env.slash("tasks", {"words": "heron"}, by="bob"))
    assert SECRET not in everything_told(env, "bob")
    shown = await env.result_of(await env.slash("show", {"task": task}, where=env.studio))
    assert SECRET in shown.text


async def test_the_queue_counts_hidden_tasks_and_tells_no_more_of_them(env: Environment) -> None:
    hidden = vault(env)
    env.images.hold()
    await env.slash("imagine", {"prompt": PROMPT}, where=hidden)
    await env.slash("imagine", {"prompt": "an open umbrella"})
    await env.until(lambda: len(env.images.tasks) == 2)
    panel = await panel_of(env, await env.slash("queue", by="bob"))
    assert "an open umbrella" in panel.text
    assert "1 of them in channels that you can't see" in panel.text
    await env.press(panel, "Refresh", by="bob")
    mine = await panel_of(env, await env.slash("queue"))
    assert SECRET in mine.text
    assert "can't see" not in mine.text
    of_the_owner = await panel_of(env, await env.slash("queue", by="owner"))
    assert SECRET in of_the_owner.text
    assert SECRET not in everything_told(env, "bob")
    assert "heron" not in everything_told(env, "bob")
    env.images.release()


async def test_a_channel_is_read_by_role_and_a_thread_with_its_channel(env: Environment) -> None:
    picture = await hidden_picture(env)
    lounge, ada, bob = env.discord.channel("lounge"), env.person("ada"), env.person("bob")
    env.discord.set_bot_permission(lounge, manage_threads=True)
    thread = env.discord.add_thread(lounge, "sketches", ada, private=False)
    private = env.discord.add_thread(lounge, "secrets", ada, private=True)
    in_thread, in_private = [
        await env.result_of(await env.slash("imagine", {"prompt": PROMPT}, where=place)) for place in (thread, private)
    ]

    async def sees(card: Message) -> bool:
        asked = await env.slash("seed", {"task": task_id_of(card)}, by="bob")
        return "--seed" in await env.private_answer(asked)

    assert [await sees(card) for card in (picture, in_thread, in_private)] == [False, False, False]
    readers = env.discord.add_role(env.discord.guild("Atelier"), "Readers", bob)
    env.discord.set_permission(lounge, readers, view_channel=True)
    assert [await sees(card) for card in (picture, in_thread, in_private)] == [True, True, False]
    env.discord.set_permission(lounge, readers, manage_threads=True)
    assert await sees(in_private)
    env.discord.set_permission(lounge, readers, view_channel=False, manage_threads=True)
    assert [await sees(card) for card in (picture, in_thread, in_private)] == [False, False, False]


async def test_a_card_that_was_brought_somewhere_can_be_used_there(env: Environment) -> None:
    picture = await hidden_picture(env)
    shown = await env.result_of(await env.slash("show", {"task": task_id_of(picture)}))
    single = await env.result_of(await env.press(shown, "U2", by="bob"))
    assert SECRET in single.text
    assert "--seed" in await env.private_answer(await env.person("bob").context_menu(shown, "Get seed"))
    env.discord.delete_message(shown)
    env.images.fail_task("no luck")
    failing = await env.slash("imagine", {"prompt": "a broken kite"}, where=env.discord.channel("lounge"))
    failed = await env.result_of(failing)
    brought = await env.slash("show", {"task": task_id_of(failed)})
    card = await env.result_of(brought)
    again = await env.result_of(await env.press(card, "Try again", by="bob"))
    assert "a broken kite" in again.text
    assert captions(again)[0] == "U1"


async def test_task_info_leads_only_to_relatives_that_its_reader_may_see(env: Environment) -> None:
    picture = await hidden_picture(env)
    child = await env.result_of(await env.press(picture, "U2"))
    shown = await env.result_of(await env.slash("show", {"task": task_id_of(picture)}))
    assert "U2" in captions(await panel_of(env, await env.person("ada").context_menu(shown, "Task info")))
    of_bob = await panel_of(env, await env.person("bob").context_menu(shown, "Task info"))
    assert "U2" not in captions(of_bob)
    assert task_id_of(child) not in str(of_bob.components)
    shown_child = await env.result_of(await env.slash("show", {"task": task_id_of(child)}))
    env.discord.delete_message(shown)
    # The bot learns that a message is gone when it has to change it.
    await env.press(picture, "V1")
    await env.until(lambda: len(env.images.submits) == 3)
    await env.bot.logged("the message was deleted")
    of_child = await panel_of(env, await env.person("bob").context_menu(shown_child, "Task info"))
    assert task_id_of(picture) not in of_child.text
    assert "Parent" not in captions(of_child)


async def test_a_task_is_stopped_by_the_moderators_of_its_own_channel(env: Environment) -> None:
    hidden, bob = vault(env), env.person("bob")
    env.discord.set_permission(env.studio, bob, manage_messages=True)
    for _ in range(2):
        env.images.stall_next()
    secret = await env.slash("imagine", {"prompt": PROMPT}, where=hidden)
    plain = await env.slash("imagine", {"prompt": "an open umbrella"})
    for asked in (secret, plain):
        await env.until(lambda: "%" in asked.messages[0].text)  # noqa: B023 - waited for within the turn
    told = await env.slash("cancel", {"task": task_id_of(secret.messages[0])}, by="bob")
    assert "can't find that task" in await env.private_answer(told)
    env.discord.set_permission(hidden, bob, view_channel=True)
    told = await env.slash("cancel", {"task": task_id_of(secret.messages[0])}, by="bob")
    assert "moderator" in await env.private_answer(told)
    # From another channel than the task's, in which they moderate nothing.
    told = await env.slash("cancel", {"task": task_id_of(plain.messages[0])}, by="bob", where=hidden)
    assert "Canceled" in await env.private_answer(told)


async def test_a_job_is_brought_where_its_asker_can_read_it_and_nowhere_else(make_env: MakeEnvironment) -> None:
    env = await make_env(Scenario("trueai-9"))
    hidden = vault(env)
    await env.result_of(await env.slash("imagine", {"prompt": PROMPT}, where=hidden))
    (job,) = [task.job for task in env.images.tasks.values()]
    refused = await env.slash("show", {"task": job}, by="bob")
    assert "in another server or channel" in await env.private_answer(refused)
    assert SECRET not in everything_told(env, "bob")
    env.discord.set_permission(hidden, env.person("bob"), view_channel=True)
    brought = await env.result_of(await env.slash("show", {"task": job}, by="bob"))
    assert brought.attachments


async def test_where_the_bot_is_no_member_only_the_channel_that_one_is_in_is_known(env: Environment) -> None:
    ada, bob, discord = env.person("ada"), env.person("bob"), env.discord
    discord.install_for_user(ada)
    discord.install_for_user(bob)
    guild = discord.add_guild("Outside", env.person("eve"), ada, bob, with_bot=False)
    here, there = discord.add_channel(guild, "here"), discord.add_channel(guild, "there")
    picture = await env.result_of(await env.slash("imagine", {"prompt": PROMPT}, where=here))
    seed = {"task": task_id_of(picture)}
    assert "--seed" in await env.private_answer(await env.slash("seed", seed, by="bob", where=here))
    assert "can't find that task" in await env.private_answer(await env.slash("seed", seed, by="bob", where=there))
    assert "--seed" in await env.private_answer(await env.slash("seed", seed, where=there))


async def test_a_group_sees_what_stands_in_it(env: Environment) -> None:
    ada, bob, discord = env.person("ada"), env.person("bob"), env.discord
    for person in (ada, bob):
        discord.install_for_user(person)
    group, other = discord.add_group("friends", ada, bob), discord.add_group("work", ada, bob)
    picture = await env.result_of(await env.slash("imagine", {"prompt": PROMPT}, where=group))
    assert captions(await env.result_of(await env.press(picture, "U1", by="bob")))
    seed = {"task": task_id_of(picture)}
    assert "--seed" in await env.private_answer(await env.slash("seed", seed, by="bob", where=group))
    assert "can't find that task" in await env.private_answer(await env.slash("seed", seed, by="bob", where=other))


# Who sends forged keys, and the message that they send them from: a member who cannot read the channel, a member of
# another server, and somebody in their own direct messages.
async def a_member(env: Environment) -> tuple[str, Message]:
    return "bob", await bobs_card(env)


async def of_another_server(env: Environment) -> tuple[str, Message]:
    hall = env.discord.channel("hall")
    return "eve", await env.result_of(await env.slash("imagine", {"prompt": "a plain kettle"}, by="eve", where=hall))


async def in_direct_messages(env: Environment) -> tuple[str, Message]:
    dm = env.discord.dm(env.person("bob"))
    return "bob", await env.result_of(await env.slash("imagine", {"prompt": "a plain kettle"}, by="bob", where=dm))


CONTROLS = ("retry", "look", "fetch", "cancel", "show", "seed", "edit", "post", "go_on")
ATTACKERS = [a_member, of_another_server, in_direct_messages]
Attacker = Callable[[Environment], Awaitable[tuple[str, Message]]]


async def in_the_vault(env: Environment) -> Channel:
    return vault(env)


async def in_adas_direct_messages(env: Environment) -> Channel:
    return env.discord.dm(env.person("ada"))


@pytest.mark.parametrize("place", [in_the_vault, in_adas_direct_messages])
@pytest.mark.parametrize("attacker", ATTACKERS)
@pytest.mark.parametrize("editor", [False, True])
async def test_forged_keys_are_refused_and_nothing_is_sent_or_told(
    make_env: MakeEnvironment, attacker: Attacker, place: Callable[[Environment], Awaitable[Channel]], editor: bool
) -> None:
    env = await make_env(Scenario(callbacks=editor))
    where = await place(env)
    grid = await env.result_of(await env.slash("imagine", {"prompt": PROMPT}, where=where))
    single = await env.result_of(await env.press(grid, "U2"))
    keys = [button["custom_id"] for card in (grid, single) for button in card.buttons]
    modals = [key.replace("mj:", "mw:", 1) for key in keys if key.startswith("mj:")] + [f"ew:1:{task_id_of(grid)}"]
    modals += [f"cw:1:{task_id_of(grid)}", f"cw:1:{task_id_of(grid)}:2"]
    keys += [f"at:1:{task_id_of(grid)}:{control}" for control in CONTROLS]
    by, carrier = await attacker(env)
    sent, edits = len(env.images.submits), len(grid.revisions)
    for key in keys:
        assert "can't find that task" in await env.private_answer(await forged_press(env, by, carrier, key)), key
    for key in modals:
        submitted = await forged_modal(env, by, carrier, key, prompt="anything", area=["left"])
        assert "can't find that task" in await env.private_answer(submitted), key
    page = await forged_press(env, by, carrier, f"at:1:{task_id_of(grid)}:page:1")
    assert "can't find that task" in await env.private_answer(page)
    assert len(env.images.submits) == sent
    assert len(grid.revisions) == edits
    assert not [each for each in env.images.requests if "image-seed" in each.path]
    assert SECRET not in everything_told(env, by)
    assert "/paint/" not in everything_told(env, by)


async def test_a_card_does_not_become_a_panel_by_a_forged_key(env: Environment) -> None:
    (card,) = await drawn(env, "an open umbrella")
    shown = captions(card)
    for key in ("ls:1:t:r:0:any:", "ls:1:q:r:0:any:", "st:1:mode", "st:1:remix:on"):
        pressed = await forged_press(env, "bob", card, key)
        assert "from another version" in await env.private_answer(pressed), key
    submitted = await forged_modal(env, "bob", card, "sw:1:suffix", suffix="in ink")
    assert "from another version" in await env.private_answer(submitted)
    assert captions(card) == shown


async def test_a_page_is_turned_only_on_the_message_that_shows_the_task(env: Environment) -> None:
    card, other = await drawn(env, "an open umbrella", "a closed umbrella")
    edits = len(card.revisions)
    turned = await forged_press(env, "ada", other, f"at:1:{task_id_of(card)}:page:1")
    assert "can't find that task" in await env.private_answer(turned)
    assert len(card.revisions) == edits
