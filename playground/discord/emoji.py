"""Recognition of emoji, as Discord checks `emoji.name` of a button.

Code points with the property Emoji (Unicode Character Database 16, emoji-data.txt) and the sequences of Unicode
Technical Standard 51, ED-17: flags, keycaps, and elements joined by ZWJ, each with its modifier or variation selector.
"""

import re

_CHARACTERS = (
    "©®‼⁉™ℹ↔-↙↩↪⌚⌛⌨⏏⏩-⏳⏸-⏺Ⓜ▪▫▶◀◻-◾☀-☄☎☑☔☕☘☝☠☢☣☦☪☮☯☸-☺♀♂♈-♓♟♠♣♥♦♨♻♾♿⚒-⚗⚙⚛⚜⚠⚡⚧⚪⚫⚰⚱⚽⚾⛄⛅⛈⛎⛏⛑⛓⛔"
    "⛩⛪⛰-⛵⛷-⛺⛽✂✅✈-✍✏✒✔✖✝✡✨✳✴❄❇❌❎❓-❕❗❣❤➕-➗➡➰➿⤴⤵⬅-⬇⬛⬜⭐⭕〰〽㊗㊙🀄🃏🅰🅱🅾🅿🆎🆑-🆚🈁🈂🈚🈯"
    "🈲-🈺🉐🉑🌀-🌡🌤-🎓🎖🎗🎙-🎛🎞-🏰🏳-🏵🏷-📽📿-🔽🕉-🕎🕐-🕧🕯🕰🕳-🕺🖇🖊-🖍🖐🖕🖖🖤🖥🖨🖱🖲🖼🗂-🗄🗑-🗓"
    "🗜-🗞🗡🗣🗨🗯🗳🗺-🙏🚀-🛅🛋-🛒🛕-🛗🛜-🛥🛩🛫🛬🛰🛳-🛼🟠-🟫🟰🤌-🤺🤼-🥅🥇-🧿🩰-🩼🪀-🪉🪏-🫆🫎-🫜🫟-🫩"
    "🫰-🫸"
)
# The regions that have a flag (CLDR 46), by their first letter.
_REGIONS = """
A:CDEFGILMOQRSTUWXZ B:ABDEFGHIJLMNOQRSTVWYZ C:ACDFGHIKLMNOPQRUVWXYZ D:EGJKMOZ E:ACEGHRSTU F:IJKMOR
G:ABDEFGHILMNPQRSTUWY H:KMNRTU I:CDELMNOQRST J:EMOP K:EGHIMNPRWYZ L:ABCIKRSTUVY M:ACDEFGHKLMNOPQRSTUVWXYZ
N:ACEFGILOPRUZ O:M P:AEFGHKLMNRSTWY Q:A R:EOSUW S:ABCDEGHIJKLMNORSTVXYZ T:ACDFGHJKLMNORTVWZ U:AGMNSYZ V:ACEGINU W:FS
X:K Y:ET Z:AMW
"""
# The emoji after a joiner in the sequences that Discord knows, without variation selectors and skin tones.
_JOINED = frozenset("♀♂⚕⚖✈❤➡↔↕⬛⚧☠🌈🌾🍳🍼🎄🎓🎤🎨🏫🏭👦👧👨👩💋💻💼💥💨💫🔥🔧🔬🗨🚀🚒🟩🟫🤝🦯🦰🦱🦲🦳🦼🦽🧑🧒🐰🩰🫘🩹❄")
_ENGLAND_SCOTLAND_WALES = ("gbeng", "gbsct", "gbwls")
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_KEYCAP = "[0-9#*]\ufe0f?\u20e3"
_TAGS = "[\U000e0020-\U000e007e]+\U000e007f"
_ELEMENT = f"[{_CHARACTERS}](?:\ufe0f|[\U0001f3fb-\U0001f3ff])?(?:{_TAGS})?"
_EMOJI = re.compile(f"{_FLAG}|{_KEYCAP}|{_ELEMENT}(?:\u200d{_ELEMENT})*")


def is_emoji(text: str) -> bool:
    """Whether a text is exactly one emoji that Discord knows: joined sequences and flags too."""
    if not _EMOJI.fullmatch(text):
        return False
    if re.fullmatch(_FLAG, text):
        first, second = (chr(ord(letter) - 0x1F1E6 + ord("A")) for letter in text)
        return any(entry[0] == first and second in entry[2:] for entry in _REGIONS.split())
    tags = "".join(chr(ord(char) - 0xE0000) for char in text if 0xE0020 <= ord(char) <= 0xE007E)
    if tags and (text[0] != "\U0001f3f4" or tags not in _ENGLAND_SCOTLAND_WALES):
        return False
    return all(part[0] in _JOINED for part in text.split("\u200d")[1:])
