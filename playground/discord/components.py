"""Rules for the components of messages and modals (component reference; limits as in Discord's OpenAPI description)."""

import re
from collections.abc import Collection, Sequence
from enum import IntEnum

from playground.discord import errors
from playground.discord.forms import Form, fail_repeated


class ComponentType(IntEnum):
    """Component reference, "Component Types"."""

    ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
    USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
    SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
    CONTAINER, LABEL, FILE_UPLOAD = 17, 18, 19
    RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23


Type = ComponentType
SELECTS = (Type.STRING_SELECT, Type.USER_SELECT, Type.ROLE_SELECT, Type.MENTIONABLE_SELECT, Type.CHANNEL_SELECT)
IN_ROW = (Type.BUTTON, *SELECTS)
IN_CONTAINER = (Type.ROW, Type.SECTION, Type.TEXT, Type.GALLERY, Type.FILE, Type.SEPARATOR)
IN_LAYOUT = (*IN_CONTAINER, Type.CONTAINER)
IN_LABEL = (*SELECTS, Type.TEXT_INPUT, Type.FILE_UPLOAD, Type.RADIO_GROUP, Type.CHECKBOX_GROUP, Type.CHECKBOX)
LINK_BUTTON, PREMIUM_BUTTON = 5, 6
MAX_COMPONENTS = 40
MAX_TEXT = 4000
MAX_STORED = 10_170  # bytes of UTF-8, 12 more for each text; beyond it Discord answers 500 (discord-api-docs, #8554)
WEB = ("http://", "https://")


def check_components(message: Form, *, layout: bool, files: Collection[str]) -> None:
    """Checks `components` of a message body. `layout`: V2 is allowed; `files`: names for attachment:// addresses."""
    checker = _Checker(files)
    for component in message.children("components", 0, MAX_COMPONENTS if layout else 5):
        checker.check(component, IN_LAYOUT if layout else (Type.ROW,))
    if checker.count > MAX_COMPONENTS and layout:
        problem = f"Total number of components exceeds the maximum of {MAX_COMPONENTS}"
        message.fail("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", problem)
    if checker.characters > MAX_TEXT:
        problem = f"Total displayable text size exceeds the maximum of {MAX_TEXT}"
        message.fail("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", problem)
    elif checker.stored > MAX_STORED:
        raise errors.ApiError(*errors.SERVER_ERROR)


def check_modal(modal: Form) -> None:
    """Title, custom_id and one to five components. Raises ApiError 50035."""
    modal.text("title", 1, 45, required=True)
    modal.text("custom_id", 1, 100, required=True)
    checker = _Checker((), in_modal=True)
    for component in modal.children("components", 1, 5, required=True):
        checker.check(component, (Type.ROW, Type.TEXT, Type.LABEL))
    modal.finish()


