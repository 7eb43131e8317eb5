"""Finds images for one person: by meaning where the platform has an embeddings model, and by words.

Nothing is found that the person may not see (`bot.tasks.policy`), neither when they search nor when they turn a page
later. What was found is stored, so that a page needs no further request and works after a restart.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from bot.search.documents import LONGEST_TEXT, text_of
from bot.search.embedder import Embedder, NoVectors
from bot.search.indexer import ImageIndexer
from bot.tasks.errors import UserError
from bot.tasks.policy import Actor, Operation, Policy
from bot.tasks.prompt import parse
from bot.tasks.task_updates import TaskEvents
from storage import MOST_RESULTS, SavedSearch, SearchScope, Store, Task, TaskId, VectorSpace

if TYPE_CHECKING:
    from bot.platform.service import Platform

# Characters of what can be searched for.
LONGEST_QUERY = 300
# Seconds for which a search can be gone on with.
SEARCH_SECONDS = 86_400.0
# The best of each ranking that are looked at, and again if too few of them may be shown to this person.
FIRST, FURTHER = 500, 5_000
# Tasks that are read and judged at a time.
_AT_ONCE = 200
# How much a place near the top counts more than one below: the usual constant of reciprocal rank fusion.
_SMOOTHING = 60


class _Example(NamedTuple):
    """What is searched for: a text, and the image that it belongs to, which is not found itself."""

    text: str
    vector: bytes | None = None
    space: VectorSpace | None = None
    task_id: TaskId | None = None


class _Rankings(NamedTuple):
    """The rankings of one search. `complete`: there is nothing below them."""

    tasks: Sequence[TaskId]
    by_meaning: bool
    missing: int
    complete: bool


class ImageSearch:
    """Searches the index of images. Its methods raise UserError and StorageError."""

    def __init__(
        self,
        store: Store,
        policy: Policy,
        embedder: Embedder,
        indexer: ImageIndexer,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._policy = policy
        self._embedder = embedder
        self._indexer = indexer
        self._clock = clock

    async def run(self) -> None:
        """Keeps the index complete until canceled."""
        await self._indexer.run()

    async def find(self, actor: Actor, words: str) -> SavedSearch:
        """Searches for words (`words_of`), in everything that this person may see here."""
        return await self._saved(actor, secrets.token_hex(6), words, None, in_server=True)

    async def like(self, actor: Actor, task_id: TaskId) -> SavedSearch:
        """Searches for images like that of a task, which this person may see."""
        return await self._saved(actor, secrets.token_hex(6), "", task_id, in_server=True)

    async def narrowed(self, actor: Actor, search: SavedSearch, *, in_server: bool) -> SavedSearch:
        """Searches for the same in one's own images, or in those of the server as well."""
        return await self._saved(actor, search.id, search.words, search.like, in_server=in_server)

    async def earlier(self, actor: Actor, search_id: str) -> SavedSearch:
        """A search of this person."""
        search = await self._store.searches.get(search_id, actor.user_id)
        if search is None or search.created_at < self._clock() - SEARCH_SECONDS:
            raise UserError("search_forgotten")
        return search

    async def visible(self, actor: Actor, task_ids: Sequence[TaskId]) -> list[Task]:
        """The tasks that still have an image and that this person may see here, in the same order."""
        tasks = [task for task in await self._store.tasks.get_all(task_ids) if task.deleted_at is None]
        return await self._policy.visible(actor, tasks)

    async def _saved(
        self, actor: Actor, search_id: str, words: str, like: TaskId | None, *, in_server: bool
    ) -> SavedSearch:
        await self._indexer.read_new()
        example = await self._example(actor, like) if like else _Example(words)
        guild_id = actor.guild_id if in_server else None
        rankings, found = await self._found(actor, example, SearchScope(actor.user_id, guild_id))
        search = SavedSearch(
            id=search_id,
            user_id=actor.user_id,
            words=words,
            like=like,
            in_server=guild_id is not None,
            task_ids=tuple(found),
            by_meaning=rankings.by_meaning,
            missing=rankings.missing,
            created_at=self._clock(),
        )
        await self._store.searches.save(search)
        return search

    async def _example(self, actor: Actor, task_id: TaskId) -> _Example:
        task = await self._policy.task_for(actor, Operation.SEE, task_id)
        text = await self._store.image_index.text_of(task_id) or text_of(task)
        if not text:
            raise UserError("no_words_about_image")
        space = await self._embedder.space()
        vector = await self._store.image_index.vector_of(task_id, space) if space else None
        return _Example(text, vector, space, task_id)

    async def _found(self, actor: Actor, example: _Example, scope: SearchScope) -> tuple[_Rankings, list[TaskId]]:
        example = await self._with_vector(example)
        rankings = await self._rankings(example, scope, FIRST)
        found = await self._visible_ids(actor, rankings.tasks)
        if len(found) < MOST_RESULTS and not rankings.complete:
            rankings = await self._rankings(example, scope, FURTHER)
            found = await self._visible_ids(actor, rankings.tasks)
        return rankings, found

    async def _with_vector(self, example: _Example) -> _Example:
        if example.vector:
            return example
        try:
            embedded = await self._embedder.embed_query(example.text[:LONGEST_TEXT])
        except NoVectors:
            return example
        (vector,) = embedded.vectors
        return _Example(example.text, vector, embedded.space, example.task_id)

    async def _rankings(self, example: _Example, scope: SearchScope, limit: int) -> _Rankings:
        index = self._store.image_index
        near: list[TaskId] = []
        missing = 0
        if example.vector and example.space:
            missing = await index.missing(example.space, scope)
            all_near = await index.nearest(example.space, example.vector, scope, limit=limit)
            # At or below 0, two texts have nothing in common.
            near = [found.task_id for found in all_near if found.score > 0]
        # An image that is an example is compared by its words only if it cannot be compared by meaning. Its words are
        # many, and no other image has them all.
        like = example.task_id is not None
        named: list[TaskId] = []
        if not (like and near):
            named = list(await index.with_words(example.text, scope, limit=limit, any_word=like))
        tasks = [task_id for task_id in merged(near, named) if task_id != example.task_id]
        complete = len(near) < limit and len(named) < limit
        return _Rankings(tasks, example.vector is not None, missing, complete)

    async def _visible_ids(self, actor: Actor, task_ids: Sequence[TaskId]) -> list[TaskId]:
        found: list[TaskId] = []
        for start in range(0, len(task_ids), _AT_ONCE):
            found += [task.id for task in await self.visible(actor, task_ids[start : start + _AT_ONCE])]
            if len(found) >= MOST_RESULTS:
                break
        return found[:MOST_RESULTS]


def make_search(store: Store, platform: Platform | None, policy: Policy, events: TaskEvents) -> ImageSearch:
    """Makes the search and what it needs. It gets a model from the platform, if there is one."""
    embedder = Embedder(platform, store.key_values)
    ended = asyncio.Event()
    events.on_result(ended.set)
    indexer = ImageIndexer(store, embedder, ended)
    return ImageSearch(store, policy, embedder, indexer)


def merged(*rankings: Sequence[TaskId]) -> list[TaskId]:
    """The tasks of all rankings, best first, by reciprocal rank fusion. The first ranking decides between equals."""
    scores: dict[TaskId, float] = {}
    for ranking in rankings:
        for place, task_id in enumerate(ranking, 1):
            scores[task_id] = scores.get(task_id, 0.0) + 1 / (_SMOOTHING + place)
    return sorted(scores, key=lambda task_id: -scores[task_id])


def words_of(typed: str) -> str:
    """What is searched for, without what belongs to a pasted prompt only. Raises UserError for nothing."""
    prompt = parse(typed)
    words = (prompt.words or str(prompt))[:LONGEST_QUERY].strip()
    if not words:
        raise UserError("nothing_to_find")
    return words
