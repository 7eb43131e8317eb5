"""Which words of a prompt are understood, and what each of them puts into the picture."""

import zlib

from playground.images.palettes import Colour, colour

_SUBJECTS = {
    "boat": "boat paper origami canoe kayak raft",
    "ship": "ship sail sails sailboat sailing yacht pirate galleon schooner",
    "fox": "fox vixen wolf coyote",
    "cat": "cat kitten tiger panther lynx",
    "owl": "owl bird parrot raven crow eagle hawk",
    "robot": "robot android machine mech droid automaton cyborg golem",
    "house": "house cottage cabin hut home barn inn village farm",
    "castle": "castle palace fortress temple tower kingdom cathedral",
    "lighthouse": "lighthouse beacon pharos",
    "tree": "tree oak maple willow baobab bonsai apple cherry blossom",
    "balloon": "balloon airship zeppelin",
    "rocket": "rocket spaceship starship spacecraft astronaut",
    "whale": "whale dolphin fish shark orca",
    "bridge": "bridge aqueduct viaduct arch arches",
    "flower": "flower flowers tulip rose poppy sunflower daisy garden lotus",
    "kite": "kite kites glider",
    "windmill": "windmill mill turbine",
    "mushroom": "mushroom mushrooms toadstool fungus fairy gnome",
    "lantern": "lantern lanterns lamp candle",
    "rabbit": "rabbit bunny hare mouse",
    "moon": "moon crescent lunar",
    "planet": "planet saturn jupiter world",
}
_SUBJECT_OF_WORD = {word: name for name, words in _SUBJECTS.items() for word in words.split()}

_SETTINGS = {
    "sea": "sea ocean lake river water waves wave harbor harbour beach coast island shore bay pond storm flood",
    "hills": "hill hills meadow field fields valley countryside grass prairie pasture spring",
    "mountains": "mountain mountains peak peaks alps summit cliff snow snowy glacier winter",
    "city": "city town street skyline metropolis urban downtown cyberpunk neon tokyo york paris",
    "desert": "desert dune dunes sand sahara canyon mars oasis pyramid",
    "forest": "forest woods wood jungle pine pines woodland autumn",
    "space": "space galaxy cosmos orbit stars star nebula universe cosmic alien",
}
_SETTING_OF_WORD = {word: name for name, words in _SETTINGS.items() for word in words.split()}

_FITTING = {
    "boat": "sea",
    "ship": "sea",
    "whale": "sea",
    "lighthouse": "sea",
    "bridge": "sea hills mountains",
    "fox": "forest hills mountains",
    "cat": "hills city forest",
    "owl": "forest mountains hills",
    "robot": "city desert hills",
    "rocket": "desert space hills",
    "castle": "mountains hills forest",
    "house": "hills mountains forest",
    "balloon": "hills mountains desert sea",
    "planet": "space",
    "moon": "sea mountains desert hills",
    "lantern": "sea forest city",
    "windmill": "hills",
    "flower": "hills mountains",
    "mushroom": "forest hills",
    "rabbit": "hills forest",
    "tree": "hills desert mountains",
    "kite": "hills sea mountains",
}

_LIGHTS = {
    "night aurora dusk": "night midnight moonlit dark starry stars moon galaxy space cosmos firefly fireflies lantern",
    "dawn rose golden": "dawn sunrise morning pink blossom spring pastel soft",
    "dusk ember rose": "dusk sunset evening twilight purple dramatic neon cyberpunk fire lava dragon volcano",
    "golden autumn dawn": "golden gold brass autumn fall amber copper sand desert honey",
    "ice day rose night": "ice icy snow snowy winter frozen glass crystal frost glacier",
    "day mint golden": "day noon summer bright blue clear sunny",
    "aurora night": "aurora northern lights magic magical",
    "moss mint dawn night": "green moss jungle forest emerald garden jade",
    "autumn golden ember": "orange october harvest pumpkin",
}
_LIGHTS_OF_WORD = {word: lights.split() for lights, words in _LIGHTS.items() for word in words.split()}

_TINTS = {
    "#c8553d": "red crimson scarlet ruby rust",
    "#3a6ea5": "blue sapphire azure cobalt",
    "#4f8a5b": "green emerald jade",
    "#f2c14e": "golden gold brass yellow amber honey",
    "#b87333": "copper bronze wooden clay",
    "#b8c4cc": "tin silver steel iron metal chrome",
    "#8d99a6": "stone concrete granite marble",
    "#bfe3ee": "glass crystal ice frozen",
    "#f7f2e8": "paper white ivory porcelain origami",
    "#3b3350": "black dark shadow obsidian",
    "#e48fb1": "pink rose cherry",
    "#7b5ea7": "purple violet lavender",
    "#e8813a": "orange pumpkin",
}
_TINT_OF_WORD = {word: code for code, words in _TINTS.items() for word in words.split()}

SUBJECTS = (*_SUBJECTS, "emblem0", "emblem1", "emblem2", "emblem3")
SETTINGS = tuple(_SETTINGS)
_EVERY_LIGHT = ["dawn", "dusk", "golden", "day", "mint", "night", "autumn", "rose", "ice", "ember", "moss"]


def _known(word: str, table: dict[str, str]) -> str | None:
    return table.get(word) or table.get(word.removesuffix("s")) or table.get(word.removesuffix("es"))


def subject_of(words: tuple[str, ...]) -> str:
    """What is in the middle of the picture. A word that names a thing outweighs one that names its matter.

    A place without a thing is a landscape; words that say neither have an emblem of their own.
    """
    named = [(word, name) for word in words if (name := _known(word, _SUBJECT_OF_WORD))]
    things = [name for word, name in named if word not in ("paper", "origami", "rose", "world", "apple")]
    if named:
        return (things or [name for _, name in named])[0]
    if any(_known(word, _SETTING_OF_WORD) for word in words):
        return "landscape"
    return f"emblem{zlib.crc32(' '.join(words).encode()) % 4}"


def settings_of(words: tuple[str, ...], subject: str) -> tuple[list[str], list[str]]:
    """Places and lights that suit these words, at least one of each."""
    named = [name for word in words if (name := _known(word, _SETTING_OF_WORD))]
    settings = named[:1] or _FITTING.get(subject, "hills mountains desert sea").split()
    lights = [light for word in words for light in _LIGHTS_OF_WORD.get(word, [])]
    if "space" in settings[:1]:
        lights = lights or ["night", "aurora", "dusk", "ember"]
    return settings, list(dict.fromkeys(lights)) or _EVERY_LIGHT


def tint_of(words: tuple[str, ...]) -> Colour | None:
    """The colour that a word gives to the subject."""
    return next((colour(_TINT_OF_WORD[word]) for word in words if word in _TINT_OF_WORD), None)


def is_known(word: str) -> bool:
    """Whether a word puts something into the picture."""
    tables = (_SUBJECT_OF_WORD, _SETTING_OF_WORD)
    return any(_known(word, table) for table in tables) or word in _LIGHTS_OF_WORD or word in _TINT_OF_WORD
