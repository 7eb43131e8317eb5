"""Rules for the components of a message (component reference; limits as in Discord's OpenAPI description)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from playground.discord import errors
from playground.discord.emoji import is_emoji
from playground.discord.forms import Form


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
LINK_BUTTON, PREMIUM_BUTTON = 5, 6
MAX_COMPONENTS = 40
MAX_TEXT = 4000
MAX_STORED = 10_170  # bytes of UTF-8, 12 more for each text; beyond it Discord answers 500 (discord-api-docs, #8554)
WEB = ("http://", "https://")


@dataclass
class ComponentTotals:
    """What is counted over a whole tree of components."""

    components: int = 0
    text: int = 0
    stored: int = 0
    custom_ids: set[str] = field(default_factory=set)
    ids: set[int] = field(default_factory=set)

    def add(self, component: Form) -> None:
        """Counts a component and checks its numeric `id`: unique unless 0 or left out."""
        self.components += 1
        number = component.number("id", 0, 2**31 - 1)
        if number and number in self.ids:
            component.fail("id", "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
        if number:
            self.ids.add(number)

    def add_custom_id(self, component: Form) -> None:
        """Checks a custom_id: 1 to 100 characters, unique in its message or modal."""
        custom_id = component.text("custom_id", 1, 100, required=True)
        if custom_id in self.custom_ids:
            component.fail("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
        if custom_id is not None:
            self.custom_ids.add(custom_id)


def check_components(message: Form, *, layout: bool, files: Collection[str]) -> None:
    """Checks `components` of a message body. `layout`: V2 is allowed; `files`: names for attachment:// addresses."""
    checker = _Checker(files)
    for component in message.children("components", 0, MAX_COMPONENTS if layout else 5):
        checker.check(component, IN_LAYOUT if layout else (Type.ROW,))
    totals = checker.totals
    if totals.components > MAX_COMPONENTS and layout:
        text = f"Total number of components exceeds the maximum of {MAX_COMPONENTS}"
        message.fail("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", text)
    if totals.text > MAX_TEXT:
        text = f"Total displayable text size exceeds the maximum of {MAX_TEXT}"
        message.fail("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", text)
    elif totals.stored > MAX_STORED:
        raise errors.ApiError(*errors.SERVER_ERROR)


class _Checker:
    """Checks a tree of components; a method a component type."""

    def __init__(self, files: Collection[str]) -> None:
        self.totals = ComponentTotals()
        self._files = files

    def check(self, component: Form, allowed: Collection[int]) -> None:
        kind = component.kind(allowed)
        if kind is None:
            return
        self.totals.add(component)
        if kind in SELECTS:
            check_select(component)
            self.totals.add_custom_id(component)
        else:
            getattr(self, f"_{Type(kind).name.lower()}")(component)

    def _row(self, row: Form) -> None:
        children = row.children("components", 1, 5, required=True)
        for child in children:
            self.check(child, IN_ROW)
        if len(children) > 1 and any(child.body.get("type") in SELECTS for child in children):
            row.fail("components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A select needs an action row of its own")

    def _button(self, button: Form) -> None:
        """A button's style decides which other fields it must and must not have."""
        style = button.choice("style", range(1, 7), required=True)
        button.flag("disabled")
        label = button.text("label", 0, 80)
        check_emoji(button)
        if style == PREMIUM_BUTTON:
            if not button.has("sku_id"):
                button.missing("sku_id")
            _forbid(button, ("label", "emoji", "url"), "PREMIUM", "A premium button cannot have a")
        elif style == LINK_BUTTON:
            check_url(button, "url", (*WEB, "discord://"), 512)
        else:
            _forbid(button, ("url",), "URL_NOT_ALLOWED", "Only link buttons may have a")
        if style in (LINK_BUTTON, PREMIUM_BUTTON):
            _forbid(button, ("custom_id",), "CUSTOM_ID_NOT_ALLOWED", "This style of button cannot have a")
        else:
            self.totals.add_custom_id(button)
        if style != PREMIUM_BUTTON and not (label or "").strip() and not button.has("emoji"):
            button.fail(None, "BUTTON_COMPONENT_EMPTY", "A button must have a label or an emoji")

    def _section(self, section: Form) -> None:
        for child in section.children("components", 1, 3, required=True):
            self.check(child, (Type.TEXT,))
        if section.has("accessory"):
            self.check(section.child("accessory"), (Type.BUTTON, Type.THUMBNAIL))
        else:
            section.missing("accessory")

    def _text(self, text: Form) -> None:
        content = text.text("content", 1, MAX_TEXT, required=True) or ""
        self.totals.text += len(content)
        self.totals.stored += len(content.encode()) + 12

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

    def _separator(self, separator: Form) -> None:
        separator.flag("divider")
        separator.choice("spacing", (1, 2))

    def _container(self, container: Form) -> None:
        container.flag("spoiler")
        container.number("accent_color", 0, 0xFFFFFF)
        for child in container.children("components", 1, MAX_COMPONENTS, required=True):
            self.check(child, IN_CONTAINER)

    def _media(self, form: Form, key: str, schemes: tuple[str, ...]) -> None:
        if not form.has(key):
            form.missing(key)
            return
        media = form.child(key)
        url = check_url(media, "url", (*schemes, "attachment://"), 2048)
        if url and url.startswith("attachment://") and url.removeprefix("attachment://") not in self._files:
            code = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
            media.fail("url", code, "The referenced attachment was not found")


