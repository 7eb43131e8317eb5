"""From a task to the message that shows it: a Components V2 layout. Pure: no I/O, no memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.discord_errors import Part
from bot.midjourney import custom_ids
from bot.pictures.links import public_link
from bot.tasks.buttons import offered
from bot.texts import say
from bot.ui import status
from bot.ui.button import ActionButton, ControlButton
from bot.ui.keys import ActionKey, Control, ControlKey
from bot.ui.limits import check
from bot.ui.words import cut, one_line
from storage import StoredButton, Task, TaskState

ROW = 5
# Five full rows stand on one page; where there are more, one row turns the pages.
ONE_PAGE = 5 * ROW
PAGE = 4 * ROW
MAX_LABEL = 80
# Discord takes 1,024 characters of alt text (its OpenAPI description, MediaGalleryItemRequest).
MAX_ALT = 1_000

Row = discord.ui.ActionRow[Any]
Item = discord.ui.Item[Any]

_COLOURS = {
    TaskState.SUCCESS: 0x3BA55D,
    TaskState.FAILURE: 0xED4245,
    TaskState.REFUSED: 0xED4245,
    TaskState.CANCELLED: 0x80848E,
    TaskState.LOST: 0xFAA61A,
    TaskState.OVERDUE: 0xFAA61A,
    TaskState.SUBMITTING: 0xFAA61A,
}
_TRIED_AGAIN = (
    TaskState.FAILURE,
    TaskState.REFUSED,
    TaskState.CANCELLED,
    TaskState.LOST,
    TaskState.OVERDUE,
)
_STOPPED = (TaskState.PENDING, TaskState.RUNNING)
_RUNNING_COLOUR = 0x5865F2
_CONTROL_EMOJI = {Control.CANCEL: "✖️"}
# The service's style 1 marks a button as used already, 5 is a link (image API reference, 8.1).
_STYLES = {
    1: discord.ButtonStyle.primary,
    3: discord.ButtonStyle.success,
    4: discord.ButtonStyle.danger,
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a message shows its task: the names of the pictures attached to it, the buttons that were pressed, the
    page (from 0), what is wrong with the pictures, in words, what else there is to say of this message, whether the
    service could still stop the task, how many seconds one like it usually takes, and the parts that Discord does not
    take."""

    files: Sequence[str] = ()
    used: frozenset[str] = frozenset()
    page: int = 0
    trouble: str | None = None
    notes: Sequence[str] = ()
    cancellable: bool = False
    usual_seconds: float | None = None
    without: frozenset[Part] = frozenset()


def card(task: Task, look: Look) -> discord.ui.LayoutView:
    """The message for a task. What it holds never breaks a limit of Discord's, whatever the service has sent."""
    view = discord.ui.LayoutView(timeout=None)
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=_COLOURS.get(task.state, _RUNNING_COLOUR))
    container.add_item(discord.ui.TextDisplay(_words(task, look)))
    media = [name for name in look.files if not name.endswith(".txt")]
    if media:
        container.add_item(_gallery(task, media, look))
    for name in look.files:
        if name not in media:
            container.add_item(discord.ui.File(f"attachment://{name}", spoiler=task.request.spoiler))
    for row in _rows(task, look):
        container.add_item(row)
    view.add_item(container)
    check(view)
    return view


def pages(task: Task) -> int:
    """How many pages its buttons take."""
    count = len(offered(task))
    return 1 if count <= ONE_PAGE else -(-count // PAGE)


def _words(task: Task, look: Look) -> str:
    wordless = Part.WORDS in look.without
    state = status.with_usual(status.state(task), look.usual_seconds)
    said = [status.wordless(task)] if wordless else [state, status.remarks(task)]
    parts = [status.title(task, wordless=wordless), *said, look.trouble, *look.notes]
    return "\n\n".join(part for part in parts if part)


def _gallery(task: Task, files: Sequence[str], look: Look) -> discord.ui.MediaGallery[Any]:
    gallery: discord.ui.MediaGallery[Any] = discord.ui.MediaGallery()
    alt = None if Part.WORDS in look.without else cut(one_line(task.prompt), MAX_ALT) or None
    for name in files:
        gallery.add_item(media=f"attachment://{name}", description=alt, spoiler=task.request.spoiler)
    return gallery


def _rows(task: Task, look: Look) -> Iterator[Row]:
    if Part.BUTTONS in look.without:
        return
    buttons = offered(task)
    page = min(look.page, pages(task) - 1)
    if len(buttons) > ONE_PAGE:
        buttons = buttons[page * PAGE : (page + 1) * PAGE]
    for start in range(0, len(buttons), ROW):
        yield Row(*(_button(task, entry, look) for entry in buttons[start : start + ROW]))
    if pages(task) > 1:
        yield Row(*_turners(task, page))
    if controls := [*_controls(task, look), *_original(task)]:
        yield Row(*controls)


def _button(task: Task, entry: StoredButton, look: Look) -> ActionButton:
    label = cut(one_line(entry.label), MAX_LABEL) or None
    plain = Part.EMOJI in look.without
    emoji = None if plain else custom_ids.fitting_emoji(entry.emoji, entry.custom_id)
    if label is None and emoji is None:
        label = cut(custom_ids.default_label(entry.custom_id), MAX_LABEL)
    style = _STYLES.get(entry.style, discord.ButtonStyle.secondary)
    if entry.custom_id in look.used:
        style = discord.ButtonStyle.primary
    return ActionButton.make(ActionKey.of(task.id, entry.custom_id), label=label, emoji=emoji, style=style)


def _turners(task: Task, page: int) -> Sequence[ControlButton]:
    last = pages(task) - 1
    here = say("button.page", page=page + 1, pages=last + 1)
    back = ControlKey(task.id, Control.PAGE, max(0, page - 1))
    on = ControlKey(task.id, Control.PAGE, min(last, page + 1))
    turners = []
    if page > 0:
        turners.append(ControlButton.make(back, label=None, emoji="◀️"))
    turners.append(ControlButton.make(ControlKey(task.id, Control.HERE), label=here, disabled=True))
    if page < last:
        turners.append(ControlButton.make(on, label=None, emoji="▶️"))
    return turners


def _controls(task: Task, look: Look) -> Sequence[ControlButton]:
    wanted: list[Control] = []
    if task.state is TaskState.OVERDUE:
        wanted.append(Control.LOOK_AGAIN)
    if task.state is TaskState.SUCCESS and look.trouble:
        wanted.append(Control.FETCH_AGAIN)
    if task.state in _TRIED_AGAIN:
        wanted.append(Control.TRY_AGAIN)
    if task.state is TaskState.QUEUED or (task.state in _STOPPED and look.cancellable and not task.result.missing):
        wanted.append(Control.CANCEL)
    return [_control(task, control) for control in wanted]


def _original(task: Task) -> Iterator[discord.ui.Button[Any]]:
    """Leads to the picture or the clip as the service made it, where its address may be shown."""
    clips = [video.url for video in task.result.videos]
    made = clips[0] if len(clips) == 1 else task.result.image_url if not clips else None
    link = public_link(made) if made and task.state is TaskState.SUCCESS else None
    if link:
        yield discord.ui.Button(style=discord.ButtonStyle.link, url=link, label=say("button.original"))


def _control(task: Task, control: Control) -> ControlButton:
    emoji = _CONTROL_EMOJI.get(control, "🔁")
    return ControlButton.make(ControlKey(task.id, control), label=say(f"button.{control}"), emoji=emoji)
