"""The flags that some version of Midjourney knows: which flags set the same option, and the format of their values.

A flag missing from this table is still recognized if it is typed as `--name`; it is passed on unchanged. The table is
needed for flags typed with other dashes, and to decide which flags replace one another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from bot.engines.options import BotType, Mode

ASPECT, VERSION, MODE = "aspect", "version", "mode"

_NUMBER = r"\d*\.?\d+"
_LINK = r"https?://\S+"
# Value patterns by kind. A permutation such as `{3:2, 1:1}` can replace any value.
_RATIO = r"\d+(?:\.\d+)? ?[:：∶xX/] ?\d+(?:\.\d+)?"
_REFERENCE = rf"(?:{_LINK}|\d+|random)"
_CODE = r"(?=[a-z]*\d)[a-z0-9]{4,}"
_NOTHING = r"(?!)"


class FlagSpec(NamedTuple):
    """A flag that Midjourney knows.

    Flags of one `family` replace one another. `value` is the pattern of its value. `needs_value`: it is invalid without
    one. `single`: of several equal flags only the last one counts.
    """

    family: str
    value: re.Pattern[str]
    needs_value: bool = True
    single: bool = True
    example: str = ""


def _known(family: str, value: str, *, needs_value: bool = True, single: bool = True, example: str = "") -> FlagSpec:
    pattern = re.compile(rf"{value}|\{{[^{{}}]*\}}", re.IGNORECASE)
    return FlagSpec(family, pattern, needs_value, single, example)


# Flags with a numeric value, each with an example.
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
# Characters between two flags that belong to neither.
SEPARATORS = " ,;，；、。"


class PromptFlag(NamedTuple):
    """One flag as it was typed. `rest` is all text from its name to the next flag, including the space before the
    value."""

    name: str
    rest: str = ""

    @property
    def text(self) -> str:
        """The flag as it is sent."""
        return f"--{self.name}{self.rest}"

    @property
    def known(self) -> FlagSpec | None:
        """The flag's specification; None for a flag that no version of Midjourney knows."""
        return KNOWN.get(self.name.lower())

    @property
    def family(self) -> str:
        """The option that the flag sets; its own name if it is unknown."""
        return self.known.family if self.known else self.name.lower()

    @property
    def value(self) -> str:
        """The text after the name, without surrounding spaces."""
        return self.rest.strip()

    @property
    def beyond(self) -> str:
        """The words after the value, which belong to the prompt; "" if all of the text can be the value."""
        if self.known is None or self.family in ("no", "style"):
            return ""
        match = self.known.value.match(self.value)
        if match is None and self.known.needs_value:
            return ""
        return self.value[match.end() if match else 0 :].strip(SEPARATORS)

    @property
    def mode(self) -> Mode | None:
        """The mode that the flag names, or None."""
        return _MODES.get(self.name.lower())

    @property
    def bot_type(self) -> BotType | None:
        """The model that the flag names, or None."""
        if self.family != VERSION:
            return None
        return BotType.NIJI if self.name.lower() == "niji" else BotType.MIDJOURNEY

    @property
    def lacks_value(self) -> bool:
        """Whether it is a known flag whose required value is missing or malformed."""
        if self.known is None or not self.known.needs_value:
            return False
        return not self.value if self.family in ("no", "style") else not self.known.value.match(self.value)


def flag(name: str, value: str) -> PromptFlag:
    """A flag with a value."""
    return PromptFlag(name, f" {value}")
