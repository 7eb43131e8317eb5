"""Offered prompts: asked of a model, stored, shown in private, and sent when a person chooses one."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord

from bot.language.languages import ENGLISH, language_of
from bot.platform.roles import Role
from bot.runtime.units import DAY
from bot.tasks.errors import UserError
from bot.tasks.requests import DOUBLE_CLICK_MS, new_task_id
from bot.ui.components.catalog_texts import error_text
from bot.ui.interactions.context import Interaction, actor_of, translator_of
from bot.ui.interactions.responses import best_effort, draw_panel
from bot.ui.language.offer_panel import copyable, offer_files, offer_panel, prompt_of, text_file
from bot.ui.services import Services
from bot.ui.workflows.drafts import written_prompt
from storage import Action, Draft, OfferedPrompts, PromptSource, Request, StorageError

log = logging.getLogger(__name__)

# Seconds for which the buttons below offered prompts work. `bot.cleanup` removes older offers.
OFFER_SECONDS = 7 * DAY
# Seconds to wait for an offer, or a draft, after the interaction was acknowledged.
READ_SECONDS = 20.0
# What a model is asked for again: it did not answer, or its answer holds nothing.
_ASKED_AGAIN = ("model_wrote_nothing", "no_speech")

# Buttons of which it is remembered when they were last used.
MAX_REMEMBERED = 1_000

Write = Callable[[OfferedPrompts], Awaitable[tuple[str, ...]]]
"""Asks a model for the prompts of an offer. Raises UserError."""


class RecentClicks:
    """The buttons that were used a moment ago: a double click must not be billed twice."""

    def __init__(self) -> None:
        self._times: dict[tuple[int, str], float] = {}

    def is_repeated(self, user_id: int, custom_id: str) -> bool:
        """Records a click. Returns whether the same user clicked the same button just before."""
        now, key = time.monotonic(), (user_id, custom_id)
        before = self._times.pop(key, None)
        self._times[key] = now
        while len(self._times) > MAX_REMEMBERED:
            del self._times[next(iter(self._times))]
        return before is not None and now - before < DOUBLE_CLICK_MS / 1000


def new_offer(interaction: Interaction, source: PromptSource, request: Request, **more: Any) -> OfferedPrompts:
    """An offer without prompts, for the user of this interaction."""
    return OfferedPrompts(new_task_id(), interaction.user.id, source, request, (), time.time(), **more)


def new_image_request(prompt: str = "", *, engine: str | None = None) -> Request:
    """A request for a new image with the user's default engine, or with this one."""
    return Request(Action.IMAGINE, prompt=prompt, engine=engine or "")


def language_for(interaction: Interaction, offered: OfferedPrompts) -> str:
    """The language in which a model writes for this user."""
    return ENGLISH if offered.english else language_of(str(interaction.locale))


async def show_offer(interaction: Interaction, services: Services, offered: OfferedPrompts, write: Write) -> None:
    """Asks a model for the prompts of an offer and shows them in the acknowledged private message.

    The offer is stored first, with the token of the interaction: then a failure can be asked again, and after a kill
    the message says what is unknown (`interrupted_offers.py`). Raises UserError, StorageError.
    """
    asked = dataclasses.replace(
        offered,
        application_id=interaction.application_id,
        token=interaction.token,
        locale=str(interaction.locale),
    )
    await services.store.offered_prompts.save(asked)
    problem = None
    try:
        offered = dataclasses.replace(offered, prompts=await write(offered))
    except UserError as error:
        if not error.code.startswith("platform_") and error.code not in _ASKED_AGAIN:
            raise
        problem = error_text(error, translator_of(interaction))
    finally:
        await _keep(services, offered)
    await draw_offer(interaction, services, offered, problem)


async def _keep(services: Services, offered: OfferedPrompts) -> None:
    """Stores an offer after the model has answered. Its prompts are billed, so they are shown even if that fails."""
    try:
        await services.store.offered_prompts.save(offered)
    except StorageError as error:
        log.warning("cannot store offered prompts: %r", error)


async def draw_offer(
    interaction: Interaction, services: Services, offered: OfferedPrompts, problem: str | None = None
) -> None:
    """Shows an offer in the acknowledged private message."""
    t = translator_of(interaction)
    english = language_for(interaction, offered) != ENGLISH
    improves = services.serves(Role.ENHANCE)
    view = offer_panel(offered, t, problem=problem, english=english, improves=improves)
    await draw_panel(interaction, view, offer_files(offered, t))


async def own_offer(
    interaction: Interaction, services: Services, offer_id: str, *, seconds: float = READ_SECONDS
) -> OfferedPrompts:
    """The offer, if it belongs to this user and can be read within `seconds`. Raises UserError."""
    try:
        async with asyncio.timeout(seconds):
            return await services.service.policy.offered_prompts(actor_of(interaction), offer_id)
    except (TimeoutError, StorageError) as error:
        log.warning("cannot read offered prompts: %r", error)
        raise UserError("store") from error


def draft_of_offer(offered: OfferedPrompts, prompt: str) -> Draft:
    """A prompt of an offer as a draft, with everything else that is sent with it."""
    request = dataclasses.replace(offered.request, prompt=prompt)
    files = tuple(offered.files)
    return Draft(new_task_id(), offered.user_id, request, time.time(), aspect=offered.aspect, files=files)


def draft_without_offer(interaction: Interaction, data: Mapping[str, Any]) -> Draft:
    """What was typed in the form of an offer, as a draft that needs no offer."""
    return Draft(new_task_id(), interaction.user.id, new_image_request(written_prompt(data)), time.time())


def chosen_prompt(offered: OfferedPrompts, number: int) -> str:
    """The prompt with this number. Raises UserError."""
    prompt = prompt_of(offered, number)
    if prompt is None:
        raise UserError("offer_gone")
    return prompt


async def send_copy(interaction: Interaction, text: str) -> None:
    """Sends a text from which it can be copied as it is, in private."""
    content = copyable(text)
    none = discord.AllowedMentions.none()
    async with best_effort(f"interaction {interaction.id}: cannot send a text"):
        if content:
            await interaction.followup.send(content, ephemeral=True, allowed_mentions=none)
        else:
            await interaction.followup.send(file=text_file(text), ephemeral=True, allowed_mentions=none)
