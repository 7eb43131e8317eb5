"""Short names for tasks, actions and models, for places without room for more. Plain text, not Markdown."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from bot.engines.options import BotType
from bot.i18n import Translator
from bot.media.containers.file_formats import CLIP_ENDINGS
from bot.tasks.prompt import parse
from bot.tasks.prompt_flags import VERSION, PromptFlag
from bot.ui.components.markdown import sanitize_line, truncate
from storage import DEFAULT_ENGINE, Action, Request, Task

# Characters, a little below Discord's limit.
ALT_LENGTH = 1_000
MAX_VERSION = 20
# A task's card is built for each step of its progress, and a prompt may be 20,000 characters long.
_REMEMBERED_PROMPTS = 100


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


def model_of(task: Task, t: Translator) -> str | None:
    """The model's name, such as "Midjourney 7". None if neither prompt nor options name a model: the image service's
    own default is unknown until it appears in the final prompt."""
    if task.request.engine != DEFAULT_ENGINE:
        return sanitize_line(task.request.engine)
    named = _version(task.request.prompt) or _version(task.result.final_prompt)
    if named is None or named.bot_type is None:
        bot_type = task.request.option("bot_type")
        return _name(bot_type, t) if bot_type else None
    found = named.known.value.match(named.value) if named.known else None
    # A version is a number, so it contains no Markdown. A permutation names several versions, so none is shown.
    version = found[0][:MAX_VERSION] if found and not found[0].startswith("{") else ""
    return " ".join(part for part in (_name(named.bot_type, t), version) if part)


@functools.lru_cache(maxsize=_REMEMBERED_PROMPTS)
def _version(prompt: str) -> PromptFlag | None:
    if "-" not in prompt:
        return None
    return next((flag for flag in reversed(parse(prompt).flags) if flag.family == VERSION), None)


def _name(bot_type: str, t: Translator) -> str:
    return t("model.niji" if bot_type == BotType.NIJI else "model.midjourney")
