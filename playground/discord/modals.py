"""What Discord checks on a modal (its documentation, "Component Reference"; limits as in its OpenAPI description)."""

from playground.discord.components import ROW, TEXT, Tally
from playground.discord.forms import Form
from playground.discord.selects import SELECTS, check_counts, check_options, check_select

TEXT_INPUT, LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 4, 18, 19, 21, 22, 23
IN_MODAL = (ROW, TEXT, LABEL)
IN_LABEL = (*SELECTS, TEXT_INPUT, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX)


def check_modal(modal: Form) -> None:
    """Title, custom_id and one to five components."""
    modal.text("title", 1, 45, required=True)
    modal.text("custom_id", 1, 100, required=True)
    tally = Tally()
    for component in modal.children("components", 1, 5, required=True):
        kind = component.kind(IN_MODAL)
        if kind is None:
            continue
        tally.add(component)
        if kind == ROW:
            _check_row(component, tally)
        elif kind == LABEL:
            _check_label(component, tally)
        else:
            component.text("content", 1, 4000, required=True)


def _check_row(row: Form, tally: Tally) -> None:
    for child in row.children("components", 1, 1, required=True):
        if child.kind((TEXT_INPUT,)) is not None:
            child.text("label", 1, 45, required=True)
            _check_input(child, tally)


def _check_label(label: Form, tally: Tally) -> None:
    label.text("label", 1, 45, required=True)
    label.text("description", 1, 100)
    if not label.has("component"):
        label.missing("component")
        return
    child = label.child("component")
    kind = child.kind(IN_LABEL)
    if kind is None:
        return
    if kind in SELECTS:
        if child.body.get("disabled"):
            child.fail("disabled", "SELECT_COMPONENT_DISABLED_IN_MODAL", "A select in a modal cannot be disabled")
        check_select(child)
    if kind in SELECTS or kind == CHECKBOX:
        _claim(child, tally)
    elif kind == TEXT_INPUT:
        _check_input(child, tally)
    elif kind == FILE_UPLOAD:
        child.flag("required")
        check_counts(child, 10, 10, 0)
        _claim(child, tally)
    else:
        _check_group(child, kind, tally)


def _claim(component: Form, tally: Tally) -> None:
    tally.add(component)
    tally.claim(component)


def _check_input(field: Form, tally: Tally) -> None:
    _claim(field, tally)
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


def _check_group(group: Form, kind: int, tally: Tally) -> None:
    _claim(group, tally)
    group.flag("required")
    options = group.children("options", 2 if kind == RADIO_GROUP else 1, 10, required=True)
    check_options(options, emoji=False)
    defaults = sum(option.body.get("default") is True for option in options)
    if kind == CHECKBOX_GROUP:
        check_counts(group, 10, len(options), defaults if group.has("max_values") else 0)
    elif defaults > 1:
        group.fail("options", "RADIO_GROUP_TOO_MANY_DEFAULTS", "A radio group has one default at most")
