"""English: spelling, names and the reading level of question banks."""

from __future__ import annotations

import re

from simcons.languages.banks import BankRules

_OPENING = re.compile(r"(because|but|also|and|i (?:think|believe|feel)|in my (?:view|opinion))\b", re.IGNORECASE)
# -ize is left alone: British too. So are words that are British in another sense (program, license, practice, meter, tire).
_AMERICAN = re.compile(
    r"\b(?:(?:col|behavi|fav|hon|neighb|lab|hum|rum|harb|flav|endeav)or(?:s|ed|ing|ite|ites|ful|hoods?|al|able)?|"
    r"(?:cent|theat|fib|lit)ers?|(?:de|of)fenses?|(?:travel|cancel|model|label|fuel)(?:ed|ing|ers?)|"
    r"grays?|catalogs?|jewelry|aging|moms?|airplanes?|skeptic(?:s|al)?|enroll?ments?|fulfill|"
    r"pediatric(?:s|ian|ians)?|sidewalks?|gotten|analyz(?:e|es|ed|ing))\b",
    re.IGNORECASE,
)
_SILENT = re.compile(
    r"[^aeiouyl]e$|[aeiouy]le$|[^aeiouydt]ed$|[^aeiouyscxzgh]es$|[^aeiouy]e(?=(?:ly|ment|ful|less|ness)$)"
)


def reading_grade(normalised: str) -> float:
    """Flesch-Kincaid grade of one sentence: .39 words + 11.8 syllables / words - 15.59 (Kincaid et al. 1975)."""
    words = re.findall(r"[a-z]+", normalised) or ["a"]
    return 0.39 * len(words) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """Groups of vowels in a lower-case word, less a silent e: right for most English words, off by one for the rest."""
    groups = len(re.findall(r"[aeiouy]+", word)) + bool(re.search(r"[aeiouy]ing", word))
    return max(1, groups - len(_SILENT.findall(word)))


BANKS = BankRules(
    opening=_OPENING,
    proper_nouns=frozenset({"I", "Mum", "Dad", "Nan", "Gran", "Grandma", "Grandad"}),  # nouns in "my mum"
    spelling="British spelling",
    foreign_spelling=_AMERICAN,
    reading_grade=reading_grade,
)
