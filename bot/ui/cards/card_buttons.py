"""The buttons of a card: which a task has, and in which rows and pages. Pure.

The service's buttons are grouped by kind, in its order within a kind, on as many pages as needed. A kind is split over
two rows only if it has more buttons than fit in one row. A phone shows a row on several lines. A button of
no kind is placed where it needs no further line there, as far as the width of its label can be estimated.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import discord

from bot.discord_api.errors import MessagePart
from bot.engines.emoji import KEYCAP
from bot.engines.models import ButtonGroup
from bot.i18n import Translator
from bot.tasks.request_prompts import is_improvable, is_typed
from bot.ui.components import message_components
from bot.ui.components.custom_ids import LIKE_PATTERN, WRITING_PATTERN, LikeId, Writing, WritingId
from bot.ui.components.dynamic_items import LIKE_EMOJI, VARIANTS_EMOJI
from bot.ui.components.markdown import sanitize_line, truncate
from bot.ui.components.message_components import (
    ACTION_PATTERN,
    CONTROL_PATTERN,
    MAX_LABEL,
    MAX_ROW,
    PRIMARY,
    SECONDARY,
    ActionId,
    Component,
    Control,
    ControlId,
    checked,
    label_of,
)
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

Row = list[Component]
Buttons = Sequence[StoredButton]

_CONTROL_EMOJI = {Control.CANCEL: "✖️", Control.EDIT: "✏️", Control.POST: "📣"}
# Discord's styles of buttons that a service may choose. Style 1 marks a button as used already, 5 is a link
# (docs/image-api.md#button-entries).
_STYLES = frozenset(
    style.value for style in (discord.ButtonStyle.primary, discord.ButtonStyle.success, discord.ButtonStyle.danger)
)
# Rows per page. With several pages, one of these rows holds the page buttons.
ROWS = 5
# Estimated measures on a phone 360 pixels wide, in CSS pixels. A button with an emoji has the padding and the emoji
# in addition to its label.
_LINE, _GAP, _LEAST = 290, 8, 60
_AROUND_LABEL, _CHARACTER = 48, 7
# Kinds in display order. Buttons of any other kind come last.
_KINDS: tuple[str, ...] = (
    ButtonGroup.UPSCALE,
    ButtonGroup.VARY,
    ButtonGroup.EDIT,
    ButtonGroup.REGION,
    ButtonGroup.ZOOM,
    ButtonGroup.PAN,
    ButtonGroup.ANIMATE,
)
_PLACES = {kind: place for place, kind in enumerate(_KINDS)}
# Of how many rows the number of lines is remembered, which takes about 0.2 MB. Most cards have rows of the same labels.
_REMEMBERED_ROWS = 500


class CardOptions(NamedTuple):
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


def button_rows(task: Task, look: CardOptions, original: str | None, t: Translator) -> list[Row]:
    """The rows of a card's buttons. `original`: the URL of the original image or video, if it may be shown."""
    if MessagePart.BUTTONS in look.without:
        return []
    pages = button_pages(look.buttons)
    page = min(look.page, len(pages) - 1)
    plain = MessagePart.EMOJI in look.without
    rows = [
        [_action_button(task.id, entry, plain=plain, used=entry.custom_id in look.used) for entry in row]
        for row in pages[page]
    ]
    engines = len(rows)
    if len(pages) > 1:
        rows.append(_turners(task, page, len(pages), t))
    controls = _controls(task, look, t)
    if controls:
        rows.append(controls)
    for button in _continue(task, look, t):
        _add_last(rows, button, beside_controls=bool(controls), spare=-WITHOUT_EMOJI)
    if original:
        link = message_components.link_button(original, t("button.original"))
        if controls or not _fills_phone(rows, link, look):
            _add_last(rows, link, beside_controls=bool(controls))
    for button in (*_improving(task, look, t), *_comparing(task, look, t)):
        if not controls:
            _add_if_room(rows, button, engines)
        elif len(rows[-1]) < MAX_ROW:
            rows[-1].append(button)
    return rows


def _fills_phone(rows: Sequence[Row], link: Component, look: CardOptions) -> bool:
    """Whether the card takes no further line of buttons on a phone, because *Continue with…* needed the last one."""
    if not look.can_continue:
        return False
    labels = _labels(rows)
    return row_with_free_line(labels, [label_of(link)]) is None and phone_lines(labels) >= FULL_LINES


def _add_last(rows: list[Row], button: Component, *, beside_controls: bool, spare: int = 0) -> None:
    """Adds the button to the controls, or to the last row where it needs no further line on a phone, else as a row of
    its own."""
    found = 0 if beside_controls else row_with_free_line(_labels(rows), [label_of(button)], spare=spare)
    if found is None:
        rows.append([button])
    else:
        rows[-1 - found].append(button)


def _add_if_room(rows: list[Row], button: Component, engines: int) -> None:
    """Adds a button that other places have as well, if a phone has room for it. `engines`: how many of the rows, from
    the first, have the engine's buttons."""
    labels = _labels(rows)
    found = row_with_free_line(labels, [label_of(button)], spare=SPARE)
    if found is None and phone_lines(labels) <= MOST_LINES:
        # A phone breaks the line anyway, and on a wider screen all of them are in one.
        if len(rows) == engines or len(rows[-1]) >= MAX_ROW:
            rows.append([])
        found = 0
    if found is not None:
        rows[-1 - found].append(button)


def _improving(task: Task, look: CardOptions, t: Translator) -> Sequence[Component]:
    ended = task.state is TaskState.SUCCESS or TASK_STATES[task.state].retryable
    if not (look.improves and ended and is_improvable(task)):
        return ()
    custom_id = WritingId(Writing.TASK_VARIANTS, task.id).button_custom_id()
    return (message_components.button(checked(WRITING_PATTERN, custom_id), t("button.improve"), VARIANTS_EMOJI),)


