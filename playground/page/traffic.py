"""The traffic beside the conversation: interactions, the bot's requests to Discord, and those to the image API."""

from __future__ import annotations

from typing import Any

from playground.discord import CallbackType, Interaction, Json, Person, RequestRecord

# Rows that a screen gets when it opens.
MOST_ROWS = 200
# Longest text of one value in a row; pictures come as data URLs of megabytes.
MOST_TEXT = 400

ANSWERS: dict[int, str] = {
    CallbackType.REPLY: "message",
    CallbackType.DEFER_REPLY: "thinking…",
    CallbackType.DEFER_UPDATE: "silent acknowledgement",
    CallbackType.UPDATE: "message edited",
    CallbackType.CHOICES: "choices",
    CallbackType.MODAL: "window",
}
KINDS = {2: "command", 3: "component", 4: "autocomplete", 5: "window"}


def interaction_row(interaction: Interaction) -> Json:
    """An interaction: what was done, what the bot answered first, and after how many milliseconds."""
    acknowledged = interaction.acknowledged_at
    row: Json = {
        "row": f"i{interaction.id}",
        "type": "interaction",
        "at": interaction.created_at,
        "id": str(interaction.id),
        "kind": KINDS.get(interaction.type, "interaction"),
        "menu": interaction.data.get("type") in (2, 3),
        "name": interaction.data.get("name"),
        "custom_id": interaction.data.get("custom_id"),
        "said": interaction.said,
        "user": str(interaction.user.id),
        "channel": str(interaction.channel.id),
        "message": str(interaction.message.id) if interaction.message else None,
        "opened_by": str(interaction.opened_by.id) if interaction.opened_by else None,
        "state": interaction.state,
        "ms": None if acknowledged is None else round(acknowledged * 1000),
        "answer": ANSWERS.get(interaction.callback_type or 0),
        "deliveries": interaction.deliveries,
        "data": shortened(interaction.data),
        "callback": shortened(interaction.callback_data),
        "messages": [str(each.id) for each in interaction.messages],
    }
    return row


def window_of(interaction: Interaction, person: Person) -> Json | None:
    """The window that an interaction opened, for the person who sees it."""
    return interaction.modal if interaction.user is person.user else None


def request_row(record: RequestRecord, interactions: list[Interaction]) -> Json:
    """A request of the bot to Discord, and Discord's answer."""
    took = None if record.answered_at is None else round((record.answered_at - record.at) * 1000)
    return {
        "row": f"d{record.at:.6f}",
        "type": "discord",
        "at": record.at,
        "method": record.method,
        "path": _path(record),
        "status": record.status,
        "ms": took,
        "body": shortened(record.json),
        "files": [{"name": name, "size": size} for _, name, size in record.files],
        "answer": shortened(record.error),
        "refusal": _refusal(record),
        "channel": _channel_of(record, interactions),
    }


def _path(record: RequestRecord) -> str:
    """The path without the application's id and tokens, which say nothing to a reader."""
    path = record.route.replace("/{webhook_id}/{webhook_token}", "").replace(
        "/{interaction_id}/{interaction_token}", ""
    )
    return path.replace("/applications/{application_id}", "/applications/…") or record.path


def _refusal(record: RequestRecord) -> Json | None:
    """Why Discord refused a request, in its words; None where it did not, or only asked to wait."""
    if record.error is None or record.status == 429:
        return None
    reasons = [f"{path}: {message}" if path else message for path, message in _reasons(record.error.get("errors"))]
    return {"code": record.error.get("code"), "message": record.error.get("message"), "reasons": reasons}


def _reasons(errors: Any, path: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if isinstance(errors, dict):
        for key, value in errors.items():
            if key == "_errors":
                found += [(path, str(each.get("message"))) for each in value]
            else:
                found += _reasons(value, f"{path}.{key}" if path else key)
    return found


def _channel_of(record: RequestRecord, interactions: list[Interaction]) -> str | None:
    """The channel in which a request was to be seen."""
    parts = record.path.strip("/").split("/")
    if parts[0] == "channels" and len(parts) > 1:
        return parts[1]
    if parts[0] in ("webhooks", "interactions") and len(parts) > 2:
        token = parts[2]
        found = next((each for each in reversed(interactions) if each.token == token), None)
        return str(found.channel.id) if found else None
    return None


def shortened(value: Any) -> Any:
    """A copy of JSON whose long texts end in how much was left out."""
    if isinstance(value, dict):
        return {key: shortened(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shortened(each) for each in value]
    if isinstance(value, str) and len(value) > MOST_TEXT:
        return f"{value[:MOST_TEXT]}… (+{len(value) - MOST_TEXT:,} characters)"
    return value
