"""What one typed prompt stands for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tasks.permutations import COUNTED, MAX_JOBS, prompts_of


@pytest.mark.parametrize(
    ("typed", "prompts"),
    [
        ("a fox", ["a fox"]),
        ("{a, {b, c} d} e", ["a e", "b d e", "c d e"]),
        ("a {red\\, white, blue} fox", ["a red, white fox", "a blue fox"]),
        ("a {red, blue fox", ["a {red, blue fox"]),
        ("a {red, } fox", ["a red fox", "a  fox"]),
        ("a fox --r 2 --ar 3:2", ["a fox --ar 3:2"] * 2),
        ("--sref {https://a.example/x.png, https://a.example/y.png}", None),
    ],
)
def test_groups_lines_and_repeats_are_expanded_in_order(typed: str, prompts: list[str] | None) -> None:
    expected = prompts or [f"--sref https://a.example/{name}.png" for name in "xy"]
    assert prompts_of(typed) == expected


@pytest.mark.parametrize(
    ("typed", "count"),
    [
        ("a fox --repeat 40", 40),
        ("a fox --repeat 5000", COUNTED),
        ("{a,b}" * 4, 16),
        ("{a,b}" * 800, COUNTED),
        ("{a," * 1300, 1),
    ],
)
def test_too_many_are_only_counted(typed: str, count: int) -> None:
    found = prompts_of(typed)
    assert (found if isinstance(found, int) else len(found)) == count


@given(st.text(alphabet="ab {},\\\n-r`2", max_size=80))
def test_whatever_is_typed_stands_for_a_bounded_number(typed: str) -> None:
    found = prompts_of(typed)
    assert (MAX_JOBS < found <= COUNTED) if isinstance(found, int) else len(found) <= MAX_JOBS
