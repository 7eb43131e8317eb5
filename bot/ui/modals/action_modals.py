"""Modals of buttons: opened as the first answer to a button, and parsed after the submission.

discord.py keeps a modal in memory until it is submitted; the bot's modals are not kept. Like a button, a modal is
recognized by its custom_id, so it can be submitted after a restart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import discord

from bot.engines.options import RATIOS
from bot.i18n import Translator
from bot.tasks.prompt import MAX_PROMPT, clean
from bot.ui.components.message_components import MODAL_PATTERN, ActionId, ModalKind
from bot.ui.components.payloads import attachment_in, chosen_in, fields_of, text_in

PROMPT_FIELD = "prompt"
AREA_FIELD = "area"
MASK_FIELD = "mask"
RATIO_FIELD = "ratio"


def modal_for(
    key: ActionId, prompt: str, t: Translator, *, areas: Collection[str] = (), custom_id: str | None = None
) -> discord.ui.Modal:
    """The modal that a button opens. `prompt`: its initial text, may be empty.

    `areas`: the initially selected areas. `custom_id`: replaces the button's own custom_id for the submission.
    """
    title = t(f"modal.title.{key.modal.name.lower()}")
    modal = discord.ui.Modal(title=title, custom_id=custom_id or key.modal_custom_id())
    if key.modal is ModalKind.RATIO:
        modal.add_item(_ratio(t))
        modal.stop()  # as below
        return modal
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=PROMPT_FIELD,
        style=discord.TextStyle.paragraph,
        default=prompt[:MAX_PROMPT] or None,
        required=True,
        max_length=MAX_PROMPT,
    )
    modal.add_item(
        discord.ui.Label(text=t("modal.prompt"), description=t(f"modal.hint.{key.modal.name.lower()}"), component=field)
    )
    if key.modal in REGIONS:
        modal.add_item(_area(areas, t))
        modal.add_item(_mask(t))
    modal.stop()  # a stopped modal is sent but not kept in memory
    return modal


def _area(chosen: Collection[str], t: Translator) -> discord.ui.Label[Any]:
    areas: discord.ui.Select[Any] = discord.ui.Select(
        custom_id=AREA_FIELD,
        options=[discord.SelectOption(label=t(f"area.{name}"), value=name, default=name in chosen) for name in AREAS],
        required=False,
        min_values=0,
        max_values=len(AREAS),
    )
    return discord.ui.Label(text=t("modal.area"), description=t("modal.area_hint"), component=areas)


def _ratio(t: Translator) -> discord.ui.Label[Any]:
    ratios: discord.ui.Select[Any] = discord.ui.Select(
        custom_id=RATIO_FIELD, options=[discord.SelectOption(label=ratio) for ratio in RATIOS], required=True
    )
    return discord.ui.Label(text=t("modal.ratio"), component=ratios)


def _mask(t: Translator) -> discord.ui.Label[Any]:
    mask: discord.ui.FileUpload[Any] = discord.ui.FileUpload(
        custom_id=MASK_FIELD, required=False, min_values=0, max_values=1
    )
    return discord.ui.Label(text=t("modal.mask"), description=t("modal.mask_hint"), component=mask)


# The modals in which a region of the image is chosen.
REGIONS = (ModalKind.REGION, ModalKind.AREAS)


# Areas of an image as (left, top, right, bottom) in twelfths of its size.
AREAS: Mapping[str, tuple[int, int, int, int]] = {
    "left": (0, 0, 6, 12),
    "right": (6, 0, 12, 12),
    "top": (0, 0, 12, 6),
    "bottom": (0, 6, 12, 12),
    "left_third": (0, 0, 4, 12),
    "middle_third": (4, 0, 8, 12),
    "right_third": (8, 0, 12, 12),
    "top_third": (0, 0, 12, 4),
    "waist_third": (0, 4, 12, 8),
    "bottom_third": (0, 8, 12, 12),
    "top_left": (0, 0, 6, 6),
    "top_right": (6, 0, 12, 6),
    "bottom_left": (0, 6, 6, 12),
    "bottom_right": (6, 6, 12, 12),
}


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file uploaded in a modal. `size` in bytes, according to Discord."""

    name: str
    url: str = field(repr=False)
    size: int


class SubmittedModal(NamedTuple):
    """A submitted modal: its button, and the submitted values. `aspect` is the chosen aspect ratio, if the modal asks
    for one and not for a prompt."""

    key: ActionId
    prompt: str
    areas: tuple[str, ...]
    upload: UploadedFile | None = None
    aspect: str | None = None


def read_submitted(data: Mapping[str, Any]) -> SubmittedModal | None:
    """Parses the interaction data of a modal. None if it is not a modal of this module."""
    match = MODAL_PATTERN.fullmatch(str(data.get("custom_id", "")))
    return None if match is None else read_fields(data, ActionId.read(match))


def read_fields(data: Mapping[str, Any], key: ActionId) -> SubmittedModal | None:
    """Parses the submitted values for this button's modal. None for data that no Discord client sends."""
    fields = fields_of(data)
    prompt = text_in(fields.get(PROMPT_FIELD))
    if len(prompt) > MAX_PROMPT:
        return None
    chosen = tuple(name for name in chosen_in(fields.get(AREA_FIELD)) if name in AREAS)
    uploads = [attachment_in(data, each) for each in chosen_in(fields.get(MASK_FIELD))]
    given = next(filter(None, uploads), None)
    upload = UploadedFile(given["filename"], given["url"], given["size"]) if given else None
    aspect = next((ratio for ratio in chosen_in(fields.get(RATIO_FIELD)) if ratio in RATIOS), None)
    if key.modal is ModalKind.RATIO and aspect is None:
        return None
    return SubmittedModal(key, clean(prompt), chosen, upload, aspect)
