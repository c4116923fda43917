"""Rules for the texts of question banks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from simcons.languages.text import NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class BankRules:
    """A language's part in what is wrong with a bank.

    opening: beginnings that a claim should do without, as it is put inside other sentences. proper_nouns: capitalised words
    that are common nouns as well. foreign_spelling: words spelt as the ``spelling`` wanted does not. reading_grade: years of
    school that a normalised sentence takes to read; None where no formula is known.
    """

    opening: re.Pattern[str] = NEVER
    proper_nouns: frozenset[str] = frozenset()
    spelling: str = ""
    foreign_spelling: re.Pattern[str] = NEVER
    reading_grade: Callable[[str], float] | None = None
