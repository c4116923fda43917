"""The polarity of a clause that speaks of a claim in its writer's own words: asserted or denied.

Log odds of a denial add up from three signs: nearness to the claim's denials, a verb negated in the main clause that the nearest
wording does not negate, and words of rejection. Other negations ("without", "no", "cannot") say nothing: claims are full of them.
Weights were fitted on labelled texts (`docs/decisions/reader_polarity.md`).
"""

from __future__ import annotations

from simcons.languages.cues import ReadingCues
from simcons.questions.framing import is_taken_back, rejects

_NEGATED_VERB = 0.5
_REJECTED = 2.0
_TAKEN_BACK = 4.0
_DENIED = -0.8  # a denial heard as an assertion misleads more than the other way round


def asserts_nothing(cues: ReadingCues, clause: str) -> bool:
    """True of a clause that only wonders about its point ("I've no idea whether ... or not")."""
    return cues.polarity.wondering.search(clause) is not None


def polarity(cues: ReadingCues, clause: str, wording: str, *, rest: str, denial_lean: float, alone: bool) -> int:
    """1 if a clause asserts the claim whose nearest wording is given, -1 if it denies it. All texts normalised.

    ``rest`` is what follows in the sentence, which speaks of the same claim where the claim is ``alone`` there;
    ``denial_lean``: log odds of a denial by the clause's nearness to the claim's denials and wordings.
    """
    odds = denial_lean
    main = cues.polarity.subordinate.sub("", clause)
    if is_taken_back(cues.framing, rest) or is_taken_back(cues.framing, clause):
        odds += _TAKEN_BACK
    if _dismisses(cues, main, wording) or (alone and _dismisses(cues, rest, wording)):
        odds += _REJECTED
    odds += _NEGATED_VERB * (_is_negated(cues, main) - _is_negated(cues, cues.polarity.subordinate.sub("", wording)))
    return -1 if odds > _DENIED else 1


def _is_negated(cues: ReadingCues, main: str) -> bool:
    """True where a verb of a main clause is negated."""
    return cues.polarity.negated_verb.search(main) is not None


def _dismisses(cues: ReadingCues, clause: str, wording: str) -> bool:
    """True of a clause that waves a point away; words of dismissal that the wording has too are the point itself."""
    dismissing = cues.polarity.dismissing
    return rejects(cues.framing, clause) or (
        dismissing.search(clause) is not None and dismissing.search(wording) is None
    )
