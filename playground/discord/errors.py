"""Discord's error answers (developer documentation, "Opcodes and Status Codes", "JSON error codes")."""

from collections.abc import Iterable
from typing import Any

Found = list[tuple[tuple[str, ...], str, str]]


class ApiError(Exception):
    """An answer other than 2xx: HTTP status, Discord's code and words, and for 50035 what is wrong where.

    With `page` it is not JSON but that text as HTML, as from a server in front of Discord.
    """

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        self.headers: dict[str, str] = {}
        self.extra: dict[str, Any] = {}
        self.page: str | None = None

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"message": self.message, "code": self.code, **self.extra}
        if self.errors:
            body["errors"] = self.errors
        return body


def unauthorized() -> ApiError:
    return ApiError(401, 0, "401: Unauthorized")


def not_found() -> ApiError:
    return ApiError(404, 0, "404: Not Found")


def unknown_channel() -> ApiError:
    return ApiError(404, 10003, "Unknown Channel")


def unknown_guild() -> ApiError:
    return ApiError(404, 10004, "Unknown Guild")


def unknown_member() -> ApiError:
    return ApiError(404, 10007, "Unknown Member")


def unknown_message() -> ApiError:
    return ApiError(404, 10008, "Unknown Message")


def unknown_user() -> ApiError:
    return ApiError(404, 10013, "Unknown User")


def unknown_webhook() -> ApiError:
    return ApiError(404, 10015, "Unknown Webhook")


def unknown_interaction() -> ApiError:
    return ApiError(404, 10062, "Unknown interaction")


def unknown_command() -> ApiError:
    return ApiError(404, 10063, "Unknown application command")


def unknown_command_permissions() -> ApiError:
    return ApiError(404, 10066, "Unknown application command permissions")


def too_many_commands(most: int) -> ApiError:
    return ApiError(400, 30032, f"Maximum number of application commands reached ({most}).")


def too_large() -> ApiError:
    return ApiError(413, 40005, "Request entity too large")


def already_acknowledged() -> ApiError:
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def too_many_followups() -> ApiError:
    return ApiError(400, 40094, "This interaction has reached the maximum number of follow-up messages")


def missing_access() -> ApiError:
    return ApiError(403, 50001, "Missing Access")


def not_the_author() -> ApiError:
    return ApiError(403, 50005, "Cannot edit a message authored by another user")


def empty_message() -> ApiError:
    return ApiError(400, 50006, "Cannot send an empty message")


def cannot_message_user() -> ApiError:
    return ApiError(403, 50007, "Cannot send messages to this user")


def no_mutual_guilds() -> ApiError:
    return ApiError(403, 50278, "Cannot send messages to this user due to having no mutual guilds")


def explicit_content() -> ApiError:
    return ApiError(403, 20009, "Explicit content cannot be sent to the desired recipient(s)")


def too_many_late_edits() -> ApiError:
    return ApiError(429, 30046, "Maximum number of edits to messages older than 1 hour reached. Try again later")


def archived_thread() -> ApiError:
    return ApiError(400, 50083, "Thread is archived")


def locked_thread() -> ApiError:
    return ApiError(403, 160005, "Thread is locked")


def blocked_by_automod() -> ApiError:
    return ApiError(400, 200000, "Message was blocked by automatic moderation")


def missing_permissions() -> ApiError:
    return ApiError(403, 50013, "Missing Permissions")


def cannot_reply() -> ApiError:
    return ApiError(403, 160002, "Cannot reply without permission to read message history")


def invalid_webhook_token() -> ApiError:
    return ApiError(401, 50027, "Invalid Webhook Token")


def token_ended(code: int) -> ApiError:
    """The answers seen when an interaction's token has ended."""
    answers = (invalid_webhook_token(), unknown_webhook(), unknown_interaction(), too_many_followups())
    return next(error for error in answers if error.code == code)


def invalid_json() -> ApiError:
    return ApiError(400, 50109, "The request body contains invalid JSON.")


def invalid_form(found: Iterable[tuple[tuple[str, ...], str, str]]) -> ApiError:
    """50035, its `errors` nested by path as Discord nests them."""
    errors: dict[str, Any] = {}
    for path, code, message in found:
        node = errors
        for part in path:
            node = node.setdefault(part, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})
    return ApiError(400, 50035, "Invalid Form Body", errors)


def rate_limited(retry_after: float, *, everywhere: bool) -> ApiError:
    error = ApiError(429, 0, "You are being rate limited.")
    error.extra = {"retry_after": round(retry_after, 3), "global": everywhere}
    return error
