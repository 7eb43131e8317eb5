"""Interaction payloads: sanitized for storage and sending, and validated before discord.py reads them.

Discord creates the payloads, but much of their content comes from users, and discord.py does not validate it. An
exception there closes the gateway connection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import discord
from discord import AppCommandOptionType, app_commands

from bot.ui.components.message_components import MAX_COMMAND_TEXT

Payload = Mapping[str, Any]

# Largest integer of SQLite; all of Discord's ids are below it.
MAX_ID = 2**63 - 1
# Discord's "Component Types".
_ACTION_ROW, _CONTAINER = discord.ComponentType.action_row.value, discord.ComponentType.container.value
# Fields of a message that are optional for discord.py, and that no handler reads.
_UNREAD = ("interaction_metadata", "interaction", "message_snapshots", "referenced_message", "reactions", "resolved")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Lone surrogates, which UTF-8 cannot encode, and NUL, which ends a C string.
_UNENCODABLE = re.compile("[\ud800-\udfff\0]")
_TOKEN = re.compile(r"[\w.\-]{1,400}", re.ASCII)
_ID = re.compile(r"[0-9]{1,20}")
_TYPES: Mapping[AppCommandOptionType, type] = {
    AppCommandOptionType.string: str,
    AppCommandOptionType.integer: int,
    AppCommandOptionType.boolean: bool,
    AppCommandOptionType.attachment: str,
}


class Unreadable(Exception):
    """An interaction payload that Discord does not produce."""


def encodable(value: Any) -> Any:
    """The value with every character replaced that cannot be stored or sent, in keys and values. A copy if there is
    any.

    Raises RecursionError if the value is nested too deeply.
    """
    # None of these characters is printable, so `repr` escapes them. It reads the whole value without a call for each
    # part, and nearly no payload has one of them.
    shown = repr(value)
    return _replaced(value) if "\\ud" in shown or "\\x00" in shown else value


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return _UNENCODABLE.sub(_REPLACEMENT, value)
    if isinstance(value, dict):
        return {_replaced(key): _replaced(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each) for each in value]
    return value


def shortened(payload: Any) -> Any:
    """An interaction payload with what handlers read of its message: ids, flags, attachments, and images in components.
    discord.py would make objects of everything else, above all of each button."""
    message = payload.get("message") if isinstance(payload, dict) else None
    if not isinstance(message, dict) or not isinstance(message.get("components", []), list):
        return payload
    kept = {**message, "components": _without_rows(message.get("components", [])), "embeds": [], "mentions": []}
    for name in _UNREAD:
        kept.pop(name, None)
    return {**payload, "message": kept}


def _without_rows(components: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for part in components:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == _CONTAINER and isinstance(part.get("components"), list):
            kept.append({**part, "components": _without_rows(part["components"])})
        elif kind != _ACTION_ROW:
            kept.append(part)
    return kept


def address_of(payload: Any) -> tuple[str, str, int] | None:
    """An interaction's id, token and type, which are needed to answer it. None if it cannot be answered."""
    fields = payload if isinstance(payload, dict) else {}
    interaction_id, token, kind = fields.get("id"), fields.get("token"), fields.get("type")
    if not isinstance(interaction_id, str) or not _ID.fullmatch(interaction_id):
        return None
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return None
    return interaction_id, token, kind if isinstance(kind, int) else 0


def are_ids(values: Iterable[int | None]) -> bool:
    """Whether all of these values that are not None can be stored as ids."""
    return all(value is None or 0 < value <= MAX_ID for value in values)


def check_options(command: app_commands.Command[Any, ..., Any], data: Payload, *, complete: bool) -> None:
    """Raises Unreadable for options that Discord's client would not accept for this command.

    `complete`: the command was submitted; otherwise the user is still typing.
    """
    known = {parameter.display_name: parameter for parameter in command.parameters}
    for option in _mappings(data.get("options", [])):
        name = option.get("name")
        if not isinstance(name, str) or name not in known:
            raise Unreadable("unknown option")
        value = option.get("value")
        if complete:
            _check_value(known[name], value, data)
        elif option.get("focused") and not (known[name].autocomplete and isinstance(value, str)):
            raise Unreadable("option without autocomplete")


def fields_of(data: Payload) -> Mapping[str, Payload]:
    """The fields of a submitted modal by custom_id. Other components are ignored."""
    found: dict[str, Payload] = {}
    for part in _as_payloads(data.get("components")):
        # A label (type 18) holds one field, an action row (type 1) holds several components.
        inner = [part["component"]] if "component" in part else part.get("components")
        for field in _as_payloads(inner):
            if isinstance(field.get("custom_id"), str):
                found[field["custom_id"]] = field
    return found


def text_in(field: Payload | None) -> str:
    """The text of a field, or an empty string."""
    value = field.get("value") if field else None
    return value if isinstance(value, str) else ""


def chosen_in(field: Payload | None) -> tuple[str, ...]:
    """The selected values of a select, or the ids of uploaded files."""
    values = field.get("values") if field else None
    return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()


def attachment_in(data: Payload, attachment_id: str) -> Payload | None:
    """Discord's data about an attached file. None if required fields are missing or have wrong types."""
    resolved = data.get("resolved")
    files = resolved.get("attachments") if isinstance(resolved, dict) else None
    file = files.get(attachment_id) if isinstance(files, dict) else None
    if not isinstance(file, dict) or not isinstance(file.get("content_type"), str | None):
        return None
    named = all(isinstance(file.get(name), str) for name in ("filename", "url"))
    return file if named and isinstance(file.get("size"), int) else None


def _check_value(parameter: app_commands.Parameter, value: Any, data: Payload) -> None:
    wanted = _TYPES.get(parameter.type)
    if wanted is None or not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise Unreadable("wrong option type")
    if parameter.type is AppCommandOptionType.attachment and attachment_in(data, str(value)) is None:
        raise Unreadable("missing attachment")
    if parameter.choices and value not in [choice.value for choice in parameter.choices]:
        raise Unreadable("unknown choice")
    size: Any = len(value) if isinstance(value, str) else value
    most = parameter.max_value if parameter.max_value is not None else MAX_COMMAND_TEXT
    if size > most or size < (parameter.min_value or 0):
        raise Unreadable("option too short or too long")


def _mappings(values: Any) -> Sequence[Payload]:
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        raise Unreadable("wrong list item type")
    return values


def _as_payloads(values: Any) -> list[Payload]:
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []
