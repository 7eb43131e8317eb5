"""The languages of Discord's locales, as they are named in the instructions for models."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH = "English"

# Discord's "Locales". A locale that is not here is not known, and English is used.
_NAMES: Mapping[str, str] = {
    "id": "Indonesian",
    "da": "Danish",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "hr": "Croatian",
    "it": "Italian",
    "lt": "Lithuanian",
    "hu": "Hungarian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "fi": "Finnish",
    "sv": "Swedish",
    "vi": "Vietnamese",
    "tr": "Turkish",
    "cs": "Czech",
    "el": "Greek",
    "bg": "Bulgarian",
    "ru": "Russian",
    "uk": "Ukrainian",
    "hi": "Hindi",
    "th": "Thai",
    "zh-CN": "Simplified Chinese",
    "zh-TW": "Traditional Chinese",
    "ja": "Japanese",
    "ko": "Korean",
}


def language_of(locale: str | None) -> str:
    """The English name of a locale's language, such as `German` for `de`."""
    name = locale or ""
    return _NAMES.get(name) or _NAMES.get(name.partition("-")[0], ENGLISH)
