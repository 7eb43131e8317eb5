"""Applies a user's own defaults to requests.

Flags in a prompt take precedence over the command's options, options over the suffix, and the suffix over the other
defaults.
"""

from __future__ import annotations

import dataclasses

from bot.engines.base import EngineCapabilities
from bot.engines.models import Feature
from bot.engines.options import Mode
from bot.tasks.errors import UserError
from bot.tasks.prompt import Prompt, parse
from bot.tasks.prompt_flags import ASPECT, MODE, VERSION, flag
from storage import Action, Request, UserDefaults

MAX_SUFFIX = 500
# The dimensions of a blend by aspect ratio (docs/image-api.md#blend).
_DIMENSIONS = {"2:3": "PORTRAIT", "1:1": "SQUARE", "3:2": "LANDSCAPE"}
_CHOOSE_BOT = (Action.BLEND, Action.DESCRIBE, Action.SHORTEN)


def with_defaults(
    request: Request, preferred: UserDefaults, capabilities: EngineCapabilities, *, aspect: str | None = None
) -> Request:
    """The request with the user's defaults for everything it leaves open; `aspect` is the command's option.

    For an engine that does not read Midjourney's flags, the aspect ratio is an option, and the suffix is left out.

    A mode flag stays in the prompt; `bot.tasks.requests` moves it to where the service reads it.
    """
    if not capabilities.has(Feature.PROMPT_FLAGS):
        return request.with_options(aspect=aspect or preferred.aspect)
    if request.action is Action.IMAGINE:
        return _imagine(request, preferred, aspect)
    # Turbo mode does not support videos (docs/image-api.md#modes).
    mode = None if request.action is Action.VIDEO and preferred.mode == Mode.TURBO else preferred.mode
    request = request.with_options(mode=request.option("mode") or mode)
    if request.action in _CHOOSE_BOT:
        request = request.with_options(bot_type=request.option("bot_type") or preferred.bot_type)
    if request.action is Action.BLEND and request.option("dimensions") is None and preferred.aspect:
        request = request.with_options(dimensions=_DIMENSIONS.get(preferred.aspect))
    return request


def _imagine(request: Request, preferred: UserDefaults, aspect: str | None) -> Request:
    prompt, suffix = _with_aspect(parse(request.prompt), aspect), parse(preferred.suffix)
    mode, bot_type = request.option("mode"), request.option("bot_type")
    if mode:
        suffix = suffix.without({MODE})
    if bot_type and suffix.bot_type not in (None, bot_type):
        suffix = suffix.without({VERSION})
    suffix = suffix.without(prompt.families)
    prompt = _with_aspect(prompt.plus(suffix.words, suffix.flags), preferred.aspect)
    mode = mode or (None if MODE in prompt.families else preferred.mode)
    bot_type = bot_type or preferred.bot_type
    # Midjourney is the default model.
    if prompt.bot_type and prompt.bot_type != (bot_type or "MID_JOURNEY"):
        bot_type = prompt.bot_type.value
    return dataclasses.replace(request, prompt=str(prompt)).with_options(mode=mode, bot_type=bot_type)


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
    """Raises UserError if the suffix contradicts the other defaults, which would then have no effect."""
    for each in parse(preferred.suffix).flags:
        if each.mode and preferred.mode not in (None, each.mode):
            raise UserError("suffix_mode", flag=each.text)
        if each.bot_type and preferred.bot_type not in (None, each.bot_type):
            raise UserError("suffix_model", flag=each.text)
        if each.family == ASPECT and preferred.aspect not in (None, each.value):
            raise UserError("suffix_aspect", flag=each.text)


def _with_aspect(prompt: Prompt, aspect: str | None) -> Prompt:
    return prompt if aspect is None or ASPECT in prompt.families else prompt.plus("", [flag("ar", aspect)])
