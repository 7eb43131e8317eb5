"""Messages and modals that hold one of everything that Discord's components and embeds can be."""

from __future__ import annotations

import io
import struct
from typing import Any

from PIL import Image

Json = dict[str, Any]

LAYOUT = 1 << 15


def picture(colour: str = "orange", width: int = 320, height: int = 240) -> bytes:
    """A PNG of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()


def sound() -> bytes:
    """A tenth of a second of silence as WAV (RIFF, 8-bit mono)."""
    samples = b"\x80" * 800
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 8000, 1, 8)
    data = struct.pack("<4sI", b"data", len(samples)) + samples
    return struct.pack("<4sI4s", b"RIFF", 4 + len(form) + len(data), b"WAVE") + form + data


def button(label: str | None, style: int = 2, **more: Any) -> Json:
    """A button whose custom_id is its label."""
    fields: Json = {"type": 2, "style": style, "label": label}
    if "url" not in more:
        fields["custom_id"] = f"press {label}"
    return fields | more


def text(content: str) -> Json:
    return {"type": 10, "content": content}


def row(*components: Json) -> Json:
    return {"type": 1, "components": list(components)}


def options(*labels: str, **more: Any) -> list[Json]:
    return [{"label": label, "value": label.lower(), **more} for label in labels]


def string_select(**more: Any) -> Json:
    return {
        "type": 3,
        "custom_id": "colours",
        "placeholder": "Choose colours",
        "options": [
            {"label": "Amber", "value": "amber", "description": "Warm", "emoji": {"name": "🟠"}},
            {"label": "Blue", "value": "blue", "description": "Cold", "emoji": {"name": "🔵"}},
            {"label": "Crimson", "value": "crimson", "default": True},
        ],
        **more,
    }


FILES = {
    "first.png": picture("tomato"),
    "second.png": picture("teal", 240, 320),
    "SPOILER_third.png": picture("purple"),
    "notes.txt": b"a note\n",
}

LAYOUT_MESSAGE: Json = {
    "flags": LAYOUT,
    "attachments": [{"id": number, "description": f"Alt of {name}"} for number, name in enumerate(FILES)],
    "components": [
        text("# A layout\nwith **bold** words"),
        {
            "type": 17,
            "accent_color": 0x3BA55D,
            "components": [
                {
                    "type": 9,
                    "components": [text("### A section"), text("-# with a thumbnail")],
                    "accessory": {
                        "type": 11,
                        "media": {"url": "attachment://first.png"},
                        "description": "A thumbnail",
                    },
                },
                {"type": 14, "divider": True, "spacing": 2},
                {"type": 9, "components": [text("Another section")], "accessory": button("Beside")},
                {
                    "type": 12,
                    "items": [
                        {"media": {"url": "attachment://first.png"}, "description": "The first picture"},
                        {"media": {"url": "attachment://second.png"}, "description": "The second picture"},
                        {"media": {"url": "attachment://SPOILER_third.png"}, "spoiler": True},
                    ],
                },
                {"type": 13, "file": {"url": "attachment://notes.txt"}},
                {"type": 14, "divider": False, "spacing": 1},
                row(
                    button("Primary", 1),
                    button("Secondary", 2, emoji={"name": "🔍"}),
                    button("Success", 3),
                    button("Danger", 4),
                    button("Link", 5, url="https://example.org/"),
                ),
                row(
                    button(None, 2, custom_id="only an emoji", emoji={"name": "🔄"}),
                    button("Disabled", 2, disabled=True),
                    button("Custom", 2, emoji={"id": "1100000000000000999", "name": "sparkle"}),
                ),
                row(string_select()),
            ],
        },
        {"type": 17, "spoiler": True, "components": [text("A covered container")]},
        row({"type": 5, "custom_id": "people", "placeholder": "Choose somebody"}),
        row({"type": 6, "custom_id": "roles", "placeholder": "Choose a role"}),
        row({"type": 7, "custom_id": "mentionables", "placeholder": "Choose whom to mention"}),
        row({"type": 8, "custom_id": "channels", "placeholder": "Choose a channel"}),
    ],
}

CLASSIC_FILES = {
    "photo.png": picture("steelblue"),
    "song.wav": sound(),
    "clip.mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
    "list.txt": b"1\n2\n",
    "chart.png": picture("gold", 400, 200),
}

CLASSIC_MESSAGE: Json = {
    "content": "A classic message for <@1100000000000000103> in <#1100000000100000020>",
    "attachments": [{"id": number} for number in range(len(CLASSIC_FILES))],
    "embeds": [
        {
            "title": "An embed",
            "url": "https://example.org/embed",
            "description": "with *emphasis* and [a link](https://example.org/)",
            "color": 0xE8912D,
            "author": {"name": "Its author"},
            "fields": [
                {"name": "One", "value": "1", "inline": True},
                {"name": "Two", "value": "2", "inline": True},
                {"name": "All", "value": "the `rest`"},
            ],
            "image": {"url": "attachment://chart.png"},
            "footer": {"text": "Its footer"},
            "timestamp": "2026-01-05T10:00:00+00:00",
        }
    ],
    "components": [row(button("Yes", 3), button("No", 4)), row(string_select(custom_id="classic", max_values=3))],
}

MODAL: Json = {
    "title": "One of everything",
    "custom_id": "everything",
    "components": [
        text("Some words **above**."),
        {
            "type": 18,
            "label": "A line",
            "description": "of at most ten characters",
            "component": {"type": 4, "custom_id": "line", "style": 1, "min_length": 2, "max_length": 10},
        },
        {
            "type": 18,
            "label": "A choice",
            "component": {"type": 3, "custom_id": "choice", "max_values": 2, "options": options("Left", "Right", "Up")},
        },
        {"type": 18, "label": "A file", "component": {"type": 19, "custom_id": "file", "max_values": 2}},
        {
            "type": 18,
            "label": "A person",
            "component": {"type": 5, "custom_id": "person", "required": False},
        },
    ],
}

SECOND_MODAL: Json = {
    "title": "The rest",
    "custom_id": "rest",
    "components": [
        row({"type": 4, "custom_id": "classic", "label": "A classic input", "style": 2, "value": "as it was"}),
        {
            "type": 18,
            "label": "One of them",
            "component": {"type": 21, "custom_id": "radio", "options": options("A", "B")},
        },
        {
            "type": 18,
            "label": "Some of them",
            "component": {"type": 22, "custom_id": "boxes", "options": options("C", "D", "E"), "max_values": 2},
        },
        {"type": 18, "label": "Agreed", "component": {"type": 23, "custom_id": "agreed"}},
    ],
}
