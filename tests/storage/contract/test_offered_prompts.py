"""Offered prompts are their reader's alone, come back as they were, and end by age; alt texts stay with their task."""

from __future__ import annotations

import dataclasses

import pytest

from storage import Action, DraftFile, OfferedPrompts, PromptSource, Request, Store
from tests.support.storing import AddTask

ADA, BOB = 7, 8
FILE = DraftFile("1", "a.png", "https://files.example.org/a.png", 10, "image/png")
OFFERED = OfferedPrompts(
    "o1",
    ADA,
    PromptSource.PROMPT,
    Request(Action.IMAGINE, prompt="a fox --s 250", engine="dall-e-3", options={"mode": "relax"}),
    ("a red fox", "a fox at dawn"),
    1000.0,
    aspect="3:2",
    files=(FILE,),
    english=True,
)


@pytest.mark.parametrize("source", PromptSource)
async def test_prompts_come_back_as_they_were_to_their_reader_alone(store: Store, source: PromptSource) -> None:
    offered = dataclasses.replace(OFFERED, source=source, inputs=(FILE, FILE), task_id="t1")
    await store.offered_prompts.save(offered)
    assert await store.offered_prompts.get("o1", ADA) == offered
    assert await store.offered_prompts.get("o1", BOB) is None
    assert await store.offered_prompts.get("o2", ADA) is None


async def test_prompts_that_were_asked_for_again_take_the_place_of_the_first_ones(store: Store) -> None:
    await store.offered_prompts.save(OFFERED)
    again = dataclasses.replace(OFFERED, prompts=("an owl",), english=False)
    await store.offered_prompts.save(again)
    assert await store.offered_prompts.get("o1", ADA) == again


async def test_prompts_that_a_model_is_asked_for_are_found_until_it_has_answered(store: Store) -> None:
    asked = dataclasses.replace(OFFERED, prompts=(), application_id=9, token="a token", locale="de")
    await store.offered_prompts.save(asked)
    await store.offered_prompts.save(dataclasses.replace(OFFERED, id="o2"))
    assert await store.offered_prompts.on_their_way() == [asked]
    assert "a token" not in repr(asked)
    await store.offered_prompts.save(dataclasses.replace(asked, prompts=("an owl",), token=None))
    assert await store.offered_prompts.on_their_way() == []


async def test_old_prompts_are_removed_a_few_at_a_time(store: Store) -> None:
    for number in range(4):
        await store.offered_prompts.save(dataclasses.replace(OFFERED, id=f"n{number}", created_at=1000.0 + number))
    assert await store.offered_prompts.forget(1003.0, limit=2) == 2
    assert await store.offered_prompts.forget(1003.0, limit=2) == 1
    assert await store.offered_prompts.get("n3", ADA)


async def test_alt_texts_are_stored_without_a_new_version_and_read_by_every_process(
    store: Store, stranger: Store, add_task: AddTask
) -> None:
    task = await add_task()
    await store.tasks.keep_alts(task.id, ["a fox in the snow"])
    for each in (store, stranger):
        kept = await each.tasks.get(task.id)
        assert kept
        assert kept.result.alts == ("a fox in the snow",)
        assert kept.version == task.version
