"""Deleting one's own results: asked first, for everyone, and never shown again by the bot itself."""

from __future__ import annotations

import pytest

from playground.discord import Interaction, Message
from playground.driver import Environment
from tests.support.environments import captions, task_id_of
from tests.support.panels import drawn, panel_of


def stands(message: Message) -> bool:
    """Can the message still be seen?"""
    return not message.deleted


async def info_of(env: Environment, card: Message, by: str) -> Message:
    return await panel_of(env, await env.person(by).context_menu(card, "Task info"))


async def question_of(env: Environment, card: Message, by: str = "ada") -> Message:
    """The private question that follows *Delete* in a card's *Task info*."""
    return await panel_of(env, await env.press(await info_of(env, card, by), "Delete", by=by))


async def confirmed(env: Environment, question: Message, by: str = "ada") -> Interaction:
    pressed = await env.press(question, "Yes, delete", by=by)
    await env.until(lambda: "Deleted" in question.text)
    return pressed


async def test_a_result_goes_after_a_confirmation_and_stays_in_the_list_as_deleted(env: Environment) -> None:
    (fox, owl) = await drawn(env, "a fox", "an owl")
    question = await question_of(env, fox)
    assert "a fox" in question.text
    assert stands(fox)
    await confirmed(env, question)
    assert not stands(fox)
    assert stands(owl)
    tasks = await panel_of(env, await env.slash("tasks"))
    assert "a fox" in tasks.text
    assert "deleted" in tasks.text
    await env.kill_bot()
    await env.start_bot()
    again = await env.slash("show", {"task": task_id_of(fox)})
    assert "was deleted" in await env.private_answer(again)
    assert "already deleted" in await env.private_answer(await env.slash("delete", {"task": task_id_of(fox)}))
    await drawn(env, "a boat")
    public = [each for each in env.discord.messages(env.studio) if stands(each) and not each.ephemeral]
    assert not [each for each in public if "a fox" in each.text]


async def test_what_was_made_from_a_deleted_result_stays_and_its_buttons_work(env: Environment) -> None:
    (grid,) = await drawn(env, "a fox")
    single = await env.result_of(await env.press(grid, "U2"))
    await confirmed(env, await question_of(env, grid))
    assert stands(single)
    await env.result_of(await env.press(single, captions(single)[0]))


async def test_moderators_delete_and_others_cannot(env: Environment) -> None:
    (fox, owl) = await drawn(env, "a fox", "an owl")
    assert "Delete" not in captions(await info_of(env, fox, "bob"))
    refused = await env.slash("delete", {"task": task_id_of(fox)}, by="bob")
    assert "a moderator" in await env.private_answer(refused)
    await confirmed(env, await question_of(env, fox, "mod"), "mod")
    assert not stands(fox)
    assert stands(owl)


async def test_every_message_of_a_result_goes(env: Environment) -> None:
    (fox,) = await drawn(env, "a fox")
    copy = await env.result_of(await env.slash("show", {"task": task_id_of(fox)}))
    question = await panel_of(env, await env.slash("delete", {"task": task_id_of(fox)}))
    await confirmed(env, question)
    assert not stands(fox)
    assert not stands(copy)


async def test_a_deletion_that_a_kill_interrupts_is_carried_out_after_the_start(env: Environment) -> None:
    (fox,) = await drawn(env, "a fox")
    question = await question_of(env, fox)
    with env.discord.hold(rf"/messages/{fox.id}$", method="DELETE", when="before") as held:
        await env.press(question, "Yes, delete")
        await env.until(lambda: held.waiting)
        await env.kill_bot()
        assert stands(fox)
    await env.start_bot()
    await env.until(lambda: not stands(fox))


@pytest.mark.parametrize(("status", "code"), [(400, 0), (404, 0), (403, 0), (400, 130000)])
async def test_a_deletion_that_discord_does_not_carry_out_is_tried_again_by_itself(
    env: Environment, status: int, code: int
) -> None:
    (fox,) = await drawn(env, "a fox")
    question = await question_of(env, fox)
    env.discord.fail_next("DELETE", rf"/messages/{fox.id}$", status=status, code=code)
    await confirmed(env, question)
    assert "keeps trying" in question.text
    await env.until(lambda: not stands(fox))


async def test_a_deletion_is_tried_again_by_itself_also_after_a_restart(env: Environment) -> None:
    (fox,) = await drawn(env, "a fox")
    question = await question_of(env, fox)
    for _ in range(2):
        env.discord.fail_next("DELETE", rf"/messages/{fox.id}$", status=400, code=0)
    with env.discord.hold(rf"/messages/{fox.id}$", method="DELETE", when="before") as held:
        await env.press(question, "Yes, delete")
        await env.until(lambda: held.waiting)
        await env.kill_bot()
    assert stands(fox)
    # The first request after the start is refused, too.
    await env.start_bot()
    await env.until(lambda: not stands(fox))


async def test_where_the_bot_is_no_member_its_message_is_removed_by_its_token(env: Environment) -> None:
    ada = env.person("ada")
    env.discord.install_for_user(ada)
    guild = env.discord.add_guild("Elsewhere", env.person("eve"), ada, with_bot=False)
    lounge = env.discord.add_channel(guild, "lounge")
    fox = await env.result_of(await env.slash("imagine", {"prompt": "a fox"}, where=lounge))
    question = await panel_of(env, await env.slash("delete", {"task": task_id_of(fox)}, where=lounge))
    await confirmed(env, question)
    assert not stands(fox)


async def test_what_is_not_finished_cannot_be_deleted(env: Environment) -> None:
    env.images.hold()
    asked = await env.slash("imagine", {"prompt": "a fox"})
    card = await env.until(lambda: next((each for each in asked.messages if "started <t:" in each.text), None))
    assert card is not None
    refused = await env.slash("delete", {"task": task_id_of(card)})
    assert "Cancel it first" in await env.private_answer(refused)
    env.images.release()
