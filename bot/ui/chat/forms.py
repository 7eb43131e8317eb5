"""The forms of chat answers: to continue, to create an image, and to confirm a long text for speech."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord

from bot.i18n import Translator
from bot.tasks.prompt import MAX_PROMPT
from bot.ui.chat.custom_ids import IMAGE_MODAL_ID, TurnId, speech_modal_id
from bot.ui.components.payloads import fields_of, text_in
from bot.ui.modals.action_modals import PROMPT_FIELD

# Characters of a text field (Discord's "Text Input").
MAX_FIELD = 4_000


def continue_form(turn: TurnId, t: Translator) -> discord.ui.Modal:
    """Asks for the next prompt."""
    return _form(turn.modal_custom_id(), t("chat.continue_title"), t("chat.continue_field"))


def image_form(prompt: str, t: Translator) -> discord.ui.Modal:
    """Asks for the prompt of an image."""
    return _form(IMAGE_MODAL_ID, t("chat.image_title"), t("modal.prompt"), prompt[:MAX_PROMPT])


def speech_form(voice: str, text: str, calls: int, t: Translator) -> discord.ui.Modal:
    """Asks whether a text that takes several calls is to be read aloud."""
    return _form(speech_modal_id(voice), t("speak.confirm_title"), t("speak.confirm_field", calls=calls), text)


def written(data: Mapping[str, Any]) -> str:
    """The text of a submitted form."""
    return text_in(fields_of(data).get(PROMPT_FIELD))[:MAX_FIELD]


def _form(custom_id: str, title: str, label: str, text: str = "") -> discord.ui.Modal:
    modal = discord.ui.Modal(title=title, custom_id=custom_id)
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=PROMPT_FIELD,
        style=discord.TextStyle.paragraph,
        default=text or None,
        required=True,
        max_length=MAX_FIELD,
    )
    modal.add_item(discord.ui.Label(text=label, component=field))
    modal.stop()  # a stopped modal is sent but not kept in memory
    return modal
