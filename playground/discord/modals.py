"""Modals: the rules for what a bot may open, and the values that a person's client fills in and submits."""

from collections.abc import Mapping, Sequence

from playground.discord.components import (
    SELECTS,
    ComponentTotals,
    ComponentType,
    check_counts,
    check_options,
    check_select,
)
from playground.discord.forms import Form
from playground.discord.options import ClientRefused, OptionEncoder
from playground.discord.records import Json, UploadedFile, User

Type = ComponentType
GROUPS = (Type.RADIO_GROUP, Type.CHECKBOX_GROUP)
IN_LABEL = (*SELECTS, Type.TEXT_INPUT, Type.FILE_UPLOAD, *GROUPS, Type.CHECKBOX)

FieldValue = str | bool | None | Sequence[str] | Sequence[UploadedFile] | Sequence[User]


# what a bot may open


def check_modal(modal: Form) -> None:
    """Title, custom_id and one to five components."""
    modal.text("title", 1, 45, required=True)
    modal.text("custom_id", 1, 100, required=True)
    totals = ComponentTotals()
    for component in modal.children("components", 1, 5, required=True):
        kind = component.kind((Type.ROW, Type.TEXT, Type.LABEL))
        if kind is None:
            continue
        totals.add(component)
        if kind == Type.ROW:
            _check_row(component, totals)
        elif kind == Type.LABEL:
            _check_label(component, totals)
        else:
            component.text("content", 1, 4000, required=True)


def _check_row(row: Form, totals: ComponentTotals) -> None:
    for child in row.children("components", 1, 1, required=True):
        if child.kind((Type.TEXT_INPUT,)) is not None:
            child.text("label", 1, 45, required=True)
            totals.add(child)
            totals.add_custom_id(child)
            _check_text_input(child)


def _check_label(label: Form, totals: ComponentTotals) -> None:
    label.text("label", 1, 45, required=True)
    label.text("description", 1, 100)
    if not label.has("component"):
        label.missing("component")
        return
    child = label.child("component")
    kind = child.kind(IN_LABEL)
    if kind is None:
        return
    totals.add(child)
    totals.add_custom_id(child)
    if kind in SELECTS:
        if child.body.get("disabled"):
            child.fail("disabled", "SELECT_COMPONENT_DISABLED_IN_MODAL", "A select in a modal cannot be disabled")
        check_select(child)
    elif kind == Type.TEXT_INPUT:
        _check_text_input(child)
    elif kind == Type.FILE_UPLOAD:
        child.flag("required")
        check_counts(child, 10, 10, 0)
    elif kind in GROUPS:
        _check_group(child, kind)


def _check_text_input(field: Form) -> None:
    field.choice("style", (1, 2), required=True)
    field.flag("required")
    field.text("placeholder", 0, 100)
    low = field.number("min_length", 0, 4000) or 0
    high = field.number("max_length", 1, 4000) or 4000
    if low > high:
        field.fail("min_length", "TEXT_INPUT_MIN_OVER_MAX", "min_length cannot be greater than max_length")
    value = field.text("value", 0, high)
    if value and len(value) < low:
        field.fail("value", "BASE_TYPE_MIN_LENGTH", f"Must be {low} or more in length.")


def _check_group(group: Form, kind: int) -> None:
    group.flag("required")
    options = group.children("options", 2 if kind == Type.RADIO_GROUP else 1, 10, required=True)
    defaults = check_options(options, emoji=False)
    if kind == Type.CHECKBOX_GROUP:
        check_counts(group, 10, len(options), defaults if group.has("max_values") else 0)
    elif defaults > 1:
        group.fail("options", "RADIO_GROUP_TOO_MANY_DEFAULTS", "A radio group has one default at most")


# what a person submits


def fill_modal(modal: Json, values: Mapping[str, FieldValue], encoder: OptionEncoder) -> list[Json]:
    """The `components` of a modal submit. A field that is left out keeps the value that the modal has for it."""
    fields = {number: _field(component) for number, component in enumerate(modal["components"], 1)}
    known = {field["custom_id"] for field in fields.values() if field}
    if unknown := set(values) - known:
        raise ClientRefused(f"the modal has no field {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    filled: list[Json] = []
    for number, component in enumerate(modal["components"], 1):
        answer: Json = {"type": component["type"], "id": component.get("id") or number}
        if field := fields[number]:
            value = {"type": field["type"], "custom_id": field["custom_id"], "id": field.get("id") or 100 + number}
            value |= _fill_field(field, values.get(field["custom_id"]), encoder)
            answer |= {"components": [value]} if component["type"] == Type.ROW else {"component": value}
        filled.append(answer)
    return filled


def _field(component: Json) -> Json | None:
    if component["type"] == Type.TEXT:
        return None
    field: Json = component["component"] if component["type"] == Type.LABEL else component["components"][0]
    return field


def _fill_field(field: Json, given: FieldValue, encoder: OptionEncoder) -> Json:
    kind = field["type"]
    if kind == Type.TEXT_INPUT:
        return {"value": _text(field, given)}
    if kind == Type.CHECKBOX:
        return {"value": bool(field.get("default") if given is None else given)}
    if kind == Type.RADIO_GROUP:
        chosen = _chosen(field, [given] if isinstance(given, str) else given, 1)
        return {"value": chosen[0] if chosen else None}
    most = field.get("max_values") or 1
    if kind == Type.CHECKBOX_GROUP:
        return {"values": _chosen(field, given, field.get("max_values") or len(field["options"]))}
    if kind == Type.STRING_SELECT:
        return {"values": _chosen(field, given, most)}
    listed = given if isinstance(given, Sequence) else []
    if kind == Type.FILE_UPLOAD:
        ids = [encoder.attach(each) for each in listed if isinstance(each, UploadedFile)]
    else:
        ids = [encoder.mention_user(each) for each in listed if isinstance(each, User)]
    _check_count(field, len(ids), most)
    return {"values": ids}


def _text(field: Json, given: FieldValue) -> str:
    value = (field.get("value") or "") if given is None else given
    name = f"the field {field['custom_id']}"
    if not isinstance(value, str):
        raise ClientRefused(f"{name} takes a text")
    if field.get("required") is not False and not value.strip():
        raise ClientRefused(f"{name} is required")
    low, high = field.get("min_length") or 0, field.get("max_length") or 4000
    if value and not low <= len(value) <= high:
        raise ClientRefused(f"{name} takes {low} to {high} characters, not {len(value)}")
    return value


def _chosen(field: Json, given: FieldValue, most: int) -> list[str]:
    if given is None:
        given = [option["value"] for option in field["options"] if option.get("default")]
    if isinstance(given, str | bool):
        raise ClientRefused(f"the field {field['custom_id']} takes a list of values")
    values = [str(value) for value in given]
    if unknown := set(values) - {option["value"] for option in field["options"]}:
        raise ClientRefused(f"the field {field['custom_id']} does not offer {', '.join(unknown)}")
    _check_count(field, len(values), most)
    return values


def _check_count(field: Json, count: int, most: int) -> None:
    optional = field.get("required") is False
    if count == 0 and optional:
        return
    low = 1 if field.get("min_values") is None else field["min_values"]
    if not optional and field["type"] != Type.STRING_SELECT:
        low = max(low, 1)
    if not low <= count <= most:
        raise ClientRefused(f"the field {field['custom_id']} takes {low} to {most}, not {count}")
