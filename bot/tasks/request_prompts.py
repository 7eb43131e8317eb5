"""Requests with a typed prompt, and the same request with another prompt."""

from __future__ import annotations

import dataclasses

from bot.tasks.request_preparation import WORDED
from storage import Request


def is_typed(request: Request) -> bool:
    """Whether a user typed the prompt of this request, with a command or in a button's modal."""
    return bool(request.prompt) and (request.action in WORDED or request.window_prompt is not None)


def with_prompt(request: Request, prompt: str) -> Request:
    """The same request with another prompt."""
    window_prompt = None if request.window_prompt is None else prompt
    return dataclasses.replace(request, prompt=prompt, window_prompt=window_prompt)
