"""Preparation of requests: the prompt and the mode as they are journalled and sent."""

from __future__ import annotations

import dataclasses

from bot.midjourney import Capabilities, Mode, ModeStyle
from bot.tasks.errors import UserError
from bot.tasks.prompt import MAX_PROMPT, Prompt, parse
from bot.tasks.prompt_flags import MODE
from storage import Action, Request

# What begins with words.
WORDED = (Action.IMAGINE, Action.SHORTEN, Action.EDIT, Action.RETEXTURE, Action.VIDEO)


def settled_prompt(request: Request, capabilities: Capabilities) -> Request:
    """The request with its prompt as it is sent and with the mode that it is drawn in; no I/O. Raises UserError."""
    prompt = typed_prompt(request)
    if prompt is None:
        return _with_possible_mode(request, capabilities)
    check_not_empty(prompt)
    if len(str(prompt)) > MAX_PROMPT:
        raise UserError("prompt_too_long", length=str(len(str(prompt))), limit=str(MAX_PROMPT))
    if prompt.mode is None:
        return _with_possible_mode(_with_prompt(request, prompt), capabilities)
    request = dataclasses.replace(request, mode=prompt.mode.value)
    if capabilities.draws_in(prompt.mode) and capabilities.profile.hands_mode_on:
        return _with_prompt(request, prompt.without({MODE}))
    if capabilities.draws_in(prompt.mode) or capabilities.mode_style is ModeStyle.NONE:
        return _with_prompt(request, prompt)  # what draws reads no mode but the flag
    raise UserError("no_such_mode")


def check_not_empty(prompt: Prompt) -> None:
    """Raises UserError for a prompt without words and pictures."""
    if prompt.empty:
        raise UserError("no_prompt")


def check_mode(request: Request, capabilities: Capabilities) -> None:
    """Raises UserError for a mode chosen beside the prompt that the service does not have; one in the prompt wins."""
    prompt = typed_prompt(request)
    typed = prompt.mode if prompt else None
    if request.mode and not typed and not capabilities.draws_in(Mode(request.mode)):
        raise UserError("no_such_mode")


def typed_prompt(request: Request) -> Prompt | None:
    """What a person typed for this request; None where they typed nothing."""
    if request.action is Action.BUTTON:
        return None if request.window_prompt is None else parse(request.window_prompt)
    return parse(request.prompt) if request.action in WORDED else None


def _with_possible_mode(request: Request, capabilities: Capabilities) -> Request:
    """Leaves out a mode that is somebody's default, or that of the picture pressed, where the service has no such: the
    card may not claim it. Where the prompt still says it, it holds."""
    if not request.mode or capabilities.draws_in(Mode(request.mode)) or parse(request.prompt).mode == request.mode:
        return request
    return dataclasses.replace(request, mode=None)


def _with_prompt(request: Request, prompt: Prompt) -> Request:
    if request.action is not Action.BUTTON:
        return dataclasses.replace(request, prompt=str(prompt))
    return dataclasses.replace(request, prompt=str(prompt), window_prompt=str(prompt))
