"""The local translator: into English, word by word, as far as its small dictionary goes."""

from __future__ import annotations

import functools
import re
import tomllib
from importlib import resources

_WORD = re.compile(r"[^\W\d_]+")


@functools.cache
def _dictionary() -> dict[str, str]:
    table = tomllib.loads(resources.files(__package__).joinpath("dictionary.toml").read_text("utf-8"))
    return {word: english for english, words in table.items() for word in words.split()}


def in_english(text: str) -> str:
    """The text with each known foreign word in English. Unknown words stay as they are."""
    return _WORD.sub(lambda found: _dictionary().get(found[0].lower(), found[0]), text)
