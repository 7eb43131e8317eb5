"""The private message with offered prompts, and the form in which one is edited. Pure."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import discord

from bot.i18n import Translator
from bot.tasks.prompt import MAX_PROMPT
from bot.ui.components.markdown import escape_markdown, fits, weight
from bot.ui.components.message_components import MAX_CONTENT, CheckedLayout
from bot.ui.language.offer_ids import OfferAction, OfferButton, OfferId, offer_modal_id
from bot.ui.modals.action_modals import PROMPT_FIELD
from storage import OfferedPrompts, PromptSource

# Of a message's 4,000 characters: all texts together, a prompt in a list, and a text that is alone.
_ROOM, _MOST, _ALONE = 3_800, 900, 2_000
FILE_NAME = "text.txt"
# The sources whose text is a single one, which is shown for confirmation.
_SINGLE = (PromptSource.RECORDING, PromptSource.FOREIGN_RECORDING, PromptSource.MESSAGE)

Row = discord.ui.ActionRow[Any]


def prompt_of(offered: OfferedPrompts, number: int) -> str | None:
    """The prompt with this number, 0 for the original one. None if there is none."""
    if number == 0:
        return offered.request.prompt or None
    return offered.prompts[number - 1] if number <= len(offered.prompts) else None


def is_single(offered: OfferedPrompts) -> bool:
    """Whether the offer is one text to be confirmed, in place of several to choose from."""
    return offered.source in _SINGLE


def offer_panel(
    offered: OfferedPrompts, t: Translator, *, problem: str | None = None, english: bool = False, improves: bool = False
) -> discord.ui.LayoutView:
    """The message. `problem`: why there are no prompts, with a button to ask again. `english`: the prompts can be asked
    for in English. `improves`: a model can improve a prompt."""
    view = CheckedLayout()
    head = problem or t(f"offer.{offered.source}")
    view.add_item(discord.ui.TextDisplay(head))
    if problem is None and is_single(offered):
        _add_single(view, offered, t, improves=improves)
        return view
    shown = list(_entries(offered, t))
    room = min(_MOST, (_ROOM - weight(head)) // max(1, len(shown)) - 60)
    for number, label, prompt in shown:
        text = escape_markdown(prompt, room, t)
        hidden = f"||{text}||" if offered.request.spoiler and number else text
        view.add_item(discord.ui.TextDisplay(f"{label}{hidden}"))
        view.add_item(_choices(offered, number, t))
    if problem:
        view.add_item(Row(_button(offered, OfferAction.AGAIN, t("offer.again"), "🔁")))
    elif english:
        view.add_item(Row(_button(offered, OfferAction.ENGLISH, t("offer.english"), "🌐")))
    return view


def offer_files(offered: OfferedPrompts, t: Translator) -> list[discord.File]:
    """The whole text as a file, if the message cannot show all of it."""
    text = "\n".join(offered.prompts) if is_single(offered) else ""
    return [] if fits(text, _ALONE, t) else [text_file(text)]


def text_file(text: str) -> discord.File:
    """A text as a file."""
    return discord.File(io.BytesIO(text.encode()), FILE_NAME)


def copyable(text: str) -> str | None:
    """The text as message content from which it can be copied as it is. None if it is too long for that."""
    block = f"```\n{text.replace('```', chr(39) * 3)}\n```"
    return block if weight(block) <= MAX_CONTENT else None


def offer_modal(offered: OfferedPrompts, number: int, t: Translator) -> discord.ui.Modal:
    """The form with one of the prompts."""
    modal = discord.ui.Modal(title=t("offer.form"), custom_id=offer_modal_id(offered.id, number))
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=PROMPT_FIELD,
        style=discord.TextStyle.paragraph,
        default=(prompt_of(offered, number) or "")[:MAX_PROMPT] or None,
        required=True,
        max_length=MAX_PROMPT,
    )
    modal.add_item(discord.ui.Label(text=t("modal.prompt"), component=field))
    modal.stop()  # a stopped modal is sent but not kept in memory
    return modal


def _entries(offered: OfferedPrompts, t: Translator) -> Iterator[tuple[int, str, str]]:
    """Number, label and text of each prompt, the original one first."""
    if offered.request.prompt:
        heading = t("offer.original")
        yield 0, f"{heading}\n", offered.request.prompt
    for number, prompt in enumerate(offered.prompts, 1):
        yield number, f"**{number}.** ", prompt


def _choices(offered: OfferedPrompts, number: int, t: Translator) -> Row:
    create = _button(offered, OfferAction.CREATE, t("offer.create"), "🎨", number, primary=number > 0)
    return Row(create, _button(offered, OfferAction.EDIT, t("offer.edit"), "✏️", number))


def _add_single(view: CheckedLayout, offered: OfferedPrompts, t: Translator, *, improves: bool) -> None:
    text = "\n".join(offered.prompts)
    view.add_item(discord.ui.TextDisplay(escape_markdown(text, _ALONE, t)))
    if not fits(text, _ALONE, t):
        view.add_item(discord.ui.File(f"attachment://{FILE_NAME}"))
    if len(text) > MAX_PROMPT:
        view.add_item(discord.ui.TextDisplay(t("offer.longer_than_prompt", limit=MAX_PROMPT)))
    buttons: Sequence[OfferButton] = [
        _button(offered, OfferAction.EDIT, t("offer.create_image"), "🎨", 1, primary=True),
        *([_button(offered, OfferAction.IMPROVE, t("button.improve"), "✨", 1)] if improves else ()),
        _button(offered, OfferAction.COPY, t("offer.copy"), "📋", 1),
    ]
    view.add_item(Row(*buttons))


def _button(
    offered: OfferedPrompts, action: OfferAction, label: str, emoji: str, number: int = 0, *, primary: bool = False
) -> OfferButton:
    return OfferButton.make(OfferId(offered.id, action, number), label=label, emoji=emoji, primary=primary)
