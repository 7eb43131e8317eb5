"""Autocomplete: the user's own recent tasks by prompt, and the engines that work now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from discord import app_commands

from bot.i18n import Translator
from bot.tasks.errors import UserError
from bot.tasks.policy import Actor, Operation
from bot.ui.cards.card import headline
from bot.ui.components.custom_ids import TaskFilter
from bot.ui.components.markdown import truncate
from bot.ui.components.message_components import MAX_CHOICE_NAME, MAX_CHOICES
from bot.ui.interactions.context import Interaction, actor_of, translator_of
from bot.ui.panels.models import price_text
from bot.ui.panels.task_list import STATES, state_words
from bot.ui.services import Services
from bot.ui.workflows.task_reference import referred_task
from storage import StorageError, Task, TaskQuery

log = logging.getLogger(__name__)

# Discord waits three seconds (its "Receiving and Responding to Interactions"). Later choices would be useless.
SECONDS = 1.5


async def autocomplete_tasks(
    services: Services, interaction: Interaction, typed: str, kind: TaskFilter = TaskFilter.ANY
) -> list[app_commands.Choice[str]]:
    """Choices for the typed words of a prompt, or for a typed id. An empty list after a timeout or a storage error."""
    t = translator_of(interaction)
    try:
        async with asyncio.timeout(SECONDS):
            tasks = await _found(services, actor_of(interaction), typed.strip(), kind)
    except (TimeoutError, StorageError) as error:
        log.info("cannot load tasks for autocomplete: %r", error)
        return []
    return [app_commands.Choice(name=_name(task, t), value=task.id) for task in tasks]


async def _found(services: Services, actor: Actor, typed: str, kind: TaskFilter) -> Sequence[Task]:
    wanted = TaskQuery(owner_id=actor.user_id, states=STATES[kind], words=typed)
    tasks = await services.store.tasks.search(wanted, limit=MAX_CHOICES)
    if tasks or not typed:
        return tasks
    try:
        return [
            await services.service.policy.task_for(actor, Operation.SEE, await referred_task(services.store, typed))
        ]
    except UserError:
        return []


async def autocomplete_engines(
    services: Services, interaction: Interaction, typed: str
) -> list[app_commands.Choice[str]]:
    """The engines that can be used now and match the typed text, the user's default first, each with its price."""
    names, t = list(services.engines.names), translator_of(interaction)
    try:
        async with asyncio.timeout(SECONDS):
            preferred = (await services.store.user_settings.of(interaction.user.id)).engine
    except (TimeoutError, StorageError) as error:
        log.info("cannot load the default engine for autocomplete: %r", error)
        preferred = None
    names.sort(key=lambda name: name != preferred)
    words = typed.casefold().split()
    # A longer name could not be a choice's value.
    found = [name for name in names if all(word in name.casefold() for word in words) and len(name) <= MAX_CHOICE_NAME]
    return [app_commands.Choice(name=_engine(services, name, t), value=name) for name in found[:MAX_CHOICES]]


def _engine(services: Services, name: str, t: Translator) -> str:
    price = price_text(services.platform.models.price_of(name) if services.platform else None, t)
    shown = f"{name} · {price}"
    return shown if price and len(shown) <= MAX_CHOICE_NAME else name


def _name(task: Task, t: Translator) -> str:
    # The id distinguishes tasks with the same prompt: Discord requires unique names.
    tail = f" · {state_words(task, t)} · {task.id}"
    return truncate(headline(task, t), MAX_CHOICE_NAME - len(tail)) + tail
