"""Embeddings: texts as vectors whose directions are near for similar meanings (docs/platform-api.md#embeddings)."""

from __future__ import annotations

import asyncio
import base64
import binascii
import math
import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.engines.errors import Unreadable, Unusable
from bot.net.untrusted_data import mapping, number, sequence, text
from bot.platform.answer_json import json_answer
from bot.platform.calls import Calls
from bot.platform.requests import EmbeddingRequest
from bot.platform.transport import PlatformAnswer
from storage import VectorSpace

# A vector has up to some thousand numbers, and reading them blocks the event loop for about 15 ms in this number.
TEXTS_AT_ONCE = 32
_MOST_NUMBERS = 400_000
_LONGEST_VECTOR = 65_536


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Vectors in the order of their texts: float32, of length 1, so that a scalar product is the cosine."""

    space: VectorSpace
    vectors: tuple[array[float], ...] = field(repr=False)


class EmbeddingsApi:
    """The embeddings endpoint of one platform. A call costs next to nothing, so it is retried."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def embed(self, model: str, texts: Sequence[str], *, dimensions: int | None = None) -> Embeddings:
        """The vectors of texts, requested in parts. `dimensions` shortens them, where the model can do that.

        Raises NotSent for no text or a blank one; Unavailable (Unusable), ServiceRefused.
        """
        found: list[array[float]] = []
        space: VectorSpace | None = None
        for start in range(0, max(len(texts), 1), TEXTS_AT_ONCE):
            part = list(texts[start : start + TEXTS_AT_ONCE])
            request = EmbeddingRequest(model=model, input=part, dimensions=dimensions)

            async def read(answer: PlatformAnswer, count: int = len(part)) -> Embeddings:
                body = await json_answer(answer, most=_MOST_NUMBERS)
                return await asyncio.to_thread(read_embeddings, body, count)

            embedded = await self._calls.post_retried(request, read)
            if space not in (None, embedded.space):
                raise Unusable("the platform answered with another model in between")
            space = embedded.space
            found += embedded.vectors
        return Embeddings(space or VectorSpace(model, 0), tuple(found))


def read_embeddings(body: Any, count: int) -> Embeddings:
    """Reads the vectors of `count` texts. Raises Unreadable if one is missing or unusable."""
    fields = mapping(body)
    entries = [mapping(entry) for entry in sequence(fields.get("data"))]
    by_index = {_index(entry, at): entry.get("embedding") for at, entry in enumerate(entries)}
    if set(by_index) != set(range(count)) or len(entries) != count:
        raise Unreadable(f"{len(entries)} vectors for {count} texts")
    vectors = tuple(_normalized(_numbers(by_index[index])) for index in range(count))
    lengths = {len(vector) for vector in vectors}
    if len(lengths) != 1:
        raise Unreadable("vectors of different lengths")
    return Embeddings(VectorSpace(text(fields.get("model")).strip()[:200], lengths.pop()), vectors)


def _index(entry: Any, position: int) -> int:
    index = number(entry.get("index"))
    return position if index is None else index


def _numbers(value: Any) -> array[float]:
    """A vector, given as numbers or as base64 of float32 in little endian."""
    if isinstance(value, str):
        try:
            vector = array("f", base64.b64decode(value, validate=True))
        except (binascii.Error, ValueError) as error:
            raise Unreadable("a vector is not base64") from error
        if sys.byteorder == "big":
            vector.byteswap()
        return vector
    values: Iterable[Any] = sequence(value)
    try:
        return array("f", values)
    except (TypeError, OverflowError) as error:
        raise Unreadable("a vector holds something that is no number") from error


def _normalized(vector: array[float]) -> array[float]:
    length = math.sqrt(math.fsum(value * value for value in vector))
    if not vector or len(vector) > _LONGEST_VECTOR or not math.isfinite(length) or length == 0:
        raise Unreadable("a vector without a direction")
    return array("f", (value / length for value in vector))
