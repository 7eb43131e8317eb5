"""Interaction payloads: made safe to store and to send on, and checked before discord.py reads them.

Discord fills them in, but much of what they hold is people's, and discord.py reads them without checking: what it
stumbles over ends the connection to the gateway.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from discord import AppCommandOptionType, app_commands

from bot.ui.components.limits import MAX_COMMAND_TEXT

Payload = Mapping[str, Any]

# Largest integer of SQLite, which holds every id of Discord's.
MAX_ID = 2**63 - 1
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Half a character, which UTF-8 cannot say, and the end of a text in C.
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
    """An interaction that is not as Discord makes them."""


def encodable(value: Any) -> Any:
    """The same with every character that cannot be stored or sent replaced, in keys and values.

    Raises RecursionError for what is nested too deep to be read.
    """
    if isinstance(value, str):
        return _UNENCODABLE.sub(_REPLACEMENT, value)
    if isinstance(value, dict):
        return {encodable(key): encodable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [encodable(each) for each in value]
    return value


def address_of(payload: Any) -> tuple[str, str, int] | None:
    """An interaction's id, token and kind, with which it is answered; None where it cannot be."""
    fields = payload if isinstance(payload, dict) else {}
    interaction_id, token, kind = fields.get("id"), fields.get("token"), fields.get("type")
    if not isinstance(interaction_id, str) or not _ID.fullmatch(interaction_id):
        return None
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return None
    return interaction_id, token, kind if isinstance(kind, int) else 0


def are_ids(values: Iterable[int | None]) -> bool:
    """Can all of these be stored as ids, where they are known?"""
    return all(value is None or 0 < value <= MAX_ID for value in values)


def check_options(command: app_commands.Command[Any, ..., Any], data: Payload, *, complete: bool) -> None:
    """Raises Unreadable for options that Discord's client would not let through for this command.

    `complete`: all is filled in; otherwise it is being typed.
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
    """A submitted window's fields by custom_id; what is no field is left out."""
    found: dict[str, Payload] = {}
    for part in _as_payloads(data.get("components")):
        # A field stands in a label (type 18) by itself, in an action row (type 1) with others.
        inner = [part["component"]] if "component" in part else part.get("components")
        for field in _as_payloads(inner):
            if isinstance(field.get("custom_id"), str):
                found[field["custom_id"]] = field
    return found


def text_in(field: Payload | None) -> str:
    """The text that a field holds; empty where it holds none."""
    value = field.get("value") if field else None
    return value if isinstance(value, str) else ""


def chosen_in(field: Payload | None) -> tuple[str, ...]:
    """What was chosen in a select, or the ids of what was put into an upload."""
    values = field.get("values") if field else None
    return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()


def attachment_in(data: Payload, attachment_id: str) -> Payload | None:
    """What Discord says of an attached file, if it says all that is needed."""
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
