"""The polarity of a clause that speaks of a claim in its writer's own words: asserted or denied.

Three signs, weighed on `benchmarks/reader/dev.yaml`: words of rejection, a negated verb that the wording does not have,
and nearness to the claim's denial. Other negations ("without", "no", "cannot") say nothing: claims are full of them.
Classifiers learned from the bank's denials did worse (`docs/decisions/reader_polarity.md`).
"""

from __future__ import annotations

from simcons.languages.cues import ReadingCues
from simcons.questions.framing import is_taken_back, rejects

_CLEAR_LEAN = 0.4  # this much nearer to the denial than to any wording: a denial
_LEAN_WITH_NEGATION = -0.05  # enough where the verb is negated too


def asserts_nothing(cues: ReadingCues, clause: str) -> bool:
    """True of a clause that only wonders about its point ("I've no idea whether ... or not")."""
    return cues.polarity.wondering.search(clause) is not None


def polarity(cues: ReadingCues, clause: str, wording: str, *, rest: str, denial_lean: float, alone: bool) -> int:
    """1 if a clause asserts the claim whose nearest wording is given, -1 if it denies it. All texts normalised.

    ``rest`` is what follows in the sentence, which speaks of the same claim where the claim is ``alone`` there;
    ``denial_lean`` says how much nearer the clause comes to the claim's denial than to that wording.
    """
    if is_taken_back(cues.framing, rest) or is_taken_back(cues.framing, clause) or denial_lean > _CLEAR_LEAN:
        return -1
    if _dismisses(cues, clause, wording) or (alone and _dismisses(cues, rest, wording)):
        return -1
    negated_verb = cues.polarity.negated_verb
    negated = len(negated_verb.findall(clause)) > len(negated_verb.findall(wording))
    return -1 if negated and denial_lean > _LEAN_WITH_NEGATION else 1


def _dismisses(cues: ReadingCues, clause: str, wording: str) -> bool:
    """True of a clause that waves a point away; words of dismissal that the wording has too are the point itself."""
    dismissing = cues.polarity.dismissing
    return rejects(cues.framing, clause) or (
        dismissing.search(clause) is not None and dismissing.search(wording) is None
    )
