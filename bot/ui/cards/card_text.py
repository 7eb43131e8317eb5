"""The words of a card: what was asked, by whom, and how it stands."""

from __future__ import annotations

from bot.tasks.journal import PARENT_UNREADY
from bot.texts import say
from bot.ui.cards.labels import made_by
from bot.ui.cards.model_names import model_of
from bot.ui.components import timestamps
from bot.ui.components.error_texts import failure_text_name
from bot.ui.components.markdown import escape_markdown, fits
from storage import Action, Task, TaskState

# Discord takes 4,000 characters of text in all a message (its documentation, "Component Reference", "Text Display").
MAX_TITLE = 600
MAX_CAPTION = 80
MAX_REASON = 700
RESULT_LENGTH = 1_400
BAR_CELLS = 12


def title(task: Task, *, wordless: bool = False) -> str:
    """The prompt (not `wordless`), and in small print who asked for what."""
    lines = []
    if task.prompt and not wordless:
        lines.append(f"**{escape_markdown(task.prompt, MAX_TITLE)}**")
    lines.append(f"-# {_asked(task)}")
    return "\n".join(lines)


def wordless(task: Task) -> str | None:
    """How the task stands, without words of people or of the service."""
    match task.state:
        case TaskState.SUCCESS:
            return None
        case TaskState.FAILURE | TaskState.REFUSED:
            return say("failed.silent")
        case _:
            return state(task)


def state(task: Task) -> str | None:
    """How the task stands; None for one whose picture says it all."""
    match task.state:
        case TaskState.SUBMITTING:
            return say("card.lost_looking", time=timestamps.relative(task.created_at))
        case TaskState.AWAITING_CONFIRMATION:
            return say("card.confirming")
        case TaskState.UNKNOWN:
            return say("card.lost")
        case TaskState.QUEUED | TaskState.PENDING:
            return _pending(task)
        case TaskState.RUNNING:
            return _running(task)
        case TaskState.STALLED:
            return say("card.overdue", time=timestamps.relative(task.progressed_at))
        case TaskState.SUCCESS:
            return _text(task)
        case TaskState.CANCELLED:
            return say("card.cancelled")
        case TaskState.FAILURE | TaskState.REFUSED:
            return failure(task)


def remarks(task: Task) -> str | None:
    """What was done to the pictures that came with the command, in small print."""
    lines = task.request.remarks.splitlines()
    return "\n".join(f"-# {line}" for line in lines) if lines else None


def with_usual(words: str | None, seconds: float | None) -> str | None:
    """How a task stands, with how long one like it usually takes, where that is known."""
    if words is None or seconds is None:
        return words
    step = 1 if seconds < 10 else 5
    if seconds < 120:
        return f"{words} · {say('card.usual_seconds', seconds=round(seconds / step) * step)}"
    return f"{words} · {say('card.usual_minutes', minutes=round(seconds / 60))}"


def cut_short(task: Task) -> str | None:
    """All the words of a task, if the card cannot show them all."""
    lines = task.result.lines
    room = RESULT_LENGTH // max(1, len(lines))
    shown = all(fits(line, room) for line in lines) if lines else fits(task.result.text or "", RESULT_LENGTH)
    if shown and fits(task.prompt, MAX_TITLE):
        return None
    return "\n\n".join(part for part in (task.prompt, task.result.text) if part)


def failure(task: Task) -> str:
    """Why it failed, in words, and what can be done."""
    params = {name: escape_markdown(value, MAX_REASON) for name, value in task.error_params.items()}
    name = failure_text_name(task.error_code, params)
    text = say(name, **params)
    return text if name.startswith("failed.") else f"❌ {text}"


def bar(percent: int) -> str:
    """Progress as twelve cells."""
    full = min(BAR_CELLS, max(0, round(percent * BAR_CELLS / 100)))
    return "▰" * full + "▱" * (BAR_CELLS - full)


def _asked(task: Task) -> str:
    parts = [say("card.asker", user=f"<@{task.owner_id}>")]
    if task.request.action is not Action.IMAGINE:
        parts.insert(0, f"**{escape_markdown(made_by(task.request), MAX_CAPTION)}**")
    if task.request.mode:
        parts.append(say(f"mode.{task.request.mode}"))
    if model := model_of(task):
        parts.append(model)
    parts.append(f"`{task.id}`")
    return " · ".join(parts)


def _pending(task: Task) -> str:
    if task.error_code == PARENT_UNREADY:
        return say("card.parent_unready", time=timestamps.relative(task.created_at))
    names = ("card.waits", "card.waits_next") if task.state is TaskState.QUEUED else ("card.queued", "card.pending")
    return say(names[0 if task.queue_ahead else 1], ahead=task.queue_ahead, time=timestamps.relative(task.created_at))


def _running(task: Task) -> str:
    if task.result.missing:
        return say("card.picture_coming", time=timestamps.relative(task.created_at))
    percent = task.progress or 0
    return say("card.running", bar=bar(percent), percent=percent, time=timestamps.relative(task.created_at))


def _text(task: Task) -> str | None:
    if task.result.acknowledged:
        return say("told.favored")
    if task.result.text is None:
        return None
    text = escape_markdown(task.result.text, RESULT_LENGTH) if not task.result.lines else _lines(task)
    # A description tells what is to be seen in the picture.
    hidden = task.request.spoiler and task.request.action is Action.DESCRIBE
    return f"||{text}||" if hidden else text


def _lines(task: Task) -> str:
    room = RESULT_LENGTH // max(1, len(task.result.lines))
    return "\n".join(f"**{number}.** {escape_markdown(line, room)}" for number, line in enumerate(task.result.lines, 1))
