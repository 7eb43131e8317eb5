"""Builds the message that shows a turn: the prompt, the answer in a container of its own, notes, and buttons. Pure: no
I/O, no state.

The text of the model is in the container, everything that the bot says is outside, so that a model cannot forge it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.i18n import Translator
from bot.net.untrusted_data import without_private
from bot.platform.chat_answer import ChatAnswer
from bot.ui.chat.answer_images import LoadedImages
from bot.ui.chat.answer_text import newest_part, shown_answer
from bot.ui.chat.custom_ids import ChatButton, ChatControl, TurnId
from bot.ui.components.catalog_texts import catalog_text, error_text_name, failure_text_name
from bot.ui.components.markdown import escape_markdown
from bot.ui.components.message_components import CheckedLayout
from storage import ChatTurn, Conversation, TurnState

# Shares of the 4,000 characters of a message.
ANSWER_ROOM, PROMPT_ROOM, MODEL_ROOM = 2_800, 300, 100
FILE_NAME = "answer.txt"
# Ends that are explained by their state alone.
_NOTED = (TurnState.CUT, TurnState.STOPPED, TurnState.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class AnswerMessage:
    """A message: its layout, and its files, which replace the earlier ones."""

    view: discord.ui.LayoutView
    files: Sequence[discord.File] = ()


def running_message(conversation: Conversation, turn: ChatTurn, answer: ChatAnswer, t: Translator) -> AnswerMessage:
    """The message while the answer arrives."""
    view = CheckedLayout()
    view.add_item(discord.ui.TextDisplay(_prompt(turn, t)))
    if shown := newest_part(answer.text, ANSWER_ROOM, t):
        view.add_item(_container(shown))
    state = t("chat.thinking") if answer.progress is None else t("chat.progress", percent=answer.progress)
    view.add_item(discord.ui.TextDisplay(f"{state}\n{_small_print(conversation, t)}"))
    stop = ChatButton.make(TurnId.of(turn), ChatControl.STOP, label=t("chat.stop"), emoji="⏹️")
    view.add_item(discord.ui.ActionRow(stop))
    return AnswerMessage(view)


def ended_message(
    conversation: Conversation,
    turn: ChatTurn,
    loaded: LoadedImages,
    t: Translator,
    *,
    speaks: bool,
    with_text: bool = True,
) -> AnswerMessage:
    """The message of a turn that has ended. A text that does not fit is attached as a whole. `speaks`: there is a model
    for speech. Without `with_text`, for words that Discord refuses, the prompt is left out and the text only attached.
    """
    view = CheckedLayout()
    view.add_item(discord.ui.TextDisplay(_prompt(turn, t, with_text=with_text)))
    text = turn.end.answer
    shown = shown_answer(text if with_text else "", ANSWER_ROOM, t)
    attached = bool(text) and not (shown.whole and with_text)
    files = [discord.File(io.BytesIO(image.data), image.name) for image in loaded.images]
    if shown.text or files:
        container = _container(shown.text)
        if files:
            container.add_item(_gallery([file.filename for file in files]))
        view.add_item(container)
    if attached:
        whole = without_private(text, t("card.address_hidden"))
        files.append(discord.File(io.BytesIO(whole.encode()), FILE_NAME))
        view.add_item(discord.ui.File(f"attachment://{FILE_NAME}"))
    notes = _notes(turn, loaded, t, attached=attached, with_text=with_text)
    view.add_item(discord.ui.TextDisplay("\n".join([*notes, _small_print(conversation, t)])))
    view.add_item(discord.ui.ActionRow(*_buttons(turn, t, speaks=speaks)))
    return AnswerMessage(view, files)


def _prompt(turn: ChatTurn, t: Translator, *, with_text: bool = True) -> str:
    prompt = escape_markdown(turn.prompt, PROMPT_ROOM, t) or t("chat.image_only")
    prompt = prompt if with_text else "…"
    return t("chat.asked", user=f"<@{turn.user_id}>", prompt=prompt)


def _container(text: str) -> discord.ui.Container[Any]:
    container: discord.ui.Container[Any] = discord.ui.Container()
    if text:
        container.add_item(discord.ui.TextDisplay(text))
    return container


def _gallery(names: Sequence[str]) -> discord.ui.MediaGallery[Any]:
    gallery: discord.ui.MediaGallery[Any] = discord.ui.MediaGallery()
    for name in names:
        gallery.add_item(media=f"attachment://{name}")
    return gallery


def _notes(turn: ChatTurn, loaded: LoadedImages, t: Translator, *, attached: bool, with_text: bool) -> Sequence[str]:
    notes = []
    if not with_text and turn.end.answer:
        notes.append(t("chat.text_refused"))
    elif attached:
        notes.append(t("chat.attached"))
    if loaded.missing:
        notes.append(t("chat.images_missing", count=loaded.missing))
    if turn.end.state in _NOTED:
        notes.append(t(f"chat.end.{turn.end.state}"))
    elif turn.end.state is not TurnState.COMPLETE:
        notes.append(_failure(turn, t))
    return notes


def _failure(turn: ChatTurn, t: Translator) -> str:
    code, params = turn.end.error_code, turn.end.error_params
    name = failure_text_name(code, params)
    # The code may be that of another version.
    return f"⚠️ {catalog_text(name, t, **params)}" if name == error_text_name(code) else t("chat.end.failed")


def _small_print(conversation: Conversation, t: Translator) -> str:
    return f"-# {escape_markdown(conversation.model, MODEL_ROOM, t)}"


def _buttons(turn: ChatTurn, t: Translator, *, speaks: bool) -> Sequence[ChatButton]:
    key, text = TurnId.of(turn), turn.end.answer
    buttons = [ChatButton.make(key, ChatControl.CONTINUE, label=t("chat.continue"), emoji="💬")]
    buttons.append(ChatButton.make(key, ChatControl.REPEAT, label=t("chat.repeat"), emoji="🔁"))
    if text:
        buttons.append(ChatButton.make(key, ChatControl.IMAGE, label=t("chat.image"), emoji="🎨"))
    if text and speaks:
        buttons.append(ChatButton.make(key, ChatControl.READ, label=t("chat.read"), emoji="🔊"))
    return [*buttons, ChatButton.make(key, ChatControl.DELETE, emoji="🗑️")]
