"""What members chose and typed: options of commands and fields of modals, validated.

Discord creates these payloads, but much of their content comes from users, and discord.py does not validate it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from discord import AppCommandOptionType, app_commands

from bot.ui.components.message_components import MAX_COMMAND_TEXT

Payload = Mapping[str, Any]

# Largest integer of SQLite; all of Discord's ids are below it.
MAX_ID = 2**63 - 1
_TYPES: Mapping[AppCommandOptionType, type] = {
    AppCommandOptionType.string: str,
    AppCommandOptionType.integer: int,
    AppCommandOptionType.boolean: bool,
    AppCommandOptionType.attachment: str,
}


class InvalidPayload(Exception):
    """An interaction payload that Discord does not produce."""


def check_options(command: app_commands.Command[Any, ..., Any], data: Payload, *, complete: bool) -> None:
    """Raises InvalidPayload for options that Discord's client would not accept for this command.

    `complete`: the command was submitted; otherwise the user is still typing.
    """
    known = {parameter.display_name: parameter for parameter in command.parameters}
    for option in _mappings(data.get("options", [])):
        name = option.get("name")
        if not isinstance(name, str) or name not in known:
            raise InvalidPayload("unknown option")
        value = option.get("value")
        if complete:
            _check_value(known[name], value, data)
        elif option.get("focused") and not (known[name].autocomplete and isinstance(value, str)):
            raise InvalidPayload("option without autocomplete")


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
        raise InvalidPayload("wrong option type")
    if parameter.type is AppCommandOptionType.attachment and attachment_in(data, str(value)) is None:
        raise InvalidPayload("missing attachment")
    if parameter.choices and value not in [choice.value for choice in parameter.choices]:
        raise InvalidPayload("unknown choice")
    size: Any = len(value) if isinstance(value, str) else value
    most = parameter.max_value if parameter.max_value is not None else MAX_COMMAND_TEXT
    if size > most or size < (parameter.min_value or 0):
        raise InvalidPayload("option too short or too long")


def _mappings(values: Any) -> Sequence[Payload]:
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        raise InvalidPayload("wrong list item type")
    return values


def _as_payloads(values: Any) -> list[Payload]:
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []
