"""What a latent mind truly thinks of a statement, before any noise: agreement and quality on the 1-7 scale.

Judged from what the reader finds in the text and from the person's conviction. All weights not in the scenario are
judgements [J], chosen so that statements which say what a person holds score 5 to 6, what they reject 2 to 3, and
statements that say nothing stay under the midpoint.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import log, tanh

import numpy as np

from simcons.population.minds.conviction import TASTE_DIMENSIONS, Conviction
from simcons.population.minds.likert import AGREEMENT, QUALITY, Scale
from simcons.questions.reading import Mention, Reading
from simcons.scale import MIDPOINT
from simcons.scenario.minds import LatentMindSettings
from simcons.seeds import stream

_FULL_RESPONSE = 2.8  # points from the midpoint that a claim or verdict can move agreement by
_NOTHING_SAID, _OFF_TOPIC = 3.6, 2.2  # agreement with a statement that makes no claim, on and off the topic
_TASTE_AGREEMENT, _TASTE_QUALITY = 0.3, 0.45  # SD of the liking that has no reason, in points
_SHORT, _LONG = 22, 130  # words below and above which length costs quality
_GOOD = 4.9  # quality of a statement without faults, before balance


@dataclass(frozen=True, slots=True)
class Text:
    """A text to be judged: what all its judges share, worked out once."""

    reading: Reading
    form: float  # quality before taste
    taste_agreement: tuple[float, ...]
    taste_quality: tuple[float, ...]


def prepare(text: str, reading: Reading, *, question_id: str, sides: Collection[int], copied: float, seed: int) -> Text:
    """``text`` ready to be judged.

    sides: of the claims it makes (1 for, -1 against, 0 common); copied: share of its sentences that stand word for word
    in an opinion of the group. The same text on the same question is liked the same wherever it appears.
    """
    taste = stream(seed, "text", question_id, text).standard_normal((2, TASTE_DIMENSIONS)).tolist()
    return Text(
        reading=reading,
        form=form_quality(reading, sides=sides, copied=copied),
        taste_agreement=tuple(taste[0]),
        taste_quality=tuple(taste[1]),
    )


def appraise(
    conviction: Conviction, text: Text, *, own_claims: Collection[int], mind: LatentMindSettings
) -> dict[Scale, float]:
    """``text`` in the eyes of one person, who made ``own_claims`` in their own opinion: points on 1-7, unbounded, by scale."""
    agreement = true_agreement(conviction, text.reading, own_claims=own_claims, mind=mind)
    return {
        AGREEMENT: agreement + _TASTE_AGREEMENT * _dot(conviction.taste, text.taste_agreement),
        QUALITY: text.form + _TASTE_QUALITY * _dot(conviction.taste, text.taste_quality),
    }


def true_agreement(
    conviction: Conviction, reading: Reading, *, own_claims: Collection[int], mind: LatentMindSettings
) -> float:
    """Agreement from endorsement of what is said, the verdict, and hearing one's own points.

    Claims: weighted mean of r_c = 2.8 tanh(.8 polarity e_c); the weight of a rejected one grows with -r_c from 1 to
    ``disagreement_weight``, so that rejecting a claim more never raises agreement (for weights up to 2). The verdict
    counts ``verdict_weight`` of the whole where both are there.
    """
    claims = _claims_response(conviction, reading.mentions, mind.disagreement_weight)
    verdict = None if reading.verdict is None else _verdict_response(conviction.favour, reading.verdict)
    if claims is None and verdict is None:
        return _OFF_TOPIC + (_NOTHING_SAID - _OFF_TOPIC) * reading.on_topic
    return MIDPOINT + _blend(claims, verdict, mind.verdict_weight) + mind.own_points * _heard(reading, own_claims)


def form_quality(reading: Reading, *, sides: Collection[int], copied: float) -> float:
    """quality from coherence, relevance, length and balance: 4.9 without faults, less for each, at least 1."""
    if reading.n_words == 0:
        return 1.0
    faults = (
        4.0 * (1 - reading.fluency)
        + 3.0 * (1 - reading.on_topic)
        + 3.8 * reading.repetition
        + 2.0 * copied
        + 0.8 * reading.first_person
        + 2.5 * reading.directed
        + 0.7 * (not reading.complete)
        + _length_fault(reading.n_words)
        + (0.9 if not reading.mentions else 0.0)
    )
    balance = 0.4 if len(set(sides)) > 1 else 0.0
    return max(1.0, _GOOD + balance - faults)


def _length_fault(n_words: int) -> float:
    """0 from 22 to 130 words, then growing with the square of the log-ratio: 1.3 at 7 words, 1.0 at 300."""
    if n_words < _SHORT:
        return log(_SHORT / n_words) ** 2
    if n_words > _LONG:
        return 1.4 * log(n_words / _LONG) ** 2
    return 0.0


def _claims_response(conviction: Conviction, mentions: tuple[Mention, ...], rejection: float) -> float | None:
    if not mentions:
        return None
    total = weights = 0.0
    for mention in mentions:
        response = _FULL_RESPONSE * tanh(0.8 * mention.polarity * conviction.endorsement[mention.claim])
        weight = mention.strength * (1.0 + (rejection - 1.0) * max(0.0, -response) / _FULL_RESPONSE)
        total += weight * response
        weights += weight
    return total / weights


def _verdict_response(favour: float, verdict: float) -> float:
    """A verdict pleases those on its side; a torn one pleases the torn and mildly puts off the decided."""
    decided = np.sign(verdict) * min(max(favour, -_FULL_RESPONSE), _FULL_RESPONSE)
    torn = 1.0 - 0.4 * min(abs(favour), _FULL_RESPONSE)
    weight = abs(verdict)
    return float(weight * decided + (1 - weight) * torn)


def _blend(claims: float | None, verdict: float | None, verdict_weight: float) -> float:
    if claims is None or verdict is None:
        return claims if claims is not None else verdict or 0.0
    return verdict_weight * verdict + (1 - verdict_weight) * claims


def _heard(reading: Reading, own_claims: Collection[int]) -> float:
    """Share of one's own points that the text asserts."""
    if not own_claims:
        return 0.0
    heard = sum(mention.polarity > 0 and mention.claim in own_claims for mention in reading.mentions)
    return heard / len(own_claims)


def _dot(left: tuple[float, ...], right: tuple[float, ...]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))
