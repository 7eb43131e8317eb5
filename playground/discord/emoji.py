"""Recognition of emoji, as Discord checks `emoji.name` of a button.

Code points with the property Emoji (Unicode Character Database 16, emoji-data.txt) and the sequences of Unicode
Technical Standard 51, ED-17: flags, keycaps, and elements joined by ZWJ, each with its modifier or variation selector.
"""

import re

_RANGES = """
A9 AE 203C 2049 2122 2139 2194-2199 21A9-21AA 231A-231B 2328 23CF 23E9-23F3 23F8-23FA 24C2 25AA-25AB 25B6 25C0
25FB-25FE 2600-2604 260E 2611 2614-2615 2618 261D 2620 2622-2623 2626 262A 262E-262F 2638-263A 2640 2642 2648-2653
265F-2660 2663 2665-2666 2668 267B 267E-267F 2692-2697 2699 269B-269C 26A0-26A1 26A7 26AA-26AB 26B0-26B1 26BD-26BE
26C4-26C5 26C8 26CE-26CF 26D1 26D3-26D4 26E9-26EA 26F0-26F5 26F7-26FA 26FD 2702 2705 2708-270D 270F 2712 2714 2716
271D 2721 2728 2733-2734 2744 2747 274C 274E 2753-2755 2757 2763-2764 2795-2797 27A1 27B0 27BF 2934-2935 2B05-2B07
2B1B-2B1C 2B50 2B55 3030 303D 3297 3299 1F004 1F0CF 1F170-1F171 1F17E-1F17F 1F18E 1F191-1F19A 1F201-1F202
1F21A 1F22F 1F232-1F23A 1F250-1F251 1F300-1F321 1F324-1F393 1F396-1F397 1F399-1F39B 1F39E-1F3F0 1F3F3-1F3F5
1F3F7-1F4FD 1F4FF-1F53D 1F549-1F54E 1F550-1F567 1F56F-1F570 1F573-1F57A 1F587 1F58A-1F58D 1F590 1F595-1F596
1F5A4-1F5A5 1F5A8 1F5B1-1F5B2 1F5BC 1F5C2-1F5C4 1F5D1-1F5D3 1F5DC-1F5DE 1F5E1 1F5E3 1F5E8 1F5EF 1F5F3 1F5FA-1F64F
1F680-1F6C5 1F6CB-1F6D2 1F6D5-1F6D7 1F6DC-1F6E5 1F6E9 1F6EB-1F6EC 1F6F0 1F6F3-1F6FC 1F7E0-1F7EB 1F7F0 1F90C-1F93A
1F93C-1F945 1F947-1F9FF 1FA70-1FA7C 1FA80-1FA89 1FA8F-1FAC6 1FACE-1FADC 1FADF-1FAE9 1FAF0-1FAF8
"""


def _character_class() -> str:
    parts = []
    for entry in _RANGES.split():
        first, _, last = entry.partition("-")
        parts.append(f"\\U{int(first, 16):08x}-\\U{int(last or first, 16):08x}")
    return "[" + "".join(parts) + "]"


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
_ELEMENT = f"{_character_class()}(?:\ufe0f|[\U0001f3fb-\U0001f3ff])?(?:{_TAGS})?"
_EMOJI = re.compile(f"{_FLAG}|{_KEYCAP}|{_ELEMENT}(?:\u200d{_ELEMENT})*")


def is_emoji(text: str) -> bool:
    """Whether a text is exactly one emoji that Discord knows: joined sequences and flags too."""
    if not _EMOJI.fullmatch(text):
        return False
    if re.fullmatch(_FLAG, text):
        return _is_region(*("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[ord(letter) - 0x1F1E6] for letter in text))
    tags = "".join(chr(ord(char) - 0xE0000) for char in text if 0xE0020 <= ord(char) <= 0xE007E)
    if tags and (text[0] != "\U0001f3f4" or tags not in _ENGLAND_SCOTLAND_WALES):
        return False
    return all(part[0] in _JOINED for part in text.split("\u200d")[1:])


def _is_region(first: str, second: str) -> bool:
    return any(second in entry[2:] for entry in _REGIONS.split() if entry[0] == first)
