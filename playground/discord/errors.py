"""Discord's error responses (developer documentation, "Opcodes and Status Codes", "JSON error codes")."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

FormErrors = list[tuple[tuple[str, ...], str, str]]


class ErrorCode(NamedTuple):
    """HTTP status, code and text of an error."""

    status: int
    code: int
    message: str


UNAUTHORIZED = ErrorCode(401, 0, "401: Unauthorized")
NOT_FOUND = ErrorCode(404, 0, "404: Not Found")
SERVER_ERROR = ErrorCode(500, 0, "500: Internal Server Error")
RATE_LIMITED = ErrorCode(429, 0, "You are being rate limited.")
UNKNOWN_APPLICATION = ErrorCode(404, 10002, "Unknown Application")
UNKNOWN_CHANNEL = ErrorCode(404, 10003, "Unknown Channel")
UNKNOWN_GUILD = ErrorCode(404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = ErrorCode(404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = ErrorCode(404, 10008, "Unknown Message")
UNKNOWN_USER = ErrorCode(404, 10013, "Unknown User")
UNKNOWN_WEBHOOK = ErrorCode(404, 10015, "Unknown Webhook")
UNKNOWN_INTERACTION = ErrorCode(404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = ErrorCode(404, 10063, "Unknown application command")
UNKNOWN_COMMAND_PERMISSIONS = ErrorCode(404, 10066, "Unknown application command permissions")
EXPLICIT_CONTENT = ErrorCode(403, 20009, "Explicit content cannot be sent to the desired recipient(s)")
TOO_MANY_COMMANDS = ErrorCode(400, 30032, "Maximum number of application commands reached.")
TOO_MANY_LATE_EDITS = ErrorCode(
    429, 30046, "Maximum number of edits to messages older than 1 hour reached. Try again later"
)
TOO_LARGE = ErrorCode(413, 40005, "Request entity too large")
ALREADY_ACKNOWLEDGED = ErrorCode(400, 40060, "Interaction has already been acknowledged.")
TOO_MANY_FOLLOWUPS = ErrorCode(400, 40094, "This interaction has reached the maximum number of follow-up messages")
MISSING_ACCESS = ErrorCode(403, 50001, "Missing Access")
NOT_THE_AUTHOR = ErrorCode(403, 50005, "Cannot edit a message authored by another user")
EMPTY_MESSAGE = ErrorCode(400, 50006, "Cannot send an empty message")
CANNOT_MESSAGE_USER = ErrorCode(403, 50007, "Cannot send messages to this user")
MISSING_PERMISSIONS = ErrorCode(403, 50013, "Missing Permissions")
INVALID_WEBHOOK_TOKEN = ErrorCode(401, 50027, "Invalid Webhook Token")
INVALID_FORM_BODY = ErrorCode(400, 50035, "Invalid Form Body")
THREAD_ARCHIVED = ErrorCode(400, 50083, "Thread is archived")
INVALID_JSON = ErrorCode(400, 50109, "The request body contains invalid JSON.")
NO_MUTUAL_GUILDS = ErrorCode(403, 50278, "Cannot send messages to this user due to having no mutual guilds")
CANNOT_REPLY = ErrorCode(403, 160002, "Cannot reply without permission to read message history")
THREAD_LOCKED = ErrorCode(403, 160005, "Thread is locked")
BLOCKED_BY_AUTOMOD = ErrorCode(400, 200000, "Message was blocked by automatic moderation")

# The responses that were observed for an interaction token that has expired.
TOKEN_EXPIRED = {
    each.code: each for each in (INVALID_WEBHOOK_TOKEN, UNKNOWN_WEBHOOK, UNKNOWN_INTERACTION, TOO_MANY_FOLLOWUPS)
}


@dataclass(eq=False)
class ApiError(Exception):
    """A response other than 2xx. `extra` are further keys of its JSON body, such as `errors` of code 50035.

    With `page` the body is that HTML text, as a proxy in front of Discord would send it.
    """

    status: int
    code: int
    message: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    page: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        return {"message": self.message, "code": self.code, **self.extra}


def invalid_form(found: FormErrors) -> ApiError:
    """50035, its `errors` nested by path as Discord nests them."""
    errors: dict[str, Any] = {}
    for path, code, message in found:
        node = errors
        for part in path:
            node = node.setdefault(part, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})
    return ApiError(*INVALID_FORM_BODY, extra={"errors": errors})


def rate_limited(retry_after: float, scope: str, headers: Mapping[str, str]) -> ApiError:
    """429 with the headers that tell a client that it comes from Discord and not from a proxy in front of it.

    `scope` is user, shared or global.
    """
    own = {"Retry-After": str(max(1, round(retry_after + 0.5))), "X-RateLimit-Scope": scope, "Via": "1.1 google"}
    extra = {"retry_after": round(retry_after, 3), "global": scope == "global"}
    return ApiError(*RATE_LIMITED, extra, {**headers, **own})
