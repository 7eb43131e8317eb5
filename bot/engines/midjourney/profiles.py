"""Known services of the family: what each lacks, and how its request format differs (docs/image-api.md#endpoints and
#client-rules)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from bot.engines.midjourney.button_kinds import ActionKind
from bot.engines.models import Feature


class Quirk(StrEnum):
    """A deviation from the request format of most services."""

    MODE_IN_BODY = "mode-in-body"
    """The mode is a required field of each submit (docs/image-api.md#modes)."""
    NO_MODE = "no-mode"
    """The service has no modes."""
    BARE_MASK = "bare-mask"
    """A mask is sent as base64 only, not as a data URL (docs/image-api.md#image-encoding)."""
    BARE_PICTURES = "bare-pictures"
    """All other images are sent as base64 only, too (docs/image-api.md#image-encoding)."""
    SWAP_AS_FILES = "swap-as-files"
    """The images of a face swap are files of a form (docs/image-api.md#face-swap)."""
    EDITS_AS_ARRAY = "edits-as-array"
    """An image to edit is sent in an array, together with the action (docs/image-api.md#edits)."""


class Profile(NamedTuple):
    """The known properties of a dialect."""

    name: str
    lacks: frozenset[Feature] = frozenset()
    refuses: frozenset[ActionKind] = frozenset()
    quirks: frozenset[Quirk] = frozenset()
    remix_on_request: bool = False
    """Whether an action with `enableRemix` opens a modal (docs/image-api.md#action)."""
    hands_mode_on: bool = True
    """Whether a mode in the path is passed to the service that generates the images (docs/image-api.md#modes)."""


_SHORTENING = frozenset({ActionKind.SHORTEN_LINE, ActionKind.SHORTEN_DETAILS})
_DESCRIBING = frozenset({ActionKind.DESCRIBE_LINE, ActionKind.DESCRIBE_ALL, ActionKind.DESCRIBE_RETRY})
_FILMING = frozenset({ActionKind.ANIMATE, ActionKind.VIDEO_PICK, ActionKind.VIDEO_EXTEND, ActionKind.VIDEO_MANUAL})
_CHANGING = frozenset({Feature.CHANGE, Feature.SIMPLE_CHANGE})
_REWORKING = frozenset({Feature.EDIT, Feature.EDIT_OLDER, Feature.RETEXTURE, Feature.VIDEO})

UNKNOWN = Profile("unknown")
PLUS = Profile(
    "plus",
    lacks=frozenset({Feature.DESCRIBE_LINK, Feature.SWAP_VIDEO, Feature.SHOW, *_REWORKING}),
    refuses=frozenset({ActionKind.BOOKMARK, ActionKind.DESCRIBE_ALL}),
)
TRUEAI = Profile(
    "trueai",
    lacks=frozenset({Feature.SHOW, Feature.QUEUE, Feature.QUERY, *_CHANGING}),
    refuses=frozenset({ActionKind.BOOKMARK, ActionKind.CANCEL, *_SHORTENING}),
    remix_on_request=True,
)
# Before version 10 of December 2025, which removed endpoints and added a check of the requested button action.
TRUEAI_9 = Profile("trueai-9", lacks=frozenset({Feature.QUERY}), remix_on_request=True)
NEWAPI = Profile(
    "newapi",
    lacks=frozenset(
        {
            Feature.DESCRIBE_LINK,
            Feature.SWAP_VIDEO,
            Feature.EDIT_OLDER,
            Feature.RETEXTURE,
            Feature.SHOW,
            Feature.LIST_BY_IDS,
            Feature.TASK_LIST,
            Feature.QUERY,
            Feature.QUEUE,
            Feature.CANCEL,
        }
    ),
    refuses=frozenset({ActionKind.BOOKMARK, ActionKind.CANCEL, *_SHORTENING, *_DESCRIBING, *_FILMING}),
    # newapi forwards the field, and the service behind it may support it.
    remix_on_request=True,
    hands_mode_on=False,
)
NOVICEZK = Profile(
    "novicezk",
    lacks=frozenset(
        {
            Feature.ACTION,
            Feature.MODAL,
            Feature.BUTTONS,
            Feature.DESCRIBE_LINK,
            Feature.SHORTEN,
            Feature.SWAP,
            Feature.SWAP_VIDEO,
            *_REWORKING,
            Feature.SHOW,
            Feature.UPLOAD,
            Feature.LIST_BY_IDS,
            Feature.QUERY,
            Feature.CANCEL,
            Feature.SEED,
        }
    ),
    quirks=frozenset({Quirk.NO_MODE}),
)
# Resellers with modified answers. They report what they lack; their videos start from a task (docs/image-api.md#video).
GATEWAY = Profile(
    "gateway", lacks=frozenset({Feature.VIDEO}), quirks=frozenset({Quirk.MODE_IN_BODY, Quirk.SWAP_AS_FILES})
)
PROFILES = {profile.name: profile for profile in (UNKNOWN, PLUS, TRUEAI, TRUEAI_9, NEWAPI, NOVICEZK, GATEWAY)}
