"""The index of images: what is found by meaning and by words, for whom, and what is removed."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

import pytest

from storage import (
    Action,
    ImageText,
    ImageVector,
    NewTask,
    Request,
    SavedSearch,
    SearchScope,
    Store,
    Task,
    TaskResult,
    TaskState,
    TaskUpdate,
    VectorSpace,
)

ADA, BOB = 7, 8
SPACE, OTHER = VectorSpace("small", 3), VectorSpace("large", 3)
OWN, SERVER = SearchScope(ADA), SearchScope(ADA, 1)


def vector(*values: float) -> bytes:
    length = math.sqrt(sum(value * value for value in values))
    return array("f", (value / length for value in values)).tobytes()


async def finished(
    store: Store, task_id: str, prompt: str = "a boat", *, owner: int = ADA, guild: int | None = 1, now: float = 1000.0
) -> Task:
    request = Request(Action.IMAGINE, prompt=prompt)
    await store.tasks.add(NewTask(task_id, None, owner, guild, 2, request, "secret"), now)
    moved = await store.tasks.move(
        task_id, TaskUpdate(TaskState.SUCCESS, result=TaskResult(image_url="https://x.example/a.png")), now + 1
    )
    assert moved is not None
    return moved


async def indexed(store: Store, texts: dict[str, str], *, owner: int = ADA, guild: int | None = 1) -> None:
    for task_id, text in texts.items():
        await finished(store, task_id, text, owner=owner, guild=guild)
    await store.image_index.add([ImageText(task_id, text) for task_id, text in texts.items()])


async def words(store: Store, typed: str, scope: SearchScope = OWN) -> Sequence[str]:
    return await store.image_index.with_words(typed, scope, limit=10)


async def near(store: Store, space: VectorSpace, wanted: bytes, scope: SearchScope = OWN) -> Sequence[str]:
    return [found.task_id for found in await store.image_index.nearest(space, wanted, scope, limit=10)]


async def test_finished_tasks_are_read_once_newest_first(store: Store) -> None:
    await finished(store, "old", now=1000.0)
    await finished(store, "new", now=2000.0)
    await finished(store, "gone", now=3000.0)
    await store.tasks.add(NewTask("waits", None, ADA, 1, 2, Request(Action.IMAGINE), "secret"), 1.0)
    gone = await store.tasks.get("gone")
    assert gone
    await store.tasks.delete_result(gone, [], 3001.0)
    assert [task.id for task in await store.image_index.unread(10)] == ["new", "old"]
    assert [task.id for task in await store.image_index.unread(1)] == ["new"]
    await store.image_index.add([ImageText("new", "a boat")], without_text=["old"])
    assert await store.image_index.unread(10) == []
    assert await store.image_index.text_of("new") == "a boat"
    assert await store.image_index.text_of("old") is None


async def test_the_nearest_come_first_with_exact_scores(store: Store) -> None:
    await indexed(store, {"a": "a boat", "b": "a ship", "c": "a cat"})
    vectors = {"a": vector(1, 0, 0), "b": vector(1, 1, 0), "c": vector(-1, 0, 1)}
    await store.image_index.add_vectors(SPACE, [ImageVector(*each) for each in vectors.items()])
    found = await store.image_index.nearest(SPACE, vector(1, 0.1, 0), OWN, limit=2)
    assert [each.task_id for each in found] == ["a", "b"]
    assert found[0].score == pytest.approx(1 / math.hypot(1, 0.1), abs=1e-6)
    assert found[1].score == pytest.approx(1.1 / math.hypot(1, 0.1) / math.sqrt(2), abs=1e-6)


async def test_a_scope_is_ones_own_images_or_those_of_the_server_as_well(store: Store) -> None:
    await indexed(store, {"own": "a boat"}, guild=None)
    await indexed(store, {"bobs": "a boat"}, owner=BOB)
    await indexed(store, {"elsewhere": "a boat"}, owner=BOB, guild=9)
    everything = [ImageVector(task_id, vector(1, 1, 1)) for task_id in ("own", "bobs", "elsewhere")]
    await store.image_index.add_vectors(SPACE, everything)
    for scope, expected in ((OWN, {"own"}), (SERVER, {"own", "bobs"})):
        assert set(await words(store, "boat", scope)) == expected
        assert set(await near(store, SPACE, vector(1, 1, 1), scope)) == expected
        assert await store.image_index.missing(OTHER, scope) == len(expected)
        assert await store.image_index.missing(SPACE, scope) == 0


async def test_vectors_of_two_spaces_never_meet(store: Store) -> None:
    await indexed(store, {"a": "a boat", "b": "a ship"})
    await store.image_index.add_vectors(SPACE, [ImageVector(task_id, vector(1, 0, 0)) for task_id in ("a", "b")])
    assert await store.image_index.without_vector(SPACE, 10) == []
    assert {each.task_id for each in await store.image_index.without_vector(OTHER, 10)} == {"a", "b"}
    await store.image_index.add_vectors(OTHER, [ImageVector("b", vector(1, 0, 0))])
    assert await near(store, SPACE, vector(1, 0, 0)) == ["a"]
    assert await near(store, OTHER, vector(1, 0, 0)) == ["b"]
    assert await store.image_index.vector_of("b", SPACE) is None
    assert await store.image_index.vector_of("b", OTHER) == vector(1, 0, 0)
    assert await near(store, VectorSpace("small", 4), vector(1, 0, 0, 0)) == []
    assert await near(store, SPACE, vector(1, 0, 0, 0)) == []
    assert await store.image_index.without_vector(OTHER, 10) == [ImageText("a", "a boat")]


async def test_texts_without_any_vector_are_embedded_first(store: Store) -> None:
    await indexed(store, {"old": "a boat"})
    await store.image_index.add_vectors(OTHER, [ImageVector("old", vector(1, 0, 0))])
    await indexed(store, {"new": "a ship"})
    assert await store.image_index.without_vector(OTHER, 10) == [ImageText("new", "a ship")]
    assert [each.task_id for each in await store.image_index.without_vector(SPACE, 10)] == ["new", "old"]
    assert len(await store.image_index.without_vector(SPACE, 1)) == 1


async def test_a_text_that_the_model_refuses_is_not_sent_again_and_found_by_its_words(store: Store) -> None:
    await indexed(store, {"a": "a boat"})
    await store.image_index.add_vectors(SPACE, [ImageVector("a", None)])
    assert await store.image_index.without_vector(SPACE, 10) == []
    assert await store.image_index.missing(SPACE, OWN) == 0
    assert await near(store, SPACE, vector(1, 0, 0)) == []
    assert await words(store, "boat") == ["a"]


async def test_a_changed_text_is_found_by_its_new_words_and_embedded_again(store: Store) -> None:
    await indexed(store, {"a": "a boat"})
    await store.image_index.add_vectors(SPACE, [ImageVector("a", vector(1, 0, 0))])
    await store.image_index.add([ImageText("a", "a lighthouse")])
    assert await words(store, "boat") == []
    assert await words(store, "lighthouse") == ["a"]
    assert await store.image_index.without_vector(SPACE, 10) == [ImageText("a", "a lighthouse")]


async def test_a_task_that_changes_after_its_end_is_read_again_and_the_same_text_keeps_its_vector(
    store: Store,
) -> None:
    await indexed(store, {"a": "a boat"})
    await store.image_index.add_vectors(SPACE, [ImageVector("a", vector(1, 0, 0))])
    await store.tasks.keep_seed("a", "42")
    assert [task.id for task in await store.image_index.unread(10)] == ["a"]
    await store.image_index.add([ImageText("a", "a boat")])
    assert await store.image_index.unread(10) == []
    assert await store.image_index.without_vector(SPACE, 10) == []
    assert await words(store, "boat") == ["a"]


async def test_a_deleted_result_leaves_nothing(store: Store) -> None:
    await indexed(store, {"a": "a boat", "b": "a boat at night"})
    await store.image_index.add_vectors(SPACE, [ImageVector(each, vector(1, 0, 0)) for each in ("a", "b")])
    task = await store.tasks.get("a")
    assert task
    await store.tasks.delete_result(task, [], 2000.0)
    assert await words(store, "boat") == ["b"]
    assert await near(store, SPACE, vector(1, 0, 0)) == ["b"]
    assert await store.image_index.text_of("a") is None
    # What was computed before the deletion comes too late.
    await store.image_index.add([ImageText("a", "a boat")])
    await store.image_index.add_vectors(SPACE, [ImageVector("a", vector(1, 0, 0))])
    assert await words(store, "boat") == ["b"]
    assert await near(store, SPACE, vector(1, 0, 0)) == ["b"]


TEXTS = {
    "fox": "Ein roter Fuchs im Schnee, a red fox in the snow",
    "boat": "a paper boat on the river",
    "cafe": "Café Zürich by night",
    "rain": "雨の夜の東京タワー",
    "odd": 'NEAR("boat" OR fox) * ^ - {text}: 100% "quoted"',
}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("fox", ["fox", "odd"]),
        ("RED Fox", ["fox"]),
        ("riv", ["boat"]),
        ("lighthouse river", ["boat"]),
        ("cafe zurich", ["cafe"]),
        ("東京", ["rain"]),
        ("quoted", ["odd"]),
        ('"boat" OR fox) (', ["odd"]),
        ("100%", ["odd"]),
        ("_", []),
        ("-- ** ()", []),
        ("", []),
        ("xylophone", []),
    ],
)
async def test_words_are_found_whatever_signs_stand_around_them(store: Store, typed: str, expected: list[str]) -> None:
    await indexed(store, TEXTS)
    assert sorted(await words(store, typed)) == sorted(expected)


async def test_a_text_with_more_of_the_words_comes_first(store: Store) -> None:
    await indexed(store, {"one": "the river", "three": "a boat on the river at night", "two": "a boat, a river"})
    assert (await words(store, "a boat on a river by night"))[0] == "three"
    assert set(await words(store, "river night")) == {"three"}


def a_search(name: str, user: int = ADA, moment: float = 1000.0) -> SavedSearch:
    return SavedSearch(name, user, "a boat", None, True, ("t1", "t2"), True, 3, moment)


async def test_a_search_is_its_persons_alone_and_ends(store: Store) -> None:
    await store.searches.save(a_search("s1"))
    assert await store.searches.get("s1", ADA) == a_search("s1")
    assert await store.searches.get("s1", BOB) is None
    again = SavedSearch("s1", ADA, "", "t9", False, (), False, 0, 2000.0)
    await store.searches.save(again)
    assert await store.searches.get("s1", ADA) == again
    assert await store.searches.forget(2000.0, limit=10) == 0
    assert await store.searches.forget(2000.1, limit=10) == 1
    assert await store.searches.get("s1", ADA) is None


async def test_only_a_persons_newest_searches_are_kept(store: Store) -> None:
    await store.searches.save(a_search("bobs", BOB, 1.0))
    for number in range(25):
        await store.searches.save(a_search(f"s{number}", moment=1000.0 + number))
    assert await store.searches.get("s0", ADA) is None
    assert await store.searches.get("s24", ADA) is not None
    assert await store.searches.get("bobs", BOB) is not None
