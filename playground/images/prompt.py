"""A prompt taken apart: its words, and the parameters behind the double dashes."""

import re
from dataclasses import dataclass

_FLAG_NAMES = (
    "ar aspect v version niji seed q quality s stylize c chaos no iw w weird tile zoom raw style sref sw cref cw"
    " oref ow fast relax turbo draft r repeat stop video p profile exp motion loop hd sv dref dw bs end"
)
KNOWN_FLAGS = frozenset(_FLAG_NAMES.split())
_FLAG = re.compile(r"\s--([a-z]+)((?:\s+(?!--)\S+)*)", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+")
_RATIO = re.compile(r"(\d{1,3}):(\d{1,3})")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_CHOICE = re.compile(r"\{([^{},]*(?:,[^{},]*)+)\}")
WIDEST = 4.0


@dataclass(frozen=True)
class Prompt:
    """A prompt taken apart. `aspect` is width by height; `unknown_flag` is the first unknown parameter."""

    text: str
    words: tuple[str, ...]
    aspect: float = 1.0
    seed: int | None = None
    niji: bool = False
    version: str = "7"
    zoom: float | None = None
    mode: str | None = None
    unknown_flag: str | None = None


def parse_prompt(prompt: str) -> Prompt:
    """Take a prompt apart. Never raises: what cannot be understood has its default."""
    padded = " " + prompt.replace("—", "--")
    flags = {name.lower(): value.strip() for name, value in _FLAG.findall(padded)}
    text = _LINK.sub("", _FLAG.sub("", padded)).strip()
    niji = "niji" in flags
    version = flags.get("niji", "") if niji else flags.get("v", flags.get("version", ""))
    return Prompt(
        text=text,
        words=tuple(re.findall(r"[^\W\d_]+", text.lower())),
        aspect=_aspect(flags.get("ar", flags.get("aspect", ""))),
        seed=int(number) if (number := _number(flags.get("seed", ""))) is not None else None,
        niji=niji,
        version=version or ("6" if niji else "7"),
        zoom=_number(flags.get("zoom", "")),
        mode=next((mode for mode in ("fast", "relax", "turbo") if mode in flags), None),
        unknown_flag=next((name for name in flags if name not in KNOWN_FLAGS), None),
    )


def choices(prompt: str) -> list[str]:
    """The prompts that the braces in one stand for, in order; the prompt itself where there are none."""
    group = _CHOICE.search(prompt)
    if group is None:
        return [prompt]
    made = [prompt[: group.start()] + one.strip() + prompt[group.end() :] for one in group[1].split(",")]
    return [each for one in made for each in choices(one)]


def final_prompt(prompt: str, *, niji: bool) -> str:
    """The prompt as the service completes it: with the version that it will draw with."""
    flags = {name.lower() for name, _ in _FLAG.findall(" " + prompt)}
    if flags & {"v", "version", "niji"}:
        return prompt
    return f"{prompt} --niji 6" if niji else f"{prompt} --v 7"


def without_flag(prompt: str, name: str) -> str:
    """The prompt without a parameter."""
    return _FLAG.sub(lambda match: "" if match[1].lower() == name else match[0], " " + prompt).strip()


def _aspect(value: str) -> float:
    match = _RATIO.match(value)
    if match is None or "0" in (match[1], match[2]):
        return 1.0
    return min(max(int(match[1]) / int(match[2]), 1 / WIDEST), WIDEST)


def _number(value: str) -> float | None:
    match = _NUMBER.match(value)
    return float(match[0]) if match else None
