"""`/chat` and the buttons and forms of its answers."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import discord
from discord import app_commands
from discord.ext import commands

from bot.chat.chats import Chats
from bot.chat.model_choice import chosen_model, matching_models
from bot.chat.policy import ChatOperation
from bot.chat.speech import spoken_parts
from bot.client import AtelierBot
from bot.platform.service import Platform
from bot.tasks.errors import UserError
from bot.tasks.permutations import prompts_of
from bot.tasks.prompt import MAX_PROMPT
from bot.ui.chat.answer_text import first_code_block, plain_text
from bot.ui.chat.conversation_panel import ask_to_forget, forget
from bot.ui.chat.custom_ids import (
    CHAT_IMAGE_MODAL_PATTERN,
    CHAT_MODAL_PATTERN,
    CHAT_PATTERN,
    ChatControl,
    TurnId,
)
from bot.ui.chat.forms import continue_form, image_form, written
from bot.ui.chat.prompts import (
    MAX_CHAT_PROMPT,
    chat_images,
    check_prompt,
    message_of,
    new_conversation,
    new_turn,
)
from bot.ui.chat.speech_messages import ask_about_calls, read_aloud, reading
from bot.ui.components.catalog_texts import localized
from bot.ui.components.message_components import MAX_CHOICE_NAME, MAX_CHOICES
from bot.ui.interactions.context import Interaction, actor_of, context_of, translator_of, used_message
from bot.ui.interactions.responses import send_error
from bot.ui.interactions.router import Routes, check_running, handle_errors
from bot.ui.modals.modal_prefill import PREFILL_SECONDS
from bot.ui.services import Services
from bot.ui.workflows.batches import ask_about
from bot.ui.workflows.drafts import draft_of_command, draft_sender
from bot.ui.workflows.submit_command import submit_with_files, take_back
from storage import Action, ChatTurn, Conversation, Request, StorageError, TurnMessage

log = logging.getLogger(__name__)


class Chat(commands.Cog):
    """The `/chat` command, and everything that can be done with an answer."""

    def __init__(self, routes: Routes, services: Services) -> None:
        self._services = services
        routes.add_component(CHAT_PATTERN, self.on_control)
        routes.add_modal(CHAT_MODAL_PATTERN, self.on_continue, holds_text=True)
        routes.add_modal(CHAT_IMAGE_MODAL_PATTERN, self.on_image)

    @app_commands.command(name="chat", description=localized("chat.description"))
    @app_commands.describe(
        prompt=localized("chat.prompt"), model=localized("chat.model"), image=localized("chat.image_option")
    )
    async def chat(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, MAX_CHAT_PROMPT],
        model: str | None = None,
        image: discord.Attachment | None = None,
    ) -> None:
        """Begins a conversation."""
        async with handle_errors(interaction, partial(send_error, interaction, typed=prompt)):
            check_running(interaction)
            chats, platform = self._chats()
            given = [image] if image else []
            check_prompt(prompt, given)
            name = chosen_model(platform.models, model, with_image=bool(given))
            conversation = new_conversation(context_of(interaction), name)
            await self._begin(interaction, chats, conversation, prompt, given)

    @chat.autocomplete("model")
    async def _models(self, _: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        platform = self._services.platform
        names = matching_models(platform.models, typed) if platform else ()
        return [app_commands.Choice(name=name, value=name) for name in names if len(name) <= MAX_CHOICE_NAME][
            :MAX_CHOICES
        ]

    async def on_control(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Handles a button of an answer."""
        key, control = TurnId.read(match), ChatControl(match["control"])
        async with handle_errors(interaction):
            chats, _ = self._chats()
            match control:
                case ChatControl.CONTINUE:
                    with chats.slot(interaction.user.id, key.conversation_id):
                        await interaction.response.send_modal(continue_form(key, translator_of(interaction)))
                case ChatControl.REPEAT:
                    await self._repeat(interaction, chats, key)
                case ChatControl.STOP:
                    await interaction.response.defer()
                    _, turn = await self._turn(interaction, ChatOperation.STOP, key)
                    chats.stop(turn)
                case ChatControl.IMAGE:
                    await self._open_image_form(interaction, key)
                case ChatControl.READ | ChatControl.READ_ALL:
                    await self._read_aloud(interaction, key, confirmed=control is ChatControl.READ_ALL)
                case ChatControl.DELETE:
                    await ask_to_forget(interaction, chats, key)
                case ChatControl.DELETE_NOW:
                    await forget(interaction, chats, key)

    async def on_continue(self, interaction: Interaction, match: re.Match[str]) -> None:
        """Continues a conversation with the text of the form."""
        prompt = written(interaction.data or {})
        async with handle_errors(interaction, partial(send_error, interaction, typed=prompt)):
            check_running(interaction)
            chats, _ = self._chats()
            check_prompt(prompt, ())
            await self._go_on(interaction, chats, TurnId.read(match), prompt)

    async def on_image(self, interaction: Interaction, _: re.Match[str]) -> None:
        """Creates an image from the prompt of the form, like `/imagine`."""
        prompt, services = written(interaction.data or {}), self._services
        # Without an engine, the person's own default is read after the acknowledgement.
        asked = Request(Action.IMAGINE, prompt=prompt, engine="")
        prompts = prompts_of(prompt)
        if isinstance(prompts, list) and len(prompts) <= 1:
            await submit_with_files(interaction, services, asked, [])
            return
        draft = draft_of_command(interaction, asked, [], None)
        async with handle_errors(interaction, draft_sender(interaction, services.store, draft)):
            await ask_about(interaction, services, asked, prompts, [], aspect=None)

    # steps

    async def _begin(
        self,
        interaction: Interaction,
        chats: Chats,
        conversation: Conversation,
        prompt: str,
        given: Sequence[discord.Attachment],
    ) -> None:
        with chats.slot(interaction.user.id) as slot:
            async with _public_answer(interaction) as message:
                turn = new_turn(conversation, None, interaction.user.id, prompt, message)
                async with chat_images(self._services.attachments, interaction.user.id, given) as images:
                    await chats.begin(slot, conversation, turn, images)

    async def _go_on(self, interaction: Interaction, chats: Chats, key: TurnId, prompt: str) -> None:
        with chats.slot(interaction.user.id, key.conversation_id) as slot:
            async with _public_answer(interaction) as message:
                conversation, parent = await self._turn(interaction, ChatOperation.USE, key)
                turn = new_turn(conversation, parent, interaction.user.id, prompt, message)
                await chats.go_on(slot, conversation, turn, ())

    async def _repeat(self, interaction: Interaction, chats: Chats, key: TurnId) -> None:
        with chats.slot(interaction.user.id, key.conversation_id) as slot:
            await interaction.response.defer()
            conversation, turn = await self._turn(interaction, ChatOperation.REPEAT, key)
            used = used_message(interaction)
            message = message_of(context_of(interaction), used.id if used else None)
            await chats.repeat(slot, conversation, turn, message)

    async def _open_image_form(self, interaction: Interaction, key: TurnId) -> None:
        prompt = ""
        try:
            async with asyncio.timeout(PREFILL_SECONDS):
                _, turn = await self._turn(interaction, ChatOperation.USE, key)
            prompt = first_code_block(turn.end.answer) or plain_text(turn.end.answer)
        except (TimeoutError, StorageError) as error:
            log.warning("opening a form without its text: %r", error)
        await interaction.response.send_modal(image_form(prompt[:MAX_PROMPT], translator_of(interaction)))

    async def _read_aloud(self, interaction: Interaction, key: TurnId, *, confirmed: bool) -> None:
        speech = self._services.speech
        if speech is None:
            raise UserError("no_platform")
        async with reading(interaction, speech) as slot:
            _, turn = await self._turn(interaction, ChatOperation.USE, key)
            parts = spoken_parts(plain_text(turn.end.answer))
            if len(parts) > 1 and not confirmed:
                await ask_about_calls(interaction, slot, key, len(parts))
            else:
                await read_aloud(interaction, slot, speech, parts, speech.voice(None))

    async def _turn(
        self, interaction: Interaction, operation: ChatOperation, key: TurnId
    ) -> tuple[Conversation, ChatTurn]:
        chats, _ = self._chats()
        return await chats.turn_for(actor_of(interaction), operation, key.conversation_id, key.number)

    def _chats(self) -> tuple[Chats, Platform]:
        """What answers need. Raises UserError if it is switched off."""
        if self._services.chats is None or self._services.platform is None:
            raise UserError("no_platform")
        return self._services.chats, self._services.platform


@asynccontextmanager
async def _public_answer(interaction: Interaction) -> AsyncIterator[TurnMessage]:
    """The message in which an answer will be shown. It is deleted if that fails."""
    deferral = await interaction.response.defer(thinking=True)
    try:
        yield message_of(context_of(interaction), deferral.message_id if deferral else None)
    except Exception:
        await take_back(interaction)
        raise


async def setup(bot: AtelierBot) -> None:
    await bot.add_cog(Chat(bot.routes, bot.services))