def _comparing(task: Task, look: CardOptions, t: Translator) -> Sequence[Component]:
    if not (look.compares and task.state is TaskState.SUCCESS and look.files):
        return ()
    custom_id = checked(LIKE_PATTERN, LikeId(task.id).custom_id())
    return (message_components.button(custom_id, t("button.like"), LIKE_EMOJI),)


def _labels(rows: Sequence[Row]) -> list[list[str]]:
    """The labels of the rows, the last row first."""
    return [[label_of(button) for button in row] for row in reversed(rows)]


def _action_button(task_id: TaskId, entry: StoredButton, *, plain: bool, used: bool) -> Component:
    label, emoji = _caption(entry, plain=plain)
    style = entry.style if entry.style in _STYLES else SECONDARY
    if used:
        style = PRIMARY
        label = truncate(f"{PRESSED}{label or ''}", MAX_LABEL).strip()
    custom_id = checked(ACTION_PATTERN, ActionId.of(task_id, entry).button_custom_id())
    return message_components.button(custom_id, label, emoji, style=style)


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


def _turners(task: Task, page: int, count: int, t: Translator) -> Row:
    last = count - 1
    turners = []
    if page > 0:
        turners.append(_control(ControlId(task.id, Control.PAGE, page - 1), t("button.back"), "◀️"))
    here = t("button.page", page=page + 1, pages=count)
    turners.append(_control(ControlId(task.id, Control.PAGE_LABEL), here, disabled=True))
    if page < last:
        turners.append(_control(ControlId(task.id, Control.PAGE, page + 1), t("button.next"), "▶️"))
    return turners


def _controls(task: Task, look: CardOptions, t: Translator) -> Row:
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
    return [_control(ControlId(task.id, each), t(f"button.{each}"), _CONTROL_EMOJI.get(each, "🔁")) for each in wanted]


def _continue(task: Task, look: CardOptions, t: Translator) -> Sequence[Component]:
    shown = look.can_continue and task.state is TaskState.SUCCESS
    return (_control(ControlId(task.id, Control.CONTINUE), t("button.go_on")),) if shown else ()


def _control(key: ControlId, label: str, emoji: str | None = None, *, disabled: bool = False) -> Component:
    custom_id = checked(CONTROL_PATTERN, key.button_custom_id())
    return message_components.button(custom_id, label, emoji, disabled=disabled)


def button_pages(buttons: Buttons) -> Sequence[Sequence[Buttons]]:
    """The pages, each a list of rows. Without buttons: one page without rows."""
    rows = _grouped(buttons)
    if len(rows) <= ROWS:
        return [rows]
    on_page = ROWS - 1
    return [rows[start : start + on_page] for start in range(0, len(rows), on_page)]


def row_with_free_line(rows: Sequence[Sequence[str]], more: Sequence[str], *, spare: int = 0) -> int | None:
    """The index of the first row, given by its labels, that takes further labels without another line on a phone.
    `spare`: pixels of a line that have to stay free, because labels may be wider than estimated."""
    return next((index for index, row in enumerate(rows) if _takes(row, more, spare)), None)


def phone_lines(rows: Sequence[Sequence[str]]) -> int:
    """On how many lines a phone shows these rows, given by their labels."""
    return sum(_lines((*row,)) for row in rows)


def _takes(row: Sequence[str], more: Sequence[str], spare: int = 0) -> bool:
    return len(row) + len(more) <= MAX_ROW and _lines((*row, *more), spare) == _lines((*row,))


@functools.lru_cache(maxsize=_REMEMBERED_ROWS)
def _lines(labels: tuple[str, ...], spare: int = 0) -> int:
    lines, room = 0, 0
    for label in labels:
        width = max(_LEAST, _AROUND_LABEL + _CHARACTER * _columns(label)) + _GAP
        if width > room:
            lines, room = lines + 1, _LINE + _GAP - spare
        room -= width
    return lines


def _columns(label: str) -> int:
    if label.isascii():
        return len(label)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in label)


def _grouped(buttons: Buttons) -> list[list[StoredButton]]:
    """One row per kind while rows are free. The remaining buttons go into a row that has room for them."""
    *kinds, rest = _by_kind(buttons)
    parts = _parts(kinds)
    rows = parts[:ROWS]
    for part in (*parts[ROWS:], *_parts([rest])):
        row = _with_room(rows, part)
        if row is None:
            rows.append(part)
        else:
            row.extend(part)
    return rows


def _with_room(rows: list[list[StoredButton]], part: list[StoredButton]) -> list[StoredButton] | None:
    free = row_with_free_line([[*map(_shown_label, row)] for row in rows], [*map(_shown_label, part)])
    if free is not None:
        return rows[free]
    return next((row for row in rows if len(row) + len(part) <= MAX_ROW), None)


def _shown_label(button: StoredButton) -> str:
    """The label under which a button is shown."""
    return (button.label or button.name)[:MAX_LABEL]


def _parts(kinds: Iterable[list[StoredButton]]) -> list[list[StoredButton]]:
    """Splits the buttons of each kind into chunks of at most one row."""
    return [kind[start : start + MAX_ROW] for kind in kinds for start in range(0, len(kind), MAX_ROW)]


def _by_kind(buttons: Buttons) -> list[list[StoredButton]]:
    by_kind: list[list[StoredButton]] = [[] for _ in range(len(_KINDS) + 1)]
    for button in buttons:
        by_kind[_PLACES.get(button.group, len(_KINDS))].append(button)
    return by_kind
