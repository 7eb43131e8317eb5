"""The queue panel: tasks being generated, waiting tasks, and the user's own position. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord

from bot.i18n import Translator
from bot.ui.cards.card import headline
from bot.ui.components.custom_ids import ListControl, ListId, ListScope
from bot.ui.components.dynamic_items import ListItem
from bot.ui.components.markdown import escape_markdown, relative_time
from bot.ui.components.message_components import CheckedLayout
from bot.ui.panels.task_list import COLOUR, state_words
from storage import Task, TaskId, TaskState

# With the links to their messages, this many entries use three quarters of a message's text limit.
MAX_ENTRIES = 12
MAX_HEADLINE = 80


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Queue:
    """The tasks in the queue that a user may know of, oldest first.

    `working`: at the image service. `unsettled`: may or may not have reached the image service yet. `queued`: waiting
    in the bot's queue. `order`: the image service's ids of everything that waits there, including tasks of other users,
    the next one first; None if the service does not report it. `hidden`: tasks that are counted but not shown to this
    user. `links`: URLs of the tasks' messages.
    """

    working: Sequence[Task]
    unsettled: Sequence[Task]
    order: Sequence[str] | None
    hidden: Collection[TaskId] = ()
    queued: Sequence[Task] = ()
    links: Mapping[TaskId, str] = field(default_factory=dict)

    @property
    def drawing(self) -> list[Task]:
        """The tasks that the image service is generating."""
        waiting = self._waiting_ids()
        return [task for task in self.working if task.id not in waiting]

    @property
    def waiting(self) -> list[Task]:
        """The tasks that wait at the image service, the next one first."""
        waiting = self._waiting_ids()
        found = [task for task in self.working if task.id in waiting]
        return sorted(found, key=lambda task: (self.place(task) or 0, task.created_at))

    def place(self, task: Task) -> int | None:
        """1-based position of a waiting task in the image service's queue, as last reported. None if unknown."""
        if self.order is not None:
            return self.order.index(task.upstream_id) + 1 if task.upstream_id in self.order else None
        return task.queue_ahead + 1 if task.queue_ahead is not None else None

    def _waiting_ids(self) -> set[str]:
        return {task.id for task in self.working if task.state is not TaskState.RUNNING}


def queue_panel(queue: Queue, user_id: int, t: Translator) -> discord.ui.LayoutView:
    """The panel for a queue, as this user sees it."""
    view = CheckedLayout()
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=COLOUR)
    container.add_item(discord.ui.TextDisplay(_head(queue, user_id, t)))
    if lines := _lines(queue, t):
        container.add_item(discord.ui.TextDisplay("\n".join(lines)))
    again: discord.ui.Button[Any] = discord.ui.Button(label=t("button.refresh"), emoji="🔁")
    container.add_item(discord.ui.ActionRow(ListItem.make(ListId(ListScope.QUEUE, ListControl.AGAIN), again)))
    view.add_item(container)
    return view


def _head(queue: Queue, user_id: int, t: Translator) -> str:
    parts = ["## " + t("queue.title"), _counts(queue, t)]
    if queue.order is None:
        parts.append(t("queue.untold"))
    elif queue.order:
        parts.append(t("queue.upstream", count=len(queue.order)))
    parts.append(_own(queue, user_id, t))
    return "\n".join(parts)


def _counts(queue: Queue, t: Translator) -> str:
    """The number of tasks in each state. States without tasks are left out."""
    counts = {
        "queue.drawing": len(queue.drawing),
        "queue.waiting": len(queue.waiting) + len(queue.queued),
        "queue.unsettled": len(queue.unsettled),
    }
    said = [t(name, count=count) for name, count in counts.items() if count]
    return " · ".join(said) or t("queue.empty")


def _own(queue: Queue, user_id: int, t: Translator) -> str:
    places = [queue.place(task) for task in queue.waiting if task.owner_id == user_id]
    known = [place for place in places if place is not None]
    if known:
        return t("queue.place", place=min(known))
    if places:
        return t("queue.somewhere")
    if any(task.owner_id == user_id for task in queue.drawing):
        return t("queue.drawn")
    if any(task.owner_id == user_id for task in queue.queued):
        return t("queue.held")
    coming = any(task.owner_id == user_id for task in queue.unsettled)
    return t("queue.coming" if coming else "queue.none")


def _lines(queue: Queue, t: Translator) -> list[str]:
    in_order = (*queue.drawing, *queue.waiting, *queue.unsettled, *queue.queued)
    tasks = [task for task in in_order if task.id not in queue.hidden]
    lines = [_line(task, queue, t) for task in tasks[:MAX_ENTRIES]]
    if len(tasks) > MAX_ENTRIES:
        lines.append(t("queue.more", count=len(tasks) - MAX_ENTRIES))
    if queue.hidden:
        lines.append(t("queue.hidden", count=len(queue.hidden)))
    return lines


def _line(task: Task, queue: Queue, t: Translator) -> str:
    place = queue.place(task) if task in queue.waiting else None
    how = t("queue.nth", place=place) if place else state_words(task, t)
    if link := queue.links.get(task.id):
        how = f"[{how}]({link})"
    prompt, since = escape_markdown(headline(task, t), MAX_HEADLINE, t), relative_time(task.created_at)
    return f"**{how}** · {prompt} · <@{task.owner_id}> · {since}"
