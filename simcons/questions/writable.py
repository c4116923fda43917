"""Characters that no table, page or terminal can hold."""

from __future__ import annotations

import unicodedata

_BREAKS = "\t\n\v\f\r"


def unwritable(text: str) -> str | None:
    """The first half of a character (lone surrogate), NUL or other control character, as ``U+D83D``; None where all is well.

    Tabs and line breaks are left alone: whoever reads the text settles them.
    """
    for character in dict.fromkeys(text):
        category = unicodedata.category(character)
        if category == "Cs" or (category == "Cc" and character not in _BREAKS):
            return f"U+{ord(character):04X}"
    return None


def writable(text: str) -> str:
    """``text``. Raises ValueError where a character of it cannot be written."""
    if (character := unwritable(text)) is not None:
        shown = ascii(text if len(text) <= 60 else text[:57] + "...")
        raise ValueError(
            f"value {shown} holds the character {character}, which cannot be written; expected text without it"
        )
    return text
