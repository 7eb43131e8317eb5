"""The prompt of a request: whether a user typed it, with another one, and for an engine without flags."""

from __future__ import annotations

import dataclasses
import re
from fractions import Fraction

from bot.engines.options import LEFT_OUT, RATIO
from bot.tasks.errors import UserError
from bot.tasks.prompt import Prompt
from bot.tasks.prompt_flags import ASPECT, SEPARATORS, PromptFlag
from storage import Action, Request, Task

_RATIO = re.compile(r"(\d{1,4}(?:\.\d{1,4})?) ?[:xX/] ?(\d{1,4}(?:\.\d{1,4})?)")
# The largest number in a ratio that is computed from one with decimals.
MAX_RATIO_PART = 100
# Characters of the flags that were left out, as they are stored.
MAX_LEFT_OUT = 200
# Actions whose request contains a typed prompt.
WORDED = (Action.IMAGINE, Action.SHORTEN, Action.EDIT, Action.RETEXTURE, Action.VIDEO)


def check_not_empty(prompt: Prompt) -> None:
    """Raises UserError for a prompt without words and images."""
    if prompt.empty:
        raise UserError("no_prompt")


def is_typed(request: Request) -> bool:
    """Whether a user typed the prompt of this request, with a command or in a button's modal."""
    return bool(request.prompt) and (request.action in WORDED or request.window_prompt is not None)


def with_prompt(request: Request, prompt: str) -> Request:
    """The same request with another prompt."""
    window_prompt = None if request.window_prompt is None else prompt
    return dataclasses.replace(request, prompt=prompt, window_prompt=window_prompt)


def is_improvable(task: Task) -> bool:
    """Whether the task has a prompt that describes an image, in place of a change or a motion."""
    return bool(task.prompt) and task.request.action in (Action.IMAGINE, Action.BUTTON) and not task.result.videos


def without_flags(request: Request, prompt: Prompt) -> Request:
    """The request for an engine that does not read Midjourney's flags: the aspect ratio becomes an option, the others
    are left out, and the card says so."""
    known = [flag for flag in prompt.flags if flag.known]
    ratio = next((found for flag in reversed(known) if flag.family == ASPECT and (found := _ratio(flag.value))), None)
    left_out = [_alone(flag) for flag in known if flag.family != ASPECT]
    words = prompt.without({flag.family for flag in known})
    check_not_empty(words)
    settled = with_sent_prompt(request, words)
    kept = " ".join(left_out)[:MAX_LEFT_OUT] or None
    return settled.with_options(mode=None, **{RATIO: ratio or request.option(RATIO), LEFT_OUT: kept})


def _alone(flag: PromptFlag) -> str:
    """The flag without the words after its value, which stay in the prompt."""
    return flag.text.rpartition(flag.beyond)[0].strip(SEPARATORS) if flag.beyond else flag.text


def _ratio(value: str) -> str | None:
    """The aspect ratio of a flag's value in whole numbers, such as 3:2 for 1.5:1."""
    found = _RATIO.match(value)
    if found is None or not float(found[1]) or not float(found[2]):
        return None
    ratio = (Fraction(found[1]) / Fraction(found[2])).limit_denominator(MAX_RATIO_PART)
    return f"{ratio.numerator}:{ratio.denominator}" if ratio else None


def with_sent_prompt(request: Request, prompt: Prompt) -> Request:
    if request.action is not Action.BUTTON:
        return dataclasses.replace(request, prompt=str(prompt))
    return dataclasses.replace(request, prompt=str(prompt), window_prompt=str(prompt))
