"""Prepares requests: those of pressed buttons, and the prompt, the mode and the aspect ratio of any request as they are
journaled and sent."""

from __future__ import annotations

import dataclasses
import re
from fractions import Fraction

from bot.engines.base import EngineCapabilities, ImageEngine
from bot.engines.errors import Unsuitable
from bot.engines.models import Feature, PressInputs
from bot.engines.options import COUNT, LEFT_OUT, MASKED, RATIO, Mode
from bot.engines.registry import caption
from bot.tasks.engine_calls import error_of
from bot.tasks.errors import UserError
from bot.tasks.prompt import MAX_PROMPT, Prompt, parse
from bot.tasks.prompt_flags import ASPECT, MODE, SEPARATORS, PromptFlag
from bot.tasks.results import ModalInput
from storage import Action, Request, StoredButton, Task, chosen_options

_RATIO = re.compile(r"(\d{1,4}(?:\.\d{1,4})?) ?[:xX/] ?(\d{1,4}(?:\.\d{1,4})?)")
# The largest number in a ratio that is computed from one with decimals.
MAX_RATIO_PART = 100
# Characters of the flags that were left out, as they are stored.
MAX_LEFT_OUT = 200
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
    if not capabilities.has(Feature.PROMPT_FLAGS):
        return _without_flags(request, prompt)
    if prompt.mode is None:
        return _with_possible_mode(_with_prompt(request, prompt), capabilities)
    request = request.with_options(mode=prompt.mode.value)
    if capabilities.supports_mode(prompt.mode) and not capabilities.reads_mode_flag:
        return _with_prompt(request, prompt.without({MODE}))
    if capabilities.supports_mode(prompt.mode) or capabilities.ignores_modes:
        return _with_prompt(request, prompt)  # Midjourney reads only the flag
    raise UserError("no_such_mode")


def check_suitable(engine: ImageEngine, request: Request, images: int) -> None:
    """Raises UserError for a prepared request that the engine can certainly not carry out; no I/O. `images` is how many
    are sent with it."""
    try:
        engine.check(request, images)
    except Unsuitable as error:
        raise error_of(error) from error


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


def is_typed(request: Request) -> bool:
    """Whether a user typed the prompt of this request, with a command or in a button's modal."""
    return bool(request.prompt) and (request.action in WORDED or request.window_prompt is not None)


def with_prompt(request: Request, prompt: str) -> Request:
    """The same request with another prompt."""
    window_prompt = None if request.window_prompt is None else prompt
    return dataclasses.replace(request, prompt=prompt, window_prompt=window_prompt)


def request_of_press(parent: Task, button: StoredButton, modal: ModalInput | None, needs: PressInputs) -> Request:
    """The request of a task's button: that of the task, with what was typed or chosen in the button's modal. `needs` is
    what else it sends: a change of one image makes one image."""
    options = {
        **parent.request.options,
        RATIO: (modal and modal.aspect) or parent.request.option(RATIO),
        LEFT_OUT: None,
        MASKED: bool(modal and modal.mask) or (needs.inputs and parent.request.options.get(MASKED)),
    }
    if needs.image:
        options[COUNT] = None
    return Request(
        Action.BUTTON,
        prompt=(modal and modal.prompt) or parent.prompt,
        engine=parent.request.engine,
        options=chosen_options(**options),
        custom_id=button.custom_id,
        label=caption(button),
        group=button.group,
        window_prompt=modal.prompt if modal and not modal.aspect else None,
        spoiler=parent.request.spoiler,
    )


def is_improvable(task: Task) -> bool:
    """Whether the task has a prompt that describes an image, in place of a change or a motion."""
    return bool(task.prompt) and task.request.action in (Action.IMAGINE, Action.BUTTON) and not task.result.videos


def _without_flags(request: Request, prompt: Prompt) -> Request:
    """The request for an engine that does not read Midjourney's flags: the aspect ratio becomes an option, the others
    are left out, and the card says so."""
    known = [flag for flag in prompt.flags if flag.known]
    ratio = next((found for flag in reversed(known) if flag.family == ASPECT and (found := _ratio(flag.value))), None)
    left_out = [_alone(flag) for flag in known if flag.family != ASPECT]
    words = prompt.without({flag.family for flag in known})
    check_not_empty(words)
    settled = _with_prompt(request, words)
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
