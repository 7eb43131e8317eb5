"""The modal of *Use this image…*: what to do with the image of a message, and the prompt for it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

import discord

from bot.engines.base import EngineCapabilities
from bot.engines.models import Feature
from bot.i18n import Translator
from bot.tasks.prompt import MAX_PROMPT
from bot.ui.components.payloads import MAX_ID, attachment_in, chosen_in, fields_of, text_in
from bot.ui.modals.action_modals import PROMPT_FIELD, UploadedFile
from storage import Action, Draft

USE_FIELD = "use"
MORE_FIELD = "more"
# A blend takes up to five images; a face swap takes one face.
MOST_MORE = 4
WITH_MORE = (Action.BLEND, Action.SWAP)

IMAGE_USE_PATTERN = re.compile(r"uw:1:(?P<interaction>[0-9]{1,20})")


class ImageUse(NamedTuple):
    """What to do with the image that the user chose by this interaction. `action` is None if no valid action was
    selected."""

    interaction_id: int
    action: Action | None
    prompt: str
    more: Sequence[UploadedFile] = ()

    def modal_custom_id(self) -> str:
        """The custom_id of the modal that belongs to this interaction."""
        return f"uw:1:{self.interaction_id}"


# Starts the submitted use of an image from this draft, whose own interaction is acknowledged already.
UseHandler = Callable[[discord.Interaction[Any], ImageUse, Draft], Awaitable[None]]


def image_uses(capabilities: EngineCapabilities) -> list[Action]:
    """The actions available for an image, according to the known capabilities."""
    possible = {
        Action.EDIT: capabilities.has(Feature.EDIT) or capabilities.has(Feature.EDIT_OLDER),
        Action.VIDEO: capabilities.has(Feature.VIDEO),
        Action.RETEXTURE: capabilities.has(Feature.RETEXTURE),
        Action.IMAGINE: True,
        Action.BLEND: capabilities.has(Feature.BLEND),
        Action.SWAP: capabilities.has(Feature.SWAP),
    }
    return [action for action, there in possible.items() if there]


def image_use_modal(
    custom_id: str, capabilities: EngineCapabilities, t: Translator, *, chosen: Action | None = None, prompt: str = ""
) -> discord.ui.Modal:
    """The modal for an image, with this custom_id. `chosen` and `prompt` are its initial values."""
    modal = discord.ui.Modal(title=t("use.title"), custom_id=custom_id)
    actions = image_uses(capabilities)
    first = chosen if chosen in actions else actions[0]
    options = [
        discord.SelectOption(label=t(f"use.{action}"), value=action, default=action is first) for action in actions
    ]
    select: discord.ui.Select[Any] = discord.ui.Select(custom_id=USE_FIELD, options=options, required=True)
    modal.add_item(discord.ui.Label(text=t("use.use"), component=select))
    field: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id=PROMPT_FIELD,
        style=discord.TextStyle.paragraph,
        default=prompt[:MAX_PROMPT] or None,
        required=False,
        max_length=MAX_PROMPT,
    )
    modal.add_item(discord.ui.Label(text=t("modal.prompt"), description=t("use.prompt_hint"), component=field))
    if any(action in WITH_MORE for action in actions):
        more: discord.ui.FileUpload[Any] = discord.ui.FileUpload(
            custom_id=MORE_FIELD, required=False, min_values=0, max_values=MOST_MORE
        )
        modal.add_item(discord.ui.Label(text=t("use.more"), description=t("use.more_hint"), component=more))
    modal.stop()  # a stopped modal is sent but not kept in memory
    return modal


def read_image_use(data: Mapping[str, Any]) -> ImageUse | None:
    """Parses the interaction data of a modal. None if it is not a modal of this module."""
    return used_in(data, str(data.get("custom_id", "")))


def used_in(data: Mapping[str, Any], custom_id: str) -> ImageUse | None:
    """Parses the submitted values for a modal with this custom_id. None if the custom_id is not of this module."""
    match = IMAGE_USE_PATTERN.fullmatch(custom_id)
    if match is None or int(match["interaction"]) > MAX_ID:
        return None
    fields = fields_of(data)
    chosen = next(iter(chosen_in(fields.get(USE_FIELD))), None)
    files = [attachment_in(data, each) for each in chosen_in(fields.get(MORE_FIELD))[:MOST_MORE]]
    more = [UploadedFile(each["filename"], each["url"], each["size"]) for each in files if each]
    action = Action(chosen) if chosen in list(Action) else None
    return ImageUse(int(match["interaction"]), action, text_in(fields.get(PROMPT_FIELD))[:MAX_PROMPT], more)
