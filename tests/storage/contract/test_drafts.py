"""Drafts are their author's alone and end after a day; thumbnails come with their task."""

from __future__ import annotations

import dataclasses

from storage import Action, Draft, DraftFile, InputImage, Request, Store, ThumbnailRole
from storage.user_records import MAX_DRAFTS
from tests.support.storing import AddTask

ADA, BOB = 7, 8
FILE = DraftFile("1", "a.png", "https://files.example.org/a.png", 10, "image/png")
DRAFT = Draft(
    "d1",
    ADA,
    Request(Action.IMAGINE, prompt="a fox --s 250", options={"mode": "relax"}),
    1000.0,
    aspect="3:2",
    files=(FILE,),
)


async def test_a_draft_comes_back_as_it_was_to_its_author_alone(store: Store) -> None:
    await store.drafts.save(DRAFT)
    assert await store.drafts.get("d1", ADA) == DRAFT
    assert await store.drafts.get("d1", BOB) is None
    assert await store.drafts.of(BOB, 0.0) == []


async def test_an_edited_draft_takes_the_place_of_the_one_before(store: Store) -> None:
    await store.drafts.save(DRAFT)
    edited = dataclasses.replace(DRAFT, request=Request(Action.IMAGINE, prompt="an owl"), created_at=1001.0)
    await store.drafts.save(edited)
    assert await store.drafts.of(ADA, 0.0) == [edited]
    await store.drafts.remove("d1")
    assert await store.drafts.of(ADA, 0.0) == []


async def test_only_a_persons_newest_drafts_are_kept_and_nobody_elses_are_pushed_out(store: Store) -> None:
    await store.drafts.save(dataclasses.replace(DRAFT, id="bobs", user_id=BOB, created_at=1.0))
    for number in range(MAX_DRAFTS + 3):
        await store.drafts.save(dataclasses.replace(DRAFT, id=f"n{number}", created_at=1000.0 + number))
    kept = await store.drafts.of(ADA, 0.0)
    assert [draft.id for draft in kept] == [f"n{number}" for number in range(MAX_DRAFTS + 2, 2, -1)]
    assert len(await store.drafts.of(BOB, 0.0)) == 1


async def test_old_drafts_are_neither_found_nor_kept(store: Store) -> None:
    await store.drafts.save(DRAFT)
    await store.drafts.save(dataclasses.replace(DRAFT, id="d2", created_at=2000.0))
    assert [draft.id for draft in await store.drafts.of(ADA, 1500.0)] == ["d2"]
    assert await store.drafts.forget(1500.0, limit=500) == 1
    assert [draft.id for draft in await store.drafts.of(ADA, 0.0)] == ["d2"]


async def test_small_versions_of_what_came_with_a_task_stay_when_the_pictures_go(
    store: Store, add_task: AddTask
) -> None:
    pictures = (InputImage("image/png", b"large", b"small"), InputImage("video/mp4", b"clip"))
    await add_task(pictures=pictures)
    assert await store.tasks.inputs("t1") == list(pictures)
    assert await store.thumbnails.of("t1", ThumbnailRole.SOURCE) == [b"small"]
    assert await store.thumbnails.results(["t1"]) == {}
    await store.thumbnails.put("t1", ThumbnailRole.IMAGE, [b"one", b"two"], 1000.0)
    assert await store.thumbnails.forget_images(1000.0, limit=10) == 0
    assert await store.thumbnails.forget_images(1001.0, limit=10) == 2
    assert await store.thumbnails.of("t1", ThumbnailRole.IMAGE) == []
    await store.thumbnails.put("t1", ThumbnailRole.RESULT, [b"result"], 1000.0)
    assert await store.thumbnails.results(["t1", "t2"]) == {"t1": b"result"}
    assert await store.thumbnails.forget(1001.0, limit=1) == 1
    assert await store.thumbnails.forget(1001.0, limit=500) == 1
