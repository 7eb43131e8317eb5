"""Thumbnails in private panels. The bot attaches them itself, because URLs of image hosts expire."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

import discord

from bot.i18n import Translator
from bot.ui.cards.card import ALT_LENGTH, headline
from bot.ui.components.markdown import truncate
from bot.ui.components.message_components import MAX_GALLERY
from storage import Message, Task, TaskId

Thumbnails = Mapping[TaskId, bytes]


def with_thumbnail(text: str, task: Task, thumbnails: Thumbnails, t: Translator) -> discord.ui.Item[Any]:
    """A text beside the task's thumbnail, or the text alone if there is none."""
    if task.id not in thumbnails:
        return discord.ui.TextDisplay(text)
    return discord.ui.Section(
        text, accessory=discord.ui.Thumbnail(_address(task.id), description=_alt(task, t), spoiler=task.request.spoiler)
    )


def thumbnail_gallery(
    tasks: Iterable[Task], thumbnails: Thumbnails, t: Translator
) -> discord.ui.MediaGallery[Any] | None:
    """The thumbnails of these tasks, at most as many as a gallery holds. None if there are none."""
    shown = [task for task in tasks if task.id in thumbnails][:MAX_GALLERY]
    if not shown:
        return None
    gallery: discord.ui.MediaGallery[Any] = discord.ui.MediaGallery()
    for task in shown:
        gallery.add_item(media=_address(task.id), description=_alt(task, t), spoiler=task.request.spoiler)
    return gallery


def thumbnail_files(tasks: Iterable[Task], thumbnails: Thumbnails, t: Translator) -> list[discord.File]:
    """The attachments for the thumbnails of these tasks."""
    return [
        discord.File(io.BytesIO(thumbnails[task.id]), _name(task.id), description=_alt(task, t))
        for task in tasks
        if task.id in thumbnails
    ]


def jump_link(message: Message) -> str:
    """The URL of a message in Discord's clients."""
    return f"https://discord.com/channels/{message.guild_id or '@me'}/{message.channel_id}/{message.message_id}"


def _name(task_id: TaskId) -> str:
    return f"thumbnail-{task_id}.jpg"


def _address(task_id: TaskId) -> str:
    return f"attachment://{_name(task_id)}"


def _alt(task: Task, t: Translator) -> str:
    return truncate(headline(task, t), ALT_LENGTH)
