"""Everything that people read, from one catalog a language.

A text is named by its place in the file (`refused.queue_full`) and holds its values in braces. A language that lacks a
text falls back to English, so a translation can begin with one line.
"""

from bot.i18n.catalogs import DEFAULT, add_catalogs, has, names, translation_of
from bot.i18n.translator import Translator

__all__ = ["DEFAULT", "Translator", "add_catalogs", "has", "names", "translation_of"]
