"""Which words of a prompt are understood, and what each of them puts into the image (the tables: vocabulary.toml)."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources

_TABLES = tomllib.loads(resources.files(__package__).joinpath("vocabulary.toml").read_text("utf-8"))


def _by_word(name: str) -> dict[str, str]:
    return {word: value for value, words in _TABLES[name].items() for word in words.split()}


_SUBJECT, _SETTING, _LIGHT, TINTS, WEATHERS = map(_by_word, ("subjects", "settings", "lights", "tints", "weathers"))
PALETTES: dict[str, str] = _TABLES["palettes"]
_MATERIALS = frozenset(("paper", "origami", "rose", "apple"))
_ANY_LIGHT = ["dawn", "dusk", "golden", "day", "mint", "night", "autumn", "rose", "ice", "ember", "moss"]
SUBJECTS = (*_TABLES["subjects"], "stones")
SETTINGS = tuple(_TABLES["settings"])


def _find(word: str, table: Mapping[str, str]) -> str | None:
    return table.get(word) or table.get(word.removesuffix("s")) or table.get(word.removesuffix("es"))


def subject_of(words: tuple[str, ...]) -> str:
    """What the image is of. A word for a thing outweighs one for its material.

    A place without a thing is a landscape; unknown words get a pile of stones.
    """
    named = [(word, name) for word in words if (name := _find(word, _SUBJECT))]
    if named:
        return next((name for word, name in named if word not in _MATERIALS), named[0][1])
    return "landscape" if any(_find(word, _SETTING) or word in _LIGHT for word in words) else "stones"


def settings_of(words: tuple[str, ...], subject: str) -> list[str]:
    """The places that suit the words, at least one."""
    named = [name for word in words if (name := _find(word, _SETTING))]
    fitting = [name for name, subjects in _TABLES["habitats"].items() if subject in subjects.split()]
    return named[:1] or fitting or ["hills", "mountains", "desert", "sea"]


def lights_of(words: tuple[str, ...], settings: Sequence[str]) -> list[str]:
    """The palettes that suit the words, at least one; a word for one palette alone outweighs the others."""
    named = [_LIGHT[word].split() for word in words if word in _LIGHT]
    exact = [lights for lights in named if len(lights) == 1]
    lights = list(dict.fromkeys(light for lights in exact or named for light in lights))
    return lights or (["night", "aurora", "dusk", "ember"] if settings[0] == "space" else _ANY_LIGHT)


def first_named(words: tuple[str, ...], table: Mapping[str, str]) -> str:
    """What the first word stands for that is in the table; empty when none is."""
    return next((table[word] for word in words if word in table), "")


def is_known(word: str) -> bool:
    """Whether a word puts something into the image."""
    return bool(_find(word, _SUBJECT) or _find(word, _SETTING)) or word in _LIGHT or word in TINTS
