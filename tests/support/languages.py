"""Languages of the tests: English, and one that is not shipped."""

from __future__ import annotations

from bot.i18n import DEFAULT, Translator

ENGLISH = Translator(DEFAULT)

# Some texts in languages that are not shipped; the others fall back to English.
DUTCH = """
[imagine]
description = "Een beeld uit woorden"

[menu]
describe = "Beschrijven"

[card]
asker = "gevraagd door {user}"

[notification]
done = "{user} Je resultaat is er."
"""
FRENCH = """
[imagine]
description = "Une image de mots"
prompt = "Que montre l'image ?"

[card]
asker = "demandé par {user}"

[button]
show = "Montrer"

[list]
own = "Vos tâches"

[mask_editor]
invitation = "Peignez sur l'image."
open = "Ouvrir le peintre"
sent = "C'est parti."

[refused]
no_prompt = "Votre demande est vide."
"""
