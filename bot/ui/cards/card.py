"""Builds the message that shows a task: a Components V2 layout. Pure: no I/O, no state."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import discord

from bot.discord_api.errors import MessagePart
from bot.engines.buttons import KEYCAP
from bot.i18n import Translator
from bot.media.public_links import public_link
from bot.tasks.request_prompts import is_improvable, is_typed
from bot.ui.cards import card_text
from bot.ui.cards.button_rows import button_pages, phone_lines, row_with_free_line
from bot.ui.cards.card_attachments import sorted_files
from bot.ui.cards.labels import result_alts, source_alts
from bot.ui.components import component_payloads as payloads
from bot.ui.components.component_payloads import PRIMARY, SECONDARY, Component, PayloadLayout, label_of
from bot.ui.components.custom_ids import (
    ACTION_PATTERN,
    CONTROL_PATTERN,
    LIKE_PATTERN,
    WRITING_PATTERN,
    ActionId,
    Control,
    ControlId,
    LikeId,
    Writing,
    WritingId,
    checked,
)
from bot.ui.components.dynamic_items import LIKE_EMOJI, VARIANTS_EMOJI
from bot.ui.components.limits import MAX_LABEL, MAX_ROW
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

Row = list[Component]

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
# Discord's styles of buttons that a service may choose. Style 1 marks a button as used already, 5 is a link
# (docs/image-api.md#button-entries).
_STYLES = frozenset(
    style.value for style in (discord.ButtonStyle.primary, discord.ButtonStyle.success, discord.ButtonStyle.danger)
)


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


def card(task: Task, look: CardOptions, t: Translator) -> PayloadLayout:
    """The message for a task. It respects all of Discord's limits, whatever the image service sent."""
    original = _original(task)
    rows = _rows(task, look, original, t)
    parts = [payloads.text_display(_words(task, look, t) + _link_in_text(rows, look, original, t))]
    files = sorted_files(look.files)
    spoken = MessagePart.WORDS not in look.without
    if files.media:
        parts.append(_gallery(task, files.media, result_alts(task, files.media, t) if spoken else ()))
    if files.sources:
        parts.append(_gallery(task, files.sources, source_alts(task, len(files.sources), t) if spoken else ()))
    parts += [payloads.file(name, spoiler=task.request.spoiler) for name in files.others]
    container = payloads.container(parts, _COLOURS.get(task.state, _RUNNING_COLOUR))
    # Outside the container, whose padding would take so much of a phone's width that most buttons get a line each.
    return PayloadLayout([container, *map(payloads.action_row, rows)])


def _words(task: Task, look: CardOptions, t: Translator) -> str:
    wordless = MessagePart.WORDS in look.without
    state = card_text.with_usual(card_text.state(task, t), look.usual_seconds, t)
    said = [card_text.wordless(task, t)] if wordless else [state, card_text.remarks(task, t)]
    parts = [card_text.title(task, t, wordless=wordless), *said, look.trouble, *look.notes]
    return "\n\n".join([part for part in parts if part])


def _gallery(task: Task, files: Sequence[str], alts: Sequence[str]) -> Component:
    spoiler = task.request.spoiler
    named = itertools.zip_longest(files, alts)
    return payloads.media_gallery([payloads.gallery_item(name, alt, spoiler=spoiler) for name, alt in named])


def _rows(task: Task, look: CardOptions, original: str | None, t: Translator) -> list[Row]:
    if MessagePart.BUTTONS in look.without:
        return []
    pages = button_pages(look.buttons)
    page = min(look.page, len(pages) - 1)
    rows = [_action_row(task.id, row, look) for row in pages[page]]
    engines = len(rows)
    if len(pages) > 1:
        rows.append(_turners(task, page, len(pages), t))
    controls = _controls(task, look, t)
    if controls:
        rows.append(controls)
    for button in _continue(task, look, t):
        _add_last(rows, button, beside_controls=bool(controls), spare=-WITHOUT_EMOJI)
    if original:
        link = payloads.link_button(original, t("button.original"))
        if controls or not _fills_phone(rows, link, look):
            _add_last(rows, link, beside_controls=bool(controls))
    for button in (*_improving(task, look, t), *_comparing(task, look, t)):
        if controls:
            _add_to_last(rows, button)
        else:
            _add_if_room(rows, button, engines)
    return rows


def _fills_phone(rows: Sequence[Row], link: Component, look: CardOptions) -> bool:
    """Whether the card takes no further line of buttons on a phone, because *Continue with…* needed the last one."""
    if not look.can_continue:
        return False
    labels = _labels(rows)
    return row_with_free_line(labels, [label_of(link)]) is None and phone_lines(labels) >= FULL_LINES


def _link_in_text(rows: Sequence[Row], look: CardOptions, original: str | None, t: Translator) -> str:
    """The link to the original in small print, if there is no button for it."""
    if original is None or MessagePart.BUTTONS in look.without:
        return ""
    shown = any("url" in button for row in rows for button in row)
    return "" if shown else f"\n-# [{t('button.original')}]({original})"


def _add_last(rows: list[Row], button: Component, *, beside_controls: bool, spare: int = 0) -> None:
    """Adds the button to the controls, or to the last row where it needs no further line on a phone, else as a row of
    its own."""
    found = 0 if beside_controls else row_with_free_line(_labels(rows), [label_of(button)], spare=spare)
    if found is None:
        rows.append([button])
    else:
        rows[-1 - found].append(button)


def _add_to_last(rows: Sequence[Row], button: Component) -> None:
    if len(rows[-1]) < MAX_ROW:
        rows[-1].append(button)


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
    return (payloads.button(checked(WRITING_PATTERN, custom_id), t("button.improve"), VARIANTS_EMOJI),)


def _comparing(task: Task, look: CardOptions, t: Translator) -> Sequence[Component]:
    if not (look.compares and task.state is TaskState.SUCCESS and look.files):
        return ()
    custom_id = checked(LIKE_PATTERN, LikeId(task.id).custom_id())
    return (payloads.button(custom_id, t("button.like"), LIKE_EMOJI),)


def _labels(rows: Sequence[Row]) -> list[list[str]]:
    """The labels of the rows, the last row first."""
    return [[label_of(button) for button in row] for row in reversed(rows)]


def _action_row(task_id: TaskId, row: Sequence[StoredButton], look: CardOptions) -> Row:
    plain = MessagePart.EMOJI in look.without
    return [_action_button(task_id, entry, plain=plain, used=entry.custom_id in look.used) for entry in row]


def _action_button(task_id: TaskId, entry: StoredButton, *, plain: bool, used: bool) -> Component:
    label, emoji = _caption(entry, plain=plain)
    style = entry.style if entry.style in _STYLES else SECONDARY
    if used:
        style = PRIMARY
        label = truncate(f"{PRESSED}{label or ''}", MAX_LABEL).strip()
    custom_id = checked(ACTION_PATTERN, ActionId.of(task_id, entry).button_custom_id())
    return payloads.button(custom_id, label, emoji, style=style)


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
    return payloads.button(custom_id, label, emoji, disabled=disabled)


def _original(task: Task) -> str | None:
    """The URL of the original image or video, if it may be shown."""
    if task.state is not TaskState.SUCCESS:
        return None
    clips = [video.url for video in task.result.videos]
    made = clips[0] if len(clips) == 1 else task.result.image_url if not clips else None
    return public_link(made) if made else None
