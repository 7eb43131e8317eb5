"""Results in words: what an image shows, and how a prompt could be shorter."""

import io
from collections.abc import Sequence

from PIL import Image

from playground.images.buttons import DIGITS
from playground.images.painter.scene import is_known
from playground.images.pictures import decoded, nearest_palettes
from playground.images.prompt import parse_prompt

_SMALL_WORDS = (
    "a an the of in on at with and or very really some that this is are to for from by as it its highly extremely"
)
_STYLES = ("layered paper cut", "vintage travel poster", "flat vector illustration", "gouache storybook page")


def note_in(data: bytes) -> str:
    """The prompt that one of our own images carries in its description; empty for any other image."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            note = image.info.get("Description", "")
    except (OSError, SyntaxError, Image.DecompressionBombError):
        return ""
    return str(note)


def description_of(data: bytes, *, links: bool = False) -> tuple[str, ...]:
    """Four prompts for an image, from what it says of itself, its colours and its shape.

    `links` sets one of them with a Markdown link, as the service sometimes does. Raises `ValueError` when
    the bytes are no image.
    """
    image = decoded(data)
    subject = parse_prompt(note_in(data)).text or "a quiet landscape"
    lights = nearest_palettes([data])
    shape = "--ar 3:2" if image.width > image.height else "--ar 2:3" if image.width < image.height else "--ar 1:1"
    lines = [f"{subject}, {lights[index]} light, {style} {shape}" for index, style in enumerate(_STYLES)]
    if links:
        lines[1] = lines[1].replace(_STYLES[1], f"[{_STYLES[1]}](https://example.org/styles/poster)")
    return tuple(lines)


def numbered(lines: Sequence[str]) -> str:
    return "\n\n".join(f"{DIGITS[index]} {line}" for index, line in enumerate(lines))


def shortened(prompt: str) -> tuple[str, tuple[str, ...]]:
    """The analysis of a prompt (which words matter) and its five shorter forms."""
    words = parse_prompt(prompt).text.split()
    ranked = sorted(range(len(words)), key=lambda index: (_weight(words[index]), -index), reverse=True)
    forms = []
    for share in (0.8, 0.6, 0.45, 0.3, 0.15):
        kept = sorted(ranked[: max(1, round(len(words) * share))])
        forms.append(" ".join(words[index] for index in kept) or prompt)
    text = f"## Important tokens\n{' '.join(map(_marked, words))}\n\n## Shortened prompts\n{numbered(forms)}"
    return text, tuple(forms)


def weighed(prompt: str) -> str:
    """The details of the analysis: each word with its weight."""
    words = parse_prompt(prompt).text.split()
    return "## Important tokens\n" + " ".join(f"**{word}** ({_weight(word):.2f})" for word in words)


def _weight(word: str) -> float:
    plain = word.lower().strip(".,;:!?()\"'")
    if plain in _SMALL_WORDS.split():
        return 0.0
    return 1.0 if is_known(plain) else min(0.1 * len(plain), 0.8)


def _marked(word: str) -> str:
    weight = _weight(word)
    return f"**{word}**" if weight >= 0.7 else f"~~{word}~~" if weight < 0.2 else word
