"""English: words without a point of their own, stems, and where sentences are cut."""

from __future__ import annotations

import re
from functools import lru_cache

from simcons.languages.text import TextRules, word_set

# Words that carry no point of their own. Negations are left out on purpose: polarity looks for them.
FUNCTION_WORDS = word_set(
    """a about above after again all also although always am an and any anyone anything are as at away back be because been
    before being below between both but by can could did do does doing done down during each either else enough even ever
    every everyone everything few for from get gets getting go goes going gone got had has have having he her here hers him
    himself his how however i id if ill im in into is it itd itll its itself ive just keep least less let lets like lot lots
    made make makes many may maybe me might mine more most much must my myself now of off often on once one ones only onto
    or other others ought our ours out over own perhaps put quite rather really same say see seem seems shall she should
    since so some someone something soon still such take takes than that thats the their theirs them themselves then there
    theres these they theyd theyll theyre theyve thing things this those though through till to too two under until up upon
    us very via was way we wed well were weve what whatever whats when where whether which while who whoever whole whom whose
    why will with within would yet you youd youll your youre yours youve"""
)
NEGATIONS = word_set(
    """no not never nor neither nobody nothing none nowhere hardly scarcely barely rarely seldom without cannot cant dont
    doesnt didnt isnt arent wasnt werent wont wouldnt couldnt shouldnt havent hasnt hadnt mustnt neednt aint few little
    unlikely false untrue myth nonsense rubbish fails lacks"""
)
_CLAUSE_END = re.compile(
    r"[;:()—–]|\s-\s|,\s*(?=(?:and|but|so|while|whereas|although|though|since|because|yet|which|or)\b)|"
    r"\s(?=(?:because|but|while|whereas|although|though|however|yet|since)\s)|,\s|"
    r"\s(?=and\s(?:i|we|you|they|he|she|it|there|that|the|this|some|others|people|not|in)\b)",
    re.IGNORECASE,
)
_ABBREVIATION = re.compile(r"\b(?:mr|mrs|ms|dr|st|vs|etc|e\.g|i\.e|prof|rev)\.$", re.IGNORECASE)
_KEEPS_CAPITAL = re.compile(r"(?:Britain(?:'s)?|British|England|Scotland|Wales|Parliament|Sundays?|Christmas|I)$|I['’]")


@lru_cache(maxsize=20_000)  # a study meets few different words, each thousands of times
def stem(word: str) -> str:
    """A word without its common endings: crude, but the same for both sides of a comparison."""
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: len(word) - len(ending)] + instead
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "se":
        word = word[:-1]
    return word.rstrip("e") if len(word) > 3 else word


_ENDINGS = (
    ("isation", "is"), ("ization", "is"), ("ations", ""), ("ation", ""), ("ments", ""), ("ment", ""), ("ness", ""),
    ("ities", ""), ("ity", ""), ("ingly", ""), ("ings", ""), ("ing", ""), ("iest", "y"), ("iers", "y"), ("ier", "y"),
    ("ies", "y"), ("ied", "y"), ("edly", ""), ("ers", ""), ("er", ""), ("est", ""), ("ed", ""), ("ly", ""), ("al", ""),
    ("es", ""), ("ss", "ss"), ("us", "us"), ("s", ""),
)  # fmt: skip


def stem_set(words: str) -> frozenset[str]:
    """The stems of the words of a string."""
    return frozenset(map(stem, words.split()))


TEXT = TextRules(
    function_words=FUNCTION_WORDS,
    negations=NEGATIONS,
    stem=stem,
    clause_end=_CLAUSE_END,
    abbreviation=_ABBREVIATION,
    keeps_capital=_KEEPS_CAPITAL,
)
