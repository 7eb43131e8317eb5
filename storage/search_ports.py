"""The ports of a database engine for the search for images. The rules are those of `storage.ports`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from storage.records import Task, TaskId
from storage.search_records import ImageText, ImageVector, Near, SavedSearch, SearchScope, VectorSpace


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
