"""The quality of a text before anybody's taste: what it does for its group, less its faults.

All numbers are judgements [J], chosen on forty statements that were graded first (benchmarks/quality_grades.yaml); see
docs/decisions/world.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from simcons.population.minds.voices import Voices
from simcons.questions.reading import Mention, Reading

_PLAIN = 2.3  # quality of a text that is well written, says something, and does nothing for its group
_ANSWERS, _FITS, _COVERS, _FOREIGN, _BALANCED, _SPECIFIC = 0.5, 0.6, 2.3, 0.8, 0.35, 0.4
_UNKNOWN = 0.5  # share of each of these that a text has which answers no group: one person's opinion
_SHORT, _LONG = 50, 120  # words below and above which length costs
_PER_POINT = 18  # words a point: more are padding
_WORST = 5.0  # points that all faults together can cost: the first ones cost most
_MANY_POINTS = 8  # more of them are a list
_LONG_SENTENCE = 32  # words, on average


@dataclass(frozen=True, slots=True)
class Merits:
    """The merits of a text for its group, from 0 to 1 (fits: from -1)."""

    answers: float  # says where it comes down
    fits: float  # that is where the group comes down
    covers: float  # share of the group's points, the first ones counting most
    foreign: float  # share of its own points that nobody made
    balanced: float  # both sides where the group has two
    specific: float  # points rather than padding


def form_quality(reading: Reading, *, sides: Mapping[int, int], voices: Voices | None, copied: float) -> float:
    """Quality in points on the 1-7 scale, before its bound: merits less faults.

    sides: of the question's claims (1 for, -1 against, 0 common); voices: of the group that the text speaks for, None where it
    speaks for nobody else; copied: share of its sentences that stand in an opinion.
    """
    good = merits(reading, sides=sides, voices=voices)
    return (
        _PLAIN
        + _ANSWERS * good.answers
        + _FITS * good.fits
        + _COVERS * good.covers
        - _FOREIGN * good.foreign
        + _BALANCED * good.balanced
        + _SPECIFIC * good.specific
        - _WORST * (1 - exp(-_faults(reading, sides=sides, copied=copied) / _WORST))
    )


def merits(reading: Reading, *, sides: Mapping[int, int], voices: Voices | None) -> Merits:
    asserted = [mention.claim for mention in reading.mentions if mention.polarity > 0]
    answers = float(reading.verdict is not None)
    specific = min(1.0, _PER_POINT * len(reading.mentions) / reading.n_words) if reading.n_words else 0.0
    has_both = _has_both([sides[claim] for claim in asserted])
    if voices is None or not voices.claims:
        known = _UNKNOWN * bool(asserted)
        return Merits(answers, _UNKNOWN * answers, known, 0.0, float(has_both), specific)
    return Merits(
        answers=answers,
        fits=_fit(reading.verdict, voices.verdict),
        covers=_diminishing(voices.covered(asserted)),
        foreign=share_foreign(reading, voices),
        balanced=float(has_both) if _has_both([sides[claim] for claim in voices.claims]) else _UNKNOWN * bool(asserted),
        specific=specific,
    )


def contradiction(reading: Reading, sides: Mapping[int, int]) -> float:
    """The degree to which a text contradicts itself, from 0: claims it makes and denies, and a verdict against its own claims.

    Claims that it only reports are no contradiction: those are other people's.
    """
    return min(1.0, reading.n_contradicted / 2) + _against_itself(reading.verdict, reading.mentions, sides)


def _against_itself(verdict: float | None, mentions: Sequence[Mention], sides: Mapping[int, int]) -> float:
    if not verdict:
        return 0.0
    weights = [mention.strength**2 for mention in mentions if sides[mention.claim]]
    leaning = sum(m.strength**2 * m.polarity * sides[m.claim] for m in mentions) / max(1.0, sum(weights))
    return max(0.0, -verdict * leaning)


def _faults(reading: Reading, *, sides: Mapping[int, int], copied: float) -> float:
    n_words = reading.n_words
    return (
        5.0 * (1 - reading.fluency)
        + 3.0 * (1 - reading.on_topic)
        + 6.0 * reading.repetition
        + 3.2 * copied
        + 1.0 * reading.first_person
        + 4.5 * reading.directed
        + 0.8 * (not reading.complete)
        + 1.5 * contradiction(reading, sides)
        + 0.9 * (not reading.mentions)
        + 0.35 * max(0, len(reading.mentions) - _MANY_POINTS)
        + length_fault(n_words)
        + 1.5 * max(0.0, log(max(1, n_words) / max(1, reading.n_sentences) / _LONG_SENTENCE))
    )


def length_fault(n_words: int) -> float:
    """0 from 50 to 120 words, growing with the square of the log-ratio outside: .4 at 20 words, 1.2 at 300; 3 for none."""
    if n_words == 0:
        return 3.0
    if n_words < _SHORT:
        return min(3.0, 0.45 * log(_SHORT / n_words) ** 2)
    return 1.4 * log(n_words / _LONG) ** 2 if n_words > _LONG else 0.0


def _fit(verdict: float | None, group: float | None) -> float:
    """1 for the group's own verdict, 0 for one a step away, -1 for the opposite."""
    if verdict is None or group is None:
        return 0.0
    return 1 - abs(verdict - group)


def _diminishing(share: float) -> float:
    """The first points count most: half of them are .58 of all."""
    return 1 - float((1 - share) ** 1.25)


def share_foreign(reading: Reading, voices: Voices | None) -> float:
    """Share of the points asserted that nobody in the group has made; 0 for a text of no group, or of one that made none."""
    asserted = [mention.claim for mention in reading.mentions if mention.polarity > 0]
    if not asserted or voices is None or not voices.claims:
        return 0.0
    return sum(claim not in voices.claims for claim in asserted) / len(asserted)


def _has_both(sides: Collection[int]) -> bool:
    return {1, -1} <= set(sides)
