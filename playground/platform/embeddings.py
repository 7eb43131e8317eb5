"""Vectors that are near for similar words: hashed words and their groups of three letters, of length 1."""

from __future__ import annotations

import base64
import hashlib
import math
import re
import struct
from collections import defaultdict

DIMENSIONS = 256
LONGEST = 4_096
_WORD = re.compile(r"[^\W_]+")
# A common ending matters less than the word.
_LETTERS_WEIGHT = 0.35
_FILLERS = frozenset(("a", "an", "and", "at", "by", "for", "from", "in", "is", "of", "on", "or", "the", "to", "with"))


def vector_of(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """The vector of a text: always the same for the same text and length."""
    weights: dict[str, float] = defaultdict(float)
    for word in _WORD.findall(text.lower()):
        weights[word] += 0.2 if word in _FILLERS else 1.0
        framed = f"<{word}>"
        if word not in _FILLERS:
            for at in range(len(framed) - 2):
                weights[f"3:{framed[at : at + 3]}"] += _LETTERS_WEIGHT
    vector = [0.0] * dimensions
    for feature, weight in (weights or {text: 1.0}).items():
        digest = int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "big")
        vector[digest % dimensions] += weight if digest >> 63 else -weight
    length = math.sqrt(math.fsum(value * value for value in vector))
    return [value / length for value in vector] if length else [1.0] + [0.0] * (dimensions - 1)


def as_base64(vector: list[float]) -> str:
    """Float32 in little endian, as base64."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
