"""Prepares requests: the prompt and the mode as they are journaled and sent."""

from __future__ import annotations

import dataclasses

from bot.engines.base import EngineCapabilities
from bot.engines.options import Mode
from bot.tasks.errors import UserError
from bot.tasks.prompt import MAX_PROMPT, Prompt, parse
from bot.tasks.prompt_flags import MODE
from storage import Action, Request

# Actions whose request contains a typed prompt.
WORDED = (Action.IMAGINE, Action.SHORTEN, Action.EDIT, Action.RETEXTURE, Action.VIDEO)


def settled_prompt(request: Request, capabilities: EngineCapabilities) -> Request:
    """The request with the prompt that is sent and the mode in which it will be generated; no I/O. Raises UserError."""
    prompt = typed_prompt(request)
    if prompt is None:
        return _with_possible_mode(request, capabilities)
    check_not_empty(prompt)
    if len(str(prompt)) > MAX_PROMPT:
        raise UserError("prompt_too_long", length=str(len(str(prompt))), limit=str(MAX_PROMPT))
    if prompt.mode is None:
        return _with_possible_mode(_with_prompt(request, prompt), capabilities)
    request = request.with_options(mode=prompt.mode.value)
    if capabilities.supports_mode(prompt.mode) and not capabilities.reads_mode_flag:
        return _with_prompt(request, prompt.without({MODE}))
    if capabilities.supports_mode(prompt.mode) or capabilities.ignores_modes:
        return _with_prompt(request, prompt)  # Midjourney reads only the flag
    raise UserError("no_such_mode")


def check_not_empty(prompt: Prompt) -> None:
    """Raises UserError for a prompt without words and images."""
    if prompt.empty:
        raise UserError("no_prompt")


def check_mode(request: Request, capabilities: EngineCapabilities) -> None:
    """Raises UserError for a mode option that the service does not have. A mode in the prompt takes precedence."""
    prompt = typed_prompt(request)
    typed = prompt.mode if prompt else None
    mode = request.option("mode")
    if mode and not typed and not capabilities.supports_mode(Mode(mode)):
        raise UserError("no_such_mode")


def typed_prompt(request: Request) -> Prompt | None:
    """The prompt that a user typed for this request, or None."""
    if request.action is Action.BUTTON:
        return None if request.window_prompt is None else parse(request.window_prompt)
    return parse(request.prompt) if request.action in WORDED else None


def _with_possible_mode(request: Request, capabilities: EngineCapabilities) -> Request:
    """Removes a mode that comes from the user's settings or from the parent task if the service does not have it,
    because the card must not show it. A mode in the prompt is kept."""
    mode = request.option("mode")
    if not mode or capabilities.supports_mode(Mode(mode)) or parse(request.prompt).mode == mode:
        return request
    return request.with_options(mode=None)


def _with_prompt(request: Request, prompt: Prompt) -> Request:
    if request.action is not Action.BUTTON:
        return dataclasses.replace(request, prompt=str(prompt))
    return dataclasses.replace(request, prompt=str(prompt), window_prompt=str(prompt))
