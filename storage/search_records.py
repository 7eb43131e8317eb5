"""Records of the search for images: texts, vectors, and what a person searched for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from storage.records import TaskId

# The most images that a search keeps, in pages of a panel.
MOST_RESULTS = 50


@dataclass(frozen=True, slots=True)
class SearchScope:
    """Which images are searched: those of one user, and with `guild_id` those of that server as well."""

    owner_id: int
    guild_id: int | None = None


@dataclass(frozen=True, slots=True)
class VectorSpace:
    """What makes vectors comparable: the name of the model, and the number of values."""

    model: str
    length: int


@dataclass(frozen=True, slots=True)
class ImageText:
    """The text by which the image of a task is found."""

    task_id: TaskId
    text: str


@dataclass(frozen=True, slots=True)
class ImageVector:
    """The vector of the text of a task's image: float32 values in little endian, of length 1. None if the model refused
    the text, which is not sent to it again."""

    task_id: TaskId
    vector: bytes | None = field(repr=False)


class Near(NamedTuple):
    """A task whose vector is near, and the cosine of both vectors."""

    task_id: TaskId
    score: float


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """What a user searched for, and what was found when they did, best first. Only that user can read it.

    `words` were typed; `like` is the task whose image was the example instead. `in_server`: the images of the server
    were searched as well. `by_meaning`: False if only words were compared. `missing`: the number of images in the scope
    that could not be compared by meaning yet.
    """

    id: str
    user_id: int
    words: str
    like: TaskId | None
    in_server: bool
    task_ids: tuple[TaskId, ...]
    by_meaning: bool
    missing: int
    created_at: float
