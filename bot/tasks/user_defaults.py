"""A person's own defaults, put into what they ask for.

What was typed in a prompt wins over the options of its command, those over the suffix, and the suffix over the other
defaults.
"""

from __future__ import annotations

import dataclasses

from bot.midjourney import Mode
from bot.tasks.errors import UserError
from bot.tasks.prompt import Prompt, parse
from bot.tasks.prompt_flags import ASPECT, MODE, VERSION, flag
from storage import Action, Request, UserDefaults

MAX_SUFFIX = 500
# The shapes that a blend can have (docs/image-api.md#blend).
_DIMENSIONS = {"2:3": "PORTRAIT", "1:1": "SQUARE", "3:2": "LANDSCAPE"}
_CHOOSE_BOT = (Action.BLEND, Action.DESCRIBE, Action.SHORTEN)


def with_defaults(request: Request, preferred: UserDefaults, *, aspect: str | None = None) -> Request:
    """The request with this person's defaults where it leaves something open; `aspect` is what the command said.

    A mode that the prompt itself says is left in it: `bot.tasks.request_preparation` puts it where the service reads
    it.
    """
    if request.action is Action.IMAGINE:
        return _imagine(request, preferred, aspect)
    # Videos are not made in turbo mode (docs/image-api.md#modes).
    mode = None if request.action is Action.VIDEO and preferred.mode == Mode.TURBO else preferred.mode
    request = dataclasses.replace(request, mode=request.mode or mode)
    if request.action in _CHOOSE_BOT:
        request = dataclasses.replace(request, bot_type=request.bot_type or preferred.bot_type)
    if request.action is Action.BLEND and request.dimensions is None and preferred.aspect:
        request = dataclasses.replace(request, dimensions=_DIMENSIONS.get(preferred.aspect))
    return request


def _imagine(request: Request, preferred: UserDefaults, aspect: str | None) -> Request:
    prompt, suffix = _with_aspect(parse(request.prompt), aspect), parse(preferred.suffix)
    if request.mode:
        suffix = suffix.without({MODE})
    if request.bot_type and suffix.bot_type not in (None, request.bot_type):
        suffix = suffix.without({VERSION})
    suffix = suffix.without(prompt.families)
    prompt = _with_aspect(prompt.plus(suffix.words, suffix.flags), preferred.aspect)
    mode = request.mode or (None if MODE in prompt.families else preferred.mode)
    bot_type = request.bot_type or preferred.bot_type
    # Midjourney is what draws where nothing else is said.
    if prompt.bot_type and prompt.bot_type != (bot_type or "MID_JOURNEY"):
        bot_type = prompt.bot_type.value
    return dataclasses.replace(request, prompt=str(prompt), mode=mode, bot_type=bot_type)


def check_suffix(typed: str) -> None:
    """Raises UserError for a suffix that is too long, or that has a flag without a valid value."""
    suffix = parse(typed)
    if len(str(suffix)) > MAX_SUFFIX:
        raise UserError("suffix_too_long", length=str(len(str(suffix))), limit=str(MAX_SUFFIX))
    for each in suffix.flags:
        if each.lacks_value and each.known:
            example = f"--{each.name} {each.known.example}"
            raise UserError("suffix_value", flag=each.text, example=example)


def check_consistent(preferred: UserDefaults) -> None:
    """Raises UserError where a suffix contradicts the other defaults, which then would be without effect."""
    for each in parse(preferred.suffix).flags:
        if each.mode and preferred.mode not in (None, each.mode):
            raise UserError("suffix_mode", flag=each.text)
        if each.bot_type and preferred.bot_type not in (None, each.bot_type):
            raise UserError("suffix_model", flag=each.text)
        if each.family == ASPECT and preferred.aspect not in (None, each.value):
            raise UserError("suffix_aspect", flag=each.text)


def _with_aspect(prompt: Prompt, aspect: str | None) -> Prompt:
    return prompt if aspect is None or ASPECT in prompt.families else prompt.plus("", [flag("ar", aspect)])
