"""The list of tasks: a page of them with a button each, a choice of which, and buttons to turn the pages. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord

from bot.texts import say
from bot.ui.cards.labels import headline, made_by
from bot.ui.components import timestamps
from bot.ui.components.custom_ids import Control, ControlId, ListControl, ListId, ListScope, TaskFilter
from bot.ui.components.dynamic_items import ControlButton, ListItem
from bot.ui.components.markdown import escape_markdown
from bot.ui.panels.draft_select import draft_select
from bot.ui.panels.thumbnails import with_thumbnail
from storage import SEARCHED, Draft, Task, TaskId, TaskState

# A task takes five components (its section, the text, the thumbnail, a row, the button); with five of them and all else
# that a page may hold, 36 of Discord's 40 are used.
PAGE = 5
MAX_PAGES = 250
MAX_HEADLINE = 160
COLOUR = 0x5865F2

STATES: Mapping[TaskFilter, tuple[TaskState, ...]] = {
    TaskFilter.ANY: (),
    TaskFilter.RUNNING: (TaskState.QUEUED, TaskState.AWAITING_CONFIRMATION, TaskState.PENDING, TaskState.RUNNING),
    TaskFilter.DONE: (TaskState.SUCCESS,),
    TaskFilter.FAILED: (TaskState.FAILURE, TaskState.UNKNOWN, TaskState.STALLED, TaskState.CANCELLED),
}


@dataclass(frozen=True, slots=True)
class TaskPage:
    """What a page holds. `pages`: how many there are. `searched_all`: words were looked for in all tasks, not only in
    the newest. `links` lead to tasks' messages, `thumbnails` are JPEGs; `drafts` are the reader's own."""

    tasks: Sequence[Task]
    pages: int
    searched_all: bool = True
    links: Mapping[TaskId, str] = field(default_factory=dict)
    thumbnails: Mapping[TaskId, bytes] = field(default_factory=dict)
    drafts: Sequence[Draft] = ()


def task_list(page: TaskPage, key: ListId, locale: str | None) -> discord.ui.LayoutView:
    """The panel for a page of what `key` asks for."""
    view = discord.ui.LayoutView(timeout=None)
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=COLOUR)
    container.add_item(discord.ui.TextDisplay(_title(key, locale)))
    for task in page.tasks:
        for item in _entry(task, key, page, locale):
            container.add_item(item)
    if not page.tasks:
        container.add_item(discord.ui.TextDisplay(say("list.empty", locale)))
    if not page.searched_all:
        container.add_item(discord.ui.TextDisplay(say("list.newest_searched", locale, count=f"{SEARCHED:,}")))
    container.add_item(discord.ui.ActionRow(_kinds(key, locale)))
    if page.pages > 1:
        container.add_item(discord.ui.ActionRow(*_turners(key, page.pages, locale)))
    if page.drafts:
        container.add_item(draft_select(page.drafts, locale))
    view.add_item(container)
    return view


def state_words(task: Task, locale: str | None = None) -> str:
    """How a task stands, in a word or two."""
    if task.deleted_at is not None:
        return say("state.deleted", locale)
    name = say(f"state.{task.state}", locale)
    return f"{name} {task.progress}%" if task.state is TaskState.RUNNING and task.progress else name


def _title(key: ListId, locale: str | None) -> str:
    name = "list.everybodys" if key.scope is ListScope.EVERYBODYS else "list.own"
    title = f"## {say(name, locale)}"
    return title + "\n" + say("list.words", locale, words=escape_markdown(key.words, 100)) if key.words else title


def _entry(task: Task, key: ListId, page: TaskPage, locale: str | None) -> Iterator[discord.ui.Item[Any]]:
    facts = [
        f"**{escape_markdown(made_by(task.request), 80)}**",
        state_words(task, locale),
        timestamps.relative(task.created_at),
    ]
    if key.scope is ListScope.EVERYBODYS:
        facts.append(f"<@{task.owner_id}>")
    facts.append(f"`{task.id}`")
    if link := page.links.get(task.id):
        jump = say("list.jump", locale)
        facts.append(f"[{jump}]({link})")
    text = f"{escape_markdown(headline(task), MAX_HEADLINE)}\n-# {' · '.join(facts)}"
    yield with_thumbnail(text, task, page.thumbnails)
    deleted = task.deleted_at is not None
    show = ControlButton.make(ControlId(task.id, Control.SHOW), label=say("button.show", locale), disabled=deleted)
    yield discord.ui.ActionRow(show)


def _kinds(key: ListId, locale: str | None) -> ListItem:
    options = [
        discord.SelectOption(label=say(f"list.kind.{kind}", locale), value=kind, default=kind is key.kind)
        for kind in TaskFilter
    ]
    select: discord.ui.Select[Any] = discord.ui.Select(options=options)
    return ListItem.make(ListId(key.scope, ListControl.KIND, 0, key.kind, key.words), select)


def _turners(key: ListId, pages: int, locale: str | None) -> list[ListItem]:
    def turner(part: ListControl, page: int, **looks: Any) -> ListItem:
        return ListItem.make(ListId(key.scope, part, page, key.kind, key.words), discord.ui.Button(**looks))

    here = say("button.page", locale, page=key.page + 1, pages=pages)
    return [
        turner(
            ListControl.BACK, max(0, key.page - 1), label=say("button.back", locale), emoji="◀️", disabled=key.page == 0
        ),
        turner(ListControl.PAGE_LABEL, key.page, label=here, disabled=True),
        turner(
            ListControl.ON,
            min(MAX_PAGES - 1, key.page + 1),
            label=say("button.next", locale),
            emoji="▶️",
            disabled=key.page + 1 >= pages,
        ),
    ]
