"""Which model answers a prompt: the one that a person named, a GPT by its id, or that of the role."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.platform.model_directory import ModelDirectory
from bot.platform.roles import Role
from bot.tasks.errors import UserError

# Names in an error message.
_MOST_NAMED = 8
# The id of a GPT, alone or in the URL of its page (`…/g/g-XXXXXXXXX-some-name`).
_GPT = re.compile(r"(?:https?://\S*/g/)?(?P<id>g-[A-Za-z0-9]{9})(?:[-/?#]\S*)?", re.ASCII)
_GPT_FAMILY = "gizmo-"


def chosen_model(models: ModelDirectory, typed: str | None, *, with_image: bool) -> str:
    """The model for a prompt. Without a `typed` name it is that of the role, which for an image is vision.

    Raises UserError if there is none.
    """
    if not models.models and models.refreshed_at is None:
        raise UserError("models_unknown")
    if typed and typed.strip():
        return _named(models, typed.strip())
    model = models.for_role(Role.VISION if with_image else Role.CHAT)
    if model is None:
        raise UserError("no_vision_chat_model" if with_image else "no_chat_model")
    return model


def matching_models(models: ModelDirectory, typed: str) -> Sequence[str]:
    """The names to choose from while one is typed."""
    part = typed.strip().casefold()
    if gpt := _gpt(models, typed.strip()):
        return [gpt]
    return [name for name in models.chat_models if part in name.casefold()]


def _named(models: ModelDirectory, typed: str) -> str:
    if _GPT.fullmatch(typed):
        if (gpt := _gpt(models, typed)) is None:
            raise UserError("no_gpts")
        return gpt
    listed = {name.casefold(): name for name in models.chat_models}
    name = listed.get(typed.casefold(), typed)
    if name not in models.chat_models and not (models.sells(name) and models.is_chat(name)):
        raise UserError("no_such_chat_model", model=typed[:100], models=", ".join(models.chat_models[:_MOST_NAMED]))
    return name


def _gpt(models: ModelDirectory, typed: str) -> str | None:
    """The model of a GPT, if the platform sells the family of GPTs."""
    match = _GPT.fullmatch(typed)
    family = next((model.id[:-1] for model in models.models if model.is_family and _GPT_FAMILY in model.id), None)
    return f"{family}{match['id']}" if match and family else None
