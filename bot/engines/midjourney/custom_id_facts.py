"""Properties of a button derived from its customId alone (docs/image-api.md#buttons). No I/O, no state."""

from __future__ import annotations

import re

from bot.engines.buttons import EMOJI, KEYCAP
from bot.engines.midjourney.custom_id_parser import (
    CHANGE_NAMESPACE,
    JOB_ID_PATTERN,
    ActionKind,
    ChangeAction,
    ParsedId,
    parse_id,
)
from storage import StoredButton

WINDOWED = frozenset(
    {
        ActionKind.REGION,
        ActionKind.CUSTOM_ZOOM,
        ActionKind.DESCRIBE_LINE,
        ActionKind.SHORTEN_LINE,
        ActionKind.VIDEO_MANUAL,
    }
)
REMIXABLE = frozenset(
    {
        ActionKind.VARIATION,
        ActionKind.VARY_SUBTLE,
        ActionKind.VARY_STRONG,
        ActionKind.REROLL,
        ActionKind.PAN,
        ActionKind.ANIMATE,
    }
)
# Names of Midjourney's custom emoji, which other bots cannot use.
CUSTOM_EMOJI = {
    "upscale_1": "⏫",
    "upscale_2": "⏫",
    "upscale": "⏫",
    "vary": "🪄",
    "zoom": "🔍",
    "animate": "🎞️",
    "reroll": "🔄",
}
EMOJI_OF_KIND = {
    ActionKind.REROLL: "🔄",
    ActionKind.UPSCALE_HD: "⏫",
    ActionKind.VARY_SUBTLE: "🪄",
    ActionKind.VARY_STRONG: "🪄",
    ActionKind.REGION: "🖌️",
    ActionKind.ZOOM: "🔍",
    ActionKind.CUSTOM_ZOOM: "🔍",
    ActionKind.SQUARE: "↔️",
    ActionKind.ANIMATE: "🎞️",
    ActionKind.VIDEO_EXTEND: "🎞️",
    ActionKind.VIDEO_MANUAL: "🎞️",
    ActionKind.DESCRIBE_ALL: "🎉",
    ActionKind.DESCRIBE_RETRY: "🔄",
    ActionKind.BOOKMARK: "❤️",
}
ARROWS = {"left": "⬅️", "right": "➡️", "up": "⬆️", "down": "⬇️"}
LABELS = {
    ActionKind.REROLL: "Reroll",
    ActionKind.VARY_SUBTLE: "Vary (Subtle)",
    ActionKind.VARY_STRONG: "Vary (Strong)",
    ActionKind.REGION: "Vary (Region)",
    ActionKind.SQUARE: "Make Square",
    ActionKind.CUSTOM_ZOOM: "Custom Zoom",
    ActionKind.DESCRIBE_ALL: "Imagine all",
    ActionKind.DESCRIBE_RETRY: "Retry",
    ActionKind.SHORTEN_DETAILS: "Show Details",
    ActionKind.BOOKMARK: "Favorite",
    ActionKind.CANCEL: "Cancel Job",
}
NUMBERED = {
    ActionKind.UPSCALE: ("U", "Upscale"),
    ActionKind.VARIATION: ("V", "Make Variations"),
    ActionKind.VIDEO_PICK: ("U", "Upscale"),
    ActionKind.DESCRIBE_LINE: ("", "Line"),
    ActionKind.SHORTEN_LINE: ("", "Line"),
}
CHANGES: dict[str, ActionKind] = {
    ChangeAction.UPSCALE: ActionKind.UPSCALE,
    ChangeAction.VARIATION: ActionKind.VARIATION,
    ChangeAction.REROLL: ActionKind.REROLL,
}
_LABEL_LENGTH = 80
# Parts of a customId that are meaningless to users.
_NOISE = re.compile(rf"mj|job|solo|\d*|{JOB_ID_PATTERN}", re.IGNORECASE)


# Buttons of a line of text, which can also be generated as a prompt (docs/image-api.md#text-buttons).
TEXT_LINES = frozenset({ActionKind.DESCRIBE_LINE, ActionKind.SHORTEN_LINE})


def opens_modal(custom_id: str) -> bool:
    """Whether the button always opens a modal, on every service (docs/image-api.md#modal-windows)."""
    return parse_id(custom_id).kind in WINDOWED


def remixable(custom_id: str) -> bool:
    """Whether the button may open a modal in remix mode (docs/image-api.md#modal-windows)."""
    return parse_id(custom_id).kind in REMIXABLE


