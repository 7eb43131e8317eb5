"""The ports of a database engine for the records of single users, for thumbnails and for single values. The rules are
those of `storage.ports`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from storage.records import TaskId
from storage.user_records import Batch, ChosenPicture, Draft, MaskEditorLink, ThumbnailRole, UserDefaults


class UserSettings(Protocol):
    """The settings of users."""

    async def of(self, user_id: int) -> UserDefaults:
        """Returns the settings of one user; default values if none are stored."""

    async def change(self, user_id: int, **chosen: str | bool | None) -> UserDefaults:
        """Changes some settings of one user and returns all of them. Raises TypeError for an unknown setting."""

    async def save(self, chosen: UserDefaults) -> None:
        """Stores all settings of one user."""

    async def remix_users(self, limit: int) -> frozenset[int]:
        """Returns at most `limit` users with remix mode on."""


class KeyValueStore(Protocol):
    """Small values of the program, by name."""

    async def get(self, name: str) -> str | None:
        """Returns the value of a name."""

    async def put(self, name: str, value: str) -> None:
        """Stores a value and replaces an older one."""


class Drafts(Protocol):
    """Refused requests, stored so that users need not retype a prompt. Only the author can read a draft."""

    async def save(self, draft: Draft) -> None:
        """Stores a draft, replaces one with the same id, and keeps only the newest `MAX_DRAFTS` of its author."""

    async def get(self, draft_id: str, user_id: int) -> Draft | None:
        """Returns the draft if it belongs to this user."""

    async def of(self, user_id: int, since: float) -> list[Draft]:
        """Returns the drafts of one user since `since`, newest first."""

    async def remove(self, draft_id: str) -> None:
        """Deletes a draft that was sent."""

    async def forget(self, before: float, *, limit: int) -> int:
        """Deletes at most `limit` drafts created before `before`. Returns their number."""


class Batches(Protocol):
    """Several tasks from one prompt, stored until the user confirms them."""

    async def add(self, batch: Batch, now: float) -> None:
        """Stores a batch that awaits confirmation."""

    async def get(self, interaction_id: int) -> Batch | None:
        """Returns the batch of this interaction."""

    async def begin(self, interaction_id: int, *, expanded: bool) -> bool:
        """Records how a batch is started: one task per prompt (`expanded`), or the typed text as a single prompt. The
        first call decides. Returns False if the other way was chosen before, and for an unknown batch."""

    async def remove_before(self, moment: float) -> int:
        """Deletes the batches created before `moment`. Returns their number."""


class ChosenPictures(Protocol):
    """The images that an open modal refers to."""

    async def add(self, chosen: ChosenPicture, now: float) -> None:
        """Stores the image that a modal refers to."""

    async def get(self, interaction_id: int) -> ChosenPicture | None:
        """Returns the image of the modal that this interaction opened."""

    async def remove_before(self, moment: float) -> int:
        """Deletes the images of modals opened before `moment`. Returns their number."""


class MaskEditorLinks(Protocol):
    """The interaction behind each link to the mask editor, and the browser that opened it."""

    async def add(self, link: MaskEditorLink, now: float) -> None:
        """Stores a new link and deletes expired links with their tokens."""

    async def forget_ended(self, now: float) -> int:
        """Deletes expired links with their tokens. Returns their number."""

    async def forget_used_tokens(self) -> int:
        """Clears the tokens of links that led to a submission. Returns their number. The links stay, marked as used."""

    async def forget_ended_tokens(self, since: float) -> int:
        """Clears the tokens of links created before `since`. Returns their number. The links stay valid."""

    async def get(self, link_id: str) -> MaskEditorLink | None:
        """Returns the link with this id."""

    async def belongs_to(self, link_id: str, browser: str) -> bool:
        """Whether this browser opened the link first. Only the hash of the browser's secret is stored."""

    async def opened_anywhere(self, link_id: str) -> bool:
        """Whether any browser has opened the link."""

    async def open_in(self, link_id: str, browser: str) -> bool:
        """Binds the link to the first browser that opens it. Returns whether that is this browser."""

    async def noticed(self, link_id: str, notice_id: int) -> None:
        """Stores the id of the private message that holds the link."""

    async def measured(self, link_id: str, width: int, height: int) -> None:
        """Stores the size at which the image was served."""


class Thumbnails(Protocol):
    """Small JPEGs of a task's images, for lists and for showing the input images of a task."""

    async def put(self, task_id: TaskId, role: ThumbnailRole, pictures: Sequence[bytes], now: float) -> None:
        """Stores the thumbnails of a task, replacing those of the same role at the same positions."""

    async def of(self, task_id: TaskId, role: ThumbnailRole) -> list[bytes]:
        """Returns the stored images of a task with this role, in order."""

    async def results(self, task_ids: Sequence[TaskId]) -> Mapping[TaskId, bytes]:
        """Returns the stored result thumbnails of these tasks."""

    async def forget(self, before: float, *, limit: int) -> int:
        """Deletes at most `limit` thumbnails created before `before`. Returns their number."""

    async def forget_images(self, before: float, *, limit: int) -> int:
        """Deletes at most `limit` results that are stored whole (`ThumbnailRole.IMAGE`) and were created before
        `before`. Returns their number."""
