"""People's own defaults: what they add, and what always wins over them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engines.midjourney import Capabilities
from bot.tasks.engine_calls import says_cancelled
from bot.tasks.errors import UserError
from bot.tasks.prompt import parse
from bot.tasks.requests import settled_prompt
from bot.tasks.user_defaults import check_consistent, check_suffix, with_defaults
from storage import Action, Request, UserDefaults, chosen_options

MINE = UserDefaults(7, mode="relax", bot_type="NIJI_JOURNEY", aspect="3:2", suffix="in ink --s 250")
ALL = Capabilities.unknown()
NONE = UserDefaults(7)


def made(prompt: str, preferred: UserDefaults = NONE, **said: str | None) -> Request:
    """What is asked for with this prompt, by somebody with these defaults."""
    aspect = said.pop("aspect", None)
    asked = Request(Action.IMAGINE, prompt=prompt, options=chosen_options(**said))
    return with_defaults(asked, preferred, ALL, aspect=aspect)


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
        ("a fox –s 50", "—s 250 —— c 5", "a fox --s 50 --c 5"),
        ("a cat --niji 6", "--v 7 --style raw", "a cat --niji 6 --style raw"),
        ("a cat --v 7", "--niji 6 --s 250", "a cat --v 7 --s 250"),
        ("a cat --version 6", "--v 7", "a cat --version 6"),
        ("a bird {--v 5, --niji 5}", "--v 7", "a bird {--v 5, --niji 5}"),
        ("a cat --raw", "--style raw", "a cat --raw"),
        ("a cat --p", "--profile abcd1", "a cat --p"),
        ("a cat --fast", "--relax in oil", "a cat in oil --fast"),
    ],
)
def test_a_suffix_adds_what_the_prompt_does_not_say_itself(prompt: str, suffix: str, whole: str) -> None:
    assert made(prompt, UserDefaults(7, suffix=suffix)).prompt == whole


@pytest.mark.parametrize(
    ("prompt", "aspect", "whole"),
    [
        ("  a   fox ", "3:2", "a fox --ar 3:2"),
        ("a fox", None, "a fox"),
        ("a fox --ar 1:1", "3:2", "a fox --ar 1:1"),
        ("a fox --aspect 1:1", "3:2", "a fox --aspect 1:1"),
        ("a fox —ar 1:1", "3:2", "a fox --ar 1:1"),
        ("a fox\u200b--ar 1:1", "3:2", "a fox --ar 1:1"),
    ],
)
def test_a_shape_typed_by_hand_wins(prompt: str, aspect: str | None, whole: str) -> None:
    assert made(prompt, aspect=aspect).prompt == whole
    assert made(prompt, UserDefaults(7, aspect=aspect)).prompt == whole


@pytest.mark.parametrize(
    ("prompt", "bot", "preferred", "drawn_by"),
    [
        ("a cat --niji 6", None, NONE, "NIJI_JOURNEY"),
        ("a cat --niji", "MID_JOURNEY", NONE, "NIJI_JOURNEY"),
        ("a cat --v 7", None, NONE, None),
        ("a cat --v 7", "NIJI_JOURNEY", NONE, "MID_JOURNEY"),
        ("a cat --v 7", None, UserDefaults(7, bot_type="NIJI_JOURNEY"), "MID_JOURNEY"),
        ("a cat", None, UserDefaults(7, suffix="--niji 6"), "NIJI_JOURNEY"),
        ("a cat", "NIJI_JOURNEY", UserDefaults(7, suffix="--v 7"), "NIJI_JOURNEY"),
    ],
)
def test_the_model_follows_the_version(
    prompt: str, bot: str | None, preferred: UserDefaults, drawn_by: str | None
) -> None:
    request = made(prompt, preferred, bot_type=bot)
    assert request.option("bot_type") == drawn_by
    assert "--v 7" not in request.prompt or drawn_by != "NIJI_JOURNEY"


SAID = (
    *("--fast", "—relax", "–turbo", "--v 7", "--niji 6", "--ar 1:1", "——aspect 2:3"),
    *("--s 5", "--c 1", "--no dogs", "--raw", "--sref 12", "--newflag 3"),
)
TYPED = st.lists(st.sampled_from(SAID), max_size=5)
PREFERRED = st.builds(
    UserDefaults,
    user_id=st.just(7),
    mode=st.sampled_from([None, "fast", "relax", "turbo"]),
    bot_type=st.sampled_from([None, "MID_JOURNEY", "NIJI_JOURNEY"]),
    aspect=st.sampled_from([None, "3:2", "16:9"]),
    suffix=TYPED.map(" ".join),
)


@given(
    TYPED,
    PREFERRED,
    st.sampled_from([None, "fast", "relax"]),
    st.sampled_from([None, "MID_JOURNEY", "NIJI_JOURNEY"]),
    st.sampled_from([None, "4:3"]),
)
def test_what_was_typed_always_wins(
    flags: list[str], preferred: UserDefaults, mode: str | None, bot: str | None, aspect: str | None
) -> None:
    typed = parse(" ".join(["a cat", *flags]))
    request = with_defaults(
        Request(Action.IMAGINE, prompt=" ".join(["a cat", *flags]), options=chosen_options(mode=mode, bot_type=bot)),
        preferred,
        ALL,
        aspect=aspect,
    )
    sent = parse(request.prompt)
    assert sent.words == "a cat"
    assert sent.flags[: len(typed.flags)] == typed.flags
    families = [flag.family for flag in sent.flags]
    assert all(families.count(each) == 1 for each in ("aspect", "version", "mode", "stylize") if each in families)
    settled = settled_prompt(request, ALL)
    assert isinstance(settled, Request)
    assert settled.option("mode") == (typed.mode or mode or parse(preferred.suffix).mode or preferred.mode)
    assert "mode" not in parse(settled.prompt).families
    if aspect and "aspect" not in typed.families:
        assert "--ar 4:3" in request.prompt
    if model := typed.bot_type or bot:
        assert (request.option("bot_type") or "MID_JOURNEY") == model
        assert sent.bot_type in (None, model)


def code_of(check: Callable[[], None]) -> str | None:
    """The code of the error that a check raises."""
    try:
        check()
    except UserError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("suffix", "problem"),
    [
        ("in ink --s 250 --raw --newflag", None),
        ("--niji", None),
        ("--p", None),
        ("--sref https://a.example/b.png", None),
        ("--ar {3:2, 1:1}", None),
        ("--ar", "suffix_value"),
        ("--ar wide", "suffix_value"),
        ("--s high --c 5", "suffix_value"),
        ("--no", "suffix_value"),
        ("x" * 501, "suffix_too_long"),
    ],
)
def test_a_suffix_is_checked(suffix: str, problem: str | None) -> None:
    assert code_of(lambda: check_suffix(suffix)) == problem


@pytest.mark.parametrize(
    ("preferred", "problem"),
    [
        (UserDefaults(7, mode="fast", suffix="--relax"), "suffix_mode"),
        (UserDefaults(7, mode="relax", suffix="–relaxed"), None),
        (UserDefaults(7, suffix="--relax"), None),
        (UserDefaults(7, bot_type="NIJI_JOURNEY", suffix="--v 7"), "suffix_model"),
        (UserDefaults(7, bot_type="NIJI_JOURNEY", suffix="--niji 6"), None),
        (UserDefaults(7, aspect="3:2", suffix="--aspect 1:1"), "suffix_aspect"),
        (UserDefaults(7, aspect="1:1", suffix="--ar 1:1"), None),
    ],
)
def test_a_suffix_may_not_say_otherwise_than_the_other_defaults(preferred: UserDefaults, problem: str | None) -> None:
    assert code_of(lambda: check_consistent(preferred)) == problem


def test_what_a_command_says_wins_over_the_defaults() -> None:
    asked = Request(Action.IMAGINE, prompt="a fox", options={"mode": "fast", "bot_type": "MID_JOURNEY"})
    request = with_defaults(asked, MINE, ALL, aspect="1:1")
    assert (request.option("mode"), request.option("bot_type"), request.prompt) == (
        "fast",
        "MID_JOURNEY",
        "a fox in ink --ar 1:1 --s 250",
    )


def test_the_defaults_fill_what_a_command_leaves_open_and_fits_it() -> None:
    assert with_defaults(Request(Action.BLEND), MINE, ALL) == Request(
        Action.BLEND, options={"mode": "relax", "bot_type": "NIJI_JOURNEY", "dimensions": "LANDSCAPE"}
    )
    assert with_defaults(Request(Action.SWAP), MINE, ALL) == Request(Action.SWAP, options={"mode": "relax"})
    shorten = with_defaults(Request(Action.SHORTEN, prompt="a fox"), MINE, ALL)
    assert shorten.prompt == "a fox"


def test_a_default_mode_in_which_no_videos_are_made_is_left_out_of_them() -> None:
    hasty = UserDefaults(7, mode="turbo")
    assert with_defaults(Request(Action.VIDEO, prompt="waves roll"), hasty, ALL).option("mode") is None
    assert with_defaults(Request(Action.EDIT, prompt="at night"), hasty, ALL).option("mode") == "turbo"
    assert with_defaults(Request(Action.VIDEO, prompt="waves roll"), MINE, ALL).option("mode") == "relax"


def test_somebody_without_defaults_asks_for_exactly_what_they_say() -> None:
    asked = Request(Action.IMAGINE, prompt="a fox")
    assert with_defaults(asked, UserDefaults(7), ALL) == asked


@pytest.mark.parametrize(
    "reason", ["任务取消", "已取消", "取消任务", "Cancelled", "task canceled by user", "Job was cancelled."]
)
def test_a_failure_that_only_says_that_it_was_stopped_is_no_failure(reason: str) -> None:
    assert says_cancelled(reason)


@pytest.mark.parametrize("reason", ["", "Request cancelled due to image filters", "timeout", "用户取消订阅失败"])
def test_a_cancellation_with_a_cause_stays_a_failure(reason: str) -> None:
    assert not says_cancelled(reason)
