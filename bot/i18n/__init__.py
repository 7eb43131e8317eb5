"""All texts that people read: one catalog per language.

A text is named by its path in the file (`refused.queue_full`) and holds its values in braces. If a language lacks a
text, English is used, so a translation can start with a single line.
"""

from bot.i18n.catalogs import DEFAULT, Translator, add_catalogs, has, languages, names, translation_of

__all__ = ["DEFAULT", "Translator", "add_catalogs", "has", "languages", "names", "translation_of"]
