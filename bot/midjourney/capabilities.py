"""What one service of the family can do, and in which style it wants to be asked (image API reference, 1.1 and 12.6).

A profile is where to start from; what the service then answers corrects it. A capability that was switched off is
tried again after an hour, so that a passing "not found" of some front door costs no more than that.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.midjourney.custom_ids import ActionKind, never_send, parse
from bot.midjourney.errors import NotOffered, RefusalKind

log = logging.getLogger(__name__)

SWITCHED_OFF_SECONDS = 3600.0


class Feature(StrEnum):
    """What a service may lack. Imagine and fetch are not among them: without those there is nothing to do."""

    ACTION = "action"
    MODAL = "modal"
    BLEND = "blend"
    DESCRIBE = "describe"
    DESCRIBE_LINK = "describe_link"
    SHORTEN = "shorten"
    SWAP = "swap"
    SWAP_VIDEO = "swap_video"
    EDIT = "edit"
    EDIT_OLDER = "edit_older"
    RETEXTURE = "retexture"
    VIDEO = "video"
    SHOW = "show"
    CHANGE = "change"
    SIMPLE_CHANGE = "simple_change"
    UPLOAD = "upload"
    BUTTONS = "buttons"
    LIST_BY_CONDITION = "list_by_condition"
    LIST_BY_IDS = "list_by_ids"
    TASK_LIST = "task_list"
    QUERY = "query"
    QUEUE = "queue"
    CANCEL = "cancel"
    SEED = "seed"


class SwapStyle(StrEnum):
    """How a face swap's two pictures travel (5.11)."""

    JSON = "json"
    MULTIPART = "multipart"


class MaskStyle(StrEnum):
    """How a mask travels: as a data URL, or its base64 alone (3.1)."""

    DATA_URL = "data_url"
    BARE = "bare"


class ModeStyle(StrEnum):
    """Where the mode stands: before the path, in the body (required there), or nowhere (2.2)."""

    PREFIX = "prefix"
    BODY = "body"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a dialect beforehand."""

    name: str
    lacks: frozenset[Feature] = frozenset()
    refuses: frozenset[ActionKind] = frozenset()
    swap_style: SwapStyle = SwapStyle.JSON
    mask_style: MaskStyle = MaskStyle.DATA_URL
    mode_style: ModeStyle = ModeStyle.PREFIX
    remix_on_request: bool = False
    """Does it open a prompt's window for a press that asks for one (`enableRemix`, 5.4)?"""


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
# Before its version 10 of December 2025, which took endpoints away and began to look at what a button asks.
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
            # Routed, but it never finds the task that it is told of (5.9).
            Feature.SIMPLE_CHANGE,
            Feature.LIST_BY_IDS,
            Feature.TASK_LIST,
            Feature.QUERY,
            Feature.QUEUE,
            Feature.CANCEL,
        }
    ),
    refuses=frozenset({ActionKind.BOOKMARK, ActionKind.CANCEL, *_SHORTENING, *_DESCRIBING, *_FILMING}),
    # It hands the field on; what stands behind it may know it.
    remix_on_request=True,
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
    mode_style=ModeStyle.NONE,
)
PROFILES = {profile.name: profile for profile in (UNKNOWN, PLUS, TRUEAI, TRUEAI_9, NEWAPI, NOVICEZK)}

# A refusal of one of these speaks of the one task or id, not of what the service can do.
_ALWAYS_POSSIBLE = frozenset({ActionKind.UPSCALE, ActionKind.VARIATION, ActionKind.REROLL, ActionKind.OTHER})


class _Flag:
    """A feature as an attribute that says whether the service has it, as far as is known now."""

    def __init__(self, feature: Feature) -> None:
        self._feature = feature

    def __get__(self, capabilities: Capabilities, owner: type[Capabilities]) -> bool:
        return capabilities.has(self._feature)


