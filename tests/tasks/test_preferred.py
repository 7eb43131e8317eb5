"""People's own defaults: what they add, and what always wins over them."""

from __future__ import annotations

import pytest

from bot.tasks.failures import says_cancelled
from bot.tasks.preferred import with_aspect, with_preferences, with_suffix
from storage import Action, Preferences, Request

MINE = Preferences(7, mode="relax", bot_type="NIJI_JOURNEY", aspect="3:2", suffix="in ink --s 250")


@pytest.mark.parametrize(
    ("prompt", "suffix", "whole"),
    [
        ("a fox", "", "a fox"),
        ("a fox", "in ink", "a fox in ink"),
        ("a fox", "--s 250", "a fox --s 250"),
        ("a fox --ar 1:1", "in ink --s 250", "a fox in ink --ar 1:1 --s 250"),
        ("a fox --s 50", "--s 250 --c 5", "a fox --s 50 --c 5"),
        ("a fox --stylize 50", "--s 250", "a fox --stylize 50"),
        ("a fox --no text", "--no people", "a fox --no text"),
        ("a fox", "--no text --raw", "a fox --no text --raw"),
        ("a well-known fox -- really", "--s 9", "a well-known fox -- really --s 9"),
    ],
)
def test_a_suffix_adds_what_the_prompt_does_not_say_itself(prompt: str, suffix: str, whole: str) -> None:
    assert with_suffix(prompt, suffix) == whole


@pytest.mark.parametrize(
    ("prompt", "aspect", "whole"),
    [
        ("  a   fox ", "3:2", "a fox --ar 3:2"),
        ("a fox", None, "a fox"),
        ("a fox --ar 1:1", "3:2", "a fox --ar 1:1"),
        ("a fox --aspect 1:1", "3:2", "a fox --aspect 1:1"),
        ("a fox —ar 1:1", "3:2", "a fox —ar 1:1"),
    ],
)
def test_a_shape_typed_by_hand_wins(prompt: str, aspect: str | None, whole: str) -> None:
    assert with_aspect(prompt, aspect) == whole


def test_what_a_command_says_wins_over_the_defaults() -> None:
    asked = Request(Action.IMAGINE, prompt="a fox", mode="fast", bot_type="MID_JOURNEY")
    made = with_preferences(asked, MINE, aspect="1:1")
    assert (made.mode, made.bot_type, made.prompt) == ("fast", "MID_JOURNEY", "a fox in ink --ar 1:1 --s 250")


def test_the_defaults_fill_what_a_command_leaves_open_and_fits_it() -> None:
    assert with_preferences(Request(Action.BLEND), MINE) == Request(
        Action.BLEND, mode="relax", bot_type="NIJI_JOURNEY", dimensions="LANDSCAPE"
    )
    assert with_preferences(Request(Action.SWAP), MINE) == Request(Action.SWAP, mode="relax")
    shorten = with_preferences(Request(Action.SHORTEN, prompt="a fox"), MINE)
    assert shorten.prompt == "a fox"


def test_a_default_mode_in_which_no_videos_are_made_is_left_out_of_them() -> None:
    hasty = Preferences(7, mode="turbo")
    assert with_preferences(Request(Action.VIDEO, prompt="waves roll"), hasty).mode is None
    assert with_preferences(Request(Action.EDIT, prompt="at night"), hasty).mode == "turbo"
    assert with_preferences(Request(Action.VIDEO, prompt="waves roll"), MINE).mode == "relax"


def test_somebody_without_defaults_asks_for_exactly_what_they_say() -> None:
    asked = Request(Action.IMAGINE, prompt="a fox")
    assert with_preferences(asked, Preferences(7)) == asked


@pytest.mark.parametrize(
    "reason", ["任务取消", "已取消", "取消任务", "Cancelled", "task canceled by user", "Job was cancelled."]
)
def test_a_failure_that_only_says_that_it_was_stopped_is_no_failure(reason: str) -> None:
    assert says_cancelled(reason)


@pytest.mark.parametrize("reason", ["", "Request cancelled due to image filters", "timeout", "用户取消订阅失败"])
def test_a_cancellation_with_a_cause_stays_a_failure(reason: str) -> None:
    assert not says_cancelled(reason)
