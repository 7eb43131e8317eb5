"""What one typed prompt stands for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.tasks.permutations import COUNTED, MAX_JOBS, prompts_of, typed_as


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


@pytest.mark.parametrize(
    ("prompts", "typed"),
    [
        (["a fox", "an owl --ar 3:2"], ["a fox\nan owl --ar 3:2"]),
        (["a fox"] * 7, ["\n".join(["a fox"] * 5), "a fox\na fox"]),
        (["a {red, blue} fox"], ["a \\{red\\, blue\\} fox"]),
        (["a fox", "--ar 3:2"], ["a fox", "--ar 3:2"]),
        (["a" * 3000, "b" * 3000], ["a" * 3000, "b" * 3000]),
    ],
)
def test_prompts_are_put_together_so_that_they_can_be_typed_again(prompts: list[str], typed: list[str]) -> None:
    assert typed_as(prompts) == typed


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab {},\\-r2", min_size=1, max_size=30).filter(str.strip), max_size=MAX_JOBS))
def test_what_could_be_typed_for_several_holds_each_of_them(prompts: list[str]) -> None:
    texts = typed_as(prompts)
    several = [text for text in texts if "\n" in text]
    assert sum(text.count("\n") + 1 for text in texts) == len(prompts)
    found = [prompt for text in several for prompt in prompts_of(text)]  # type: ignore[union-attr]  # a list: five at most
    assert all(prompt in prompts for prompt in found)
