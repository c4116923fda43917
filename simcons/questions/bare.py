"""A question as people's own lists give it: a text, and perhaps an id, a topic and statements."""

from __future__ import annotations

import html
import re

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
