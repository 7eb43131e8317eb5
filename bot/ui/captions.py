"""Short names of tasks and of what made them, for places where no card fits. Plain text, not Markdown."""

from __future__ import annotations

from bot.midjourney import custom_ids
from bot.midjourney.emoji import is_emoji
from bot.texts import say
from bot.ui.words import one_line
from storage import Action, Request, Task


def made_by(request: Request) -> str:
    """What made a task: the button as people saw it, or the command."""
    if request.action is not Action.BUTTON:
        return say(f"action.{request.action}")
    caption = one_line(request.label)
    if caption and not is_emoji(caption):
        return caption
    label = custom_ids.default_label(request.custom_id or "")
    # "1️⃣ 1" would say one thing twice.
    return f"{caption} {label}".strip() if not (caption and label.isdigit()) else caption


def headline(task: Task) -> str:
    """The words that people know a task by, on one line; what made it where it has none."""
    return one_line(task.prompt) or made_by(task.request)
