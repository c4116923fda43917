"""Whether a clause that speaks of a claim asserts or denies it.

Three signs, weighed on `benchmarks/reader/dev.yaml`: words of rejection, a negated verb that the wording does not have,
and nearness to the claim's denial. Other negations ("without", "no", "cannot") say nothing: claims are full of them.
"""

from __future__ import annotations

import re

from simcons.questions.frames import is_taken_back, rejects

_CLEAR_LEAN = 0.3  # so much nearer to the denial than to any wording: a denial, whatever the words
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


def asserts_nothing(clause: str) -> bool:
    """Whether a clause only wonders about its point ("I've no idea whether ... or not")."""
    return _NO_ASSERTION.search(clause) is not None


def polarity(clause: str, after: str, wording: str, denial_lean: float) -> int:
    """1 if a clause asserts the claim whose nearest wording is given, -1 if it denies it. All texts normalised.

    ``after`` is the rest of the sentence; ``denial_lean`` says how much nearer the clause comes to the claim's denial
    than to that wording.
    """
    taken_back = is_taken_back(after) or is_taken_back(clause)
    if rejects(clause) or taken_back or denial_lean > _CLEAR_LEAN:
        return -1
    negated = len(_NEGATED_VERB.findall(clause)) > len(_NEGATED_VERB.findall(wording))
    return -1 if negated and denial_lean > _LEAN_WITH_NEGATION else 1
