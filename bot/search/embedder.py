"""Texts as vectors, by the model that the platform offers for that now (docs/platform-api.md#embeddings)."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.engines.errors import EngineError
from bot.platform.roles import Role
from storage import VectorSpace
from storage.user_ports import KeyValueStore

if TYPE_CHECKING:
    from bot.platform.service import Platform

log = logging.getLogger(__name__)

# Seconds that a person's search waits for the vector of its words, and for which none is requested after a failure.
QUERY_SECONDS = 8.0
QUERY_PAUSE = 20.0
# A platform that alternates between two models would make all vectors outdated again and again. Within this time after
# a change of the space, in seconds, no other change is believed.
SETTLED_SECONDS = 600.0


class NoVectors(Exception):
    """No vector is available now: there is no model, or it does not answer. The text says which, for the log."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors as the index stores them, in the order of their texts, and the space they belong to."""

    space: VectorSpace
    vectors: Sequence[bytes] = field(repr=False)


class Embedder:
    """Embeds texts, and remembers in which space the current model's vectors are."""

    def __init__(
        self, platform: Platform | None, known: KeyValueStore, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`known` keeps the space for the next start."""
        self._platform = platform
        self._known = known
        self._monotonic = monotonic
        self._spaces: dict[str, VectorSpace] = {}
        self._changed_at = float("-inf")
        self._paused_until = float("-inf")

    @property
    def model(self) -> str | None:
        """The name of the model, or None if there is none."""
        return self._platform.models.for_role(Role.EMBEDDINGS) if self._platform else None

    async def space(self) -> VectorSpace | None:
        """The space of the current model's vectors. None if it is not known yet. Raises StorageError."""
        model = self.model
        if model is None:
            return None
        if model not in self._spaces:
            stored = json.loads(await self._known.get(_note(model)) or "null")
            if stored is None:
                return None
            self._spaces.setdefault(model, VectorSpace(*stored))
        return self._spaces[model]

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """The vectors of texts, all of one space. Raises NoVectors, EngineError, StorageError."""
        model = self.model
        if self._platform is None or model is None:
            raise NoVectors("there is no embeddings model")
        answer = await self._platform.client.embeddings.embed(model, texts)
        space = VectorSpace(_name(model, answer.space.model), answer.space.length)
        if not await self._believed(model, space):
            raise NoVectors(f"{space.model} answers in place of another model")
        return Embedded(space, [_stored(vector) for vector in answer.vectors])

    async def embed_query(self, text: str) -> Embedded:
        """The vector of what a person searches for, within a time limit. Raises NoVectors, StorageError."""
        if self._monotonic() < self._paused_until:
            raise NoVectors("the embeddings model did not answer a moment ago")
        try:
            async with asyncio.timeout(QUERY_SECONDS):
                return await self.embed([text])
        except (EngineError, TimeoutError) as error:
            self._paused_until = self._monotonic() + QUERY_PAUSE
            log.info("searching by words only: %r", error)
            raise NoVectors(repr(error)) from error

    async def _believed(self, model: str, space: VectorSpace) -> bool:
        """Whether vectors of this space are used. The first and each other one than before is remembered."""
        known = await self.space()
        if known == space:
            return True
        now = self._monotonic()
        if known and now - self._changed_at < SETTLED_SECONDS:
            return False
        if known:
            log.info("vectors of images change from %s (%d) to %s (%d)", *_shown(known), *_shown(space))
            self._changed_at = now
        self._spaces[model] = space
        await self._known.put(_note(model), json.dumps([space.model, space.length]))
        return True


def _note(model: str) -> str:
    return f"vector space of {model}"


def _name(requested: str, answered: str) -> str:
    """The name of the space: a platform may answer with another model than the requested one."""
    same = not answered or answered.casefold() == requested.casefold()
    return requested if same else f"{requested} ({answered})"


def _shown(space: VectorSpace) -> tuple[str, int]:
    return space.model, space.length


def _stored(vector: array[float]) -> bytes:
    if sys.byteorder == "big":
        vector = array("f", vector)
        vector.byteswap()
    return vector.tobytes()
