"""Short names of tasks and of what made them, for places where no card fits. Plain text, not Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import Translator
from bot.media.video import CLIP_ENDINGS
from bot.midjourney import custom_id_facts
from bot.midjourney.emoji import is_emoji
from bot.ui.components.markdown import sanitize_line, truncate
from storage import Action, Request, Task

# In characters: a little less than Discord takes.
ALT_LENGTH = 1_000


def made_by(request: Request, t: Translator) -> str:
    """What made a task: the button as people saw it, or the command."""
    if request.action is not Action.BUTTON:
        return t(f"action.{request.action}")
    caption = sanitize_line(request.label)
    if caption and not is_emoji(caption):
        return caption
    label = custom_id_facts.default_label(request.custom_id or "")
    # "1️⃣ 1" would say one thing twice.
    return f"{caption} {label}".strip() if not (caption and label.isdigit()) else caption


def headline(task: Task, t: Translator) -> str:
    """The words that people know a task by, on one line; what made it where it has none."""
    return sanitize_line(task.prompt) or made_by(task.request, t)


def result_alts(task: Task, names: Sequence[str], t: Translator) -> list[str]:
    """What is read aloud in place of each of these pictures or clips of a task, in order; never empty."""
    about = headline(task, t)
    alts = []
    for number, name in enumerate(names, 1):
        which = "alt.clip_of" if name.endswith(CLIP_ENDINGS) else "alt.image_of"
        said = about if len(names) == 1 else t(which, number=number, count=len(names), about=about)
        alts.append(truncate(said, ALT_LENGTH))
    return alts


def source_alts(task: Task, count: int, t: Translator) -> list[str]:
    """The same for the pictures that a task was made from."""
    about = headline(task, t)
    if task.request.action in (Action.SWAP, Action.SWAP_VIDEO):
        return [truncate(t(name, about=about), ALT_LENGTH) for name in ("alt.face", "alt.target")[:count]]
    which = "alt.source" if count == 1 else "alt.source_of"
    return [truncate(t(which, number=number, count=count, about=about), ALT_LENGTH) for number in range(1, count + 1)]
