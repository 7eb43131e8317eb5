"""Maps a refusal to the error that users see, where it depends on which engine refused and which others there are."""

from __future__ import annotations

from bot.engines.errors import EngineError
from bot.engines.registry import EngineRegistry
from bot.platform.errors import EndpointMissing, ModelNotOffered
from bot.tasks.error_mapping import error_of
from bot.tasks.errors import UserError
from storage import Request

# How many other engines a refusal names.
MAX_NAMED = 10


def refusal_of(error: EngineError, request: Request, engines: EngineRegistry) -> UserError:
    """The UserError for a request that was certainly not accepted."""
    if isinstance(error, ModelNotOffered):
        others = [name for name in engines.names if name != request.engine][:MAX_NAMED]
        if others:
            return UserError("model_not_offered", engine=request.engine, engines=", ".join(others))
        return UserError("model_not_offered_alone", engine=request.engine)
    if isinstance(error, EndpointMissing):
        return UserError("endpoint_not_offered", engine=request.engine)
    return error_of(error, request.action)
