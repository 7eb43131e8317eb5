"""What a person is told if a call for a model of their choice fails."""

from __future__ import annotations

from bot.engines.errors import EngineError, NotOffered
from bot.language.model_calls import platform_error
from bot.platform.engines_file import Role
from bot.tasks.errors import UserError


def error_of(error: EngineError, model: str) -> UserError:
    """The UserError for a call of this model that failed."""
    if isinstance(error, NotOffered):
        return UserError("platform_model_missing", model=model)
    return platform_error(error, Role.CHAT)
