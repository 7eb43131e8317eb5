"""What requests have to do with their engines: which one it is, and what its errors mean to users."""

from __future__ import annotations

import dataclasses

from bot.engines.base import ImageEngine
from bot.engines.errors import EngineError, NotSent, RefusalKind, ServiceRefused, Unsuitable
from bot.engines.registry import EngineMissing, EngineRegistry, NoEngine
from bot.platform.errors import EndpointMissing, ModelNotOffered
from bot.tasks.errors import UserError
from storage import Action, Request

# Characters of a service's reason that are shown.
MAX_REASON = 300
# How many other engines a refusal names.
MAX_NAMED = 10

# Refusals with a different meaning for some actions.
_FOR_ACTION = {
    (RefusalKind.NO_ACCOUNT, Action.SHOW): "no_account_show",
    (RefusalKind.NOT_OFFERED, Action.SHOW): "not_offered_show",
    (RefusalKind.NOT_OFFERED, Action.SWAP_VIDEO): "not_offered_swap_video",
}
# Refusals that are shown with the service's own reason, if it gives one.
_WITH_REASON = (RefusalKind.WRONG_STATE, RefusalKind.INVALID, RefusalKind.LIMIT_REACHED, RefusalKind.SERVICE_FAULT)


def engine_of(engines: EngineRegistry, request: Request) -> ImageEngine:
    """The engine of a request. Raises UserError if it is not configured any longer."""
    try:
        return engines.named(request.engine)
    except EngineMissing as error:
        raise UserError("engine_missing", engine=request.engine) from error


def default_engine(engines: EngineRegistry) -> ImageEngine:
    """The engine of requests whose user chose none. Raises UserError."""
    try:
        return engines.default
    except NoEngine as error:
        raise UserError("no_engine" if error.known else "engines_unknown") from error


def with_engine(engines: EngineRegistry, request: Request, preferred: str | None) -> Request:
    """The request with an engine: the one that it names, else the user's own default if that is offered now, else the
    default of this program. Raises UserError."""
    if request.engine:
        return request
    if preferred and engines.offers_engine(preferred):
        return dataclasses.replace(request, engine=preferred)
    return dataclasses.replace(request, engine=default_engine(engines).name)


def error_of(error: EngineError, action: Action | None = None) -> UserError:
    """The UserError for a request that the service certainly did not accept. `action` is the request's action."""
    if isinstance(error, Unsuitable):
        return UserError(error.limitation.value, **error.params)
    if isinstance(error, NotSent):
        return UserError("not_sent")
    if not isinstance(error, ServiceRefused):
        return UserError("service_fault_silent")
    # The texts continue after the reason.
    kind, reason = error.kind, error.description[:MAX_REASON].rstrip(" .。")
    if action and (code := _FOR_ACTION.get((kind, action))):
        return UserError(code)
    if kind is RefusalKind.BANNED_PROMPT and error.banned_word:
        return UserError("banned_prompt_word", word=error.banned_word[:MAX_REASON])
    if kind not in _WITH_REASON:
        return UserError(kind.value)
    return UserError(kind.value, reason=reason) if reason else UserError(f"{kind.value}_silent")


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
