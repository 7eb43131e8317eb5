"""Records of single users: settings, drafts, batches, chosen images, links and notifications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from storage.records import Request, TaskId

# Drafts kept per user. A Discord select holds at most 25 options.
MAX_DRAFTS = 25


@dataclass(frozen=True, slots=True)
class UserDefaults:
    """The default settings of one user. None means the default of the service or of the server.

    `engine` is a name that was offered when it was chosen; it may have gone since.
    """

    user_id: int
    mode: str | None = None
    bot_type: str | None = None
    aspect: str | None = None
    suffix: str = ""
    remix: bool = False
    direct: bool = False
    notify: str | None = None
    engine: str | None = None


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file attached to a command, as described by Discord. `size` is in bytes."""

    id: str
    filename: str
    url: str = field(repr=False)
    size: int
    content_type: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A refused request as its user typed it. `created_at` is in unix seconds.

    `aspect` is the chosen aspect ratio. `modal` is the custom_id of the button's modal in which the request was typed,
    and `areas` are the areas of the image selected there. A draft with only a `task_id` is another prompt for that
    task.
    """

    id: str
    user_id: int
    request: Request
    created_at: float
    aspect: str | None = None
    files: Sequence[DraftFile] = ()
    task_id: TaskId | None = None
    modal: str | None = None
    areas: tuple[str, ...] = ()

    @property
    def prompt(self) -> str:
        """The typed prompt."""
        return self.request.prompt


@dataclass(frozen=True, slots=True)
class Batch:
    """What the user typed (`request`), and the prompts that it expands to.

    `files` are the attached images, `aspect` is the chosen aspect ratio.
    """

    interaction_id: int
    user_id: int
    request: Request
    prompts: tuple[str, ...]
    files: Sequence[DraftFile] = ()
    aspect: str | None = None


@dataclass(frozen=True, slots=True)
class ChosenPicture:
    """An image chosen from the menu of a message. `urls` are candidates, the most likely one first.

    `spoiler`: the image is marked as a spoiler in that message.
    """

    interaction_id: int
    user_id: int
    urls: tuple[str, ...]
    spoiler: bool


@dataclass(frozen=True, slots=True)
class MaskEditorLink:
    """A link to the mask editor. Times are unix seconds, sizes pixels.

    `id` is the hash of the token in the link; the token itself is not stored. The fields from `interaction_id` to
    `upload_limit` are those of the interaction that created the link. `notice_id` is the private message that holds the
    link, `attached_url` the image on the message with the pressed button. `width` and `height` are set once the image
    was served, and the mask must have the same size.
    """

    id: str
    task_id: TaskId
    digest: str
    interaction_id: int
    application_id: int
    user_id: int
    guild_id: int | None
    channel_id: int | None
    token: str = field(repr=False)
    created_at: float
    upload_limit: int
    notice_id: int | None
    locale: str
    attached_url: str | None = field(repr=False)
    expires_at: float
    width: int | None = None
    height: int | None = None
    guild_locale: str | None = None

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the served image, None before it was served."""
        return None if self.width is None or self.height is None else (self.width, self.height)


@dataclass(frozen=True, slots=True)
class Notification:
    """A user to be notified of the end of their task.

    `always`: the user always wants the notification. `begun`: an earlier attempt may have sent it already.
    """

    task_id: TaskId
    user_id: int
    always: bool
    begun: bool


class ThumbnailRole(StrEnum):
    """Which image of a task a thumbnail shows."""

    SOURCE = "source"
    RESULT = "result"
    IMAGE = "image"
    """Not a thumbnail: a result that is stored whole, because it has no URL from which it could be downloaded."""
