"""Notifications in a busy channel: results that wait for their turn are one message for each person."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.discord_api.message_sender import MessageSender
from bot.ui.notifications.notifier import AT_ONCE, Notifier
from playground.discord import Limits, Message
from storage import Ending, Task, TaskResult, TaskState, TaskUpdate
from storage import Message as Card
from tests.support.stage import IMPATIENT, Stage, open_stage

PEOPLE = ("ada", "bob", "mod")
# One task that finds out where notifications belong, and one for the channel.
FEW = 2
POSTS = r"/channels/\d+/messages$"


@pytest.fixture
async def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, monkeypatch) as stage:
        yield stage


@pytest.fixture
async def limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path, monkeypatch, limits=Limits()) as stage:
        yield stage


def notifier_of(stage: Stage) -> Notifier:
    return Notifier(stage.store, stage.client, MessageSender(stage.client), stage.background, patience=IMPATIENT)


async def ended(stage: Stage, owner: str, state: TaskState = TaskState.SUCCESS) -> Task:
    """A task whose end a message in the studio shows, and whose owner always wants to be told."""
    task = await stage.task(owner=owner)
    row_id = await stage.row(task)
    change = TaskUpdate(state, result=TaskResult() if state is TaskState.SUCCESS else None)
    (task,) = await stage.store.tasks.move_all({task.id: change}, time.time(), lambda *_: Ending(always=True))
    row = await stage.store.messages.get(row_id)
    assert row is not None
    message = await stage.local.person("owner").say(stage.studio, "stands for the card")
    await stage.store.messages.record_shown(
        row, task, message_id=message.id, channel_id=message.channel_id, files=(), recorded=False
    )
    return task


async def card_of(stage: Stage, task: Task) -> Card:
    (card,) = await stage.store.messages.for_task(task.id)
    return card


def told(stage: Stage) -> list[Message]:
    return [each for each in stage.local.messages(stage.studio) if each.mentions]


def covered(message: Message) -> set[int]:
    """The cards that a notification is about."""
    linked = {int(found) for found in re.findall(r"/channels/\d+/\d+/(\d+)", message.text)}
    return linked | ({message.reference_id} if message.reference_id else set())


async def cards_by_owner(stage: Stage, tasks: list[Task]) -> dict[int, set[int | None]]:
    found: dict[int, set[int | None]] = {}
    for task in tasks:
        found.setdefault(task.owner_id, set()).add((await card_of(stage, task)).message_id)
    return found


def covered_by_person(stage: Stage) -> dict[int, Counter[int]]:
    found: dict[int, Counter[int]] = {}
    for message in told(stage):
        (user,) = message.mentions
        found.setdefault(user.id, Counter()).update(covered(message))
    return found


async def test_a_burst_keeps_tasks_and_messages_bounded_and_names_every_result_once(limited: Stage) -> None:
    notifier = notifier_of(limited)
    tasks = [await ended(limited, name) for _ in range(20) for name in PEOPLE]
    for task in tasks:
        notifier.end_shown(task.id)
    most = 0

    def all_told() -> bool:
        nonlocal most
        most = max(most, len(limited.background))
        return sum(map(len, covered_by_person(limited).values())) == len(tasks)

    await limited.until(all_told)
    await limited.done()
    assert 0 < most <= FEW
    assert len(told(limited)) == 2 * len(PEOPLE)  # 20 results: 15 and 5
    by_person = covered_by_person(limited)
    assert {user: set(cards) for user, cards in by_person.items()} == await cards_by_owner(limited, tasks)
    assert {count for cards in by_person.values() for count in cards.values()} == {1}
    assert all(len(message.text) <= 2000 for message in told(limited))
    assert await limited.store.notifications.waiting(99) == []


async def test_what_ends_while_a_message_is_under_way_is_told_with_the_next_one(stage: Stage) -> None:
    notifier = notifier_of(stage)
    with stage.local.hold(POSTS, method="POST") as held:
        first = await ended(stage, "ada")
        notifier.end_shown(first.id)
        await stage.until(lambda: held.waiting == 1)
        later = [await ended(stage, "ada"), await ended(stage, "ada", TaskState.FAILURE), await ended(stage, "bob")]
        for task in later:
            notifier.end_shown(task.id)
        await stage.until(lambda: len(stage.background) <= FEW)
    await stage.done()
    single, several, of_bob = told(stage)
    assert single.text.endswith("Your result is ready.")
    assert "1 ready, 1 failed" in several.text
    assert several.reference_id == (await card_of(stage, later[1])).message_id
    assert [message.mentions[0].name for message in (single, several, of_bob)] == ["ada", "ada", "bob"]


@pytest.mark.parametrize(("states", "text"), [("ss", "Your 2 results are ready"), ("fff", "3 of your tasks failed")])
async def test_the_text_says_how_many_have_ended(stage: Stage, states: str, text: str) -> None:
    notifier = notifier_of(stage)
    ends = {"s": TaskState.SUCCESS, "f": TaskState.FAILURE}
    for task in [await ended(stage, "ada", ends[state]) for state in states]:
        notifier.end_shown(task.id)
    await stage.done()
    (message,) = told(stage)
    assert text in message.text
    assert len(covered(message)) == len(states)


async def test_after_a_lost_answer_or_a_refusal_each_result_is_told_once_and_others_need_not_wait(stage: Stage) -> None:
    notifier = notifier_of(stage)
    stage.local.lose_next("POST", POSTS)
    stage.local.fail_next("POST", POSTS, status=500)
    tasks = [await ended(stage, name) for name in ("ada", "ada", "bob")]
    for task in tasks:
        notifier.end_shown(task.id)
    await stage.done()
    by_person = covered_by_person(stage)
    assert {user: set(cards) for user, cards in by_person.items()} == await cards_by_owner(stage, tasks)
    assert {count for cards in by_person.values() for count in cards.values()} == {1}
    assert await stage.store.notifications.waiting(9) == []


async def test_a_result_that_is_added_while_a_try_fails_is_told_too(stage: Stage) -> None:
    notifier = notifier_of(stage)
    first = await ended(stage, "ada")
    stage.local.fail_next("POST", POSTS, status=500)
    with stage.local.hold(POSTS, method="POST") as held:
        notifier.end_shown(first.id)
        await stage.until(lambda: held.waiting == 1)
        second = await ended(stage, "ada")
        notifier.end_shown(second.id)
    await stage.done()
    by_person = covered_by_person(stage)
    assert {user: set(cards) for user, cards in by_person.items()} == await cards_by_owner(stage, [first, second])


async def test_a_row_that_was_begun_is_not_sent_again_if_a_link_leads_to_its_card(stage: Stage) -> None:
    tasks = [await ended(stage, "ada") for _ in range(AT_ONCE)]
    pending = [await stage.store.notifications.of(task.id) for task in tasks]
    await stage.store.notifications.begin(*filter(None, pending))
    cards = [(await card_of(stage, task)).message_id for task in tasks]
    channel = f"https://discord.com/channels/{stage.studio.guild_id}/{stage.studio.id}"
    links = [f"{channel}/{card}" for card in cards[:-1]]
    await stage.client.get_partial_messageable(stage.studio.id).send(" ".join(links))
    notifier = notifier_of(stage)
    await notifier.resume()
    await stage.done()
    (message,) = told(stage)
    assert covered(message) == {cards[-1]}
    assert await stage.store.notifications.waiting(99) == []
