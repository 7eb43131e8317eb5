"""The local chat model: it recognizes what a conversation asks for, answers about its words and images, translates."""

import functools
import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from playground.platform.vision import Seen

_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
# A number of its own, and not that of a model such as dall-e-3.
_COUNT = re.compile(rf"(?<![\w.-])(\d|{'|'.join(_NUMBERS)})\b(?![.-]\d)", re.IGNORECASE)
_VARIANTS = re.compile(r"\bvariants?\b|\bversions?\b|\bsuggestions?\b|\brewrit|\bimprove|\bprompts\b", re.IGNORECASE)
_ALT_TEXT = re.compile(r"\balt(?:ernative)?[ -]?text", re.IGNORECASE)
_DESCRIBE = re.compile(r"\bdescri(?:be|ption)|\bprompts?\b", re.IGNORECASE)
_TRANSLATE = re.compile(r"\btranslat|\bin English\b", re.IGNORECASE)
_JSON = re.compile(r"\bJSON\b", re.IGNORECASE)
_JSON_KEY = re.compile(r"""["'](\w+)["']\s*:\s*\[|\b(?:key|field|property)\s+["'`](\w+)["'`]""")
_RECALL = re.compile(r"\b(?:first|begin|start|remember)", re.IGNORECASE)
_LENGTH = re.compile(r"\b(\d{1,4}) (words|paragraphs)\b", re.IGNORECASE)
_QUOTED = re.compile(r"<(\w+)>\s*(.+?)\s*</\1>|```\w*\n?(.+?)```|[\"“](.+?)[\"”]", re.DOTALL)
_PARAMETERS = re.compile(r"\s--\w.*", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")
_STYLES = (
    "soft morning light, fine detail",
    "dramatic wide shot, deep shadows",
    "watercolor on rough paper, pale colors",
    "at dusk with warm lamps, film grain",
    "seen from above, clear geometric shapes",
    "in fog, a single strong color",
)
_ASPECTS = ("", "The light and the colors", "In the foreground", "The background", "The mood", "The composition")


@dataclass(frozen=True)
class Turn:
    """One message of a conversation."""

    role: str
    text: str
    images: tuple[Seen, ...] = ()


def answer_to(turns: Sequence[Turn]) -> str:
    """The answer to a conversation: what the system message asks for decides, else the last message of the person."""
    instructions = "\n".join(turn.text for turn in turns if turn.role in ("system", "developer"))
    said = [turn for turn in turns if turn.role == "user"]
    last = said[-1] if said else Turn("user", "")
    asked = f"{instructions}\n{last.text}" if last.images or not instructions else instructions
    subject = last.text if instructions else _subject(last.text)
    count = _count(asked)
    if last.images:
        return _about_images(asked, last.images, count, last.text)
    if count and _VARIANTS.search(asked):
        return _listed(_variants(subject, count, translated=bool(_TRANSLATE.search(asked))), asked)
    if _TRANSLATE.search(asked) and subject:
        return in_english(subject)
    return _small_talk(last.text, said)


def _count(asked: str) -> int:
    """The number that is named first, 0 if none is."""
    found = _COUNT.search(asked)
    return _NUMBERS.get(found[1].lower()) or int(found[1]) if found else 0


def _subject(request: str) -> str:
    """What a request is about: what it quotes, or what follows its colon, or all of it."""
    if quoted := _QUOTED.search(request):
        return str(next(filter(None, quoted.groups()[1:]))).strip()
    _, colon, after = request.partition(":")
    return after.strip() if colon and after.strip() and not after.startswith("//") else request.strip()


def _variants(prompt: str, count: int, *, translated: bool) -> list[str]:
    """The prompt in several ways; its parameters stay at the end."""
    words, parameters = _PARAMETERS.sub("", prompt).strip(), _PARAMETERS.search(prompt)
    words = in_english(words) if translated else words
    tail = f" {parameters[0].strip()}" if parameters else ""
    return [f"{words}, {_STYLES[at % len(_STYLES)]}{tail}" for at in range(count)]


def _listed(lines: Sequence[str], asked: str) -> str:
    """Lines in the form that was asked for: JSON, as a list or under a key, or numbered."""
    if not _JSON.search(asked):
        return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))
    key = _JSON_KEY.search(asked)
    return json.dumps({key[1] or key[2]: lines} if key else lines, ensure_ascii=False)


def _about_images(asked: str, images: Sequence[Seen], count: int, text: str) -> str:
    first = images[0]
    if _ALT_TEXT.search(asked):
        return first.sentence()
    if count == len(images) > 1:
        return _listed([image.sentence() for image in images], asked)
    if count and _DESCRIBE.search(asked):
        lines = (f"{first.subject}, {_STYLES[at % len(_STYLES)]}, {first.colours[0]} tones" for at in range(count))
        return _listed(list(lines), asked)
    seen = " ".join(image.sentence() for image in images)
    return f"{seen} You asked: {text}" if text else seen


def _small_talk(text: str, said: Sequence[Turn]) -> str:
    if len(said) > 1 and _RECALL.search(text):
        return f"The first thing you said was: “{said[0].text}”"
    opening = f"About “{text}”: here is what I think."
    if wanted := _LENGTH.search(text):
        return _at_length(opening, text, int(wanted[1]), wanted[2].lower())
    before = f" Before, you said “{said[-2].text}”." if len(said) > 1 else ""
    return f"{opening} It would make a good picture: {text}, {_STYLES[len(said) % len(_STYLES)]}.{before}"


def _at_length(opening: str, text: str, number: int, unit: str) -> str:
    """An answer of a number of words or paragraphs."""
    if unit == "paragraphs":
        parts = (
            f"{_ASPECTS[at % len(_ASPECTS)]} ({at + 1}): {text}, {_STYLES[at % len(_STYLES)]}." for at in range(number)
        )
        return "\n\n".join((opening, *parts))
    words = opening.split() + [f"word{at}" for at in range(number)]
    return " ".join(words[:number])


def in_english(text: str) -> str:
    """The text with each word of `dictionary.toml` in English. Unknown words stay as they are."""
    return _WORD.sub(lambda found: _dictionary().get(found[0].lower(), found[0]), text)


@functools.cache
def _dictionary() -> dict[str, str]:
    table = tomllib.loads(resources.files(__package__).joinpath("dictionary.toml").read_text("utf-8"))
    return {word: english for english, words in table.items() for word in words.split()}
