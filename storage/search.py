"""The search for images: its records and its ports of a database engine. The rules are those of `storage.ports`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from storage.records import Task, TaskId

# The most images that a search keeps, in pages of a panel.
MOST_RESULTS = 50


class SearchScope(NamedTuple):
    """Which images are searched: those of one user, and with `guild_id` those of that server as well."""

    owner_id: int
    guild_id: int | None = None


class VectorSpace(NamedTuple):
    """What makes vectors comparable: the model that answered, and their length. A platform may replace a model by
    another one under the same name, so both are stored with each vector, and vectors of two spaces are never mixed."""

    model: str
    length: int


class ImageText(NamedTuple):
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


class SavedSearch(NamedTuple):
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


class ImageIndex(Protocol):
    """The texts of finished images and their vectors. A deleted result is removed with its task's deletion.

    A search must not delay other statements, and needs bounded memory, however many images there are.
    """

    async def unread(self, limit: int) -> list[Task]:
        """Returns finished tasks that were not added yet or have changed since, newest first, without deleted ones."""

    async def add(self, texts: Sequence[ImageText], *, without_text: Sequence[TaskId] = ()) -> None:
        """Stores the texts of tasks, and that other tasks have no image or no text. The vector of a text that has
        changed is outdated. Deleted and unknown tasks are left out."""

    async def text_of(self, task_id: TaskId) -> str | None:
        """Returns the text of a task's image."""

    async def without_vector(self, space: VectorSpace, limit: int) -> list[ImageText]:
        """Returns texts without a vector of this space, first those without one of any space."""

    async def add_vectors(self, space: VectorSpace, vectors: Sequence[ImageVector]) -> None:
        """Stores the vectors of texts, in place of older ones. Vectors of removed texts are left out."""

    async def missing(self, space: VectorSpace, scope: SearchScope) -> int:
        """Returns the number of texts in the scope without a vector of this space."""

    async def vector_of(self, task_id: TaskId, space: VectorSpace) -> bytes | None:
        """Returns the vector of a task in this space."""

    async def nearest(self, space: VectorSpace, vector: bytes, scope: SearchScope, *, limit: int) -> list[Near]:
        """Returns the tasks whose vectors of this space are nearest, nearest first. The scores are exact."""

    async def with_words(self, words: str, scope: SearchScope, *, limit: int, any_word: bool = False) -> list[TaskId]:
        """Returns the tasks whose texts contain the words, best first: all of them, or with `any_word` and if no text
        contains all, any of them."""


class Searches(Protocol):
    """What users searched for lately."""

    async def save(self, search: SavedSearch) -> None:
        """Stores a search, replaces one with the same id, and keeps only the newest of its user."""

    async def get(self, search_id: str, user_id: int) -> SavedSearch | None:
        """Returns the search if it belongs to this user."""

    async def forget(self, before: float, *, limit: int) -> int:
        """Deletes at most `limit` searches created before `before`. Returns their number."""
