"""What requests have to do with their engines: which one a user gets, and what its errors mean to users."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping

from bot.engines.base import ImageEngine
from bot.engines.errors import EngineError, NotSent, RefusalKind, ServiceRefused, Unsuitable
from bot.engines.models import RemoteTask
from bot.engines.registry import EngineRegistry, NoEngine
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

# Services word each kind of failure in many ways (docs/image-api.md#failures).
_CODES = {
    "banned": re.compile(
        r"banned|sensitive|moderat|image filter|blocked|not allowed|community (?:standard|guideline)|敏感|违规",
        re.IGNORECASE,
    ),
    "parameter": re.compile(r"invalid param|unrecognized param|invalid link|unknown flag|参数", re.IGNORECASE),
    "timeout": re.compile(r"time(?:d)? ?out|超时", re.IGNORECASE),
}
# Matches whole reasons, because others mention a cancellation together with its cause ("cancelled due to image
# filters").
_CANCELLED = re.compile(
    r"\W*(?:(?:the )?(?:task|job|request) (?:was |has been |is )?)?cancell?ed(?: by (?:the )?(?:user|admin\w*))?\W*"
    r"|\W*(?:任务|作业)?(?:已|被|主动|手动|用户)*取消(?:任务|作业)?\W*",
    re.IGNORECASE,
)


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


def failure_of(remote: RemoteTask) -> tuple[str | None, Mapping[str, str]]:
    """The code of a failure and its values."""
    if remote.fail_kind is None:
        return failure_code(remote.fail_reason), {}
    refusal = error_of(ServiceRefused(remote.fail_kind, remote.fail_reason))
    return refusal.code, refusal.params


def says_cancelled(reason: str) -> bool:
    """Whether the reason says only that the task was canceled (docs/image-api.md#cancel)."""
    return _CANCELLED.fullmatch(reason) is not None


def failure_code(reason: str) -> str | None:
    """`banned`, `parameter` or `timeout`, or None if the reason matches no known kind."""
    return next((code for code, pattern in _CODES.items() if pattern.search(reason)), None)
