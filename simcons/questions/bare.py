"""A question as people's own lists give it: a text, and perhaps an id, a topic and statements."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping

from pydantic import Field

from simcons.questions.bank import Split
from simcons.scenario.parameters import StrictModel

# Other names of keys and columns, in small letters with "_" for spaces.
ALIASES = {
    "text": "question",
    "question_text": "question",
    "position": "affirming_statement",
    "negation": "negating_statement",
}
_TAG = re.compile(r"</?(?:p|br|b|i|u|em|strong|span|div|a|li|ul)\b[^<>]*>", re.IGNORECASE)


class BareQuestion(StrictModel):
    """A question of a list."""

    question: str = Field(min_length=1)
    id: str | int | None = None
    affirming_statement: str | None = Field(None, min_length=1)
    negating_statement: str | None = Field(None, min_length=1)
    topic: str | int = ""
    split: Split = "train"


KEYS = tuple(BareQuestion.model_fields)


def cleaned(text: str) -> str:
    """Text as people should read it: entities and tags of HTML resolved, white space as single spaces."""
    resolved = html.unescape(html.unescape(text))
    return " ".join(_TAG.sub(" ", resolved).split()) if resolved.strip() else ""


def unwritable(entry: Mapping[str, object]) -> Iterator[str]:
    """What in an entry cannot be written or shown, with its key: halves of a character, NUL and other control characters."""
    for key, value in entry.items():
        for character in dict.fromkeys(str(value)) if isinstance(value, str) else ():
            category = unicodedata.category(character)
            if category == "Cs" or (category == "Cc" and not character.isspace()):
                yield f"{key}: value {_shown(str(value))} holds the character U+{ord(character):04X}, which cannot be written"


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 60 else text[:57] + "...")
