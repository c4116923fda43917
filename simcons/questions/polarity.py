"""Whether a clause that speaks of a claim asserts or denies it.

Three signs, weighed on `benchmarks/reader/dev.yaml`: words of rejection, a negated verb that the wording does not have,
and nearness to the claim's denial. Other negations ("without", "no", "cannot") say nothing: claims are full of them.
Classifiers learned from the bank's denials did worse (`docs/decisions/reader_polarity.md`).
"""

from __future__ import annotations

import re

from simcons.questions.frames import is_taken_back, rejects

_CLEAR_LEAN = 0.4  # this much nearer to the denial than to any wording: a denial (`benchmarks/fit_polarity.py`)
_LEAN_WITH_NEGATION = -0.05  # enough where the verb is negated too
_NO_ASSERTION = re.compile(
    r"\b(?:no idea (?:if|whether)|cant call it|maybe not|i wonder (?:if|whether)|dont know (?:if|whether)|(?:if|"
    r"whether) .* or not|"
    r"hard to (?:say|know) (?:if|whether)|who knows (?:if|whether))\b"
)
_NEGATED_VERB = re.compile(
    r"\b(?:wouldnt|would not|wont|will not|isnt|is not|arent|are not|doesnt|does not|dont|do not|didnt|did not|"
    r"couldnt|could not|"
    r"hasnt|havent|hardly|scarcely|barely|neednt|not going to|never)\b(?! only| just)"
)
_DISMISSING = re.compile(
    r"\b(?:exaggerat\w+|overblown|overstated|overdone|overrated|scaremongering|hogwash|tosh|fairy ?tales?|far fetched|fanciful|"
    r"wishful thinking|fantasy|pie in the sky|red herring|scare stor(?:y|ies)|hot air|"
    r"(?:makes?|made|making) (?:no|little|hardly any|precious little|not much) (?:real )?(?:odds|difference)|"
    r"(?:i|we) (?:cant|cannot|dont|fail to|struggle to) (?:really )?see)\b"
)


def asserts_nothing(clause: str) -> bool:
    """Whether a clause only wonders about its point ("I've no idea whether ... or not")."""
    return _NO_ASSERTION.search(clause) is not None


def polarity(clause: str, wording: str, *, rest: str, denial_lean: float, alone: bool) -> int:
    """1 if a clause asserts the claim whose nearest wording is given, -1 if it denies it. All texts normalised.

    ``rest`` is what follows in the sentence, which speaks of the same claim where the claim is ``alone`` there;
    ``denial_lean`` says how much nearer the clause comes to the claim's denial than to that wording.
    """
    if is_taken_back(rest) or is_taken_back(clause) or denial_lean > _CLEAR_LEAN:
        return -1
    if _dismisses(clause, wording) or (alone and _dismisses(rest, wording)):
        return -1
    negated = len(_NEGATED_VERB.findall(clause)) > len(_NEGATED_VERB.findall(wording))
    return -1 if negated and denial_lean > _LEAN_WITH_NEGATION else 1


def _dismisses(clause: str, wording: str) -> bool:
    """Whether a clause waves a point away; words of dismissal that the wording has too are the point itself."""
    return rejects(clause) or (_DISMISSING.search(clause) is not None and _DISMISSING.search(wording) is None)
