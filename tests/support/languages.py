"""Languages of the tests: English, and one that is not shipped."""

from __future__ import annotations

from bot.i18n import DEFAULT, Translator

ENGLISH = Translator(DEFAULT)
