"""What is suggested while somebody types a task: their own recent ones, by prompt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from discord import app_commands

from bot.parts import Parts
from bot.tasks.answers import Refusal
from bot.tasks.viewer import Viewer
from bot.ui.asker import viewer_of
from bot.ui.captions import headline
from bot.ui.guard import Interaction
from bot.ui.keys import Kind
from bot.ui.task_list import STATES, state_words
from bot.ui.task_reference import referred_task
from bot.ui.words import cut
from storage import StorageError, Task, Wanted

log = logging.getLogger(__name__)

# Discord waits three seconds (its "Receiving and Responding to Interactions"); what comes later than this helps nobody.
SECONDS = 1.5
# Discord takes 25 choices of 100 characters.
MOST = 25
MAX_NAME = 100


async def suggest_tasks(
    parts: Parts, interaction: Interaction, typed: str, kind: Kind = Kind.ANY
) -> list[app_commands.Choice[str]]:
    """Choices for what was typed: words of a prompt, or an id. None where they do not come in time."""
    locale = str(interaction.locale)
    try:
        async with asyncio.timeout(SECONDS):
            tasks = await _found(parts, viewer_of(interaction), typed.strip(), kind)
    except (TimeoutError, StorageError) as error:
        log.info("no tasks can be suggested: %r", error)
        return []
    return [app_commands.Choice(name=_name(task, locale), value=task.id) for task in tasks]


async def _found(parts: Parts, viewer: Viewer, typed: str, kind: Kind) -> Sequence[Task]:
    wanted = Wanted(owner_id=viewer.user_id, states=STATES[kind], words=typed)
    tasks = await parts.store.tasks.search(wanted, limit=MOST)
    if tasks or not typed:
        return tasks
    named = await parts.service.policy.seen(viewer, await referred_task(parts.store, typed))
    return [] if isinstance(named, Refusal) else [named]


def _name(task: Task, locale: str) -> str:
    # The id keeps two tasks of one prompt apart: Discord wants each name once.
    tail = f" · {state_words(task, locale)} · {task.id}"
    return cut(headline(task), MAX_NAME - len(tail)) + tail
