"""The text by which an image is found, and how rankings are merged."""

from __future__ import annotations

import dataclasses

import pytest

from bot.search.documents import LONGEST_TEXT, has_image, text_of
from bot.search.image_search import LONGEST_QUERY, merged, words_of
from bot.tasks.errors import UserError
from storage import StoredVideo, TaskResult
from tests.search.conftest import Bench


@pytest.mark.parametrize(
    ("prompt", "result", "expected"),
    [
        ("a fox --ar 3:2 --v 7", TaskResult(), "a fox"),
        ("a fox --ar 3:2", TaskResult(final_prompt="a fox --ar 3:2 --v 7.0 --s 100"), "a fox"),
        ("https://cdn.example.org/1.png a fox", TaskResult(), "a fox"),
        ("fox", TaskResult(final_prompt="a red fox in deep snow"), "fox\na red fox in deep snow"),
        (
            "",
            TaskResult(text="A pier at dawn", lines=("A pier", "Boats at dawn")),
            "A pier at dawn\nBoats at dawn",
        ),
        ("--ar 3:2", TaskResult(), ""),
    ],
)
async def test_a_text_is_what_is_said_about_the_image(
    bench: Bench, prompt: str, result: TaskResult, expected: str
) -> None:
    task = await bench.finished("t1", "")
    told = dataclasses.replace(task, request=dataclasses.replace(task.request, prompt=prompt), result=result)
    assert text_of(told) == expected


async def test_a_text_is_not_longer_than_models_read(bench: Bench) -> None:
    task = await bench.finished("t1", "fox " * 2_000)
    assert len(text_of(task)) <= LONGEST_TEXT


async def test_only_finished_tasks_with_an_image_or_a_video_are_found(bench: Bench) -> None:
    task = await bench.finished("t1", "a fox")

    def with_result(result: TaskResult) -> bool:
        return has_image(dataclasses.replace(task, result=result))

    assert has_image(task)
    assert with_result(TaskResult(inline=True))
    assert with_result(TaskResult(videos=(StoredVideo("https://images.example.org/a.mp4"),)))
    assert not with_result(TaskResult(text="a shorter prompt"))
    assert not with_result(TaskResult(image_url="https://images.example.org/a.png", acknowledged=True))
    assert not has_image(dataclasses.replace(task, deleted_at=5.0))


def test_what_two_rankings_have_near_their_top_comes_first() -> None:
    assert merged(["a", "b", "c"], ["c", "d"]) == ["c", "a", "b", "d"]
    assert merged(["a", "b"], []) == ["a", "b"]
    assert merged([], []) == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [("  a   red fox ", "a red fox"), ("a fox --ar 3:2", "a fox"), ("--tile", "--tile"), ("🦊", "🦊"), ("夜", "夜")],
)
def test_a_query_is_what_is_shown_without_what_belongs_to_a_prompt(typed: str, words: str) -> None:
    assert words_of(typed) == words
    assert len(words_of("fox " * 200)) <= LONGEST_QUERY


@pytest.mark.parametrize("typed", ["", "  \n", "\u200b\u2060", "\u3164"])
def test_an_empty_query_is_refused(typed: str) -> None:
    with pytest.raises(UserError) as refused:
        words_of(typed)
    assert refused.value.code == "nothing_to_find"
