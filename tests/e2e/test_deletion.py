"""Deleting one's own results: asked first, for everyone, and never shown again by the bot itself."""

from __future__ import annotations

import pytest

from playground.discord import Interaction, Message
from playground.driver import World
from tests.support.panels import drawn, panel_of
from tests.support.worlds import captions, task_id_of


def stands(message: Message) -> bool:
    """Can the message still be seen?"""
    return not message.deleted


async def info_of(world: World, card: Message, by: str) -> Message:
    return await panel_of(world, await world.person(by).context_menu(card, "Task info"))


async def question_of(world: World, card: Message, by: str = "ada") -> Message:
    """The private question that follows *Delete* in a card's *Task info*."""
    return await panel_of(world, await world.press(await info_of(world, card, by), "Delete", by=by))


async def confirmed(world: World, question: Message, by: str = "ada") -> Interaction:
    pressed = await world.press(question, "Yes, delete", by=by)
    await world.until(lambda: "Deleted" in question.text)
    return pressed


async def test_a_result_goes_after_a_confirmation_and_stays_in_the_list_as_deleted(world: World) -> None:
    (fox, owl) = await drawn(world, "a fox", "an owl")
    question = await question_of(world, fox)
    assert "a fox" in question.text
    assert stands(fox)
    await confirmed(world, question)
    assert not stands(fox)
    assert stands(owl)
    tasks = await panel_of(world, await world.slash("tasks"))
    assert "a fox" in tasks.text
    assert "deleted" in tasks.text
    await world.kill_bot()
    await world.start_bot()
    again = await world.slash("show", {"task": task_id_of(fox)})
    assert "was deleted" in await world.private_answer(again)
    assert "already deleted" in await world.private_answer(await world.slash("delete", {"task": task_id_of(fox)}))
    await drawn(world, "a boat")
    public = [each for each in world.discord.messages(world.studio) if stands(each) and not each.ephemeral]
    assert not [each for each in public if "a fox" in each.text]


async def test_what_was_made_from_a_deleted_result_stays_and_its_buttons_work(world: World) -> None:
    (grid,) = await drawn(world, "a fox")
    single = await world.result_of(await world.press(grid, "U2"))
    await confirmed(world, await question_of(world, grid))
    assert stands(single)
    await world.result_of(await world.press(single, captions(single)[0]))


async def test_moderators_delete_and_others_cannot(world: World) -> None:
    (fox, owl) = await drawn(world, "a fox", "an owl")
    assert "Delete" not in captions(await info_of(world, fox, "bob"))
    refused = await world.slash("delete", {"task": task_id_of(fox)}, by="bob")
    assert "a moderator" in await world.private_answer(refused)
    await confirmed(world, await question_of(world, fox, "mod"), "mod")
    assert not stands(fox)
    assert stands(owl)


async def test_every_message_of_a_result_goes(world: World) -> None:
    (fox,) = await drawn(world, "a fox")
    copy = await world.result_of(await world.slash("show", {"task": task_id_of(fox)}))
    question = await panel_of(world, await world.slash("delete", {"task": task_id_of(fox)}))
    await confirmed(world, question)
    assert not stands(fox)
    assert not stands(copy)


async def test_a_deletion_that_a_kill_interrupts_is_carried_out_after_the_start(world: World) -> None:
    (fox,) = await drawn(world, "a fox")
    question = await question_of(world, fox)
    with world.discord.hold(rf"/messages/{fox.id}$", method="DELETE", when="before") as held:
        await world.press(question, "Yes, delete")
        await world.until(lambda: held.waiting)
        await world.kill_bot()
        assert stands(fox)
    await world.start_bot()
    await world.until(lambda: not stands(fox))


@pytest.mark.parametrize(("status", "code"), [(400, 0), (404, 0), (403, 0), (400, 130000)])
async def test_a_deletion_that_discord_does_not_carry_out_is_tried_again_by_itself(
    world: World, status: int, code: int
) -> None:
    (fox,) = await drawn(world, "a fox")
    question = await question_of(world, fox)
    world.discord.fail_next("DELETE", rf"/messages/{fox.id}$", status=status, code=code)
    await confirmed(world, question)
    assert "keeps trying" in question.text
    await world.until(lambda: not stands(fox))


async def test_a_deletion_is_tried_again_by_itself_also_after_a_restart(world: World) -> None:
    (fox,) = await drawn(world, "a fox")
    question = await question_of(world, fox)
    for _ in range(2):
        world.discord.fail_next("DELETE", rf"/messages/{fox.id}$", status=400, code=0)
    with world.discord.hold(rf"/messages/{fox.id}$", method="DELETE", when="before") as held:
        await world.press(question, "Delete it")
        await world.until(lambda: held.waiting)
        await world.kill_bot()
    assert stands(fox)
    # The first request after the start is refused, too.
    await world.start_bot()
    await world.until(lambda: not stands(fox))


async def test_where_the_bot_is_no_member_its_message_is_removed_by_its_token(world: World) -> None:
    ada = world.person("ada")
    world.discord.install_for_user(ada)
    guild = world.discord.add_guild("Elsewhere", world.person("eve"), ada, with_bot=False)
    lounge = world.discord.add_channel(guild, "lounge")
    fox = await world.result_of(await world.slash("imagine", {"prompt": "a fox"}, where=lounge))
    question = await panel_of(world, await world.slash("delete", {"task": task_id_of(fox)}, where=lounge))
    await confirmed(world, question)
    assert not stands(fox)


async def test_what_is_not_finished_cannot_be_deleted(world: World) -> None:
    world.images.hold()
    asked = await world.slash("imagine", {"prompt": "a fox"})
    card = await world.until(lambda: next((each for each in asked.messages if "started <t:" in each.text), None))
    assert card is not None
    refused = await world.slash("delete", {"task": task_id_of(card)})
    assert "Cancel it first" in await world.private_answer(refused)
    world.images.release()
