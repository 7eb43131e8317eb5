"""Slots: one call for each key, a number of calls in total, and no slot that stays taken."""

from __future__ import annotations

import pytest

from bot.chat.slots import Slots
from bot.tasks.errors import UserError


def code_of(slots: Slots, *keys: str) -> str | None:
    try:
        with slots.taken(*keys):
            return None
    except UserError as error:
        return error.code


def test_a_key_is_taken_once_until_its_context_ends() -> None:
    slots = Slots("running")
    with slots.taken("ada", "talk") as slot:
        slot.add("image")
        assert [code_of(slots, key) for key in ("ada", "talk", "image", "bob")] == ["running"] * 3 + [None]
    assert code_of(slots, "ada", "talk", "image") is None


def test_a_slot_that_was_handed_over_is_taken_until_its_release() -> None:
    slots = Slots("running", most=1)
    with slots.taken("ada") as slot:
        slot.handed_over = True
    assert code_of(slots, "bob") == "chat_busy"
    slot.release()
    slot.release()
    with slots.taken("ada"):
        assert code_of(slots, "bob") == "chat_busy"


def test_an_error_frees_the_slot_even_if_it_was_handed_over() -> None:
    slots = Slots("running", most=1)
    with pytest.raises(ValueError, match="broken"), slots.taken("ada") as slot:
        slot.handed_over = True
        raise ValueError("broken")
    assert code_of(slots, "ada") is None
