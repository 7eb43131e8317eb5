"""The modal of *Continue with…*: which engine gets the image, which image of the result, and the prompt for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import discord

from bot.i18n import Translator
from bot.tasks.prompt import MAX_PROMPT, clean
from bot.ui.components.custom_ids import CONTINUE_MODAL_PATTERN
from bot.ui.components.markdown import sanitize_line
from bot.ui.components.message_components import MAX_CHOICES, MAX_OPTION
from bot.ui.components.payloads import chosen_in, fields_of, text_in
from bot.ui.modals.action_modals import PROMPT_FIELD
from storage import TaskId

ENGINE_FIELD = "engine"
IMAGE_FIELD = "image"
# A result has no more images.
MOST_IMAGES = 8
# Stands for the result as it is: a single image, or all images of a grid.
WHOLE = 9


class Continuation(NamedTuple):
    """What was filled in. `engine` is None if no valid one was selected. `image` counts from 1, or is `WHOLE`."""

    task_id: TaskId
    engine: str | None = None
    prompt: str = ""
    image: int = WHOLE

    @classmethod
    def read(cls, match: re.Match[str]) -> Continuation:
        """Reads a match of `CONTINUE_MODAL_PATTERN`."""
        return cls(match["task"], image=int(match["image"] or WHOLE))

    def modal_custom_id(self) -> str:
        """The custom_id of the modal, with the chosen image."""
        return f"cw:1:{self.task_id}:{self.image}"


def continue_modal(
    typed: Continuation,
    engines: Sequence[str],
    t: Translator,
    *,
    images: int = 1,
    in_grid: bool = False,
    custom_id: str | None = None,
) -> discord.ui.Modal:
    """The modal with these initial values. `engines`: the choices, at least one. `images`: how many the result has, as
    files of their own or `in_grid`, in one file."""
    modal = discord.ui.Modal(title=t("continue.title"), custom_id=custom_id or typed.modal_custom_id())
    # A longer name could not be an option's value.
    names = [name for name in engines if len(name) <= MAX_OPTION][:MAX_CHOICES]
    chosen = typed.engine if typed.engine in names else names[0]
    options = [discord.SelectOption(label=sanitize_line(name), value=name, default=name == chosen) for name in names]
    select: discord.ui.Select[Any] = discord.ui.Select(custom_id=ENGINE_FIELD, options=options, required=True)
    label, hint = t("continue.engine"), t("continue.engine_hint")
    modal.add_item(discord.ui.Label(text=label, description=hint, component=select))
    if images > 1:
        modal.add_item(_image_select(min(images, MOST_IMAGES), t, in_grid=in_grid))
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=PROMPT_FIELD,
        style=discord.TextStyle.paragraph,
        default=typed.prompt[:MAX_PROMPT] or None,
        required=True,
        max_length=MAX_PROMPT,
    )
    label, hint = t("continue.prompt"), t("continue.prompt_hint")
    modal.add_item(discord.ui.Label(text=label, description=hint, component=field))
    modal.stop()  # a stopped modal is sent but not kept in memory
    return modal


def read_continuation(data: Mapping[str, Any], custom_id: str) -> Continuation | None:
    """The submitted values for a modal with this custom_id. None if the custom_id is not of this module."""
    match = CONTINUE_MODAL_PATTERN.fullmatch(custom_id)
    if match is None:
        return None
    fields, opened = fields_of(data), Continuation.read(match)
    image = next(
        (value for value in chosen_in(fields.get(IMAGE_FIELD)) if value in map(str, range(1, WHOLE + 1))), None
    )
    return opened._replace(
        engine=next(iter(chosen_in(fields.get(ENGINE_FIELD))), None),
        prompt=clean(text_in(fields.get(PROMPT_FIELD))[:MAX_PROMPT]),
        image=int(image or opened.image),
    )


def _image_select(count: int, t: Translator, *, in_grid: bool) -> discord.ui.Label[Any]:
    options = [
        discord.SelectOption(label=t("continue.image_number", number=number), value=str(number), default=number == 1)
        for number in range(1, count + 1)
    ]
    if in_grid:
        options.append(discord.SelectOption(label=t("continue.whole"), value=str(WHOLE)))
    select: discord.ui.Select[Any] = discord.ui.Select(custom_id=IMAGE_FIELD, options=options, required=True)
    return discord.ui.Label(text=t("continue.image"), component=select)
