"""Builds the message that shows a task: a Components V2 layout. Pure: no I/O, no state."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.discord_api.errors import MessagePart
from bot.engines.emoji import KEYCAP
from bot.i18n import Translator
from bot.media.public_links import public_link
from bot.tasks.request_preparation import is_improvable, is_typed
from bot.ui.cards import card_text
from bot.ui.cards.button_rows import button_pages, phone_lines, row_with_free_line
from bot.ui.cards.file_names import sorted_files
from bot.ui.cards.labels import result_alts, source_alts
from bot.ui.components.custom_ids import ActionId, Control, ControlId, LikeId, Writing, WritingId
from bot.ui.components.dynamic_items import ActionButton, ControlButton, LikeButton, WritingButton
from bot.ui.components.limits import MAX_LABEL, MAX_ROW, CheckedLayout
from bot.ui.components.markdown import sanitize_line, truncate
from storage import TASK_STATES, StoredButton, Task, TaskId, TaskState

# Prefix for the label of a button that was used. A color alone is not accessible to everyone.
PRESSED = "✓ "

# The lines of buttons on a phone up to which a card takes one more for a button that other places have as well.
MOST_LINES = 6
# The lines of buttons that fill a phone together with a square image. Then the link to the original is in the text.
FULL_LINES = 10
# Pixels by which a button without an emoji is narrower.
WITHOUT_EMOJI = 16
# Pixels of a line that such a button leaves free.
SPARE = 16

# How many cards' pages of buttons and how many rows are remembered, which takes about four megabytes.
_REMEMBERED_PAGES, _REMEMBERED_ROWS = 500, 1_500

Row = discord.ui.ActionRow[Any]
Link = discord.ui.Button[Any]
Button = ActionButton | ControlButton | LikeButton | WritingButton | Link

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
_CONTROL_EMOJI = {Control.CANCEL: "✖️", Control.EDIT: "✏️", Control.POST: "📣"}
# The service's style 1 marks a button as used already, 5 is a link (docs/image-api.md#button-entries).
_STYLES = {
    1: discord.ButtonStyle.primary,
    3: discord.ButtonStyle.success,
    4: discord.ButtonStyle.danger,
}


@dataclass(frozen=True, slots=True)
class CardOptions:
    """How a message shows its task.

    `files`: names of the attached images. `used`: customIds of the buttons that were used. `page`: page of buttons,
    from 0. `trouble`: a text about a problem with the images. `notes`: further texts about this message. `cancellable`:
    the image service can still cancel the task. `usual_seconds`: usual duration of a similar task. `without`: parts
    that Discord rejects. `buttons`: the buttons of the task that can succeed. `preview`: the card is private, and its
    reader can post it. `can_continue`: another engine can begin with the image. `improves`: a model can improve
    prompts. `compares`: images like this one can be found by meaning.
    """

    files: Sequence[str] = ()
    used: frozenset[str] = frozenset()
    page: int = 0
    trouble: str | None = None
    notes: Sequence[str] = ()
    cancellable: bool = False
    usual_seconds: float | None = None
    without: frozenset[MessagePart] = frozenset()
    buttons: Sequence[StoredButton] = ()
    preview: bool = False
    can_continue: bool = False
    improves: bool = False
    compares: bool = False


def card(task: Task, look: CardOptions, t: Translator) -> discord.ui.LayoutView:
    """The message for a task. It respects all of Discord's limits, whatever the image service sent."""
    view = CheckedLayout()
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=_COLOURS.get(task.state, _RUNNING_COLOUR))
    rows = _rows(task, look, t)
    container.add_item(discord.ui.TextDisplay(_words(task, look, t) + _link_in_text(task, look, rows, t)))
    files = sorted_files(look.files)
    spoken = MessagePart.WORDS not in look.without
    if files.media:
        container.add_item(_gallery(task, files.media, result_alts(task, files.media, t) if spoken else ()))
    if files.sources:
        container.add_item(_gallery(task, files.sources, source_alts(task, len(files.sources), t) if spoken else ()))
    for name in files.others:
        container.add_item(discord.ui.File(f"attachment://{name}", spoiler=task.request.spoiler))
    view.add_item(container)
    # Outside the container, whose padding would take so much of a phone's width that most buttons get a line each.
    for row in rows:
        view.add_item(Row(*row))
    return view


def _words(task: Task, look: CardOptions, t: Translator) -> str:
    wordless = MessagePart.WORDS in look.without
    state = card_text.with_usual(card_text.state(task, t), look.usual_seconds, t)
    said = [card_text.wordless(task, t)] if wordless else [state, card_text.remarks(task, t)]
    parts = [card_text.title(task, t, wordless=wordless), *said, look.trouble, *look.notes]
    return "\n\n".join(part for part in parts if part)


