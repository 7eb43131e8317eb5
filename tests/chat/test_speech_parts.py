"""A text is divided between sentences into parts that one call takes, in characters and in bytes."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.chat.speech import MAX_PART_BYTES, MAX_PARTS, spoken_parts
from bot.tasks.errors import UserError


def test_a_short_text_is_one_part() -> None:
    assert spoken_parts("  A paper boat. It swims.  ") == ["A paper boat. It swims."]


@pytest.mark.parametrize("sentence", ["A paper boat crosses the pond. ", "一只纸船漂在池塘上。", "Ein Boot!\n"])
def test_parts_end_with_sentences(sentence: str) -> None:
    text = sentence * (2 * MAX_PART_BYTES // len(sentence.encode()))
    parts = spoken_parts(text)
    assert len(parts) == 2 + (len(parts) > 2)
    assert all(part.endswith(sentence.strip()[-1]) for part in parts)


@given(st.text(alphabet="ab .!?。一\n", min_size=1, max_size=3_000).filter(str.strip), st.integers(1, 3))
def test_nothing_is_lost_and_every_part_fits(text: str, times: int) -> None:
    text = text * times
    assume(len(text.encode()) <= 2 * MAX_PART_BYTES)
    parts = spoken_parts(text)
    assert all(len(part.encode()) <= MAX_PART_BYTES for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "code"), [(" \n ", "nothing_to_read"), ("x" * (MAX_PARTS * MAX_PART_BYTES + 1), "speech_too_long")]
)
def test_nothing_and_too_much_are_refused(text: str, code: str) -> None:
    with pytest.raises(UserError) as refused:
        spoken_parts(text)
    assert refused.value.code == code
