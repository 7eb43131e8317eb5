"""What a person's client makes of a filled-in modal: checked against the modal, put on the wire."""

from collections.abc import Mapping, Sequence

from playground.discord.components import ROW, TEXT
from playground.discord.modals import CHECKBOX, CHECKBOX_GROUP, LABEL, RADIO_GROUP, TEXT_INPUT
from playground.discord.options import ClientRefused, Typed
from playground.discord.records import Json, UploadedFile, User
from playground.discord.selects import SELECTS, STRING_SELECT

Entered = str | bool | None | Sequence[str] | Sequence[UploadedFile] | Sequence[User]


def fill(modal: Json, values: Mapping[str, Entered], typed: Typed) -> list[Json]:
    """The `components` of a modal submit. A field that is left out keeps what the modal had put there."""
    fields = [_field(component) for component in modal["components"]]
    known = {each["custom_id"] for each in fields if each}
    unknown = set(values) - known
    if unknown:
        raise ClientRefused(f"the window has no field {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    filled: list[Json] = []
    for number, component in enumerate(modal["components"], 1):
        answer: Json = {"type": component["type"], "id": component.get("id") or number}
        field = _field(component)
        if field is not None:
            entered = _fill_field(field, values, typed) | {"id": field.get("id") or 100 + number}
            answer["components" if component["type"] == ROW else "component"] = (
                [entered] if component["type"] == ROW else entered
            )
        filled.append(answer)
    return filled


def _field(component: Json) -> Json | None:
    if component["type"] == TEXT:
        return None
    field: Json = component["component"] if component["type"] == LABEL else component["components"][0]
    return field


def _fill_field(field: Json, values: Mapping[str, Entered], typed: Typed) -> Json:
    kind, name = field["type"], field["custom_id"]
    answer: Json = {"type": kind, "custom_id": name}
    given = values.get(name)
    if kind == TEXT_INPUT:
        return answer | {"value": _text(field, given)}
    if kind == CHECKBOX:
        return answer | {"value": bool(field.get("default") if given is None else given)}
    if kind == RADIO_GROUP:
        chosen = _chosen(field, [given] if isinstance(given, str) else given, most=1)
        return answer | {"value": chosen[0] if chosen else None}
    if kind == CHECKBOX_GROUP or kind in SELECTS:
        most = field.get("max_values") or (1 if kind in SELECTS else len(field["options"]))
        return answer | {"values": _entities(field, given, typed) if _is_entity(kind) else _chosen(field, given, most)}
    return answer | {"values": _uploads(field, given, typed)}


def _text(field: Json, given: Entered) -> str:
    value = (field.get("value") or "") if given is None else given
    if not isinstance(value, str):
        raise ClientRefused(f"the field {field['custom_id']} takes a text")
    required = field.get("required") is not False
    low, high = field.get("min_length") or 0, field.get("max_length") or 4000
    if required and not value.strip():
        raise ClientRefused(f"the field {field['custom_id']} is required")
    if value and not low <= len(value) <= high:
        raise ClientRefused(f"the field {field['custom_id']} takes {low} to {high} characters, not {len(value)}")
    return value


def _chosen(field: Json, given: Entered, most: int) -> list[str]:
    options = field["options"]
    if given is None:
        given = [option["value"] for option in options if option.get("default")]
    if isinstance(given, str | bool):
        raise ClientRefused(f"the field {field['custom_id']} takes a list of values")
    offered = {option["value"] for option in options}
    values = [str(value) for value in given]
    if not set(values) <= offered:
        raise ClientRefused(f"the field {field['custom_id']} does not offer {', '.join(set(values) - offered)}")
    _check_count(field, len(values), most)
    return values


def _entities(field: Json, given: Entered, typed: Typed) -> list[str]:
    users = [each for each in given if isinstance(each, User)] if isinstance(given, Sequence) else []
    _check_count(field, len(users), field.get("max_values") or 1)
    return [typed.mention_user(user) for user in users]


def _uploads(field: Json, given: Entered, typed: Typed) -> list[str]:
    files = [each for each in given if isinstance(each, UploadedFile)] if isinstance(given, Sequence) else []
    _check_count(field, len(files), field.get("max_values") or 1)
    return [typed.attach(upload) for upload in files]


def _check_count(field: Json, count: int, most: int) -> None:
    if count == 0 and field.get("required") is False:
        return
    least = field.get("min_values")
    low = 1 if least is None else least
    if field.get("required") is not False and field["type"] != STRING_SELECT:
        low = max(low, 1)
    if not low <= count <= most:
        raise ClientRefused(f"the field {field['custom_id']} takes {low} to {most}, not {count}")


def _is_entity(kind: int) -> bool:
    return kind in SELECTS and kind != STRING_SELECT