def _gallery(task: Task, files: Sequence[str], alts: Sequence[str]) -> discord.ui.MediaGallery[Any]:
    gallery: discord.ui.MediaGallery[Any] = discord.ui.MediaGallery()
    for name, alt in itertools.zip_longest(files, alts):
        gallery.add_item(media=f"attachment://{name}", description=alt, spoiler=task.request.spoiler)
    return gallery


def _rows(task: Task, look: CardOptions, t: Translator) -> list[Sequence[Button]]:
    if MessagePart.BUTTONS in look.without:
        return []
    pages = _pages(tuple(look.buttons))
    page = min(look.page, len(pages) - 1)
    rows: list[Sequence[Button]] = [_action_row(task.id, row, look) for row in pages[page]]
    if len(pages) > 1:
        rows.append(_turners(task, page, len(pages), t))
    controls = _controls(task, look, t)
    if controls:
        rows.append(controls)
    for button in _continue(task, look, t):
        _add_last(rows, button, beside_controls=bool(controls), spare=-WITHOUT_EMOJI)
    for link in _original(task, t):
        if controls or not _fills_phone(rows, link, look):
            _add_last(rows, link, beside_controls=bool(controls))
    for improving in _improving(task, look, t):
        _add_if_room(rows, improving, beside_controls=bool(controls))
    for comparing in _comparing(task, look, t):
        _add_if_room(rows, comparing, beside_controls=bool(controls))
    return rows


def _fills_phone(rows: Sequence[Sequence[Button]], link: Link, look: CardOptions) -> bool:
    """Whether the card takes no further line of buttons on a phone, because *Continue with…* needed the last one."""
    labels = _labels(rows)
    free = row_with_free_line(labels, [_label(link)])
    return look.can_continue and free is None and phone_lines(labels) >= FULL_LINES


def _link_in_text(task: Task, look: CardOptions, rows: Sequence[Sequence[Button]], t: Translator) -> str:
    """The link to the original in small print, if there is no button for it."""
    shown = any(isinstance(button, discord.ui.Button) for row in rows for button in row)
    links = [] if shown or MessagePart.BUTTONS in look.without else _original(task, t)
    return "".join(f"\n-# [{link.label}]({link.url})" for link in links)


def _add_last(rows: list[Sequence[Button]], button: Button, *, beside_controls: bool, spare: int = 0) -> None:
    """Adds the button to the controls, or to the last row where it needs no further line on a phone, else as a row of
    its own."""
    found = 0 if beside_controls else row_with_free_line(_labels(rows), [_label(button)], spare=spare)
    if found is None:
        rows.append([button])
    else:
        rows[-1 - found] = [*rows[-1 - found], button]


def _add_if_room(rows: list[Sequence[Button]], button: Button, *, beside_controls: bool) -> None:
    """Adds a button that other places have as well, if a phone has room for it."""
    if beside_controls:
        found = 0 if len(rows[-1]) < MAX_ROW else None
    else:
        found = row_with_free_line(_labels(rows), [_label(button)], spare=SPARE)
        if found is None and phone_lines(_labels(rows)) <= MOST_LINES:
            # A phone breaks the line anyway, and on a wider screen all of them are in one.
            if not _has_only_controls(rows):
                rows.append([])
            found = 0
    if found is not None:
        rows[-1 - found] = [*rows[-1 - found], button]


def _has_only_controls(rows: Sequence[Sequence[Button]]) -> bool:
    """Whether the last row has room and none of the engine's buttons."""
    return bool(rows) and len(rows[-1]) < MAX_ROW and not any(isinstance(each, ActionButton) for each in rows[-1])


def improve_button(task_id: TaskId, t: Translator) -> WritingButton:
    """The button that asks a model for variants of a task's prompt."""
    return WritingButton.make(WritingId(Writing.TASK_VARIANTS, task_id), label=t("button.improve"), emoji="✨")


def _improving(task: Task, look: CardOptions, t: Translator) -> Sequence[WritingButton]:
    ended = task.state is TaskState.SUCCESS or TASK_STATES[task.state].retryable
    return [improve_button(task.id, t)] if look.improves and ended and is_improvable(task) else []


def _comparing(task: Task, look: CardOptions, t: Translator) -> Sequence[LikeButton]:
    shown = look.compares and task.state is TaskState.SUCCESS and bool(look.files)
    return [LikeButton.make(LikeId(task.id), label=t("button.like"))] if shown else []


def _labels(rows: Sequence[Sequence[Button]]) -> list[list[str]]:
    """The labels of the rows, the last row first."""
    return [[*map(_label, row)] for row in reversed(rows)]


def _label(button: Button) -> str:
    shown = button if isinstance(button, discord.ui.Button) else button.item
    return shown.label or ""