class _Checker:
    """Checks a tree of components and counts what is limited over the whole tree; a method a component type."""

    def __init__(self, files: Collection[str], *, in_modal: bool = False) -> None:
        self.count = self.characters = self.stored = 0
        self._ids: set[int] = set()
        self._custom_ids: set[str] = set()
        self._files = files
        self._in_modal = in_modal

    def check(self, component: Form, allowed: Collection[int]) -> None:
        kind = component.kind(allowed)
        if kind is None:
            return
        self.count += 1
        number = component.number("id", 0, 2**31 - 1)
        if number and number in self._ids:
            component.fail("id", "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
        self._ids.add(number or 0)
        if kind in IN_LABEL:
            self._custom_id(component)
            component.flag("required")
        check_more = getattr(self, f"_{Type(kind).name.lower()}", None)
        if check_more is not None:
            check_more(component)

    def _custom_id(self, component: Form) -> None:
        custom_id = component.text("custom_id", 1, 100, required=True)
        if custom_id in self._custom_ids:
            component.fail("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
        self._custom_ids.add(custom_id or "")

    # layout

    def _row(self, row: Form) -> None:
        children = row.children("components", 1, 1 if self._in_modal else 5, required=True)
        for child in children:
            self.check(child, (Type.TEXT_INPUT,) if self._in_modal else IN_ROW)
            if self._in_modal:
                child.text("label", 1, 45, required=True)
        if len(children) > 1 and any(child.body.get("type") in SELECTS for child in children):
            row.fail("components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A select needs an action row of its own")

    def _section(self, section: Form) -> None:
        for child in section.children("components", 1, 3, required=True):
            self.check(child, (Type.TEXT,))
        if section.require("accessory"):
            self.check(section.child("accessory"), (Type.BUTTON, Type.THUMBNAIL))

    def _separator(self, separator: Form) -> None:
        separator.flag("divider")
        separator.choice("spacing", (1, 2))

    def _container(self, container: Form) -> None:
        container.flag("spoiler")
        container.number("accent_color", 0, 0xFFFFFF)
        for child in container.children("components", 1, MAX_COMPONENTS, required=True):
            self.check(child, IN_CONTAINER)

    def _label(self, label: Form) -> None:
        label.text("label", 1, 45, required=True)
        label.text("description", 1, 100)
        if not label.require("component"):
            return
        child = label.child("component")
        self.check(child, IN_LABEL)
        if child.body.get("type") in SELECTS and child.body.get("disabled"):
            child.fail("disabled", "SELECT_COMPONENT_DISABLED_IN_MODAL", "A select in a modal cannot be disabled")

    # content

    def _text(self, display: Form) -> None:
        content = display.text("content", 1, MAX_TEXT, required=True) or ""
        self.characters += len(content)
        self.stored += len(content.encode()) + 12

    def _thumbnail(self, thumbnail: Form) -> None:
        thumbnail.flag("spoiler")
        thumbnail.text("description", 1, 1024)
        self._media(thumbnail, "media", WEB)

    def _gallery(self, gallery: Form) -> None:
        for item in gallery.children("items", 1, 10, required=True):
            self._thumbnail(item)

    def _file(self, file: Form) -> None:
        file.flag("spoiler")
        self._media(file, "file", ())

    def _media(self, form: Form, key: str, schemes: tuple[str, ...]) -> None:
        if not form.require(key):
            return
        media = form.child(key)
        url = _check_url(media, (*schemes, "attachment://"), 2048)
        if url and url.startswith("attachment://") and url.removeprefix("attachment://") not in self._files:
            code = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
            media.fail("url", code, "The referenced attachment was not found")

    # interactive components

    def _button(self, button: Form) -> None:
        """A button's style decides which other fields it must and must not have."""
        style = button.choice("style", range(1, 7), required=True)
        label = button.text("label", 0, 80)
        button.flag("disabled")
        _check_emoji(button)
        if style == PREMIUM_BUTTON:
            button.require("sku_id")
            _forbid(button, ("label", "emoji", "url"), "PREMIUM", "A premium button cannot have a")
        elif style == LINK_BUTTON:
            _check_url(button, (*WEB, "discord://"), 512)
        else:
            _forbid(button, ("url",), "URL_NOT_ALLOWED", "Only link buttons may have a")
        if style in (LINK_BUTTON, PREMIUM_BUTTON):
            _forbid(button, ("custom_id",), "CUSTOM_ID_NOT_ALLOWED", "This style of button cannot have a")
        else:
            self._custom_id(button)
        if style != PREMIUM_BUTTON and not (label or "").strip() and not button.has("emoji"):
            button.fail(None, "BUTTON_COMPONENT_EMPTY", "A button must have a label or an emoji")

    def _string_select(self, select: Form) -> None:
        select.text("placeholder", 0, 150)
        select.flag("disabled")
        options = select.children("options", 1, 25, required=True)
        _check_counts(select, 25, len(options), _check_options(options))

    def _user_select(self, select: Form) -> None:
        select.text("placeholder", 0, 150)
        select.flag("disabled")
        select.children("default_values", 0, 25)
        _check_counts(select, 25)

    _role_select = _mentionable_select = _channel_select = _user_select

    def _text_input(self, text_input: Form) -> None:
        text_input.choice("style", (1, 2), required=True)
        text_input.text("placeholder", 0, 100)
        low, high = text_input.bounds("length", 4000, "TEXT_INPUT", default=4000)
        value = text_input.text("value", 0, high)
        if value and len(value) < low:
            text_input.fail("value", "BASE_TYPE_MIN_LENGTH", f"Must be {low} or more in length.")

    def _file_upload(self, upload: Form) -> None:
        _check_counts(upload, 10)

    def _radio_group(self, group: Form) -> None:
        if _check_options(group.children("options", 2, 10, required=True)) > 1:
            group.fail("options", "RADIO_GROUP_TOO_MANY_DEFAULTS", "A radio group has one default at most")

    def _checkbox_group(self, group: Form) -> None:
        options = group.children("options", 1, 10, required=True)
        defaults = _check_options(options)
        _check_counts(group, 10, len(options), defaults if group.has("max_values") else 0)


def _forbid(button: Form, keys: Sequence[str], code: str, message: str) -> None:
    for key in filter(button.has, keys):
        button.fail(key, f"BUTTON_COMPONENT_{code}", f"{message} {key}")


def _check_emoji(component: Form) -> None:
    """A custom emoji has a snowflake id; without one the name must be a Unicode emoji."""
    if not component.has("emoji"):
        return
    emoji = component.child("emoji")
    name = emoji.text("name", 0, 32)
    custom = emoji.body.get("id")
    if custom is not None and not str(custom).isdecimal():
        emoji.fail("id", "NUMBER_TYPE_COERCE", f'Value "{custom}" is not snowflake.')
    if custom is None and (not name or not is_emoji(name)):
        emoji.fail("name", "BUTTON_COMPONENT_INVALID_EMOJI", "Invalid emoji")


def _check_url(form: Form, schemes: tuple[str, ...], high: int) -> str | None:
    """A `url` of one of the schemes; returned if valid."""
    url = form.text("url", 1, high, required=True)
    if url is None or (url.startswith(schemes) and url.partition("://")[2] and not any(map(str.isspace, url))):
        return url
    form.fail("url", "URL_TYPE_INVALID_URL", f"Not a well formed URL; the scheme must be one of {schemes}.")
    return None


def _check_options(options: Sequence[Form]) -> int:
    """The options of a select or group, each value once. Returns the number of preset options."""
    for option in options:
        option.text("label", 1, 100, required=True)
        option.text("value", 1, 100, required=True)
        option.text("description", 0, 100)
        option.flag("default")
        _check_emoji(option)
    code = "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"
    fail_repeated(options, "value", code, "The specified option value is already used")
    return sum(option.body.get("default") is True for option in options)


def _check_counts(form: Form, high: int, options: int = 0, defaults: int = 0) -> None:
    """min_values and max_values (at most `high`) against each other and the numbers of options and preset ones."""
    _, most = form.bounds("values", high, "SELECT_COMPONENT", default=1)
    if options and form.has("max_values") and most > options:
        code = "SELECT_COMPONENT_MAX_OVER_OPTIONS"
        form.fail("max_values", code, "max_values cannot be greater than the number of options")
    if defaults > most:
        form.fail(None, "SELECT_COMPONENT_TOO_MANY_DEFAULTS", "More default values than max_values")


# Emoji: code points with the property Emoji (Unicode Character Database 16, emoji-data.txt) and the sequences of
# Unicode Technical Standard 51, ED-17: flags, keycaps, and elements joined by ZWJ, each with its modifier or variation
# selector.

_CHARACTERS = (
    "©®‼⁉™ℹ↔-↙↩↪⌚⌛⌨⏏⏩-⏳⏸-⏺Ⓜ▪▫▶◀◻-◾☀-☄☎☑☔☕☘☝☠☢☣☦☪☮☯☸-☺♀♂♈-♓♟♠♣♥♦♨♻♾♿⚒-⚗⚙⚛⚜⚠⚡⚧⚪⚫⚰⚱⚽⚾⛄⛅⛈⛎⛏⛑⛓⛔"
    "⛩⛪⛰-⛵⛷-⛺⛽✂✅✈-✍✏✒✔✖✝✡✨✳✴❄❇❌❎❓-❕❗❣❤➕-➗➡➰➿⤴⤵⬅-⬇⬛⬜⭐⭕〰〽㊗㊙🀄🃏🅰🅱🅾🅿🆎🆑-🆚🈁🈂🈚🈯"
    "🈲-🈺🉐🉑🌀-🌡🌤-🎓🎖🎗🎙-🎛🎞-🏰🏳-🏵🏷-📽📿-🔽🕉-🕎🕐-🕧🕯🕰🕳-🕺🖇🖊-🖍🖐🖕🖖🖤🖥🖨🖱🖲🖼🗂-🗄🗑-🗓"
    "🗜-🗞🗡🗣🗨🗯🗳🗺-🙏🚀-🛅🛋-🛒🛕-🛗🛜-🛥🛩🛫🛬🛰🛳-🛼🟠-🟫🟰🤌-🤺🤼-🥅🥇-🧿🩰-🩼🪀-🪉🪏-🫆🫎-🫜🫟-🫩"
    "🫰-🫸"
)
# The regions that have a flag (CLDR 46), by their first letter.
_REGIONS = """
A:CDEFGILMOQRSTUWXZ B:ABDEFGHIJLMNOQRSTVWYZ C:ACDFGHIKLMNOPQRUVWXYZ D:EGJKMOZ E:ACEGHRSTU F:IJKMOR
G:ABDEFGHILMNPQRSTUWY H:KMNRTU I:CDELMNOQRST J:EMOP K:EGHIMNPRWYZ L:ABCIKRSTUVY M:ACDEFGHKLMNOPQRSTUVWXYZ
N:ACEFGILOPRUZ O:M P:AEFGHKLMNRSTWY Q:A R:EOSUW S:ABCDEGHIJKLMNORSTVXYZ T:ACDFGHJKLMNORTVWZ U:AGMNSYZ V:ACEGINU W:FS
X:K Y:ET Z:AMW
"""
# The emoji after a joiner in the sequences that Discord knows, without variation selectors and skin tones.
_JOINED = frozenset("♀♂⚕⚖✈❤➡↔↕⬛⚧☠🌈🌾🍳🍼🎄🎓🎤🎨🏫🏭👦👧👨👩💋💻💼💥💨💫🔥🔧🔬🗨🚀🚒🟩🟫🤝🦯🦰🦱🦲🦳🦼🦽🧑🧒🐰🩰🫘🩹❄")
_ENGLAND_SCOTLAND_WALES = ("gbeng", "gbsct", "gbwls")
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_KEYCAP = "[0-9#*]\ufe0f?\u20e3"
_TAGS = "[\U000e0020-\U000e007e]+\U000e007f"
_ELEMENT = f"[{_CHARACTERS}](?:\ufe0f|[\U0001f3fb-\U0001f3ff])?(?:{_TAGS})?"
_EMOJI = re.compile(f"{_FLAG}|{_KEYCAP}|{_ELEMENT}(?:\u200d{_ELEMENT})*")


def is_emoji(text: str) -> bool:
    """Whether a text is exactly one emoji that Discord knows: joined sequences and flags too."""
    if not _EMOJI.fullmatch(text):
        return False
    if re.fullmatch(_FLAG, text):
        first, second = (chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in text)
        return any(entry[0] == first and second in entry[2:] for entry in _REGIONS.split())
    tags = "".join(chr(ord(char) - 0xE0000) for char in text if 0xE0020 <= ord(char) <= 0xE007E)
    if tags and (text[0] != "\U0001f3f4" or tags not in _ENGLAND_SCOTLAND_WALES):
        return False
    return all(part[0] in _JOINED for part in text.split("\u200d")[1:])
