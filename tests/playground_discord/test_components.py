"""Which components of a message Discord refuses, and the path that its error names."""

from typing import Any

import pytest

from playground.discord import LocalDiscord

V2 = 1 << 15


def text(content: str = "x") -> dict[str, Any]:
    return {"type": 10, "content": content}


def button(**changes: Any) -> dict[str, Any]:
    made = {"type": 2, "style": 2, "label": "U1", "custom_id": "u1"} | changes
    return {key: value for key, value in made.items() if value is not ...}


def row(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(children)}


def buttons(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [button(custom_id=f"b{number}") for number in range(start, start + count)]


def box(*children: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": 17, "components": list(children), **more}


def section(*children: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": 9, "components": list(children), "accessory": button()} | more


def gallery(*urls: str, **more: Any) -> dict[str, Any]:
    return {"type": 12, "items": [{"media": {"url": url}, **more} for url in urls]}


def select(count: int = 2, **changes: Any) -> dict[str, Any]:
    options = [{"label": f"o{number}", "value": f"v{number}"} for number in range(count)]
    return {"type": 3, "custom_id": "s", "options": options} | changes


def message(*components: dict[str, Any], flags: int = V2, **more: Any) -> dict[str, Any]:
    return {"flags": flags, "components": list(components), **more}


URL = "https://example.org/x.png"

ACCEPTED = {
    "a card": message(box(text(), gallery(URL), row(*buttons(5)), accent_color=0xFFFFFF)),
    "forty components": message(*[row(*buttons(5, 5 * n)) for n in range(6)], *[text()] * 4),
    "4000 characters": message(text("a" * 3000), text("b" * 1000)),
    "a section with a thumbnail": message(section(text(), accessory={"type": 11, "media": {"url": URL}})),
    "ten images": message(gallery(*[URL] * 10)),
    "separators": message({"type": 14}, {"type": 14, "divider": False, "spacing": 2}),
    "a link": message(row(button(style=5, url=URL, custom_id=...))),
    "an emoji and no label": message(row(button(label=..., emoji={"name": "🔄", "id": None}))),
    "a custom emoji": message(row(button(label=..., emoji={"name": "upscale_1", "id": "1234567890123456789"}))),
    "a premium button": message(row({"type": 2, "style": 6, "sku_id": "1"})),
    "a custom_id of 100": message(row(button(custom_id="c" * 100))),
    "a label of 80": message(row(button(label="l" * 80))),
    "classic rows": {"content": "x", "components": [row(*buttons(5, 5 * n)) for n in range(5)]},
    "a select of 25": message(row(select(25, min_values=0, max_values=25, placeholder="p" * 150))),
    "a user select": message(row({"type": 5, "custom_id": "who"})),
    "equal ids of 0": message({"type": 10, "content": "a", "id": 0}, {"type": 10, "content": "b", "id": 0}),
}

REFUSED = {
    "V2 without its flag": (message(text(), flags=0), "components.0", "UNION_TYPE_CHOICES"),
    "content beside V2": (
        message(text(), content="x"),
        "content",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "embeds beside V2": (
        message(text(), embeds=[{"title": "x"}]),
        "embeds",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "stickers beside V2": (
        message(text(), sticker_ids=["1"]),
        "sticker_ids",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "a poll beside V2": (message(text(), poll={"a": 1}), "poll", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"),
    "41 components": (
        message(*[row(*buttons(5, 5 * n)) for n in range(6)], *[text()] * 5),
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    "4001 characters": (
        message(text("a" * 3000), box(text("b" * 1001))),
        "components",
        "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    "an empty text": (message(text("")), "components.0.content", "BASE_TYPE_REQUIRED"),
    "six classic rows": (
        {"content": "x", "components": [row(*buttons(1, n)) for n in range(6)]},
        "components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "six buttons": (message(row(*buttons(6))), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    "an empty row": (message(row()), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    "a button beside a select": (
        message(row(button(), select())),
        "components.0.components",
        "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
    ),
    "a row in a row": (message(row(row(button()))), "components.0.components.0", "UNION_TYPE_CHOICES"),
    "a button at the top": (message(button()), "components.0", "UNION_TYPE_CHOICES"),
    "no type": (message({"content": "x"}), "components.0.type", "BASE_TYPE_REQUIRED"),
    "a custom_id of 101": (
        message(row(button(custom_id="c" * 101))),
        "components.0.components.0.custom_id",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "no custom_id": (message(row(button(custom_id=...))), "components.0.components.0.custom_id", "BASE_TYPE_REQUIRED"),
    "a custom_id twice": (
        message(row(button()), box(row(button()))),
        "components.1.components.0.components.0.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    "an id twice": (
        message({"type": 10, "content": "a", "id": 7}, {"type": 10, "content": "b", "id": 7}),
        "components.1.id",
        "COMPONENT_ID_DUPLICATED",
    ),
    "a label of 81": (
        message(row(button(label="l" * 81))),
        "components.0.components.0.label",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "neither label nor emoji": (message(row(button(label=...))), "components.0.components.0", "BUTTON_COMPONENT_EMPTY"),
    "a word as emoji": (
        message(row(button(emoji={"name": "upscale_1"}))),
        "components.0.components.0.emoji.name",
        "BUTTON_COMPONENT_INVALID_EMOJI",
    ),
    "an emoji with no name": (
        message(row(button(emoji={}))),
        "components.0.components.0.emoji.name",
        "BUTTON_COMPONENT_INVALID_EMOJI",
    ),
    "no style": (message(row(button(style=...))), "components.0.components.0.style", "BASE_TYPE_REQUIRED"),
    "style 7": (message(row(button(style=7))), "components.0.components.0.style", "BASE_TYPE_CHOICES"),
    "a url on a plain button": (
        message(row(button(url=URL))),
        "components.0.components.0.url",
        "BUTTON_COMPONENT_URL_NOT_ALLOWED",
    ),
    "a link without a url": (
        message(row(button(style=5, custom_id=...))),
        "components.0.components.0.url",
        "BASE_TYPE_REQUIRED",
    ),
    "a link with a custom_id": (
        message(row(button(style=5, url=URL))),
        "components.0.components.0.custom_id",
        "BUTTON_COMPONENT_CUSTOM_ID_NOT_ALLOWED",
    ),
    "a link to a file": (
        message(row(button(style=5, url="file:///etc/passwd", custom_id=...))),
        "components.0.components.0.url",
        "URL_TYPE_INVALID_URL",
    ),
    "a premium button with a label": (
        message(row({"type": 2, "style": 6, "sku_id": "1", "label": "x"})),
        "components.0.components.0.label",
        "BUTTON_COMPONENT_PREMIUM",
    ),
    "a section of four texts": (
        message(section(text(), text(), text(), text())),
        "components.0.components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a section without accessory": (
        message(section(text(), accessory=None)),
        "components.0.accessory",
        "BASE_TYPE_REQUIRED",
    ),
    "a text as accessory": (
        message(section(text(), accessory=text())),
        "components.0.accessory",
        "UNION_TYPE_CHOICES",
    ),
    "an image in a section": (
        message(section(gallery(URL))),
        "components.0.components.0",
        "UNION_TYPE_CHOICES",
    ),
    "eleven images": (message(gallery(*[URL] * 11)), "components.0.items", "BASE_TYPE_BAD_LENGTH"),
    "no image": (message(gallery()), "components.0.items", "BASE_TYPE_BAD_LENGTH"),
    "a data url": (
        message(gallery("data:image/png;base64,AA==")),
        "components.0.items.0.media.url",
        "URL_TYPE_INVALID_URL",
    ),
    "an alt text of 1025": (
        message(gallery(URL, description="d" * 1025)),
        "components.0.items.0.description",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "an image that was not uploaded": (
        message(gallery("attachment://x.png")),
        "components.0.items.0.media.url",
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    ),
    "a thumbnail without media": (
        message(section(text(), accessory={"type": 11})),
        "components.0.accessory.media",
        "BASE_TYPE_REQUIRED",
    ),
    "a linked file": (
        message({"type": 13, "file": {"url": URL}}),
        "components.0.file.url",
        "URL_TYPE_INVALID_URL",
    ),
    "spacing 3": (message({"type": 14, "spacing": 3}), "components.0.spacing", "BASE_TYPE_CHOICES"),
    "a colour beyond white": (
        message(box(text(), accent_color=0x1000000)),
        "components.0.accent_color",
        "NUMBER_TYPE_MAX",
    ),
    "a container in a container": (message(box(box(text()))), "components.0.components.0", "UNION_TYPE_CHOICES"),
    "an empty container": (message(box()), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    "26 options": (message(row(select(26))), "components.0.components.0.options", "BASE_TYPE_BAD_LENGTH"),
    "no options": (message(row(select(0))), "components.0.components.0.options", "BASE_TYPE_BAD_LENGTH"),
    "a value twice": (
        message(row(select(options=[{"label": "a", "value": "v"}, {"label": "b", "value": "v"}]))),
        "components.0.components.0.options.1.value",
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    "an option's label of 101": (
        message(row(select(options=[{"label": "a" * 101, "value": "v"}]))),
        "components.0.components.0.options.0.label",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "an option's description of 101": (
        message(row(select(options=[{"label": "a", "value": "v", "description": "d" * 101}]))),
        "components.0.components.0.options.0.description",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a placeholder of 151": (
        message(row(select(placeholder="p" * 151))),
        "components.0.components.0.placeholder",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "more to choose than there is": (
        message(row(select(2, max_values=3))),
        "components.0.components.0.max_values",
        "SELECT_COMPONENT_MAX_OVER_OPTIONS",
    ),
    "at least two of at most one": (
        message(row(select(2, min_values=2))),
        "components.0.components.0.min_values",
        "SELECT_COMPONENT_MIN_OVER_MAX",
    ),
    "components that are no list": (message() | {"components": "x"}, "components", "LIST_TYPE_CONVERT"),
    "a component that is no object": (message() | {"components": [7]}, "components.0", "MODEL_TYPE_CONVERT"),
}


def at(errors: Any, path: str) -> list[str]:
    for part in path.split("."):
        errors = errors[part]
    return [each["code"] for each in errors["_errors"]]


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
async def test_a_valid_message_is_posted(local: LocalDiscord, call: Any, body: dict[str, Any]) -> None:
    reply = await call("POST", f"/channels/{local.channel('studio').id}/messages", body)
    assert reply.status == 200, reply.body
    assert local.violations == []


@pytest.mark.parametrize(("body", "path", "code"), REFUSED.values(), ids=REFUSED)
async def test_an_invalid_message_is_refused_by_path(
    local: LocalDiscord, call: Any, body: dict[str, Any], path: str, code: str
) -> None:
    reply = await call("POST", f"/channels/{local.channel('studio').id}/messages", body)
    assert (reply.status, reply.body["code"], reply.body["message"]) == (400, 50035, "Invalid Form Body")
    assert code in at(reply.body["errors"], path)
    assert local.messages(local.channel("studio")) == []


async def test_all_errors_of_a_message_are_reported_at_once(local: LocalDiscord, call: Any) -> None:
    body = message(row(button(label=...), button(custom_id="x" * 101)), text(""))
    reply = await call("POST", f"/channels/{local.channel('studio').id}/messages", body)
    assert set(reply.body["errors"]["components"]) == {"0", "1"}


async def test_text_that_is_short_in_letters_but_long_in_bytes_gets_500(local: LocalDiscord, call: Any) -> None:
    channel = f"/channels/{local.channel('studio').id}/messages"
    assert (await call("POST", channel, message(text("狐" * 3386)))).status == 200
    assert (await call("POST", channel, message(text("狐" * 3387)))).status == 500


async def test_components_come_back_numbered_and_with_their_defaults(local: LocalDiscord, call: Any) -> None:
    reply = await call(
        "POST",
        f"/channels/{local.channel('studio').id}/messages",
        message(box({"type": 10, "content": "x", "id": 2}, {"type": 14}, row(button()))),
    )
    (found,) = reply.body["components"]
    assert found["id"] == 1
    assert [child["id"] for child in found["components"]] == [2, 3, 4]
    assert found["components"][1] == {"type": 14, "id": 3, "divider": True, "spacing": 1}
    assert found["components"][2]["components"][0]["disabled"] is False
