"""The force and sense with which a point is put: said outright, hedged, reported as somebody's view, or rejected.

All texts come in normalised.
"""

from __future__ import annotations

from dataclasses import dataclass

from simcons.languages.cues import FramingCues

OUTRIGHT, HEDGED, REPORTED = 1.0, 0.7, 0.5


@dataclass(frozen=True, slots=True)
class Framing:
    """The sense and force that the words around a point give it."""

    polarity: int = 1
    strength: float = OUTRIGHT


def framing(cues: FramingCues, lead: str, tail: str = "", *, before: Framing | None = None) -> Framing:
    """The framing of a point by the words that lead into it and those that follow in its sentence.

    ``before`` is that of the point just before, which "and that ..." and "or ..." carry on.
    """
    if before is not None and cues.carries_on.match(lead):
        return before
    own = _own_clause(cues, lead)
    disclaimed = cues.disclaiming.search(lead) or cues.hedging_after.match(tail)
    polarity, force = _polarity(cues, own), min(strength(cues, own), HEDGED if disclaimed else OUTRIGHT)
    if cues.rejecting_after.search(tail):
        return Framing(-1, OUTRIGHT if polarity > 0 else force)
    return Framing(polarity, REPORTED if cues.reporting_after.search(tail) else force)


def rejects_the_last(cues: FramingCues, sentence: str) -> bool:
    """True of a sentence that does nothing but reject the point made just before it ("That's nonsense.")."""
    return cues.rejecting_the_last.match(sentence) is not None


def rejects(cues: FramingCues, clause: str) -> bool:
    """True of a clause that rejects, in so many words, the point it makes ("i dont buy the idea that ...")."""
    return _polarity(cues, clause) < 0


def is_taken_back(cues: FramingCues, after: str) -> bool:
    """True where the words after a point take it back ("but thats wrong")."""
    return cues.rejecting_after.search(after) is not None


def strength(cues: FramingCues, frame: str) -> float:
    """1 for what is said outright, less for what is hedged or put in other people's mouths."""
    if cues.reporting.search(frame):
        return REPORTED
    plain = cues.double_negation.sub(" ", frame)
    return HEDGED if cues.hedging.search(plain) or cues.doubting.search(plain) else OUTRIGHT


def _own_clause(cues: FramingCues, lead: str) -> str:
    pieces = cues.clause_boundary.split(lead)
    if own := pieces[-1].strip():
        return own
    return pieces[-2].strip() if len(pieces) > 1 and lead.endswith(cues.trailing_boundary) else ""


def _polarity(cues: FramingCues, frame: str) -> int:
    plain = cues.double_negation.sub(" ", frame)
    n_rejections = len(cues.rejecting.findall(plain)) + len(cues.doubting.findall(plain))
    return -1 if n_rejections % 2 else 1
