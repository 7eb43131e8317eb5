"""From the border's errors to what the presser is told."""

from __future__ import annotations

from bot.midjourney import MidjourneyError, NotSent, ServiceRefused
from bot.tasks.results import Refusal
from bot.texts import has

MAX_REASON = 300


def refusal_of(error: MidjourneyError, asked: str = "") -> Refusal:
    """What to say of a submit that surely was not taken; `asked` names what was asked for, where that has words of its
    own."""
    if isinstance(error, NotSent):
        return Refusal("refused.not_sent")
    if isinstance(error, ServiceRefused):
        name = f"refused.{error.kind.value}"
        # What is stored of a refusal is its reason: where a word is told instead, that is the reason.
        values = {"word": "", "reason": error.description[:MAX_REASON]}
        if asked and has(f"{name}_{asked}"):
            name = f"{name}_{asked}"
        elif error.banned_word and has(f"{name}_word"):
            name = f"{name}_word"
            values = dict.fromkeys(("word", "reason"), error.banned_word[:MAX_REASON])
        elif not error.description and has(f"{name}_silent"):
            name = f"{name}_silent"
        return Refusal(name, values)
    return Refusal("refused.service_fault_silent")
