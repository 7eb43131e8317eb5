"""Which modals Discord refuses, and what a person's client submits."""

from typing import Any

import pytest

from playground.discord import ClientRefused, LocalDiscord, UploadedFile


def label(component: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"type": 18, "label": "Prompt", "component": component} | changes


def line(**changes: Any) -> dict[str, Any]:
    return {"type": 4, "custom_id": "prompt", "style": 1} | changes


def upload(**changes: Any) -> dict[str, Any]:
    return {"type": 19, "custom_id": "files"} | changes


def options(count: int, **first: Any) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = [{"label": f"o{number}", "value": f"v{number}"} for number in range(count)]
    made[0] |= first
    return made


def select(count: int = 2, **changes: Any) -> dict[str, Any]:
    return {"type": 3, "custom_id": "part", "options": options(count)} | changes


def modal(*components: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"title": "Zoom", "custom_id": "zoom", "components": list(components)} | changes


ACCEPTED = {
    "a line in a label": modal(label(line(value="a fox", min_length=0, max_length=4000, placeholder="p" * 100))),
    "a line in a row": modal({"type": 1, "components": [line(label="Prompt")]}),
    "a text": modal({"type": 10, "content": "Read this"}, label(line())),
    "an upload": modal(label(upload(min_values=0, max_values=10, required=False))),
    "a select": modal(label(select(required=False, min_values=0, max_values=2))),
    "a radio group": modal(label({"type": 21, "custom_id": "r", "options": options(10, default=True)})),
    "a checkbox group": modal(label({"type": 22, "custom_id": "g", "options": options(1), "min_values": 0})),
    "a checkbox": modal(label({"type": 23, "custom_id": "c", "default": True})),
    "the longest words": modal(label(line(), label="l" * 45, description="d" * 100), title="t" * 45),
}

