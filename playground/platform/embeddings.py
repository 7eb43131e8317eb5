"""POST /v1/embeddings: vectors that are near for similar words (docs/platform-api.md#embeddings). They are sums of
hashed words and of their groups of three letters, of length 1."""

import base64
import hashlib
import math
import re
import struct
from collections import defaultdict

from playground.platform.replies import Reply, refusal
from playground.platform.state import Call

DIMENSIONS = 256
LONGEST = 4_096
_MOST_TEXTS = 2_048
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


async def embed(call: Call) -> Reply:
    """The vectors of texts."""
    given = call.body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not 1 <= len(texts) <= _MOST_TEXTS:
        raise refusal(400, "'$.input' is invalid.", param="input")
    if not all(isinstance(text, str) and text for text in texts):
        raise refusal(400, "'$.input' is invalid: it holds an empty text.", param="input")
    dimensions = call.whole("dimensions", DIMENSIONS, 1, LONGEST)
    packed = call.body.get("encoding_format") == "base64"
    vectors = await call.drawn(lambda: [vector_of(text, dimensions) for text in texts])
    data = [
        {"object": "embedding", "index": index, "embedding": as_base64(vector) if packed else vector}
        for index, vector in enumerate(vectors)
    ]
    tokens = sum(len(text.split()) for text in texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return Reply(200, {"object": "list", "data": data, "model": call.request.model, "usage": usage})
