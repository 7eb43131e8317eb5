"""The flags that some version of Midjourney knows: which of them set the same thing, and how their values look.

A flag that is not in this table is still a flag when it is typed as `--name`; it is passed on as it is. The table is
needed for what was typed with other dashes, and to tell which flags replace one another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.midjourney import BotType, Mode

ASPECT, VERSION, MODE = "aspect", "version", "mode"

_NUMBER = r"\d*\.?\d+"
_LINK = r"https?://\S+"
# Values by kind. A permutation, such as `{3:2, 1:1}`, can stand for any value.
_RATIO = r"\d+(?:\.\d+)? ?[:：∶xX/] ?\d+(?:\.\d+)?"
_REFERENCE = rf"(?:{_LINK}|\d+|random)"
_CODE = r"(?=[a-z]*\d)[a-z0-9]{4,}"
_NOTHING = r"(?!)"


@dataclass(frozen=True, slots=True)
class FlagSpec:
    """A flag that Midjourney knows.

    Flags of one `family` replace one another. `value` is the pattern of its value, `needs_value` whether it means
    nothing without one, `single` whether of two equal ones only the last counts.
    """

    family: str
    value: re.Pattern[str]
    needs_value: bool = True
    single: bool = True
    example: str = ""


def _known(family: str, value: str, *, needs_value: bool = True, single: bool = True, example: str = "") -> FlagSpec:
    pattern = re.compile(rf"{value}|\{{[^{{}}]*\}}", re.IGNORECASE)
    return FlagSpec(family, pattern, needs_value, single, example)


# Flags whose value is a number, each with an example.
_NUMBERS = {
    "s stylize": "250",
    "c chaos": "10",
    "q quality": "2",
    "w weird": "100",
    "iw": "1.5",
    "sw": "100",
    "cw": "100",
    "ow": "100",
    "dw": "100",
    "sv": "6",
    "stop": "80",
    "exp": "10",
    "r repeat": "4",
    "zoom": "1.5",
    "bs": "1",
}


def _table() -> Mapping[str, FlagSpec]:
    table: dict[str, FlagSpec] = {}

    def add(names: str, known: FlagSpec) -> None:
        table.update(dict.fromkeys(names.split(), known))

    add("ar aspect", _known(ASPECT, _RATIO, example="3:2"))
    add("v version", _known(VERSION, _NUMBER, example="7"))
    add("niji", _known(VERSION, _NUMBER, needs_value=False))
    add("fast relax relaxed turbo", _known(MODE, _NOTHING, needs_value=False))
    for names, example in _NUMBERS.items():
        add(names, _known(names.split()[-1], _NUMBER, example=example))
    add("seed sameseed", _known("seed", rf"(?:{_NUMBER}|random)", example="1234"))
    add("sref", _known("sref", _REFERENCE, single=False, example="random"))
    for name in ("cref", "oref", "dref"):
        add(name, _known(name, _LINK, single=False, example="https://example.org/cat.png"))
    add("p profile", _known("profile", _CODE, needs_value=False, single=False))
    add("no", _known("no", _NOTHING, single=False, example="text"))
    add("style", _known("style", r"(?:raw|cute|expressive|original|scenic|4[abc])", single=False, example="raw"))
    add("raw", _known("style", _NOTHING, needs_value=False, single=False))
    add("motion", _known("motion", r"(?:low|high)", example="low"))
    add("end", _known("end", rf"(?:{_LINK}|loop)", example="loop"))
    plain = "tile draft loop hd sd video test testp creative upbeta uplight upanime stealth public"
    for name in plain.split():
        add(name, _known(name, _NOTHING, needs_value=False))
    return table


KNOWN = _table()
NAMES = "|".join(sorted(KNOWN, key=len, reverse=True))

_MODES = {"fast": Mode.FAST, "relax": Mode.RELAX, "relaxed": Mode.RELAX, "turbo": Mode.TURBO}
# What stands between two flags and belongs to neither.
SEPARATORS = " ,;，；、。"


@dataclass(frozen=True, slots=True)
class PromptFlag:
    """One flag as it was typed. `rest` is all that follows its name up to the next flag, with the blank before it."""

    name: str
    rest: str = ""

    @property
    def text(self) -> str:
        """The flag as it is sent."""
        return f"--{self.name}{self.rest}"

    @property
    def known(self) -> FlagSpec | None:
        """What is known of it; None for a flag that no version of Midjourney knows."""
        return KNOWN.get(self.name.lower())

    @property
    def family(self) -> str:
        """What it sets; its own name where it is not known."""
        return self.known.family if self.known else self.name.lower()

    @property
    def value(self) -> str:
        """What it is set to."""
        return self.rest.strip()

    @property
    def beyond(self) -> str:
        """The words after its value, which belong to the prompt; "" where all that follows can be its value."""
        if self.known is None or self.family in ("no", "style"):
            return ""
        match = self.known.value.match(self.value)
        if match is None and self.known.needs_value:
            return ""
        return self.value[match.end() if match else 0 :].strip(SEPARATORS)

    @property
    def mode(self) -> Mode | None:
        """The mode that it names."""
        return _MODES.get(self.name.lower())

    @property
    def bot_type(self) -> BotType | None:
        """The model that it names."""
        if self.family != VERSION:
            return None
        return BotType.NIJI if self.name.lower() == "niji" else BotType.MIDJOURNEY

    @property
    def lacks_value(self) -> bool:
        """Is it a known flag whose value is missing, or looks like none?"""
        if self.known is None or not self.known.needs_value:
            return False
        return not self.value if self.family in ("no", "style") else not self.known.value.match(self.value)


def flag(name: str, value: str) -> PromptFlag:
    """A flag with a value."""
    return PromptFlag(name, f" {value}")
