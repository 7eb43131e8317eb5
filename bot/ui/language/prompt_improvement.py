"""*Improve prompt*: from a command, a draft, a task, or a text that was confirmed."""

from __future__ import annotations

import dataclasses

from bot.engines.models import Feature
from bot.engines.options import QUALITY, RATIO, TRANSPARENT
from bot.language.model_calls import model_for
from bot.language.prompt_variants import PromptSyntax, prompt_variants
from bot.platform.roles import Role
from bot.tasks.engine_calls import with_engine
from bot.tasks.policy import Operation
from bot.tasks.prompt import MAX_PROMPT
from bot.ui.interactions.availability import engine_for
from bot.ui.interactions.context import Interaction, actor_of
from bot.ui.interactions.router import check_running
from bot.ui.language.offers import language_for, new_offer, show_offer
from bot.ui.services import Services
from storage import Action, Draft, OfferedPrompts, PromptSource, Request, Task

# Options of a task that hold for a new image as well. Others belong to what was done with an image.
_KEPT_OPTIONS = ("mode", "bot_type", RATIO, QUALITY, TRANSPARENT)


async def improve(interaction: Interaction, services: Services, offered: OfferedPrompts) -> None:
    """Shows variants of the offer's prompt in the acknowledged private message. Raises UserError, StorageError."""
    check_running(interaction)
    model_for(services.platform, Role.ENHANCE)
    preferred = await services.store.user_settings.of(offered.user_id)
    offered = dataclasses.replace(offered, request=with_engine(services.engines, offered.request, preferred.engine))
    syntax = syntax_of(services, offered.request)
    language = language_for(interaction, offered)

    async def write(asked: OfferedPrompts) -> tuple[str, ...]:
        return await prompt_variants(services.platform, asked.request.prompt, syntax, language)

    await show_offer(interaction, services, offered, write)


def offer_for_draft(interaction: Interaction, draft: Draft) -> OfferedPrompts:
    """An offer for the prompt of a draft, with everything that was attached and chosen."""
    return new_offer(interaction, PromptSource.PROMPT, draft.request, aspect=draft.aspect, files=tuple(draft.files))


async def offer_for_task(interaction: Interaction, services: Services, task_id: str) -> OfferedPrompts:
    """An offer for the prompt of a task that this user may see. Raises UserError, StorageError."""
    task = await services.service.policy.task_for(actor_of(interaction), Operation.SEE, task_id)
    return new_offer(interaction, PromptSource.PROMPT, request_of_task(task))


def request_of_task(task: Task) -> Request:
    """A request for a new image with a task's prompt."""
    request = task.request
    options = {name: value for name, value in request.options.items() if name in _KEPT_OPTIONS}
    return Request(Action.IMAGINE, prompt=task.prompt, engine=request.engine, options=options, spoiler=request.spoiler)


def syntax_of(services: Services, request: Request) -> PromptSyntax:
    """What the prompts of a request's engine may hold. Raises UserError for an unknown engine."""
    engine = engine_for(services.engines, request)
    profile = services.platform.models.profile_of(engine.name) if services.platform else None
    flags = engine.capabilities.has(Feature.PROMPT_FLAGS)
    if flags or profile is None:
        return PromptSyntax(engine.name, flags=flags)
    characters = min(MAX_PROMPT, profile.prompt_limit or MAX_PROMPT)
    return PromptSyntax(engine.name, flags=False, characters=characters, octets=profile.prompt_bytes)
