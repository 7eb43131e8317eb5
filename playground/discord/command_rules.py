"""Rules for the registration of commands (developer documentation, "Application Commands")."""

import unicodedata
from collections.abc import Collection
from enum import IntEnum

from playground.discord.forms import Form, fail_repeated


class CommandType(IntEnum):
    """Application commands, "Application Command Types"."""

    CHAT, USER, MESSAGE = 1, 2, 3


class OptionType(IntEnum):
    """Application commands, "Application Command Option Type"."""

    SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
    USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 6, 7, 8, 9, 10, 11


MAX_OPTIONS = 25
MAX_CHARACTERS = 8000
NESTED = (OptionType.SUBCOMMAND, OptionType.GROUP)
_OPTION = "APPLICATION_COMMAND_OPTIONS"


def check_command(command: Form) -> None:
    """Records every error of a command's registration."""
    kind = command.choice("type", tuple(CommandType)) or CommandType.CHAT
    if kind == CommandType.CHAT:
        _check_name(command)
        command.text("description", 1, 100, required=True)
        _check_options(command, NESTED)
        if _characters(command) > MAX_CHARACTERS:
            command.fail(None, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({MAX_CHARACTERS})")
    else:
        command.text("name", 1, 32, required=True)
        for key in ("description", "options"):
            if command.body.get(key):
                command.fail(key, "APPLICATION_COMMAND_CONTEXT_MENU", f"Context menu commands cannot have {key}")
    _check_values(command, "contexts", (0, 1, 2))
    _check_values(command, "integration_types", (0, 1))
    needed = command.body.get("default_member_permissions")
    if needed is not None and not str(needed).isdecimal():
        command.fail("default_member_permissions", "NUMBER_TYPE_COERCE", f'Value "{needed}" is not int.')
    _check_localizations(command, "name_localizations", 32)
    _check_localizations(command, "description_localizations", 100)


def _check_name(form: Form) -> None:
    name = form.text("name", 1, 32, required=True)
    if name is not None and not is_command_name(name):
        text = "Command name is invalid: letters, digits, - and _ only, and lower case where there is one"
        form.fail("name", "APPLICATION_COMMAND_INVALID_NAME", text)


def is_command_name(name: str) -> bool:
    """Letters and digits of any script, `-`, `_` and `'`; Devanagari and Thai signs; no upper case."""
    return name == name.lower() and all(
        sign in "-_'"
        or unicodedata.category(sign)[0] in "LN"
        or "\u0900" <= sign <= "\u097f"
        or "\u0e00" <= sign <= "\u0e7f"
        for sign in name
    )


def _check_options(form: Form, nested: Collection[int]) -> None:
    """`nested`: the kinds of subcommand allowed here. Subcommands and values do not mix in one list."""
    options = form.children("options", 0, MAX_OPTIONS)
    has_nested = nested and any(option.body.get("type") in NESTED for option in options)
    allowed = nested if has_nested else range(OptionType.STRING, OptionType.ATTACHMENT + 1)
    fail_repeated(options, "name", f"{_OPTION}_NAME_ALREADY_USED", "Option name already used")
    optional_seen = False
    for option in options:
        kind = option.kind(allowed)
        _check_name(option)
        option.text("description", 1, 100, required=True)
        if kind in NESTED:
            _check_options(option, (OptionType.SUBCOMMAND,) if kind == OptionType.GROUP else ())
            continue
        required = option.flag("required")
        if required and optional_seen:
            text = "Required options must be placed before non-required options"
            option.fail("required", f"{_OPTION}_REQUIRED_INVALID", text)
        optional_seen = optional_seen or not required
        _check_value_rules(option, kind)


def _check_value_rules(option: Form, kind: int | None) -> None:
    autocomplete = option.flag("autocomplete")
    choices = option.children("choices", 0, 25)
    if autocomplete and choices:
        option.fail("autocomplete", f"{_OPTION}_AUTOCOMPLETE", "An option with choices cannot autocomplete")
    if (autocomplete or choices) and kind not in (OptionType.STRING, OptionType.INTEGER, OptionType.NUMBER):
        option.fail("type", f"{_OPTION}_TYPE_INVALID", "Only texts and numbers are chosen from a list")
    if kind == OptionType.STRING:
        option.bounds("length", 6000, _OPTION, default=6000)
    check_choices(choices, text=kind == OptionType.STRING)
    _check_values(option, "channel_types", range(17))


def check_choices(choices: list[Form], *, text: bool) -> None:
    """Unique names of 1 to 100 characters; string values of at most 100 characters."""
    fail_repeated(choices, "name", f"{_OPTION}_CHOICE_NAME_ALREADY_USED", "Choice name already used")
    for choice in choices:
        choice.text("name", 1, 100, required=True)
        _check_localizations(choice, "name_localizations", 100)
        value = choice.body.get("value")
        if text:
            choice.text("value", 0, 100, required=True)
        elif not isinstance(value, int | float) or isinstance(value, bool):
            choice.fail("value", "NUMBER_TYPE_COERCE", f'Value "{value}" is not a number.')


def _check_values(form: Form, key: str, allowed: Collection[int]) -> None:
    if any(value not in allowed for value in form.items(key)):
        form.fail(key, "BASE_TYPE_CHOICES", f"Value must be one of {{{', '.join(map(str, allowed))}}}.")


def _check_localizations(form: Form, key: str, high: int) -> None:
    if not form.has(key):
        return
    for locale, text in form.child(key).body.items():
        if not isinstance(text, str) or not 1 <= len(text) <= high:
            form.fail(key, "BASE_TYPE_BAD_LENGTH", f"{locale}: Must be between 1 and {high} in length.")


def _characters(form: Form) -> int:
    """The characters that count towards a command's size limit."""
    form = Form(form.body)  # errors in its lists are recorded elsewhere
    total = sum(len(str(form.body.get(key) or "")) for key in ("name", "description"))
    for choice in form.children("choices", 0, MAX_OPTIONS):
        total += sum(len(str(choice.body.get(key) or "")) for key in ("name", "value"))
    return total + sum(_characters(option) for option in form.children("options", 0, MAX_OPTIONS))
