"""Variants of a prompt by a model. What belongs to the engine's syntax never reaches the model: Midjourney's flags and
the links to its input images are kept to the letter, and what the model adds of that kind is removed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.language.answer_lists import listed_lines
from bot.language.model_calls import ask_model
from bot.platform.requests import TextPart
from bot.platform.roles import Role
from bot.platform.service import Platform
from bot.tasks.errors import UserError
from bot.tasks.prompt import MAX_PROMPT, parse
from storage import DEFAULT_ENGINE

MOST_VARIANTS = 3
_INPUT_LINKS = re.compile(r"(?:https?://\S+\s+)*(?:https?://\S+$)?", re.IGNORECASE)
# Between the last word that is kept and one that is left out.
_LOOSE_ENDS = " ,;:.、，。；：-–—("


@dataclass(frozen=True, slots=True)
class PromptSyntax:
    """What an engine's prompts may hold: flags of Midjourney, and how many characters and bytes."""

    engine: str
    flags: bool
    characters: int = MAX_PROMPT
    octets: int | None = None


@dataclass(frozen=True, slots=True)
class PromptParts:
    """A prompt: links to input images, words, and flags, as they were typed."""

    links: str
    words: str
    flags: str

    def with_words(self, words: str, syntax: PromptSyntax) -> str:
        """The same prompt with other words, shortened by whole words to what the engine takes."""
        around = " ".join(part for part in (self.links, self.flags) if part)
        room = syntax.characters - len(around) - bool(around)
        octets = None if syntax.octets is None else syntax.octets - len(around.encode()) - bool(around)
        return " ".join(part for part in (self.links, fitted(words, room, octets), self.flags) if part)


def parts_of(typed: str, syntax: PromptSyntax) -> PromptParts:
    """The parts of a typed prompt. For an engine without flags only its words count."""
    prompt = parse(typed)
    if not syntax.flags:
        return PromptParts("", prompt.words, "")
    links = _INPUT_LINKS.match(prompt.words)
    end = links.end() if links else 0
    flags = " ".join(flag.text for flag in prompt.flags)
    return PromptParts(prompt.words[:end].strip(), prompt.words[end:].strip(), flags)


async def prompt_variants(
    platform: Platform | None, typed: str, syntax: PromptSyntax, language: str
) -> tuple[str, ...]:
    """One to three variants of a prompt, in this language (its English name). Sends one request, which is billed.

    Raises UserError.
    """
    parts = parts_of(typed, syntax)
    if not parts.words:
        raise UserError("no_prompt_words")
    instruction = filled(platform.file.templates.enhance if platform else "", engine=syntax.engine, language=language)
    answer = await ask_model(platform, Role.ENHANCE, instruction, [TextPart(text=parts.words)])
    words = [parse(line).words for line in listed_lines(answer, MOST_VARIANTS)]
    variants = dict.fromkeys(parts.with_words(each, syntax) for each in words if each)
    if not variants:
        raise UserError("model_wrote_nothing")
    return tuple(variants)


def filled(template: str, *, language: str, engine: str = DEFAULT_ENGINE) -> str:
    """A template with its values. Other braces stay, because operators write templates."""
    named = "Midjourney" if engine == DEFAULT_ENGINE else engine
    return template.strip().replace("{engine}", named).replace("{language}", language) or f"Write in {language}."


def fitted(words: str, characters: int, octets: int | None = None) -> str:
    """As many of the words as fit. A single word that is too long is cut."""
    kept = words[: max(0, characters)]
    if octets is not None:
        kept = kept.encode()[: max(0, octets)].decode("utf-8", "ignore")
    if len(kept) == len(words):
        return words
    whole = kept if words[len(kept)].isspace() else kept.rpartition(" ")[0]
    return (whole or kept).rstrip(_LOOSE_ENDS)
