"""What Discord checks when a command is registered (developer documentation, "Application Commands")."""

import unicodedata

from playground.discord.forms import Form

CHAT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, TO_USER, TO_CHANNEL, TO_ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(
    1, 12
)
MOST_OPTIONS = 25
MOST_CHARACTERS = 8000


def check_command(command: Form) -> None:
    """Notes every fault of a command's registration."""
    kind = command.choice("type", (CHAT, USER, MESSAGE)) or CHAT
    if kind == CHAT:
        _check_name(command)
        command.text("description", 1, 100, required=True)
        _check_options(command, depth=0)
        if _characters(command) > MOST_CHARACTERS:
            command.fail(None, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")
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
        form.fail(
            "name",
            "APPLICATION_COMMAND_INVALID_NAME",
            "Command name is invalid: letters, digits, - and _ only, and lower case where there is one",
        )


def is_command_name(name: str) -> bool:
    """Letters and digits of any script, `-`, `_` and `'`; Devanagari and Thai signs; no upper case."""
    return name == name.lower() and all(_in_name(sign) for sign in name)


def _in_name(sign: str) -> bool:
    if sign in "-_'" or unicodedata.category(sign)[0] in "LN":
        return True
    return "\u0900" <= sign <= "\u097f" or "\u0e00" <= sign <= "\u0e7f"


def _check_options(form: Form, depth: int) -> None:
    options = form.children("options", 0, MOST_OPTIONS)
    seen: set[str] = set()
    optional_seen = False
    nested = any(option.body.get("type") in (SUBCOMMAND, GROUP) for option in options)
    allowed = (SUBCOMMAND, GROUP)[: 2 - depth] if nested and depth < 2 else range(STRING, ATTACHMENT + 1)
    for option in options:
        kind = option.kind(allowed)
        _check_name(option)
        option.text("description", 1, 100, required=True)
        name = str(option.body.get("name"))
        if name in seen:
            option.fail("name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_USED", "Option name already used")
        seen.add(name)
        if kind in (SUBCOMMAND, GROUP):
            _check_options(option, depth + 1 if kind == GROUP else 2)
            continue
        required = option.flag("required")
        if required and optional_seen:
            option.fail(
                "required",
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        optional_seen = optional_seen or not required
        _check_value_rules(option, kind)


def _check_value_rules(option: Form, kind: int | None) -> None:
    autocomplete = option.flag("autocomplete")
    choices = option.children("choices", 0, 25)
    if autocomplete and choices:
        option.fail(
            "autocomplete", "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE", "An option with choices cannot autocomplete"
        )
    if (autocomplete or choices) and kind not in (STRING, INTEGER, NUMBER):
        option.fail("type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Only texts and numbers are chosen from a list")
    if kind == STRING:
        low = option.number("min_length", 0, 6000) or 0
        high = option.number("max_length", 1, 6000) or 6000
        if low > high:
            option.fail("min_length", "APPLICATION_COMMAND_OPTIONS_MIN_OVER_MAX", "min_length is above max_length")
    check_choices(choices, text=kind == STRING)
    _check_values(option, "channel_types", range(17))


def check_choices(choices: list[Form], *, text: bool) -> None:
    """Names of 1 to 100 characters, each once; string values of at most 100 characters."""
    seen: set[str] = set()
    for choice in choices:
        name = choice.text("name", 1, 100, required=True)
        if name is not None and name in seen:
            choice.fail("name", "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_USED", "Choice name already used")
        seen.add(name or "")
        _check_localizations(choice, "name_localizations", 100)
        value = choice.body.get("value")
        if text:
            choice.text("value", 0, 100, required=True)
        elif not isinstance(value, int | float) or isinstance(value, bool):
            choice.fail("value", "NUMBER_TYPE_COERCE", f'Value "{value}" is not a number.')


def _check_values(form: Form, key: str, allowed: tuple[int, ...] | range) -> None:
    values = form.body.get(key)
    if values is None:
        return
    if not isinstance(values, list) or any(value not in allowed for value in values):
        listed = ", ".join(str(value) for value in allowed)
        form.fail(key, "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")


def _check_localizations(form: Form, key: str, most: int) -> None:
    if not form.has(key):
        return
    for locale, text in form.child(key).body.items():
        if not isinstance(text, str) or not 1 <= len(text) <= most:
            form.fail(key, "BASE_TYPE_BAD_LENGTH", f"{locale}: Must be between 1 and {most} in length.")


def _characters(form: Form) -> int:
    form = Form(form.body)
    own = sum(len(str(form.body.get(key) or "")) for key in ("name", "description"))
    choices = sum(
        len(str(choice.body.get("name") or "")) + len(str(choice.body.get("value") or ""))
        for choice in form.children("choices", 0, MOST_OPTIONS)
    )
    return own + choices + sum(_characters(option) for option in form.children("options", 0, MOST_OPTIONS))
