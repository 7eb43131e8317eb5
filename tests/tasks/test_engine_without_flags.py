"""Requests to engines that do not read Midjourney's flags: the aspect ratio becomes an option, the rest is left out."""

from __future__ import annotations

import dataclasses

import pytest

from bot.engines.options import LEFT_OUT, RATIO
from bot.engines.platform.platform_engine import PlatformCapabilities
from bot.tasks.errors import UserError
from bot.tasks.requests import settled_prompt
from storage import Action, Request

ENGINE = PlatformCapabilities()


def settled(prompt: str, **options: str) -> Request:
    return settled_prompt(Request(Action.IMAGINE, prompt=prompt, engine="any", options=options), ENGINE)


@pytest.mark.parametrize(
    ("typed", "words", "ratio", "left_out"),
    [
        ("a paper boat", "a paper boat", None, None),
        ("a boat --ar 16:9", "a boat", "16:9", None),
        ("a boat --ar 16x9", "a boat", "16:9", None),
        ("a boat --aspect 1.5:1", "a boat", "3:2", None),
        ("a boat --ar 32:18", "a boat", "16:9", None),
        ("a boat --ar 0:1", "a boat", None, None),
        ("a boat --ar 1:1 --ar 2:3", "a boat", "2:3", None),
        ("a boat --v 7 --no people --ar 3:2", "a boat", "3:2", "--v 7 --no people"),
        ("a boat —ar 16:9", "a boat", "16:9", None),
        ("a boat --fast", "a boat", None, "--fast"),
        ("a boat --v 7 in the rain", "a boat in the rain", None, "--v 7"),
        ("a boat --sail red", "a boat --sail red", None, None),
        ("well-known boats - 3 of them", "well-known boats - 3 of them", None, None),
    ],
)
def test_the_flags_of_a_prompt(typed: str, words: str, ratio: str | None, left_out: str | None) -> None:
    request = settled(typed)
    assert (request.prompt, request.option(RATIO), request.option(LEFT_OUT)) == (words, ratio, left_out)


def test_a_flag_goes_before_the_option() -> None:
    assert settled("a boat --ar 2:3", aspect="16:9").option(RATIO) == "2:3"
    assert settled("a boat", aspect="16:9").option(RATIO) == "16:9"


def test_a_prompt_of_flags_alone_is_empty() -> None:
    with pytest.raises(UserError, match="no_prompt"):
        settled("--v 7 --ar 16:9")


def test_the_prompt_of_a_form_is_treated_alike_and_old_flags_are_forgotten() -> None:
    pressed = Request(
        Action.BUTTON, prompt="a boat", engine="any", window_prompt="a ship --ar 1:1 --s 250", custom_id="x"
    )
    request = settled_prompt(dataclasses.replace(pressed, options={LEFT_OUT: "--v 7"}), ENGINE)
    assert (request.prompt, request.window_prompt, request.option(RATIO)) == ("a ship", "a ship", "1:1")
    assert request.option(LEFT_OUT) == "--s 250"
