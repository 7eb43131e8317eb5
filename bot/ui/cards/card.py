"""The message that shows a task, a Components V2 layout: its texts, the alt texts of its images, and what stands where.
Pure: no I/O, no state. Its buttons are in `bot.ui.cards.card_buttons`.

Names of tasks, actions and models are short, for places without room for more, and plain text, not Markdown.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import NamedTuple

from bot.discord_api.errors import MessagePart
from bot.engines.options import LEFT_OUT, QUALITY, RATIO, TRANSPARENT, BotType
from bot.i18n import Translator
from bot.media.containers.file_formats import CLIP_ENDINGS
from bot.net.untrusted_data import public_link
from bot.tasks.outcome_journal import PARENT_UNREADY
from bot.tasks.prompt import parse
from bot.tasks.prompt_flags import VERSION
from bot.ui.cards.card_buttons import CardOptions, Row, button_rows
from bot.ui.components import message_components
from bot.ui.components.catalog_texts import failure_text_name
from bot.ui.components.markdown import escape_markdown, fits, relative_time, sanitize_line, truncate
from bot.ui.components.message_components import Component, PayloadLayout
from storage import DEFAULT_ENGINE, Action, Request, Task, TaskState

_COLOURS = {
    TaskState.SUCCESS: 0x3BA55D,
    TaskState.FAILURE: 0xED4245,
    TaskState.REFUSED: 0xED4245,
    TaskState.CANCELLED: 0x80848E,
    TaskState.UNKNOWN: 0xFAA61A,
    TaskState.STALLED: 0xFAA61A,
    TaskState.SUBMITTING: 0xFAA61A,
}
_RUNNING_COLOUR = 0x5865F2
# The first word of a source image's file name.
SOURCE = "source"
# Discord allows 4,000 characters of text in a message (its documentation, "Component Reference", "Text Display").
MAX_TITLE = 600
MAX_CAPTION = 80
MAX_REVISED = 400
MAX_REASON = 700
RESULT_LENGTH = 1_400
BAR_CELLS = 12
# Characters, a little below Discord's limit.
ALT_LENGTH = 1_000
MAX_VERSION = 20
# A task's card is built for each step of its progress, and a prompt may be 20,000 characters long.
_REMEMBERED_PROMPTS = 100


def card(task: Task, look: CardOptions, t: Translator) -> PayloadLayout:
    """The message for a task. It respects all of Discord's limits, whatever the image service sent."""
    original = _original(task)
    rows = button_rows(task, look, original, t)
    parts = [message_components.text_display(_words(task, look, t) + _link_in_text(rows, look, original, t))]
    files = sorted_files(look.files)
    spoken = MessagePart.WORDS not in look.without
    if files.media:
        parts.append(_gallery(task, files.media, result_alts(task, files.media, t) if spoken else ()))
    if files.sources:
        parts.append(_gallery(task, files.sources, source_alts(task, len(files.sources), t) if spoken else ()))
    parts += [message_components.file(name, spoiler=task.request.spoiler) for name in files.others]
    container = message_components.container(parts, _COLOURS.get(task.state, _RUNNING_COLOUR))
    # Outside the container, whose padding would take so much of a phone's width that most buttons get a line each.
    return PayloadLayout([container, *map(message_components.action_row, rows)])


def _words(task: Task, look: CardOptions, t: Translator) -> str:
    wordless = MessagePart.WORDS in look.without
    state = _with_usual(_state_text(task, t), look.usual_seconds, t)
    said = [_wordless(task, t)] if wordless else [state, _remarks(task, t)]
    parts = [_title(task, t, wordless=wordless), *said, look.trouble, *look.notes]
    return "\n\n".join([part for part in parts if part])


def _gallery(task: Task, files: Sequence[str], alts: Sequence[str]) -> Component:
    spoiler = task.request.spoiler
    named = itertools.zip_longest(files, alts)
    return message_components.media_gallery(
        [message_components.gallery_item(name, alt, spoiler=spoiler) for name, alt in named]
    )


def _link_in_text(rows: Sequence[Row], look: CardOptions, original: str | None, t: Translator) -> str:
    """The link to the original in small print, if there is no button for it."""
    if original is None or MessagePart.BUTTONS in look.without:
        return ""
    shown = any("url" in button for row in rows for button in row)
    return "" if shown else f"\n-# [{t('button.original')}]({original})"


def _original(task: Task) -> str | None:
    """The URL of the original image or video, if it may be shown."""
    if task.state is not TaskState.SUCCESS:
        return None
    clips = [video.url for video in task.result.videos]
    made = clips[0] if len(clips) == 1 else task.result.image_url if not clips else None
    return public_link(made) if made else None


class SortedFiles(NamedTuple):
    """A card's files by type: images and videos of the result, source images, other files."""

    media: Sequence[str]
    sources: Sequence[str]
    others: Sequence[str]


def sorted_files(names: Sequence[str]) -> SortedFiles:
    """Groups these file names by type and keeps their order."""
    sources = [name for name in names if name.startswith(SOURCE)]
    others = [name for name in names if name.endswith(".txt")]
    media = [name for name in names if name not in sources and name not in others]
    return SortedFiles(media, sources, others)


def _title(task: Task, t: Translator, *, wordless: bool = False) -> str:
    """The prompt (unless `wordless`), and in small print what was requested and by whom."""
    lines = []
    if task.prompt and not wordless:
        lines.append(f"**{escape_markdown(task.prompt, MAX_TITLE, t)}**")
    lines.append(f"-# {_asked(task, t)}")
    return "\n".join(lines)


def _wordless(task: Task, t: Translator) -> str | None:
    """The task's state without text from users or from the image service. None if there is nothing to show."""
    match task.state:
        case TaskState.SUCCESS:
            return None
        case TaskState.FAILURE | TaskState.REFUSED:
            return t("failed.silent")
        case _:
            return _state_text(task, t)


def _state_text(task: Task, t: Translator) -> str | None:
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


def _remarks(task: Task, t: Translator) -> str | None:
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


def _with_usual(words: str | None, seconds: float | None, t: Translator) -> str | None:
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


def _bar(percent: int) -> str:
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
    return t("card.running", bar=_bar(percent), percent=percent, time=relative_time(task.created_at))


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
    named = _named_model(task.request.prompt) or _named_model(task.result.final_prompt)
    if named is None:
        bot_type = task.request.option("bot_type")
        return _name(bot_type, t) if bot_type else None
    return " ".join(part for part in (_name(named.bot_type, t), named.version) if part)


class _NamedModel(NamedTuple):
    """The model that a prompt names, and its version as it is shown."""

    bot_type: BotType
    version: str


@functools.lru_cache(maxsize=_REMEMBERED_PROMPTS)
def _named_model(prompt: str) -> _NamedModel | None:
    if "-" not in prompt:
        return None
    flag = next((flag for flag in reversed(parse(prompt).flags) if flag.family == VERSION), None)
    if flag is None or flag.bot_type is None:
        return None
    found = flag.known.value.match(flag.value) if flag.known else None
    # A version is a number, so it contains no Markdown. A permutation names several versions, so none is shown.
    version = found[0][:MAX_VERSION] if found and not found[0].startswith("{") else ""
    return _NamedModel(flag.bot_type, version)


def _name(bot_type: str, t: Translator) -> str:
    return t("model.niji" if bot_type == BotType.NIJI else "model.midjourney")