def _forbid(button: Form, keys: Sequence[str], code: str, message: str) -> None:
    for key in keys:
        if button.has(key):
            button.fail(key, f"BUTTON_COMPONENT_{code}", f"{message} {key}")


def check_emoji(component: Form) -> None:
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


def check_url(form: Form, key: str, schemes: tuple[str, ...], high: int) -> str | None:
    """A url of one of the schemes; returned if valid."""
    url = form.text(key, 1, high, required=True)
    if url is None or (url.startswith(schemes) and url.partition("://")[2] and not any(map(str.isspace, url))):
        return url
    listed = ", ".join(f"'{scheme.removesuffix('://')}'" for scheme in schemes)
    form.fail(key, "URL_TYPE_INVALID_URL", f"Not a well formed URL; the scheme must be one of ({listed}).")
    return None


def check_select(select: Form) -> None:
    """Options, placeholder and counts of a select menu."""
    select.text("placeholder", 0, 150)
    select.flag("disabled")
    select.flag("required")
    if select.body.get("type") == Type.STRING_SELECT:
        options = select.children("options", 1, 25, required=True)
        defaults = check_options(options, emoji=True)
        check_counts(select, 25, min(25, len(options)), defaults)
    else:
        select.children("default_values", 0, 25)
        check_counts(select, 25, 25, 0)


def check_options(options: list[Form], *, emoji: bool) -> int:
    """Labels, values (unique within the component) and descriptions. Returns the number of preset options."""
    seen: set[str] = set()
    for option in options:
        option.text("label", 1, 100, required=True)
        option.text("description", 0, 100)
        option.flag("default")
        value = option.text("value", 1, 100, required=True)
        if emoji:
            check_emoji(option)
        if value in seen:
            code = "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"
            option.fail("value", code, "The specified option value is already used")
        if value is not None:
            seen.add(value)
    return sum(option.body.get("default") is True for option in options)


def check_counts(form: Form, high: int, options: int, defaults: int) -> None:
    """min_values and max_values (at most `high`) against each other and the numbers of options and preset ones."""
    least, most = form.number("min_values", 0, high), form.number("max_values", 1, high)
    allowed = 1 if most is None else most
    if least is not None and least > allowed:
        form.fail("min_values", "SELECT_COMPONENT_MIN_OVER_MAX", "min_values cannot be greater than max_values")
    if most is not None and options and most > options:
        code = "SELECT_COMPONENT_MAX_OVER_OPTIONS"
        form.fail("max_values", code, "max_values cannot be greater than the number of options")
    if defaults > allowed:
        form.fail(None, "SELECT_COMPONENT_TOO_MANY_DEFAULTS", "More default values than max_values")