class Capabilities:
    """What the service at hand can do, as far as is known now."""

    action = _Flag(Feature.ACTION)
    modal = _Flag(Feature.MODAL)
    blend = _Flag(Feature.BLEND)
    describe = _Flag(Feature.DESCRIBE)
    describe_link = _Flag(Feature.DESCRIBE_LINK)
    shorten = _Flag(Feature.SHORTEN)
    swap = _Flag(Feature.SWAP)
    swap_video = _Flag(Feature.SWAP_VIDEO)
    edit = _Flag(Feature.EDIT)
    edit_older = _Flag(Feature.EDIT_OLDER)
    retexture = _Flag(Feature.RETEXTURE)
    video = _Flag(Feature.VIDEO)
    show = _Flag(Feature.SHOW)
    change = _Flag(Feature.CHANGE)
    simple_change = _Flag(Feature.SIMPLE_CHANGE)
    upload = _Flag(Feature.UPLOAD)
    buttons = _Flag(Feature.BUTTONS)
    list_by_condition = _Flag(Feature.LIST_BY_CONDITION)
    list_by_ids = _Flag(Feature.LIST_BY_IDS)
    task_list = _Flag(Feature.TASK_LIST)
    query = _Flag(Feature.QUERY)
    queue = _Flag(Feature.QUEUE)
    cancel = _Flag(Feature.CANCEL)
    seed = _Flag(Feature.SEED)

    def __init__(self, profile: Profile, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds from anywhere, never going back."""
        self.profile = profile
        self._clock = clock
        # Two tables: members of different StrEnums with one value are one key.
        self._features_off: dict[Feature, float] = {}
        self._kinds_off: dict[ActionKind, float] = {}
        self._prefix_off: float | None = None

    @classmethod
    def of(cls, name: str) -> Capabilities:
        """Those of a profile, by its name in `PROFILES`. Raises KeyError for another name."""
        return cls(PROFILES[name])

    @classmethod
    def unknown(cls) -> Capabilities:
        """Everything is assumed until the service says otherwise."""
        return cls(UNKNOWN)

    def has(self, feature: Feature) -> bool:
        """Is the feature there?"""
        return feature not in self.profile.lacks and self._past(self._features_off.get(feature))

    def require(self, feature: Feature) -> None:
        """Raises NotOffered, without asking the service, when the feature is not there."""
        if not self.has(feature):
            raise NotOffered(RefusalKind.NOT_OFFERED, f"this service has no {feature.value}")

    def adopt(self, profile: Profile) -> None:
        """The service turned out to be of this profile; what it said itself stays known."""
        self.profile = profile

    @property
    def swap_style(self) -> SwapStyle:
        """How a face swap travels."""
        return self.profile.swap_style

    @property
    def mask_style(self) -> MaskStyle:
        """How a mask travels."""
        return self.profile.mask_style

    @property
    def mode_style(self) -> ModeStyle:
        """Where the mode has to stand."""
        style = self.profile.mode_style
        return style if style is not ModeStyle.PREFIX or self._past(self._prefix_off) else ModeStyle.NONE

    def switch_off(self, feature: Feature) -> None:
        """The service said that it lacks the feature."""
        if self.has(feature):
            log.warning("the image service does not offer %s; it is tried again in an hour", feature.value)
        self._features_off[feature] = self._clock() + SWITCHED_OFF_SECONDS

    def switch_off_mode_prefix(self) -> None:
        """The service does not route paths with a mode before them."""
        log.warning("the image service knows no mode in its paths; modes are left out for an hour")
        self._prefix_off = self._clock() + SWITCHED_OFF_SECONDS

    def refuse_button(self, custom_id: str) -> None:
        """The service said that it does not do what this button asks: it will not for another of its kind either."""
        kind = parse(custom_id).kind
        if kind in _ALWAYS_POSSIBLE:
            return
        if self._past(self._kinds_off.get(kind)):
            log.warning("the image service does not support buttons of the kind %s", kind.value)
        self._kinds_off[kind] = self._clock() + SWITCHED_OFF_SECONDS

    def supports_button(self, custom_id: str) -> bool:
        """Can a press of this button succeed, as far as is known?"""
        kind = parse(custom_id).kind
        if kind is ActionKind.CHANGE:
            return self.change or self.simple_change
        known = not never_send(custom_id) and kind not in self.profile.refuses
        return known and self.action and self._past(self._kinds_off.get(kind))

    def _past(self, moment: float | None) -> bool:
        return moment is None or self._clock() >= moment
