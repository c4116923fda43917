"""Turning a sentence into a clause that fits inside another, and back."""

from __future__ import annotations

# First words that keep their capital inside a sentence, besides "I" and anything with a second capital (NHS, MPs).
_NAMES = frozenset(
    {"Britain", "British", "Britain's", "England", "Scotland", "Wales", "Parliament", "Sunday", "Sundays", "Christmas"}
)


def as_clause(sentence: str) -> str:
    """``We should act.`` as ``we should act``."""
    sentence = sentence.strip().rstrip(".!?")
    first = sentence.split(" ", 1)[0]
    if (
        first in _NAMES
        or first == "I"
        or first.startswith(("I'", "I’"))
        or any(letter.isupper() for letter in first[1:])
    ):
        return sentence
    return sentence[:1].lower() + sentence[1:]


def as_sentence(clause: str) -> str:
    """``we should act`` as ``We should act``: the first letter is raised, nothing is added."""
    return clause[:1].upper() + clause[1:]
