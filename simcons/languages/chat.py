"""Messages of a chat: signs by which a question, a statement to be rated and a scale are known in free text.

All patterns ignore case and read the text as it is written, several lines at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from simcons.languages.text import NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatCues:
    """Signs of what a message asks.

    question, statement: labels at the head of a line, before a question and a statement. asks_rating: words that ask for a
    rating; asks_opinion: those that ask for a text. of_scale: by a scale's name, words that ask on this scale rather than on
    agreement. speaks_of_text: mentions of the statement or question itself ("this statement"); instructs: sentences to whoever
    answers, which are no part of a statement. scale_near: words of a sentence that shows a scale in numbers; unit: what follows
    numbers that are no scale ("words"). between: what joins the ends of a scale ("1 to 7"); stands_for: what joins a number
    and its label ("1 is"). leads: what leads from a rating's words into its statement ("agree that"). favours, opposes: labels
    of the two ends of a scale. no_point: options that are no point of it. wants_label: asks for the words of an option, not its
    code. reason: names of fields for reasons.
    """

    question: re.Pattern[str] = NEVER
    statement: re.Pattern[str] = NEVER
    asks_rating: re.Pattern[str] = NEVER
    asks_opinion: re.Pattern[str] = NEVER
    of_scale: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    leads: re.Pattern[str] = NEVER
    speaks_of_text: re.Pattern[str] = NEVER
    instructs: re.Pattern[str] = NEVER
    scale_near: re.Pattern[str] = NEVER
    unit: re.Pattern[str] = NEVER
    between: re.Pattern[str] = re.compile(r"[-–—]")
    stands_for: re.Pattern[str] = re.compile(r"[=:(]")
    favours: re.Pattern[str] = NEVER
    opposes: re.Pattern[str] = NEVER
    no_point: re.Pattern[str] = NEVER
    wants_label: re.Pattern[str] = NEVER
    reason: re.Pattern[str] = NEVER
