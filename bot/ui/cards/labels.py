"""Short names for tasks and actions, for places without room for a card. Plain text, not Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import Translator
from bot.media.video import CLIP_ENDINGS
from bot.ui.components.markdown import sanitize_line, truncate
from storage import Action, Request, Task

# Characters, a little below Discord's limit.
ALT_LENGTH = 1_000


def made_by(request: Request, t: Translator) -> str:
    """What created a task: the button's label as users saw it, or the command."""
    if request.action is not Action.BUTTON:
        return t(f"action.{request.action}")
    return sanitize_line(request.label) or t(f"action.{request.action}")


def headline(task: Task, t: Translator) -> str:
    """The prompt on one line, or what created the task if it has no prompt."""
    return sanitize_line(task.prompt) or made_by(task.request, t)


def result_alts(task: Task, names: Sequence[str], t: Translator) -> list[str]:
    """Alt text for each image or video of a result, in order: what a model saw, or else the prompt. Never empty."""
    about, described = headline(task, t), task.result.alts
    alts = []
    for number, name in enumerate(names, 1):
        which = "alt.clip_of" if name.endswith(CLIP_ENDINGS) else "alt.image_of"
        shown = next(iter(described[number - 1 : number]), about)
        said = shown if len(names) == 1 else t(which, number=number, count=len(names), about=shown)
        alts.append(truncate(said, ALT_LENGTH))
    return alts


def source_alts(task: Task, count: int, t: Translator) -> list[str]:
    """Alt text for each source image."""
    about = headline(task, t)
    if task.request.action in (Action.SWAP, Action.SWAP_VIDEO):
        return [truncate(t(name, about=about), ALT_LENGTH) for name in ("alt.face", "alt.target")[:count]]
    which = "alt.source" if count == 1 else "alt.source_of"
    return [truncate(t(which, number=number, count=count, about=about), ALT_LENGTH) for number in range(1, count + 1)]