def never_send(custom_id: str) -> bool:
    """Whether this is not the ID of a button: it is empty, a link, or one of Discord's own modals
    (docs/image-api.md#button-entries and #internal-ids)."""
    bare = custom_id.strip().lower()
    return not bare or bare.startswith(("http://", "https://")) or parse_id(custom_id).kind is ActionKind.INTERNAL


# The actions whose result is a grid of four images, which `change` requires (docs/image-api.md#change).
_GRIDS = frozenset({"imagine", "blend", "variation", "reroll", "vary_subtle", "vary_strong"})


def change_buttons(made_by: str | ParsedId) -> tuple[StoredButton, ...]:
    """Returns the buttons for a task of a service without buttons, or () if `change` cannot be used on the task.

    `made_by` is the action that created the task: its name in any case ("IMAGINE", "blend"), an ActionKind, or the
    parsed ID of the pressed button. Only a parsed ID says what a CHANGE button did.
    """
    name = (made_by.change or made_by.kind) if isinstance(made_by, ParsedId) else made_by
    if name.lower() not in _GRIDS:
        return ()
    upscales = [_change_button(ChangeAction.UPSCALE, index, f"U{index}") for index in range(1, 5)]
    variations = [_change_button(ChangeAction.VARIATION, index, f"V{index}") for index in range(1, 5)]
    return (*upscales, _change_button(ChangeAction.REROLL, 1, "", "🔄"), *variations)


def _change_button(action: ChangeAction, index: int, label: str, emoji: str = "") -> StoredButton:
    return StoredButton(f"{CHANGE_NAMESPACE}::{action}::{index}", label, emoji)


def fitting_emoji(name: str, custom_id: str) -> str | None:
    """Returns the given emoji if it is valid, otherwise a replacement for its name or for the button, or None.

    An empty name gives None.
    """
    name = name.strip()
    if not name or EMOJI.fullmatch(name):
        return name or None
    return CUSTOM_EMOJI.get(name.lower()) or _emoji_of(parse_id(custom_id))


def _emoji_of(parsed: ParsedId) -> str | None:
    if parsed.kind is ActionKind.PAN:
        return ARROWS.get(parsed.direction or "")
    if parsed.kind in TEXT_LINES and parsed.index and parsed.index < 10:
        return f"{parsed.index}\ufe0f{KEYCAP}"
    return EMOJI_OF_KIND.get(parsed.kind)


def acts_as(custom_id: str) -> ActionKind:
    """Returns what a button does; for a CHANGE button, the action that it requests."""
    parsed = parse_id(custom_id)
    return CHANGES.get(parsed.change, parsed.kind) if parsed.kind is ActionKind.CHANGE else parsed.kind


def default_label(custom_id: str) -> str:
    """Returns a label of 1 to 80 characters for a button without one."""
    parsed, kind = parse_id(custom_id), acts_as(custom_id)
    if kind in NUMBERED:
        letter, unnumbered = NUMBERED[kind]
        return f"{letter}{parsed.index}" if parsed.index else unnumbered
    return LABELS.get(kind) or _label_of_variant(kind, parsed) or _spelled_out(custom_id)


def _label_of_variant(kind: ActionKind, parsed: ParsedId) -> str:
    variant = parsed.variant
    match kind:
        case ActionKind.UPSCALE_HD if variant == "max":
            return "Upscale to Max"
        case ActionKind.UPSCALE_HD:
            return f"Upscale ({variant if variant[:1].isdigit() else variant.title()})" if variant else "Upscale"
        case ActionKind.ZOOM:
            return f"Zoom Out {variant}".strip()
        case ActionKind.PAN:
            return f"Pan {(parsed.direction or '').title()}"[:_LABEL_LENGTH].strip()
        case ActionKind.ANIMATE:
            return f"Animate ({variant.title()} motion)" if variant else "Animate"
        case ActionKind.VIDEO_EXTEND:
            return f"Extend ({variant.title()} motion)" if variant else "Extend"
        case ActionKind.VIDEO_MANUAL:
            return f"Animate manually ({variant.title()} motion)" if variant else "Animate manually"
    return ""


def _spelled_out(custom_id: str) -> str:
    words = next((part for part in custom_id.split("::") if not _NOISE.fullmatch(part.strip())), "")
    return " ".join(words.replace("_", " ").split()).title()[:_LABEL_LENGTH].strip() or "Button"
