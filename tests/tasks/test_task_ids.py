"""The ids of tasks: short, random, and without characters that people take for others."""

from __future__ import annotations

from collections import Counter

from bot.tasks.requests import new_task_id

AMBIGUOUS = "01ilou"


def test_an_id_is_ten_letters_and_digits_that_are_not_confused() -> None:
    ids = [new_task_id() for _ in range(1_000)]
    assert {len(each) for each in ids} == {10}
    assert len(set(ids)) == len(ids)
    used = Counter("".join(ids))
    assert set(used) == set("0123456789abcdefghijklmnopqrstuvwxyz") - set(AMBIGUOUS)
    # Each of the thirty has a thirtieth of the places, more or less.
    assert all(0.5 < 30 * count / used.total() < 1.5 for count in used.values())
