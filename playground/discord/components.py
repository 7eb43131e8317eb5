"""What Discord checks on the components of a message (its documentation, "Component Reference"; limits as
in its OpenAPI description)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from playground.discord.buttons import check_button, check_url, needs_custom_id
from playground.discord.errors import ApiError
from playground.discord.forms import Form
from playground.discord.selects import SELECTS, check_select

ROW, BUTTON, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 1, 2, 9, 10, 11, 12, 13, 14, 17
MOST_COMPONENTS = 40
MOST_TEXT = 4000
MOST_STORED = 10_170  # bytes of UTF-8, 12 more for each text; beyond it Discord answers 500 (discord-api-docs, #8554)

IN_CLASSIC_MESSAGE = (ROW,)
IN_CONTAINER = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR)
IN_LAYOUT = (*IN_CONTAINER, CONTAINER)
IN_ROW = (BUTTON, *SELECTS)


@dataclass
class Tally:
    """What has to be counted over a whole tree of components."""

    components: int = 0
    text: int = 0
    stored: int = 0
    custom_ids: set[str] = field(default_factory=set)
    ids: set[int] = field(default_factory=set)

    def add(self, component: Form) -> None:
        """Counts a component and checks its number `id`, which is unique unless 0 or left out."""
        self.components += 1
        number = component.number("id", 0, 2**31 - 1)
        if number and number in self.ids:
            component.fail("id", "COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated")
        if number:
            self.ids.add(number)

    def claim(self, component: Form) -> None:
        """Checks a custom_id: 1 to 100 characters, once in a message or modal."""
        custom_id = component.text("custom_id", 1, 100, required=True)
        if custom_id is None:
            return
        if custom_id in self.custom_ids:
            component.fail("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
        self.custom_ids.add(custom_id)


def check_components(message: Form, *, layout: bool, files: Collection[str]) -> None:
    """Checks `components` of a message body. `layout`: V2 is allowed; `files`: what attachment:// may name."""
    children = message.children("components", 0, MOST_COMPONENTS if layout else 5)
    checker = _Checker(Tally(), files)
    for component in children:
        checker.check(component, IN_LAYOUT if layout else IN_CLASSIC_MESSAGE)
    if checker.tally.components > MOST_COMPONENTS and layout:
        message.fail(
            "components",
            "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
            f"Total number of components exceeds the maximum of {MOST_COMPONENTS}",
        )
    if checker.tally.text > MOST_TEXT:
        message.fail(
            "components",
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            f"Total displayable text size exceeds the maximum of {MOST_TEXT}",
        )
    elif checker.tally.stored > MOST_STORED:
        raise ApiError(500, 0, "500: Internal Server Error")


class _Checker:
    def __init__(self, tally: Tally, files: Collection[str]) -> None:
        self.tally = tally
        self.files = files
        self._by_type: dict[int, Callable[[Form], None]] = {
            ROW: self._row,
            BUTTON: self._button,
            SECTION: self._section,
            TEXT: self._text,
            THUMBNAIL: self._thumbnail,
            GALLERY: self._gallery,
            FILE: self._file,
            SEPARATOR: self._separator,
            CONTAINER: self._container,
        } | dict.fromkeys(SELECTS, self._select)

    def check(self, component: Form, allowed: Collection[int]) -> None:
        kind = component.kind(allowed)
        if kind is not None:
            self.tally.add(component)
            self._by_type[kind](component)

    def _row(self, row: Form) -> None:
        children = row.children("components", 1, 5, required=True)
        for child in children:
            self.check(child, IN_ROW)
        if len(children) > 1 and any(child.body.get("type") in SELECTS for child in children):
            row.fail("components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A select needs an action row of its own")

    def _button(self, button: Form) -> None:
        check_button(button)
        if needs_custom_id(button):
            self.tally.claim(button)
        elif button.has("custom_id"):
            button.fail(
                "custom_id", "BUTTON_COMPONENT_CUSTOM_ID_NOT_ALLOWED", "This style of button cannot have a custom id"
            )

    def _select(self, select: Form) -> None:
        check_select(select)
        self.tally.claim(select)

    def _section(self, section: Form) -> None:
        for child in section.children("components", 1, 3, required=True):
            self.check(child, (TEXT,))
        if not section.has("accessory"):
            section.missing("accessory")
        else:
            self.check(section.child("accessory"), (BUTTON, THUMBNAIL))

    def _text(self, text: Form) -> None:
        content = text.text("content", 1, MOST_TEXT, required=True)
        self.tally.text += len(content or "")
        self.tally.stored += len((content or "").encode()) + 12

    def _thumbnail(self, thumbnail: Form) -> None:
        self._described(thumbnail)
        self._media(thumbnail, "media", ("http://", "https://", "attachment://"))

    def _gallery(self, gallery: Form) -> None:
        for item in gallery.children("items", 1, 10, required=True):
            self._described(item)
            self._media(item, "media", ("http://", "https://", "attachment://"))

    def _file(self, file: Form) -> None:
        file.flag("spoiler")
        self._media(file, "file", ("attachment://",))

    def _separator(self, separator: Form) -> None:
        separator.flag("divider")
        separator.choice("spacing", (1, 2))

    def _container(self, container: Form) -> None:
        container.flag("spoiler")
        container.number("accent_color", 0, 0xFFFFFF)
        for child in container.children("components", 1, MOST_COMPONENTS, required=True):
            self.check(child, IN_CONTAINER)

    def _described(self, form: Form) -> None:
        form.flag("spoiler")
        form.text("description", 1, 1024)

    def _media(self, form: Form, key: str, schemes: tuple[str, ...]) -> None:
        if not form.has(key):
            form.missing(key)
            return
        media = form.child(key)
        url = check_url(media, "url", schemes, 2048)
        if url and url.startswith("attachment://") and url.removeprefix("attachment://") not in self.files:
            media.fail(
                "url",
                "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
                "The referenced attachment was not found",
            )
