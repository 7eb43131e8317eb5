"""Who may see and stop what."""

from __future__ import annotations

from dataclasses import dataclass

from storage import Task


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks about tasks: where they ask (None: in direct messages), whether they moderate there, and
    whether the bot is theirs."""

    user_id: int
    guild_id: int | None
    moderator: bool = False
    owns_bot: bool = False


def may_see(task: Task, viewer: Viewer) -> bool:
    """Tasks are for the server that they were made in, everywhere for who asked for them, and for the bot's owner."""
    return task.owner_id == viewer.user_id or _same_server(task, viewer) or viewer.owns_bot


def may_cancel(task: Task, viewer: Viewer) -> bool:
    """A task is stopped by who asked for it, by the moderators of its server, or by the bot's owner."""
    moderates = viewer.moderator and _same_server(task, viewer)
    return task.owner_id == viewer.user_id or moderates or viewer.owns_bot


def _same_server(task: Task, viewer: Viewer) -> bool:
    return task.guild_id is not None and task.guild_id == viewer.guild_id
