"""A latent mind's true judgement of a statement, before any noise, on each scale from 1 to 7.

Judged from what the reader finds in the text and from the person's conviction. All weights not in the scenario are
judgements [J], chosen so that statements which say what a person holds score 5 to 6, what they reject 2 to 3, and
statements that say nothing stay under the midpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from math import log, tanh

import numpy as np

from simcons.population.minds.conviction import TASTE_DIMENSIONS, Conviction
from simcons.questions.reading import Mention, Reading
from simcons.scale import AGREEMENT, MIDPOINT, PAIRED, QUALITY, REPRESENTED, Scale
from simcons.scenario.minds import LatentMindSettings
from simcons.seeds import stream

_FULL_RESPONSE = 2.8  # points from the midpoint that a claim or verdict can move agreement by
_NOTHING_SAID, _OFF_TOPIC = 3.6, 2.2  # agreement with a statement that makes no claim, on and off the topic
_NOTHING_OF_MINE = 3.0  # how far a statement on the topic represents a person of whose view it says nothing
_HEARD, _SAME_VERDICT, _REJECTED = 2.2, 1.2, 2.0  # points that all of one's own, the verdict, and what one rejects make
_SHORT, _LONG = 22, 130  # words below and above which length costs quality
_GOOD = 4.9  # quality of a statement without faults, before balance


@dataclass(frozen=True, slots=True)
class Text:
    """A text to be judged: what all its judges share, worked out once."""

    reading: Reading
    form: float  # quality before taste
    taste: Mapping[Scale, tuple[float, ...]]


def prepare(
    text: str,
    reading: Reading,
    *,
    question_id: str,
    sides: Collection[int],
    copied: float,
    scales: Collection[Scale],
    seed: int,
) -> Text:
    """``text`` ready to be judged on ``scales``.

    sides: of the claims it makes (1 for, -1 against, 0 common); copied: share of its sentences that stand word for word
    in an opinion of the group. The same text on the same question is liked the same wherever it appears.
    """
    return Text(
        reading=reading,
        form=form_quality(reading, sides=sides, copied=copied),
        taste=_tastes(text, question_id, scales, seed),
    )


def _tastes(text: str, question_id: str, scales: Collection[Scale], seed: int) -> dict[Scale, tuple[float, ...]]:
    """The features of ``text`` that people like or dislike without a reason, on each scale, whatever other scales there are."""

    def draw(n_scales: int, *key: str) -> list[tuple[float, ...]]:
        rng = stream(seed, "text", question_id, text, *key)
        return [tuple(row) for row in rng.standard_normal((n_scales, TASTE_DIMENSIONS)).tolist()]

    tastes = dict(zip(PAIRED, draw(len(PAIRED)), strict=True))
    return {scale: tastes[scale] if scale in tastes else draw(1, scale.name)[0] for scale in scales}


def appraise(
    conviction: Conviction,
    text: Text,
    *,
    own_claims: Collection[int],
    mind: LatentMindSettings,
    scales: Collection[Scale],
) -> dict[Scale, float]:
    """``text`` in the eyes of one person, who made ``own_claims`` in their own opinion: points on 1-7, unbounded, by scale."""
    return {
        scale: APPRAISALS[scale].value(conviction, text, own_claims, mind)
        + APPRAISALS[scale].taste_sd * _dot(conviction.taste, text.taste[scale])
        for scale in scales
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


def true_representation(conviction: Conviction, reading: Reading, *, own_claims: Collection[int]) -> float:
    """The degree to which a text represents a person: by their own points in it, by its verdict, and by what they reject in it.

    3 + 2.2 h + 1.2 v - 2 r, with h the share of one's own points that it asserts, v from -1 to 1 how far its verdict is on
    one's side, and r from 0 to 1 how firmly one rejects its claims, on average. Not the same as agreement: one can agree with
    every word of a statement that leaves out what one has to say.
    """
    verdict = 0.0 if reading.verdict is None else _verdict_response(conviction.favour, reading.verdict) / _FULL_RESPONSE
    return (
        _OFF_TOPIC
        + (_NOTHING_OF_MINE - _OFF_TOPIC) * reading.on_topic
        + _HEARD * _heard(reading, own_claims)
        + _SAME_VERDICT * verdict
        - _REJECTED * _rejected(conviction, reading.mentions)
    )


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


def _rejected(conviction: Conviction, mentions: tuple[Mention, ...]) -> float:
    """Firmness with which the claims made are rejected, from 0 to 1, on average by the strength with which they are made."""
    strengths = sum(mention.strength for mention in mentions)
    rejected = sum(
        mention.strength * max(0.0, -tanh(0.8 * mention.polarity * conviction.endorsement[mention.claim]))
        for mention in mentions
    )
    return rejected / strengths if strengths else 0.0


def _dot(left: tuple[float, ...], right: tuple[float, ...]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


@dataclass(frozen=True, slots=True)
class ScaleAppraisal:
    """One scale's part of an appraisal: its reasons, and the SD in points of the liking that has none."""

    value: Callable[[Conviction, Text, Collection[int], LatentMindSettings], float]
    taste_sd: float


def _agreement(conviction: Conviction, text: Text, own_claims: Collection[int], mind: LatentMindSettings) -> float:
    return true_agreement(conviction, text.reading, own_claims=own_claims, mind=mind)


def _quality(conviction: Conviction, text: Text, own_claims: Collection[int], mind: LatentMindSettings) -> float:
    return text.form


def _represented(conviction: Conviction, text: Text, own_claims: Collection[int], mind: LatentMindSettings) -> float:
    return true_representation(conviction, text.reading, own_claims=own_claims)


APPRAISALS: dict[Scale, ScaleAppraisal] = {
    AGREEMENT: ScaleAppraisal(_agreement, taste_sd=0.3),
    QUALITY: ScaleAppraisal(_quality, taste_sd=0.45),
    REPRESENTED: ScaleAppraisal(_represented, taste_sd=0.2),
}