REFUSED = {
    "a title of 46": (modal(label(line()), title="t" * 46), "title", "BASE_TYPE_BAD_LENGTH"),
    "no title": (modal(label(line()), title=""), "title", "BASE_TYPE_REQUIRED"),
    "a custom_id of 101": (modal(label(line()), custom_id="c" * 101), "custom_id", "BASE_TYPE_BAD_LENGTH"),
    "no components": (modal(), "components", "BASE_TYPE_BAD_LENGTH"),
    "six components": (modal(*[{"type": 10, "content": "x"}] * 6), "components", "BASE_TYPE_BAD_LENGTH"),
    "a button": (modal({"type": 2, "style": 1}), "components.0", "UNION_TYPE_CHOICES"),
    "a label of 46": (modal(label(line(), label="l" * 46)), "components.0.label", "BASE_TYPE_BAD_LENGTH"),
    "a description of 101": (
        modal(label(line(), description="d" * 101)),
        "components.0.description",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a label of nothing": (modal(label({}) | {"component": None}), "components.0.component", "BASE_TYPE_REQUIRED"),
    "a text in a label": (
        modal(label({"type": 10, "content": "x"})),
        "components.0.component",
        "UNION_TYPE_CHOICES",
    ),
    "two lines in a row": (
        modal({"type": 1, "components": [line(label="a"), line(label="b", custom_id="b")]}),
        "components.0.components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a line in a row without label": (
        modal({"type": 1, "components": [line()]}),
        "components.0.components.0.label",
        "BASE_TYPE_REQUIRED",
    ),
    "no style": (modal(label(line(style=None))), "components.0.component.style", "BASE_TYPE_REQUIRED"),
    "no custom_id": (modal(label(line(custom_id=None))), "components.0.component.custom_id", "BASE_TYPE_REQUIRED"),
    "a custom_id twice": (
        modal(label(line()), label(line())),
        "components.1.component.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    "a value of 4001": (modal(label(line(value="v" * 4001))), "components.0.component.value", "BASE_TYPE_MAX_LENGTH"),
    "a value over its own maximum": (
        modal(label(line(value="four", max_length=3))),
        "components.0.component.value",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a value under its own minimum": (
        modal(label(line(value="four", min_length=5))),
        "components.0.component.value",
        "BASE_TYPE_MIN_LENGTH",
    ),
    "a minimum of 4001": (
        modal(label(line(min_length=4001))),
        "components.0.component.min_length",
        "NUMBER_TYPE_MAX",
    ),
    "a minimum over the maximum": (
        modal(label(line(min_length=5, max_length=4))),
        "components.0.component.min_length",
        "TEXT_INPUT_MIN_OVER_MAX",
    ),
    "a placeholder of 101": (
        modal(label(line(placeholder="p" * 101))),
        "components.0.component.placeholder",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "eleven uploads": (modal(label(upload(max_values=11))), "components.0.component.max_values", "NUMBER_TYPE_MAX"),
    "a disabled select": (
        modal(label(select(disabled=True))),
        "components.0.component.disabled",
        "SELECT_COMPONENT_DISABLED_IN_MODAL",
    ),
    "one radio button": (
        modal(label({"type": 21, "custom_id": "r", "options": options(1)})),
        "components.0.component.options",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "two chosen radio buttons": (
        modal(label({"type": 21, "custom_id": "r", "options": [o | {"default": True} for o in options(2)]})),
        "components.0.component.options",
        "RADIO_GROUP_TOO_MANY_DEFAULTS",
    ),
    "eleven checkboxes": (
        modal(label({"type": 22, "custom_id": "r", "options": options(11)})),
        "components.0.component.options",
        "BASE_TYPE_BAD_LENGTH",
    ),
}


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED)
async def test_a_valid_modal_opens(local: LocalDiscord, raw_bot: Any, data: dict[str, Any]) -> None:
    reply = await raw_bot.answer(9, data)
    assert reply.status == 204, reply.body
    assert raw_bot.interaction.modal == data
    assert local.violations == []


@pytest.mark.parametrize(("data", "path", "code"), REFUSED.values(), ids=REFUSED)
async def test_an_invalid_modal_is_refused_by_path(raw_bot: Any, data: dict[str, Any], path: str, code: str) -> None:
    reply = await raw_bot.answer(9, data)
    assert (reply.status, reply.body["code"]) == (400, 50035)
    errors = reply.body["errors"]["data"]
    for part in path.split("."):
        errors = errors[part]
    assert code in [each["code"] for each in errors["_errors"]]
    assert raw_bot.interaction.state == "waiting"


ALL_FIELDS = modal(
    {"type": 10, "content": "Read this"},
    label(line(value="a fox", max_length=10)),
    label(upload(required=False, max_values=2)),
    label(select(2, required=False)),
    label({"type": 22, "custom_id": "g", "options": options(3, default=True), "required": False}),
)


async def test_entered_values_arrive(local: LocalDiscord, raw_bot: Any) -> None:
    await raw_bot.answer(9, ALL_FIELDS)
    ada = local.person("ada")
    files = [UploadedFile("a.png", None, b"1"), UploadedFile("b.png", None, b"2")]
    entered: dict[str, Any] = {"prompt": "a red fox", "files": files, "part": ["v1"], "g": ["v1", "v2"]}
    submit = await ada.submit_modal(raw_bot.interaction, entered)
    assert submit.data["custom_id"] == "zoom"
    shown, text, uploads, chosen, checked = submit.data["components"]
    assert shown == {"type": 10, "id": 1}
    assert text["component"]["value"] == "a red fox"
    names = [submit.data["resolved"]["attachments"][each]["filename"] for each in uploads["component"]["values"]]
    assert names == ["a.png", "b.png"]
    assert chosen["component"]["values"] == ["v1"]
    assert checked["component"]["values"] == ["v1", "v2"]


async def test_untouched_fields_keep_the_values_of_the_modal(local: LocalDiscord, raw_bot: Any) -> None:
    await raw_bot.answer(9, ALL_FIELDS)
    submit = await local.person("ada").submit_modal(raw_bot.interaction, {})
    _, text, uploads, chosen, checked = submit.data["components"]
    assert text["component"]["value"] == "a fox"
    assert uploads["component"]["values"] == []
    assert chosen["component"]["values"] == []
    assert checked["component"]["values"] == ["v0"]


@pytest.mark.parametrize(
    ("data", "entered"),
    [
        (modal(label(line())), {"prompt": " "}),
        (modal(label(line(max_length=3))), {"prompt": "four"}),
        (modal(label(line(min_length=5))), {"prompt": "four"}),
        (modal(label(line())), {"other": "x"}),
        (modal(label(line())), {"prompt": ["a"]}),
        (modal(label(upload())), {}),
        (modal(label(upload(max_values=1))), {"files": [UploadedFile("a", None, b"")] * 2}),
        (modal(label(select())), {}),
        (modal(label(select())), {"part": ["v0", "v1"]}),
        (modal(label(select())), {"part": ["v9"]}),
        (modal(label(select())), {"part": "v1"}),
        (modal(label({"type": 21, "custom_id": "r", "options": options(2)})), {}),
    ],
)
async def test_the_client_does_not_submit_what_the_modal_forbids(
    local: LocalDiscord, raw_bot: Any, data: dict[str, Any], entered: dict[str, Any]
) -> None:
    assert (await raw_bot.answer(9, data)).status == 204
    with pytest.raises(ClientRefused):
        await local.person("ada").submit_modal(raw_bot.interaction, entered)


async def test_a_modal_is_submitted_once_and_only_by_its_person(local: LocalDiscord, raw_bot: Any) -> None:
    ada = local.person("ada")
    with pytest.raises(ClientRefused, match="no modal"):
        await ada.submit_modal(raw_bot.interaction, {})
    await raw_bot.answer(9, modal(label(line(value="x"))))
    with pytest.raises(ClientRefused, match="no modal"):
        await local.person("bob").submit_modal(raw_bot.interaction, {})
    await ada.submit_modal(raw_bot.interaction, {})
    with pytest.raises(ClientRefused, match="already"):
        await ada.submit_modal(raw_bot.interaction, {})
