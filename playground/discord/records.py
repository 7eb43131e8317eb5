"""Users, servers, channels and messages: plain records with snowflake ids."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

Json = dict[str, Any]
MAX_UPLOAD = 10 * 1024 * 1024
EPOCH_MS = 1_420_070_400_000


class Snowflakes:
    """Discord's ids: milliseconds since 2015 above 22 bits. They grow strictly, even if the clock goes back."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._last = 0

    def time(self) -> float:
        """Discord's clock: this machine's, with `ahead` seconds added."""
        return time.time() + self.ahead

    def new(self) -> int:
        now = (int(self.time() * 1000) - EPOCH_MS) << 22
        self._last = max(now, self._last + 1)
        return self._last


def created_at(snowflake: int) -> datetime:
    """When an id was generated, in UTC."""
    return datetime.fromtimestamp(((snowflake >> 22) + EPOCH_MS) / 1000, UTC)


class MessageFlag(IntEnum):
    """Message resource, "Message Flags"."""

    SUPPRESS_EMBEDS, EPHEMERAL, LOADING = 1 << 2, 1 << 6, 1 << 7
    SUPPRESS_NOTIFICATIONS, HAS_SNAPSHOT, COMPONENTS_V2 = 1 << 12, 1 << 14, 1 << 15


class ChannelType(IntEnum):
    """Channel resource, "Channel Types"."""

    GUILD_TEXT, DM, GROUP_DM, PUBLIC_THREAD, PRIVATE_THREAD = 0, 1, 3, 11, 12


@dataclass(eq=False)
class User:
    """`accepts_dms`: the bot's direct messages, else it gets 50007; `accepts_dm_files`: files in them, else 20009."""

    id: int
    name: str
    display_name: str
    bot: bool = False
    locale: str = "en-US"
    accepts_dms: bool = True
    accepts_dm_files: bool = True


@dataclass(eq=False)
class Role:
    id: int
    name: str
    permissions: int
    position: int = 0
    of_bot: int | None = None


@dataclass(eq=False)
class Member:
    user: User
    joined_at: datetime
    role_ids: list[int] = field(default_factory=list)


@dataclass
class Overwrite:
    allow: int = 0
    deny: int = 0
    of_role: bool = False


@dataclass(eq=False)
class Channel:
    """A text channel or thread of a guild, the bot's direct-message channel with `recipient`, or a group DM.

    `overwrites` are by the id of a role or a member. A thread has none of its own; it has a `parent_id`, an `owner_id`
    and `people`, its members. A group DM has `people` too; the bot is never one of them.
    """

    id: int
    type: int
    name: str
    guild_id: int | None = None
    position: int = 0
    recipient: User | None = None
    parent_id: int | None = None
    owner_id: int | None = None
    people: list[User] = field(default_factory=list)
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    last_message_id: int | None = None
    deleted: bool = False
    archived: bool = False
    locked: bool = False

    def __str__(self) -> str:
        return f"@{self.recipient.name}" if self.recipient else f"#{self.name}"

    @property
    def context(self) -> int:
        """Interaction resource, "Interaction Context Types": 0 a server, 1 the bot's own direct messages, 2 others'."""
        if self.type == ChannelType.GROUP_DM:
            return 2
        return 1 if self.guild_id is None else 0

    def has(self, user_id: int) -> bool:
        """Whether this user is one of its people."""
        return any(user.id == user_id for user in self.people)


@dataclass(eq=False)
class Guild:
    """A server. `roles[id]` of the guild's own id is @everyone, as on Discord.

    AutoMod blocks messages with one of the `blocked_words` where the bot is not a member: it gets 200000.
    """

    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    attachment_size_limit: int = MAX_UPLOAD
    locale: str = "en-US"
    blocked_words: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class UploadedFile:
    """A file that a person or the bot uploads. `seconds`: the length of a voice message, None for other files."""

    filename: str
    content_type: str | None
    data: bytes = field(repr=False)
    seconds: float | None = None


@dataclass(eq=False)
class Attachment:
    id: int
    channel_id: int
    filename: str
    data: bytes = field(repr=False)
    content_type: str | None = None
    width: int | None = None
    height: int | None = None
    description: str | None = None
    title: str | None = None
    ephemeral: bool = False
    seconds: float | None = None


@dataclass(frozen=True)
class Sticker:
    """A sticker; `format_type` is 1 for PNG and 2 for APNG (sticker resource, "Sticker Format Types")."""

    id: int
    name: str
    data: bytes = field(repr=False)
    format_type: int = 1


@dataclass(frozen=True)
class Revision:
    """The payload of a message at one moment; `at` is monotonic seconds."""

    at: float
    payload: Json


@dataclass(eq=False)
class Message:
    """A message. `mentions` are the users it really notifies, after allowed_mentions."""

    id: int
    channel_id: int
    author: User
    created_at: datetime
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    stickers: list[Sticker] = field(default_factory=list)
    forwarded: "Message | None" = None
    flags: int = 0
    type: int = 0
    edited_at: datetime | None = None
    ephemeral_for: int | None = None
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    allowed_mentions: Json | None = None
    interaction_metadata: Json | None = None
    webhook_id: int | None = None
    reference_id: int | None = None
    nonce: str | int | None = None
    deleted: bool = False
    dismissed: bool = False
    late_edits: int = 0
    revisions: list[Revision] = field(default_factory=list)

    @property
    def ephemeral(self) -> bool:
        return self.ephemeral_for is not None

    @property
    def loading(self) -> bool:
        return bool(self.flags & MessageFlag.LOADING)

    @property
    def text(self) -> str:
        """All its text, line by line: content, embeds and text displays."""
        lines = [self.content]
        for embed in self.embeds:
            lines += [embed.get("title") or "", embed.get("description") or ""]
            lines += [f"{entry['name']}: {entry['value']}" for entry in embed.get("fields") or []]
        lines += [part["content"] for part in walk(self.components) if part["type"] == 10]
        return "\n".join(line for line in lines if line)

    @property
    def buttons(self) -> list[Json]:
        """Its buttons in reading order, as JSON."""
        return [part for part in walk(self.components) if part["type"] == 2]

    def button(self, label: str) -> Json:
        """The button with this label, or with this emoji where it has no label. KeyError when there is none."""
        for button in self.buttons:
            if label in (button.get("label"), (button.get("emoji") or {}).get("name")):
                return button
        raise KeyError(f"no button {label!r} among {[b.get('label') or b.get('emoji') for b in self.buttons]}")


def walk(components: Iterable[Json]) -> list[Json]:
    """Every component of a tree, parents before children, in reading order."""
    found: list[Json] = []
    for component in components:
        found.append(component)
        found += walk(component.get("components") or [])
        found += walk([component[key] for key in ("accessory", "component") if component.get(key)])
    return found
