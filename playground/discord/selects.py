"""What Discord checks on select menus, in messages and modals (Discord's documentation, "Component
Reference", "String Select" and following)."""

from playground.discord.buttons import check_emoji
from playground.discord.forms import Form

STRING_SELECT = 3
ENTITY_SELECTS = (5, 6, 7, 8)
SELECTS = (STRING_SELECT, *ENTITY_SELECTS)


def check_select(select: Form) -> None:
    """Options, placeholder, counts; the custom_id is checked by the layout."""
    select.text("placeholder", 0, 150)
    select.flag("disabled")
    select.flag("required")
    count = 25
    if select.body.get("type") == STRING_SELECT:
        options = select.children("options", 1, 25, required=True)
        check_options(options, emoji=True)
        count = min(count, len(options))
        check_counts(select, 25, count, sum(option.body.get("default") is True for option in options))
    else:
        select.children("default_values", 0, 25)
        check_counts(select, 25, count, 0)


def check_options(options: list[Form], *, emoji: bool) -> None:
    """Labels, values, descriptions; values unique within the component."""
    seen: set[str] = set()
    for option in options:
        option.text("label", 1, 100, required=True)
        option.text("description", 0, 100)
        option.flag("default")
        value = option.text("value", 1, 100, required=True)
        if emoji:
            check_emoji(option)
        if value is not None and value in seen:
            option.fail(
                "value",
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                "The specified option value is already used",
            )
        if value is not None:
            seen.add(value)


def check_counts(form: Form, most: int, choices: int, defaults: int) -> None:
    """min_values and max_values against each other, the number of choices and the preset ones."""
    low = form.number("min_values", 0, most)
    high = form.number("max_values", 1, most)
    highest = 1 if high is None else high
    if low is not None and low > highest:
        form.fail("min_values", "SELECT_COMPONENT_MIN_OVER_MAX", "min_values cannot be greater than max_values")
    if high is not None and choices and high > choices:
        form.fail(
            "max_values",
            "SELECT_COMPONENT_MAX_OVER_OPTIONS",
            "max_values cannot be greater than the number of options",
        )
    if defaults > highest:
        form.fail(None, "SELECT_COMPONENT_TOO_MANY_DEFAULTS", "More default values than max_values")
