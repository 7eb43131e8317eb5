"""The details of a task in a private panel, with buttons for its parent and its derived tasks. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord

from bot.i18n import Translator
from bot.ui.cards.card import headline, made_by
from bot.ui.components.custom_ids import LikeId, Writing, WritingId
from bot.ui.components.dynamic_items import VARIANTS_EMOJI, ControlButton, LikeButton, WritingButton
from bot.ui.components.markdown import date_and_time, escape_markdown, truncate
from bot.ui.components.message_components import MAX_GALLERY, MAX_LABEL, MAX_ROW, CheckedLayout, Control, ControlId
from bot.ui.panels.task_list import COLOUR, state_words
from bot.ui.panels.thumbnails import thumbnail_gallery, with_thumbnail
from storage import Task, TaskId, TaskState

# With all controls and thumbnails, this number of derived tasks takes 34 of the 40 components that Discord allows.
MAX_CHILDREN = 15
MAX_HEADLINE = 1_000
MAX_PARENT = 300


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Family:
    """A task, its parent and its derived tasks, and what this user may do with it."""

    task: Task
    parent: Task | None
    children: Sequence[Task]
    seeds: bool = False
    """Whether the image service provides seeds."""
    cancellable: bool = False
    deletable: bool = False
    improvable: bool = False
    """Whether a model can improve the prompt."""
    describable: bool = False
    """Whether a model can describe the image."""
    comparable: bool = False
    """Whether images like this one can be searched for."""
    thumbnails: Mapping[TaskId, bytes] = field(default_factory=dict)
    """JPEGs of the task, its parent and its derived tasks."""

    @property
    def shown(self) -> list[Task]:
        """The tasks that are shown with a thumbnail, as far as there is one."""
        parent = [self.parent] if self.parent else []
        with_pictures = [child for child in self.children[:MAX_CHILDREN] if child.id in self.thumbnails]
        return [self.task, *parent, *with_pictures[:MAX_GALLERY]]


def info_panel(family: Family, t: Translator) -> discord.ui.LayoutView:
    """The panel for a task."""
    view = CheckedLayout()
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=COLOUR)
    text = "\n".join([f"**{escape_markdown(headline(family.task, t), MAX_HEADLINE, t)}**", *_facts(family, t)])
    container.add_item(with_thumbnail(text, family.task, family.thumbnails, t))
    if family.parent and family.parent.id in family.thumbnails:
        where = t("info.parent")
        where = f"-# {where}\n{escape_markdown(headline(family.parent, t), MAX_PARENT, t)}"
        container.add_item(with_thumbnail(where, family.parent, family.thumbnails, t))
    controls = list(_controls(family, t))
    for start in range(0, len(controls), MAX_ROW):
        container.add_item(discord.ui.ActionRow[Any](*controls[start : start + MAX_ROW]))
    children = family.children[:MAX_CHILDREN]
    if children:
        left = len(family.children) - len(children)
        name = "info.children_more" if left else "info.children"
        container.add_item(discord.ui.TextDisplay(t(name, more=left)))
    if gallery := thumbnail_gallery(children, family.thumbnails, t):
        container.add_item(gallery)
    for start in range(0, len(children), MAX_ROW):
        row = [_relative(child, made_by(child.request, t)) for child in children[start : start + MAX_ROW]]
        container.add_item(discord.ui.ActionRow(*row))
    view.add_item(container)
    return view


def _facts(family: Family, t: Translator) -> Iterator[str]:
    task = family.task
    yield t("info.id", id=task.id)
    if task.upstream_id:
        yield t("info.upstream_id", id=escape_markdown(task.upstream_id, 140, t))
    yield t("info.state", state=state_words(task, t))
    yield t("info.asked", user=f"<@{task.owner_id}>", time=date_and_time(task.created_at))
    if task.finished_at:
        seconds = max(0, round(task.finished_at - task.created_at))
        yield t("info.finished", time=date_and_time(task.finished_at), seconds=seconds)
    made = escape_markdown(made_by(task.request, t), 80, t)
    if family.parent:
        yield t("info.made_from", made_by=made, parent=family.parent.id)
    else:
        yield t("info.made_by", made_by=made)
    if mode := task.request.option("mode"):
        yield t("info.mode", mode=t(f"mode.{mode}"))
    if task.result.seed:
        yield t("info.seed", seed=escape_markdown(task.result.seed, 60, t))


def _controls(family: Family, t: Translator) -> Iterator[ControlButton | LikeButton | WritingButton]:
    task = family.task
    if family.parent:
        yield _relative(family.parent, t("info.parent"), "⬆️")
    if task.state is TaskState.SUCCESS and family.seeds and not task.result.seed:
        yield ControlButton.make(ControlId(task.id, Control.SEED), label=t(f"button.{Control.SEED}"), emoji="🌱")
    if family.comparable:
        yield LikeButton.make(LikeId(task.id), label=t("button.like"))
    if family.cancellable:
        yield ControlButton.make(ControlId(task.id, Control.CANCEL), label=t(f"button.{Control.CANCEL}"), emoji="✖️")
    if family.deletable:
        yield ControlButton.make(ControlId(task.id, Control.DELETE), label=t(f"button.{Control.DELETE}"), emoji="🗑️")
    if family.improvable:
        variants = WritingId(Writing.TASK_VARIANTS, task.id)
        yield WritingButton.make(variants, label=t("button.improve"), emoji=VARIANTS_EMOJI)
    if family.describable:
        key = WritingId(Writing.DESCRIPTION, task.id)
        yield WritingButton.make(key, label=t("button.describe_words"), emoji="👁️")


def _relative(task: Task, label: str, emoji: str | None = None) -> ControlButton:
    return ControlButton.make(ControlId(task.id, Control.SHOW), label=truncate(label, MAX_LABEL), emoji=emoji)
