"""A latent mind's true judgement of a statement, before any noise, on each scale from 1 to 7.

Judged from what the reader finds in the text, from the person's conviction and from what the group has said. All weights not in
the scenario are judgements [J]; docs/decisions/world.md has the basis of each and what moved when it was changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from math import exp, tanh

import numpy as np

from simcons.population.minds.conviction import TASTE_DIMENSIONS, Conviction
from simcons.population.minds.quality import contradiction, form_quality, length_fault, share_foreign
from simcons.population.minds.voices import Voices
from simcons.questions.bank import SIGN, Question
from simcons.questions.reading import Mention, Reading
from simcons.scale import AGREEMENT, MIDPOINT, PAIRED, QUALITY, REPRESENTED, Scale, bounded
from simcons.scenario.minds import LatentMindSettings
from simcons.seeds import stream

_FULL_RESPONSE = 2.8  # points from the midpoint that claims or the verdict can move agreement by
_ENOUGH = 2.2  # claims, held firmly and one's own, that make .63 of a full response: more add ever less
_OTHERS, _NOBODYS = 0.6, 0.15  # weight of a claim made by somebody else in the group, or by nobody, against one's own
_UNSAID = 3.6  # agreement with a text on the topic that makes no claim and gives no verdict
_NOTHING_OF_MINE, _OFF_TOPIC = (
    3.0,
    2.2,
)  # how far a text on and off the topic represents one of whose view it says nothing
_HEARD, _SAME_VERDICT, _REJECTED = 2.2, 1.2, 2.0  # points that all of one's own, the verdict, and what one rejects make


@dataclass(frozen=True, slots=True)
class Text:
    """A text to be judged: what all its judges share, worked out once."""

    reading: Reading
    voiced: Collection[int]  # claims that somebody in the group has made
    form: float  # quality before taste
    blemish: float  # points of agreement that the way in which it is put costs with everybody
    taste: Mapping[Scale, tuple[float, ...]]


def prepare(
    text: str,
    reading: Reading,
    *,
    question: Question,
    voices: Voices,
    of_group: bool,
    copied: float,
    scales: Collection[Scale],
    seed: int,
) -> Text:
    """``text`` ready to be judged on ``scales``.

    voices: of the group; of_group: whether the text is to speak for them, or is one person's opinion; copied: share of its
    sentences that stand word for word in an opinion of the group. The same text on the same question is liked the same wherever
    it appears.
    """
    sides = {claim: SIGN[stated.side] for claim, stated in enumerate(question.claims)}
    return Text(
        reading=reading,
        voiced=voices.claims,
        form=form_quality(reading, sides=sides, voices=voices if of_group else None, copied=copied),
        blemish=blemish(reading, sides=sides, voices=voices if of_group else None, copied=copied),
        taste=_tastes(text, question.id, scales, seed),
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
    """``text`` in the eyes of one person, who made ``own_claims`` in their own opinion: points between 1 and 7, by scale."""
    return {
        scale: bounded(
            APPRAISALS[scale].value(conviction, text, own_claims, mind)
            + APPRAISALS[scale].taste_sd * _dot(conviction.taste, text.taste[scale])
        )
        for scale in scales
    }


def true_agreement(
    conviction: Conviction,
    reading: Reading,
    *,
    own_claims: Collection[int],
    voiced: Collection[int],
    mind: LatentMindSettings,
) -> float:
    """Agreement with what is said, in points on the 1-7 scale before its bound: the claims, the verdict, and one's own points.

    Claims c, put with strength s, move it by 2.8 (S - O), with r_c = tanh(.8 polarity e_c). Support S = 1 - exp(-sum s w r / 2.2)
    over those held, w 1 for one's own points, .6 for others' and .15 for those nobody made; objection O is the same of d s^2 |r|
    over those rejected, d being ``disagreement_weight``. One point more that is held never lowers it, and one point is not five;
    what is only reported as the view of some is objected to less than it is welcomed.

    The verdict counts ``verdict_weight`` of the whole; a text that gives none is worse than a torn one with everybody. Hearing
    one's own points adds up to ``own_points``.
    """
    if not reading.mentions and reading.verdict is None:
        return _UNSAID
    return (
        MIDPOINT
        + mind.verdict_weight * _verdict_response(conviction.favour, reading.verdict)
        + (1 - mind.verdict_weight) * _claims_response(conviction, reading.mentions, own_claims, voiced, mind)
        + mind.own_points * _heard(reading, own_claims)
    )


def blemish(reading: Reading, *, sides: Mapping[int, int], voices: Voices | None, copied: float) -> float:
    """Points of agreement that it costs to be put badly: people do not sign what is no running prose, speaks to them as raters,
    is off the topic, contradicts or repeats itself, runs on for ever, is somebody's opinion word for word, or puts points into
    the group's mouth that nobody has made (voices: None for a text that speaks for one person).
    """
    return (
        1.8 * (1 - reading.fluency)
        + 1.6 * (1 - reading.on_topic)
        + 1.2 * reading.repetition
        + 1.0 * copied
        + 1.6 * reading.directed
        + 0.3 * (not reading.complete)
        + 1.0 * contradiction(reading, sides)
        + 0.5 * share_foreign(reading, voices)
        + 0.5 * length_fault(max(reading.n_words, 1))
    )


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


def _claims_response(
    conviction: Conviction,
    mentions: tuple[Mention, ...],
    own_claims: Collection[int],
    voiced: Collection[int],
    mind: LatentMindSettings,
) -> float:
    support = objection = 0.0
    for mention in mentions:
        response = tanh(0.8 * mention.polarity * conviction.endorsement[mention.claim])
        if response > 0:
            support += mention.strength * _weight(mention.claim, own_claims, voiced) * response
        else:
            objection -= mention.strength**2 * mind.disagreement_weight * response
    return _FULL_RESPONSE * (exp(-objection / _ENOUGH) - exp(-support / _ENOUGH))


def _weight(claim: int, own_claims: Collection[int], voiced: Collection[int]) -> float:
    return 1.0 if claim in own_claims else _OTHERS if claim in voiced else _NOBODYS


def _verdict_response(favour: float, verdict: float | None) -> float:
    """A verdict pleases those on its side; a torn one the torn, and mildly puts off the decided; none pleases nobody, as it
    is a point worse than a torn one.
    """
    torn = 1.0 - 0.4 * min(abs(favour), _FULL_RESPONSE)
    if verdict is None:
        return torn - 1.0
    decided = np.sign(verdict) * min(max(favour, -_FULL_RESPONSE), _FULL_RESPONSE)
    weight = abs(verdict)
    return float(weight * decided + (1 - weight) * torn)


def _heard(reading: Reading, own_claims: Collection[int]) -> float:
    """Share of one's own points that the text asserts; one that it only reports as some people's counts by its strength."""
    if not own_claims:
        return 0.0
    own = (mention for mention in reading.mentions if mention.polarity > 0 and mention.claim in own_claims)
    return sum(mention.strength for mention in own) / len(own_claims)


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
    agreement = true_agreement(conviction, text.reading, own_claims=own_claims, voiced=text.voiced, mind=mind)
    return agreement - text.blemish


def _quality(conviction: Conviction, text: Text, own_claims: Collection[int], mind: LatentMindSettings) -> float:
    return text.form


def _represented(conviction: Conviction, text: Text, own_claims: Collection[int], mind: LatentMindSettings) -> float:
    return true_representation(conviction, text.reading, own_claims=own_claims)


APPRAISALS: dict[Scale, ScaleAppraisal] = {
    AGREEMENT: ScaleAppraisal(_agreement, taste_sd=0.3),
    QUALITY: ScaleAppraisal(_quality, taste_sd=0.45),
    REPRESENTED: ScaleAppraisal(_represented, taste_sd=0.2),
}
