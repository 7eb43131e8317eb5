"""The texts of a card: prompt, owner and state."""

from __future__ import annotations

from bot.engines.options import LEFT_OUT, QUALITY, RATIO, TRANSPARENT
from bot.i18n import Translator
from bot.tasks.outcome_journal import PARENT_UNREADY
from bot.ui.cards.labels import made_by, model_of
from bot.ui.components.catalog_texts import failure_text_name
from bot.ui.components.markdown import escape_markdown, fits, relative_time, sanitize_line
from storage import DEFAULT_ENGINE, Action, Task, TaskState

# Discord allows 4,000 characters of text in a message (its documentation, "Component Reference", "Text Display").
MAX_TITLE = 600
MAX_CAPTION = 80
MAX_REVISED = 400
MAX_REASON = 700
RESULT_LENGTH = 1_400
BAR_CELLS = 12


def title(task: Task, t: Translator, *, wordless: bool = False) -> str:
    """The prompt (unless `wordless`), and in small print what was requested and by whom."""
    lines = []
    if task.prompt and not wordless:
        lines.append(f"**{escape_markdown(task.prompt, MAX_TITLE, t)}**")
    lines.append(f"-# {_asked(task, t)}")
    return "\n".join(lines)


def wordless(task: Task, t: Translator) -> str | None:
    """The task's state without text from users or from the image service. None if there is nothing to show."""
    match task.state:
        case TaskState.SUCCESS:
            return None
        case TaskState.FAILURE | TaskState.REFUSED:
            return t("failed.silent")
        case _:
            return state(task, t)


def state(task: Task, t: Translator) -> str | None:
    """The text for the task's state. None if the result image is enough."""
    match task.state:
        case TaskState.SUBMITTING:
            return t("card.lost_looking", time=relative_time(task.created_at))
        case TaskState.AWAITING_CONFIRMATION:
            return t("card.confirming")
        case TaskState.UNKNOWN:
            return t("card.lost")
        case TaskState.QUEUED | TaskState.PENDING:
            return _pending(task, t)
        case TaskState.RUNNING:
            return _running(task, t)
        case TaskState.STALLED:
            return t("card.overdue", time=relative_time(task.progressed_at))
        case TaskState.SUCCESS:
            return _text(task, t)
        case TaskState.CANCELLED:
            return t("card.cancelled")
        case TaskState.FAILURE | TaskState.REFUSED:
            return failure(task, t)


def remarks(task: Task, t: Translator) -> str | None:
    """How the command's images were changed, which flags were left out, and the prompt that was really used, in small
    print."""
    lines = task.request.remarks.splitlines()
    if flags := task.request.option(LEFT_OUT):
        engine = sanitize_line(task.request.engine)
        lines.append(t("card.flags_left_out", engine=engine, flags=escape_markdown(flags, MAX_TITLE, t)))
    if revised := _revised_prompt(task):
        engine = sanitize_line(task.request.engine)
        lines.append(t("card.revised_prompt", engine=engine, prompt=escape_markdown(revised, MAX_REVISED, t)))
    return "\n".join(f"-# {line}" for line in lines) if lines else None


def _revised_prompt(task: Task) -> str | None:
    """The prompt that an engine made of the typed one. Midjourney's differs only by flags."""
    final = " ".join(task.result.final_prompt.split())
    shown = task.state is TaskState.SUCCESS and task.request.engine != DEFAULT_ENGINE and final != task.request.prompt
    return final if shown and final else None


def with_usual(words: str | None, seconds: float | None, t: Translator) -> str | None:
    """The state text, followed by the usual duration of a similar task if that is known."""
    if words is None or seconds is None:
        return words
    step = 1 if seconds < 10 else 5
    if seconds < 120:
        return f"{words} · {t('card.usual_seconds', seconds=round(seconds / step) * step)}"
    return f"{words} · {t('card.usual_minutes', minutes=round(seconds / 60))}"


def cut_short(task: Task, t: Translator) -> str | None:
    """The complete text of a task if the card has to truncate it, else None."""
    lines = task.result.lines
    room = RESULT_LENGTH // max(1, len(lines))
    shown = all(fits(line, room, t) for line in lines) if lines else fits(task.result.text or "", RESULT_LENGTH, t)
    if shown and fits(task.prompt, MAX_TITLE, t):
        return None
    return "\n\n".join(part for part in (task.prompt, task.result.text) if part)


def failure(task: Task, t: Translator) -> str:
    """Why the task failed, and what to do."""
    params = {name: escape_markdown(value, MAX_REASON, t) for name, value in task.error_params.items()}
    name = failure_text_name(task.error_code, params)
    text = t(name, **params)
    return text if name.startswith("failed.") else f"❌ {text}"


def bar(percent: int) -> str:
    """Progress in percent as a bar of twelve cells."""
    full = min(BAR_CELLS, max(0, round(percent * BAR_CELLS / 100)))
    return "▰" * full + "▱" * (BAR_CELLS - full)


def _asked(task: Task, t: Translator) -> str:
    parts = [t("card.asker", user=f"<@{task.owner_id}>")]
    if task.request.action is not Action.IMAGINE:
        parts.insert(0, f"**{escape_markdown(made_by(task.request, t), MAX_CAPTION, t)}**")
    if mode := task.request.option("mode"):
        parts.append(t(f"mode.{mode}"))
    if model := model_of(task, t):
        parts.append(model)
    # Where flags are read, the prompt shows them.
    parts += [sanitize_line(word) for option in (RATIO, QUALITY) if (word := task.request.option(option))]
    if task.request.option(TRANSPARENT):
        parts.append(t("card.transparent"))
    parts.append(f"`{task.id}`")
    return " · ".join(parts)


def _pending(task: Task, t: Translator) -> str:
    if task.error_code == PARENT_UNREADY:
        return t("card.parent_unready", time=relative_time(task.created_at))
    names = ("card.waits", "card.waits_next") if task.state is TaskState.QUEUED else ("card.queued", "card.pending")
    return t(names[0 if task.queue_ahead else 1], ahead=task.queue_ahead, time=relative_time(task.created_at))


def _running(task: Task, t: Translator) -> str:
    if task.result.missing:
        return t("card.picture_coming", time=relative_time(task.created_at))
    if task.progress is None and task.upstream_id is None:
        return t("card.generating", time=relative_time(task.created_at))
    percent = task.progress or 0
    return t("card.running", bar=bar(percent), percent=percent, time=relative_time(task.created_at))


def _text(task: Task, t: Translator) -> str | None:
    if task.result.acknowledged:
        return t("told.favored")
    if task.result.text is None:
        return None
    text = escape_markdown(task.result.text, RESULT_LENGTH, t) if not task.result.lines else _lines(task, t)
    # A description reveals the content of the image.
    hidden = task.request.spoiler and task.request.action is Action.DESCRIBE
    return f"||{text}||" if hidden else text


def _lines(task: Task, t: Translator) -> str:
    room = RESULT_LENGTH // max(1, len(task.result.lines))
    return "\n".join(
        f"**{number}.** {escape_markdown(line, room, t)}" for number, line in enumerate(task.result.lines, 1)
    )
