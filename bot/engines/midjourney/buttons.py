"""The buttons of a task: what the customId of each says (docs/image-api.md#buttons), and everything that a card needs
to know about them.

Requests use the customId unchanged; the parsed form only selects modals, labels and emoji. The comparison ignores case.
IDs are split at `::`, and any number of parts is accepted.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.engines.emoji import EMOJI, KEYCAP
from bot.engines.midjourney.button_kinds import (
    ARROWS,
    CHANGE_NAMESPACE,
    CHANGES,
    CUSTOM_EMOJI,
    EMOJI_OF_KIND,
    GROUPS,
    INPUTS,
    JOB_ID_PATTERN,
    LABELS,
    NUMBERED,
    REMIXABLE,
    TEXT_LINES,
    WINDOWED,
    ActionKind,
    ChangeAction,
    ParsedId,
)
from bot.engines.models import ButtonGroup, ButtonInput
from storage import StoredButton, Task, TaskState

# The images of a grid.
GRID = 4

# Part of an ID that names the job. The buttons of all tasks differ only in it.
_JOB_PART = re.compile(rf"(?<=::){JOB_ID_PATTERN}(?=::|\Z)")
_ANY_JOB = "00000000-0000-0000-0000-000000000000"
# The buttons of tasks that are shown or pressed at the moment, and those of all services.
_REMEMBERED_IDS, _REMEMBERED = 2_000, 500

_JOB_ID = re.compile(JOB_ID_PATTERN)
_OUTPAINT = {
    "50": ParsedId(ActionKind.ZOOM, variant="2x"),
    "75": ParsedId(ActionKind.ZOOM, variant="1.5x"),
    "100": ParsedId(ActionKind.SQUARE),
}
_INTERNAL = re.compile(r".*modal|iframe|settings|picreader")
# Several properties of a button are derived from its customId, one after the other.
_REMEMBERED_PARSED = 1_000

_JOBS = {
    "upsample": ActionKind.UPSCALE,
    "variation": ActionKind.VARIATION,
    "reroll": ActionKind.REROLL,
    "low_variation": ActionKind.VARY_SUBTLE,
    "high_variation": ActionKind.VARY_STRONG,
    "video_virtual_upscale": ActionKind.VIDEO_PICK,
    "picreader": ActionKind.DESCRIBE_LINE,
    "promptanalyzer": ActionKind.SHORTEN_LINE,
    "promptanalyzerextended": ActionKind.SHORTEN_DETAILS,
}

_COUNTED = frozenset(
    {
        ActionKind.UPSCALE,
        ActionKind.VARIATION,
        ActionKind.VIDEO_PICK,
        ActionKind.DESCRIBE_LINE,
        ActionKind.SHORTEN_LINE,
    }
)

_LABEL_LENGTH = 80
# Parts of a customId that are meaningless to users.
_NOISE = re.compile(rf"mj|job|solo|\d*|{JOB_ID_PATTERN}", re.IGNORECASE)

# The actions whose result is a grid of four images, which `change` requires (docs/image-api.md#change).
_GRIDS = frozenset({"imagine", "blend", "variation", "reroll", "vary_subtle", "vary_strong"})


class ButtonFacts(NamedTuple):
    """What the ID of a button says about it.

    `kind` is that of `parsed`, `acts_as` what the button does, which differs for the older `change`. `sendable`: it can
    be sent to the service. The others are the fields of `StoredButton`.
    """

    parsed: ParsedId
    kind: ActionKind
    acts_as: ActionKind
    sendable: bool
    name: str
    group: ButtonGroup
    input: ButtonInput
    line: int | None


@functools.lru_cache(maxsize=_REMEMBERED_IDS)
def facts_of(custom_id: str) -> ButtonFacts:
    """What is known of a button from its ID."""
    return _facts_of(_JOB_PART.sub(_ANY_JOB, custom_id))


@functools.lru_cache(maxsize=_REMEMBERED)
def _facts_of(custom_id: str) -> ButtonFacts:
    parsed, action = parse_id(custom_id), acts_as(custom_id)
    return ButtonFacts(
        parsed=parsed,
        kind=parsed.kind,
        acts_as=action,
        sendable=not never_send(custom_id),
        name=default_label(custom_id),
        group=GROUPS.get(action, ButtonGroup.OTHER),
        input=_input_of(custom_id, parsed.kind),
        line=parsed.index if parsed.kind in TEXT_LINES else None,
    )


def sendable_id(custom_id: str) -> str:
    """Returns the ID of a button of the service. Raises ValueError for one that it must not receive."""
    facts = facts_of(custom_id)
    if not facts.sendable or facts.kind is ActionKind.CHANGE:
        raise ValueError("is not a button of the image service")
    return custom_id


def completed(custom_id: str, label: str, emoji: str, style: int) -> StoredButton:
    """A button of the service with its name, group, input and line, and with an emoji that Discord accepts or none."""
    facts = facts_of(custom_id)
    if emoji:
        emoji = fitting_emoji(emoji, custom_id) or ""
    return StoredButton(custom_id, label, emoji, style, facts.name, facts.group, facts.input, facts.line)


def complete(button: StoredButton) -> StoredButton:
    """The button with what `completed` adds, if a row of an earlier version lacks it."""
    return button if button.group else completed(button.custom_id, button.label, button.emoji, button.style)


def buttons_of(task: Task) -> tuple[StoredButton, ...]:
    """The buttons that can be sent. A finished task without any gets the buttons of the older `change` endpoint
    (docs/image-api.md#change)."""
    given: dict[str, StoredButton] = {}
    for button in task.buttons:
        if button.custom_id not in given and facts_of(button.custom_id).sendable:
            given[button.custom_id] = button if button.group else complete(button)
    if given or task.state is not TaskState.SUCCESS:
        return tuple(given.values())
    pressed = task.request.custom_id
    made_by = facts_of(pressed).parsed if pressed else task.request.action.value
    return tuple(map(complete, change_buttons(made_by)))


def grid_size(task: Task, buttons: Sequence[StoredButton]) -> int:
    """How many images the file of a result shows. A result with a button to enlarge each of four images is a grid,
    unless it has them as files of their own (docs/image-api.md#results)."""
    if task.image_count > 1:
        return 1
    picks = sum(facts_of(button.custom_id).acts_as is ActionKind.UPSCALE for button in buttons)
    return GRID if picks == GRID else 1


def _input_of(custom_id: str, kind: ActionKind) -> ButtonInput:
    if opens_modal(custom_id):
        return INPUTS.get(kind, ButtonInput.PROMPT)
    return ButtonInput.REMIX if remixable(custom_id) else ButtonInput.NONE


@functools.lru_cache(maxsize=_REMEMBERED_PARSED)
def parse_id(custom_id: str) -> ParsedId:
    """Parses a customId. An unknown one has the kind OTHER."""
    family, head, *rest = [part.strip().lower() for part in custom_id.split("::")] + ["", ""]
    if family == CHANGE_NAMESPACE:
        return ParsedId(ActionKind.CHANGE, index=_number(rest[0]), change=head.upper())
    if family != "mj":
        return ParsedId(ActionKind.OTHER)
    return _parse_job(rest) if head == "job" else _parse_plain(head, rest)


def _parse_plain(head: str, rest: list[str]) -> ParsedId:
    match head:
        case "inpaint":
            # With a UUID instead of an index, this is the ID of Discord's own modal, not of a button
            # (docs/image-api.md#internal-ids).
            return ParsedId(ActionKind.INTERNAL if _JOB_ID.fullmatch(rest[0]) else ActionKind.REGION)
        case "outpaint":
            return _OUTPAINT.get(rest[0], ParsedId(ActionKind.ZOOM))
        case "customzoom":
            return ParsedId(ActionKind.CUSTOM_ZOOM)
        case "bookmark":
            return ParsedId(ActionKind.BOOKMARK)
        case "canceljob":
            return ParsedId(ActionKind.CANCEL)
        case "picread":
            return ParsedId(ActionKind.DESCRIBE_RETRY)
    return ParsedId(ActionKind.INTERNAL if _INTERNAL.fullmatch(head) else ActionKind.OTHER)


def _parse_job(rest: list[str]) -> ParsedId:
    name, arguments = rest[0], rest[1:]
    if name == "picreader" and "all" in arguments:
        return ParsedId(ActionKind.DESCRIBE_ALL)
    if name == "video":
        kind = ActionKind.VIDEO_MANUAL if "manual" in arguments else ActionKind.ANIMATE
        return ParsedId(kind, variant=_either(arguments, "high", "low"))
    if known := _JOBS.get(name):
        # Under a single image (SOLO) the index is constant and meaningless (docs/image-api.md#image-buttons).
        counts = known in _COUNTED and arguments and "solo" not in arguments
        return ParsedId(known, _number(arguments[0]) if counts else None)
    return _parse_compound(name.split("_"))


def _parse_compound(words: list[str]) -> ParsedId:
    match words:
        case ["upsample", *more]:
            return ParsedId(ActionKind.UPSCALE_HD, variant=_either(more, "subtle", "creative", "4x", "2x", "max"))
        case ["pan", direction]:
            return ParsedId(ActionKind.PAN, direction=direction)
        case ["animate", *more]:
            kind = ActionKind.VIDEO_EXTEND if "extend" in more else ActionKind.ANIMATE
            return ParsedId(kind, variant=_either(more, "high", "low"))
    return ParsedId(ActionKind.OTHER)


def job_id_in(typed: str) -> str | None:
    """The ID of a Midjourney job in typed text: by itself, or in the URL of its page or image. None if there is
    none."""
    found = _JOB_ID.search(typed.lower())
    return found[0] if found else None


def _number(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    return number or None


def _either(words: list[str], *known: str) -> str:
    return next((word for word in known if word in words), "")


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
