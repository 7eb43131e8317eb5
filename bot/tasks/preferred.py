"""People's own defaults, put into what they ask for. What was chosen or typed in a command always wins."""

from __future__ import annotations

import dataclasses
import re

from bot.midjourney import Mode
from storage import Action, Preferences, Request

# Flags with two names.
_SAME = {
    "aspect": "ar",
    "version": "v",
    "stylize": "s",
    "chaos": "c",
    "quality": "q",
    "weird": "w",
}
_FLAG = re.compile(r"(?:^|\s)(?:--|—)([A-Za-z]+)")
# A suffix falls into its words and, from each flag to the next, what belongs to that flag.
_PARTS = re.compile(r"(?:^|(?<=\s))(?=(?:--|—)[A-Za-z])")
# The shapes that a blend can have (image API reference, 5.2).
_DIMENSIONS = {"2:3": "PORTRAIT", "1:1": "SQUARE", "3:2": "LANDSCAPE"}
_CHOOSE_BOT = (Action.IMAGINE, Action.BLEND, Action.DESCRIBE, Action.SHORTEN)


def with_preferences(request: Request, preferred: Preferences, *, aspect: str | None = None) -> Request:
    """The request with this person's defaults where it leaves something open; `aspect` is what the command said."""
    # Videos are not made in turbo mode (image API reference, 2.2).
    mode = None if request.action is Action.VIDEO and preferred.mode == Mode.TURBO else preferred.mode
    request = dataclasses.replace(request, mode=request.mode or mode)
    if request.action in _CHOOSE_BOT:
        request = dataclasses.replace(request, bot_type=request.bot_type or preferred.bot_type)
    if request.action is Action.BLEND and request.dimensions is None and preferred.aspect:
        request = dataclasses.replace(request, dimensions=_DIMENSIONS.get(preferred.aspect))
    if request.action is Action.IMAGINE:
        words = with_aspect(request.prompt, aspect)
        words = with_aspect(with_suffix(words, preferred.suffix), preferred.aspect)
        request = dataclasses.replace(request, prompt=words)
    return request


def with_aspect(prompt: str, aspect: str | None) -> str:
    """The prompt with its shape as the flag that the services read; a flag typed by hand wins."""
    words = " ".join(prompt.split())
    return words if aspect is None or "ar" in _flags(words) else f"{words} --ar {aspect}"


def with_suffix(prompt: str, suffix: str) -> str:
    """The prompt with a suffix, without those of its flags that the prompt has already."""
    taken = _flags(prompt)
    parts = [part.strip() for part in _PARTS.split(suffix)]
    kept = [part for part in parts if part and not _flags(part) & taken]
    if not kept:
        return prompt
    # Words have to stand before all flags, or the last flag would swallow them.
    words = [part for part in kept if not _flags(part)]
    flags = [part for part in kept if _flags(part)]
    own = [part.strip() for part in _PARTS.split(prompt, maxsplit=1) if part.strip()]
    return " ".join([*own[:1], *words, *own[1:], *flags])


def _flags(text: str) -> set[str]:
    return {_SAME.get(name.lower(), name.lower()) for name in _FLAG.findall(text)}
