"""*Continue with…* on a card: another engine begins with the image."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from discord.ext import commands

from bot.client import AtelierBot
from bot.engines.errors import Limitation
from bot.media import NotAnImage, TooCostly, image_pool
from bot.media.outgoing import cell_of
from bot.tasks.errors import UserError
from bot.tasks.policy import InteractionContext, Operation
from bot.tasks.prompt import parse
from bot.tasks.request_prompts import check_not_empty
from bot.tasks.results import NotPersisted, SubmitResult
from bot.tasks.user_defaults import with_defaults
from bot.ui.components.custom_ids import CONTINUE_MODAL_PATTERN
from bot.ui.interactions.availability import engine_for
from bot.ui.interactions.context import Interaction, actor_of, public_context_of, translator_of
from bot.ui.interactions.responses import send_ephemeral
from bot.ui.interactions.router import Routes, check_running, ensure_available, handle_errors
from bot.ui.modals.continue_modal import WHOLE, Continuation, continue_modal, read_continuation
from bot.ui.modals.modal_prefill import PREFILL_SECONDS
from bot.ui.services import Services
from bot.ui.workflows.drafts import draft_of_continuation, draft_sender
from bot.ui.workflows.submit_command import check_prompt, forget_draft
from storage import Action, Draft, InputImage, Request, StorageError, Task, TaskId

log = logging.getLogger(__name__)


async def open_continue_modal(interaction: Interaction, services: Services, task_id: TaskId) -> None:
    """Opens the modal. Without the task in time, all engines are offered and the first image is taken. Raises
    UserError."""
    task: Task | None = None
    try:
        async with asyncio.timeout(PREFILL_SECONDS):
            task = await services.service.policy.task_for(actor_of(interaction), Operation.PRESS, task_id)
    except (TimeoutError, StorageError) as error:
        log.warning("opening a form without its images: %r", error)
    names = list(services.engines.taking_images(but=task.request.engine if task else None))
    if not names:
        raise UserError("nothing_continues")
    images, grid = (task.image_count, services.engines.grid_size(task)) if task else (1, 1)
    t = translator_of(interaction)
    modal = continue_modal(Continuation(task_id), names, t, images=max(images, grid), in_grid=grid > 1)
    await interaction.response.send_modal(modal)


class Continuing(commands.Cog):
    """Handles the modal of *Continue with…*."""

    def __init__(self, routes: Routes, services: Services) -> None:
        self._services = services
        routes.add_modal(CONTINUE_MODAL_PATTERN, self.on_modal, holds_text=True)

    async def on_modal(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Handles the submitted modal, including modals opened before a restart."""
        async with handle_errors(interaction):
            typed = read_continuation(interaction.data or {}, match.string)
            if typed:
                await interaction.response.defer()
                await self.submit(interaction, typed, draft_of_continuation(interaction, typed))
            elif await ensure_available(interaction):
                raise UserError("foreign_window")

    async def submit(self, interaction: Interaction, typed: Continuation, draft: Draft) -> None:
        """Starts the task. The interaction is already acknowledged. `draft` keeps the input if it is refused."""
        async with handle_errors(interaction, draft_sender(interaction, self._services.store, draft)):
            check_running(interaction)
            context = public_context_of(interaction)
            task = await self._services.service.policy.task_for(context.actor, Operation.PRESS, typed.task_id)
            asked = Request(Action.IMAGINE, prompt=typed.prompt, engine=typed.engine or "")
            self._check(asked)
            answer = await self._started(context, task, typed, asked)
            await forget_draft(self._services.store, draft)
            if isinstance(answer, NotPersisted):
                await send_ephemeral(interaction, "refused.unrecorded")

    def _check(self, asked: Request) -> None:
        """Raises UserError if the engine cannot carry this out now."""
        if not asked.engine:
            raise UserError("foreign_window")
        check_not_empty(parse(asked.prompt))
        if not self._services.engines.offers_engine(asked.engine):
            raise UserError("engine_gone", engine=asked.engine)
        check_prompt(self._services, asked, images=1)

    async def _started(
        self, context: InteractionContext, task: Task, typed: Continuation, asked: Request
    ) -> SubmitResult:
        services = self._services
        preferred = await services.store.user_settings.of(context.user_id)
        hidden = dataclasses.replace(asked, spoiler=task.request.spoiler)
        request = with_defaults(hidden, preferred, engine_for(services.engines, asked).capabilities)
        try:
            async with self._image(context, task, typed) as image:
                return await services.service.start(context, request, [image], parent=task)
        except UserError as error:
            if error.code == Limitation.NO_LINK and typed.image < WHOLE:
                raise UserError("cell_needs_link", engine=request.engine) from error
            raise

    @asynccontextmanager
    async def _image(self, context: InteractionContext, task: Task, typed: Continuation) -> AsyncIterator[InputImage]:
        """The chosen image; one of a grid is cut out of it, and then has no link. Raises UserError."""
        grid = self._services.engines.grid_size(task)
        cell = typed.image if typed.image <= grid and grid > 1 else None
        number = 1 if grid > 1 or typed.image == WHOLE else typed.image
        opened = self._services.task_images.opened(
            context.user_id, task, number, shown=context.shown(), link=cell is None
        )
        async with opened as image:
            yield await _cut_out(image, cell, grid) if cell else image


async def _cut_out(image: InputImage, number: int, count: int) -> InputImage:
    try:
        return InputImage("image/png", await image_pool.run(cell_of, image.data, number, count))
    except TooCostly as error:
        raise UserError("picture_too_costly") from error
    except NotAnImage as error:
        raise UserError("result_gone") from error


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(Continuing(bot.routes, bot.services))