@functools.lru_cache(maxsize=_REMEMBERED_PAGES)
def _pages(entries: tuple[StoredButton, ...]) -> list[list[Sequence[StoredButton]]]:
    return button_pages(entries)


def _action_row(task_id: TaskId, row: Sequence[StoredButton], look: CardOptions) -> list[ActionButton]:
    # A card is built again whenever one of its buttons was used, and all its other rows look as before.
    used = frozenset(entry.custom_id for entry in row if entry.custom_id in look.used)
    faces = _faces(task_id, tuple(row), used, plain=MessagePart.EMOJI in look.without)
    return [ActionButton.make(face.key, label=face.label, emoji=face.emoji, style=face.style) for face in faces]


@dataclass(frozen=True, slots=True)
class _Face:
    """How a button looks, and its id."""

    key: ActionId
    label: str | None
    emoji: str | None
    style: discord.ButtonStyle


@functools.lru_cache(maxsize=_REMEMBERED_ROWS)
def _faces(task_id: TaskId, row: tuple[StoredButton, ...], used: frozenset[str], *, plain: bool) -> tuple[_Face, ...]:
    return tuple(_face(task_id, entry, plain=plain, used=entry.custom_id in used) for entry in row)


def _face(task_id: TaskId, entry: StoredButton, *, plain: bool, used: bool) -> _Face:
    label, emoji = _caption(entry, plain=plain)
    style = _STYLES.get(entry.style, discord.ButtonStyle.secondary)
    if used:
        style = discord.ButtonStyle.primary
        label = truncate(f"{PRESSED}{label or ''}", MAX_LABEL).strip()
    return _Face(ActionId.of(task_id, entry), label, emoji, style)


def _caption(entry: StoredButton, *, plain: bool) -> tuple[str | None, str | None]:
    """The label and emoji of a button. `plain`: without emoji.

    They are a button's only accessible name, and a screen reader reads an emoji by its Unicode name. Therefore every
    button has a label, unless its emoji is a number.
    """
    emoji = None if plain else entry.emoji or None
    label = truncate(sanitize_line(entry.label), MAX_LABEL)
    if not label and emoji and emoji.endswith(KEYCAP):
        return None, emoji
    return label or truncate(entry.name, MAX_LABEL), emoji


def _turners(task: Task, page: int, count: int, t: Translator) -> Sequence[ControlButton]:
    last = count - 1
    here = t("button.page", page=page + 1, pages=last + 1)
    back = ControlId(task.id, Control.PAGE, max(0, page - 1))
    on = ControlId(task.id, Control.PAGE, min(last, page + 1))
    turners = []
    if page > 0:
        turners.append(ControlButton.make(back, label=t("button.back"), emoji="◀️"))
    turners.append(ControlButton.make(ControlId(task.id, Control.PAGE_LABEL), label=here, disabled=True))
    if page < last:
        turners.append(ControlButton.make(on, label=t("button.next"), emoji="▶️"))
    return turners


def _controls(task: Task, look: CardOptions, t: Translator) -> Sequence[ControlButton]:
    wanted: list[Control] = []
    if task.state is TaskState.STALLED:
        wanted.append(Control.LOOK_AGAIN)
    if task.state is TaskState.SUCCESS and look.trouble:
        wanted.append(Control.FETCH_AGAIN)
    if TASK_STATES[task.state].retryable:
        wanted.append(Control.TRY_AGAIN)
        if is_typed(task.request):
            wanted.append(Control.EDIT)
    if look.preview:
        wanted.append(Control.POST)
    if task.state is TaskState.QUEUED or (
        TASK_STATES[task.state].polled and look.cancellable and not task.result.missing
    ):
        wanted.append(Control.CANCEL)
    return [_control(task, control, t) for control in wanted]


def _continue(task: Task, look: CardOptions, t: Translator) -> Sequence[ControlButton]:
    shown = look.can_continue and task.state is TaskState.SUCCESS
    return [ControlButton.make(ControlId(task.id, Control.CONTINUE), label=t("button.go_on"))] if shown else []


def _original(task: Task, t: Translator) -> Sequence[Link]:
    """A link to the original image or video, if its URL may be shown."""
    clips = [video.url for video in task.result.videos]
    made = clips[0] if len(clips) == 1 else task.result.image_url if not clips else None
    link = public_link(made) if made and task.state is TaskState.SUCCESS else None
    return [discord.ui.Button(style=discord.ButtonStyle.link, url=link, label=t("button.original"))] if link else []


def _control(task: Task, control: Control, t: Translator) -> ControlButton:
    emoji = _CONTROL_EMOJI.get(control, "🔁")
    return ControlButton.make(ControlId(task.id, control), label=t(f"button.{control}"), emoji=emoji)
