"""The task list: a page of tasks with a button each, a filter, and buttons to change the page. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord

from bot.i18n import Translator
from bot.ui.cards.card import headline, made_by
from bot.ui.components.custom_ids import ListControl, ListId, ListScope, TaskFilter
from bot.ui.components.dynamic_items import ControlButton, ListItem
from bot.ui.components.markdown import escape_markdown, relative_time
from bot.ui.components.message_components import CheckedLayout, Control, ControlId
from bot.ui.panels.draft_select import draft_select
from bot.ui.panels.thumbnails import with_thumbnail
from storage import SEARCHED, Draft, Task, TaskId, TaskState

# A task takes five components (section, text, thumbnail, row, button). Five tasks and everything else on a page take 36
# of the 40 components that Discord allows.
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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TaskPage:
    """The content of a page. `pages`: number of pages. `searched_all`: all tasks were searched, not only the newest.
    `links`: URLs of the tasks' messages. `thumbnails`: JPEGs. `drafts`: the reader's own drafts."""

    tasks: Sequence[Task]
    pages: int
    searched_all: bool = True
    links: Mapping[TaskId, str] = field(default_factory=dict)
    thumbnails: Mapping[TaskId, bytes] = field(default_factory=dict)
    drafts: Sequence[Draft] = ()


def task_list(page: TaskPage, key: ListId, t: Translator) -> discord.ui.LayoutView:
    """The panel for the page that `key` selects."""
    view = CheckedLayout()
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=COLOUR)
    container.add_item(discord.ui.TextDisplay(_title(key, t)))
    for task in page.tasks:
        for item in _entry(task, key, page, t):
            container.add_item(item)
    if not page.tasks:
        container.add_item(discord.ui.TextDisplay(t("list.empty")))
    if not page.searched_all:
        container.add_item(discord.ui.TextDisplay(t("list.newest_searched", count=f"{SEARCHED:,}")))
    container.add_item(discord.ui.ActionRow(_kinds(key, t)))
    if page.pages > 1:
        container.add_item(discord.ui.ActionRow(*_turners(key, page.pages, t)))
    if page.drafts:
        container.add_item(draft_select(page.drafts, t))
    view.add_item(container)
    return view


def state_words(task: Task, t: Translator) -> str:
    """A task's state in one or two words."""
    if task.deleted_at is not None:
        return t("state.deleted")
    name = t(f"state.{task.state}")
    return f"{name} {task.progress}%" if task.state is TaskState.RUNNING and task.progress else name


def _title(key: ListId, t: Translator) -> str:
    name = "list.everybodys" if key.scope is ListScope.EVERYBODYS else "list.own"
    title = f"## {t(name)}"
    return title + "\n" + t("list.words", words=escape_markdown(key.words, 100, t)) if key.words else title


def _entry(task: Task, key: ListId, page: TaskPage, t: Translator) -> Iterator[discord.ui.Item[Any]]:
    facts = [
        f"**{escape_markdown(made_by(task.request, t), 80, t)}**",
        state_words(task, t),
        relative_time(task.created_at),
    ]
    if key.scope is ListScope.EVERYBODYS:
        facts.append(f"<@{task.owner_id}>")
    facts.append(f"`{task.id}`")
    if link := page.links.get(task.id):
        jump = t("list.jump")
        facts.append(f"[{jump}]({link})")
    text = f"{escape_markdown(headline(task, t), MAX_HEADLINE, t)}\n-# {' · '.join(facts)}"
    yield with_thumbnail(text, task, page.thumbnails, t)
    deleted = task.deleted_at is not None
    show = ControlButton.make(ControlId(task.id, Control.SHOW), label=t("button.show"), disabled=deleted)
    yield discord.ui.ActionRow(show)


def _kinds(key: ListId, t: Translator) -> ListItem:
    options = [
        discord.SelectOption(label=t(f"list.kind.{kind}"), value=kind, default=kind is key.kind) for kind in TaskFilter
    ]
    select: discord.ui.Select[Any] = discord.ui.Select(options=options)
    return ListItem.make(ListId(key.scope, ListControl.KIND, 0, key.kind, key.words), select)


def _turners(key: ListId, pages: int, t: Translator) -> list[ListItem]:
    def turner(part: ListControl, page: int, **looks: Any) -> ListItem:
        return ListItem.make(ListId(key.scope, part, page, key.kind, key.words), discord.ui.Button(**looks))

    here = t("button.page", page=key.page + 1, pages=pages)
    return [
        turner(ListControl.BACK, max(0, key.page - 1), label=t("button.back"), emoji="◀️", disabled=key.page == 0),
        turner(ListControl.PAGE_LABEL, key.page, label=here, disabled=True),
        turner(
            ListControl.ON,
            min(MAX_PAGES - 1, key.page + 1),
            label=t("button.next"),
            emoji="▶️",
            disabled=key.page + 1 >= pages,
        ),
    ]
