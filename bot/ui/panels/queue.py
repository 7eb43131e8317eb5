"""The queue: what is being drawn and what waits, and one's own place. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord

from bot.i18n import Translator
from bot.ui.cards.labels import headline
from bot.ui.components import timestamps
from bot.ui.components.custom_ids import ListControl, ListId, ListScope
from bot.ui.components.dynamic_items import ListItem
from bot.ui.components.markdown import escape_markdown
from bot.ui.panels.task_list import COLOUR, state_words
from storage import Task, TaskId, TaskState

# With the links to their messages, so many take three quarters of the text that a message may hold.
MAX_ENTRIES = 12
MAX_HEADLINE = 80


@dataclass(frozen=True, slots=True)
class Queue:
    """What can be seen of the queue, oldest first.

    `unsettled` may or may not have reached the service yet; `queued` waits in the bot. `order`: the service's ids of
    all that waits there, strangers' tasks among them, first come first; None where the service does not tell. `hidden`:
    those that count, but of which this person may see no more than that they are there. `links` lead to the tasks'
    messages.
    """

    working: Sequence[Task]
    unsettled: Sequence[Task]
    order: Sequence[str] | None
    hidden: Collection[TaskId] = ()
    queued: Sequence[Task] = ()
    links: Mapping[TaskId, str] = field(default_factory=dict)

    @property
    def drawing(self) -> list[Task]:
        """Those that are being drawn."""
        waiting = self._waiting_ids()
        return [task for task in self.working if task.id not in waiting]

    @property
    def waiting(self) -> list[Task]:
        """Those that wait at the service, the next one first."""
        waiting = self._waiting_ids()
        found = [task for task in self.working if task.id in waiting]
        return sorted(found, key=lambda task: (self.place(task) or 0, task.created_at))

    def place(self, task: Task) -> int | None:
        """How many-th a waiting task is in the service's line, from 1; as the service said it last. None: not known."""
        if self.order is not None:
            return self.order.index(task.upstream_id) + 1 if task.upstream_id in self.order else None
        return task.queue_ahead + 1 if task.queue_ahead is not None else None

    def _waiting_ids(self) -> set[str]:
        return {task.id for task in self.working if task.state is not TaskState.RUNNING}


def queue_panel(queue: Queue, user_id: int, t: Translator) -> discord.ui.LayoutView:
    """The panel for a queue, as this person sees it."""
    view = discord.ui.LayoutView(timeout=None)
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
    """How many there are of each; what there is none of is not said."""
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
    prompt, since = escape_markdown(headline(task, t), MAX_HEADLINE, t), timestamps.relative(task.created_at)
    return f"**{how}** · {prompt} · <@{task.owner_id}> · {since}"
