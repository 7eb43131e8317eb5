"""What is meant by what people type or paste where a task is wanted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.workflows.task_reference import typed_id


@pytest.mark.parametrize(
    ("typed", "task"),
    [
        (" `BNEH5aek8w` ", "bneh5aek8w"),
        ("\u200bbneh5aek8w\u2060", "bneh5aek8w"),
        ("<bneh5aek8w>", "bneh5aek8w"),
        ("atelier-bneh5aek8w-2.png", "bneh5aek8w"),
        ("https://cdn.discordapp.com/attachments/1/2/atelier-bneh5aek8w.png", "bneh5aek8w"),
        ("<https://cdn.discordapp.com/attachments/1/2/atelier-bneh5aek8w-2.png?ex=1&is=2&hm=3>", "bneh5aek8w"),
        ("https://media.discordapp.net/attachments/1/2/preview-bneh5aek8w-7.jpg?width=10", "bneh5aek8w"),
        ("https://cdn.discordapp.com/attachments/1/2/SPOILER_atelier-bneh5aek8w.png", "bneh5aek8w"),
        ("https://cdn.discordapp.com/attachments/1/2/words-bneh5aek8w.txt", "bneh5aek8w"),
    ],
)
def test_a_task_is_meant_with_or_without_what_it_was_copied_with(typed: str, task: str) -> None:
    assert typed_id(typed) == task


@given(st.text(max_size=80))
def test_any_text_at_all_can_be_read(typed: str) -> None:
    assert isinstance(typed_id(typed), str)
