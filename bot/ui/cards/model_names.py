"""A task's model and version, from its prompt or its options."""

from __future__ import annotations

import functools

from bot.engines.options import BotType
from bot.i18n import Translator
from bot.tasks.prompt import parse
from bot.tasks.prompt_flags import VERSION, PromptFlag
from bot.ui.components.markdown import sanitize_line
from storage import DEFAULT_ENGINE, Task

MAX_VERSION = 20
# A task's card is built for each step of its progress, and a prompt may be 20,000 characters long.
_REMEMBERED_PROMPTS = 100


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
