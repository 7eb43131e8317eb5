"""Maps the errors of the image API's client to the errors that users see."""

from __future__ import annotations

from bot.engines.errors import EngineError, NotSent, RefusalKind, ServiceRefused, Unsuitable
from bot.tasks.errors import UserError
from storage import Action

MAX_REASON = 300

# Refusals with a different meaning for some actions.
_FOR_ACTION = {
    (RefusalKind.NO_ACCOUNT, Action.SHOW): "no_account_show",
    (RefusalKind.NOT_OFFERED, Action.SHOW): "not_offered_show",
    (RefusalKind.NOT_OFFERED, Action.SWAP_VIDEO): "not_offered_swap_video",
}
# Refusals that are shown with the service's own reason, if it gives one.
_WITH_REASON = (RefusalKind.WRONG_STATE, RefusalKind.INVALID, RefusalKind.LIMIT_REACHED, RefusalKind.SERVICE_FAULT)


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
