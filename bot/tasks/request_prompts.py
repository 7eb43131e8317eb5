"""Requests with a typed prompt, the same request with another prompt, and the request of a pressed button."""

from __future__ import annotations

import dataclasses

from bot.engines.buttons import caption
from bot.engines.models import PressInputs
from bot.engines.options import COUNT, LEFT_OUT, MASKED, RATIO
from bot.tasks.request_preparation import WORDED
from bot.tasks.results import ModalInput
from storage import Action, Request, StoredButton, Task


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
    typed = modal.prompt if modal else ""
    options = parent.request.options
    request = Request(
        Action.BUTTON,
        prompt=typed or parent.prompt,
        engine=parent.request.engine,
        options=options,
        custom_id=button.custom_id,
        label=caption(button),
        group=button.group,
        window_prompt=modal.prompt if modal and not modal.aspect else None,
        spoiler=parent.request.spoiler,
    )
    return request.with_options(
        **{
            RATIO: (modal and modal.aspect) or parent.request.option(RATIO),
            COUNT: None if needs.image else options.get(COUNT),
            LEFT_OUT: None,
            MASKED: bool(modal and modal.mask) or (needs.inputs and options.get(MASKED)),
        }
    )


def is_improvable(task: Task) -> bool:
    """Whether the task has a prompt that describes an image, in place of a change or a motion."""
    return bool(task.prompt) and task.request.action in (Action.IMAGINE, Action.BUTTON) and not task.result.videos
