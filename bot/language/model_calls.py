"""Calls of the platform's models for a role: one request for each wish, with errors that people understand."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bot.engines.errors import AnswerLost, AuthFailed, EngineError, NotOffered, NotSent, RateLimited, ServiceRefused
from bot.engines.errors import RefusalKind as Kind
from bot.platform.chat_answer import ChatAnswer, ChatEnd
from bot.platform.errors import NoResult
from bot.platform.requests import ChatMessage, ChatRequest, ImagePart, TextPart
from bot.platform.roles import Role
from bot.platform.service import Platform
from bot.tasks.engine_calls import MAX_REASON
from bot.tasks.errors import UserError

log = logging.getLogger(__name__)


def model_for(platform: Platform | None, role: Role) -> tuple[Platform, str]:
    """The platform and its model for this role. Raises UserError if there is none."""
    model = platform.models.for_role(role) if platform else None
    if platform is None or model is None:
        raise no_model(role)
    return platform, model


def no_model(role: Role) -> UserError:
    """The error for a role that no model of the platform has."""
    match role:
        case Role.VISION:
            return UserError("no_vision_model")
        case Role.TRANSCRIPTION:
            return UserError("no_transcription_model")
        case Role.TRANSLATION:
            return UserError("no_translation_model")
    return UserError("no_text_model")


async def ask_model(
    platform: Platform | None, role: Role, instruction: str, parts: Sequence[TextPart | ImagePart]
) -> str:
    """The text of a model's answer to an instruction. Sends one request, which is billed. Raises UserError.

    The text is from outside: it has to be escaped before it is shown.
    """
    platform, model = model_for(platform, role)
    content = parts[0].text if len(parts) == 1 and isinstance(parts[0], TextPart) else list(parts)
    messages = [ChatMessage(role="system", content=instruction), ChatMessage(role="user", content=content)]
    try:
        answer = await platform.client.chat.ask(ChatRequest(model=model, messages=messages))
    except EngineError as error:
        log.info("%s: no answer of %s: %s", role, model, error)
        raise platform_error(error, role) from error
    return _text_of(answer, role, model)


def _text_of(answer: ChatAnswer, role: Role, model: str) -> str:
    """The text of an answer that ended well, or was cut off after its beginning."""
    # A program behind an account tells its failures in the text of a normal answer.
    told = answer.generation.failure[:MAX_REASON].rstrip(" .。")
    if answer.end in (ChatEnd.COMPLETE, ChatEnd.CUT) and answer.text.strip() and not told:
        return answer.text
    log.info("%s: the answer of %s is not usable: %s", role, model, answer.error or answer.end)
    if answer.error:
        raise platform_error(answer.error, role)
    raise UserError("platform_failed", reason=told) if told else UserError("platform_no_result")


def platform_error(error: EngineError, role: Role) -> UserError:
    """What a person is told about an error of the platform."""
    match error:
        case NotSent():
            return UserError("platform_not_reached")
        case NoResult():
            return UserError("platform_no_result")
        case AnswerLost():
            return UserError("platform_answer_lost")
        case NotOffered():
            return no_model(role)
        case AuthFailed():
            return UserError("platform_auth")
        case RateLimited() | ServiceRefused(kind=Kind.SATURATED | Kind.LIMIT_REACHED | Kind.QUEUE_FULL):
            return UserError("platform_busy")
        case ServiceRefused(kind=Kind.NO_CREDIT):
            return UserError("platform_no_credit")
        case ServiceRefused(kind=Kind.BANNED_PROMPT):
            return UserError("platform_declined")
        case ServiceRefused(description=reason) if reason:
            return UserError("platform_refused", reason=reason[:MAX_REASON].rstrip(" .。"))
    return UserError("platform_refused_silent")


def chosen_model_error(error: EngineError, model: str) -> UserError:
    """What a person is told about an error of a model that they chose."""
    if isinstance(error, NotOffered):
        return UserError("platform_model_missing", model=model)
    return platform_error(error, Role.CHAT)
