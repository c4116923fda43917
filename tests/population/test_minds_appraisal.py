"""What people truly think of a statement: agreement follows what it says and whether it answers; taste has no reason."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statements import GAMES, statement

from simcons.population.minds.appraisal import appraise, blemish, true_agreement, true_representation
from simcons.population.minds.conviction import Conviction
from simcons.population.minds.voices import Voices
from simcons.questions.reading import Mention, Reading
from simcons.scale import AGREEMENT, QUALITY, USUAL, bounded
from simcons.scenario.minds import LatentMindSettings

MIND = LatentMindSettings(verdict_weight=0.4, disagreement_weight=1.6, own_points=0.8)
GOOD = Reading(
    mentions=(Mention(claim=0, polarity=1, sentence=0, strength=1.0),),
    verdict=None,
    n_words=60,
    n_sentences=3,
    on_topic=1.0,
    repetition=0.0,
    fluency=1.0,
    first_person=0.0,
    directed=False,
    complete=True,
)
VERDICTS = st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0])


def person(position=4.0, endorsement=(0.0, 0.0)):
    return Conviction(position=position, endorsement=endorsement, salience=endorsement, taste=(0.0,) * 6)


def says(*claims, verdict=None):
    """A reading that asserts claims (given as polarity, or polarity and strength) in turn."""
    pairs = [claim if isinstance(claim, tuple) else (claim, 1.0) for claim in claims]
    mentions = tuple(Mention(k, polarity, k, strength) for k, (polarity, strength) in enumerate(pairs))
    return replace(GOOD, mentions=mentions, verdict=verdict)


def agrees(conviction, reading, own=(), voiced=(0, 1)):
    return true_agreement(conviction, reading, own_claims=own, voiced=voiced, mind=MIND)


# --- agreement -----------------------------------------------------------------------------------------------------


def moved(support=0.0, objection=0.0):
    """1.68 (exp(-O / 2.2) - exp(-S / 2.2)): .6 of 2.8 points."""
    return 1.68 * (math.exp(-objection / 2.2) - math.exp(-support / 2.2))


def test_hand_worked_agreement():
    """tanh(.8) = .664 for a claim held or rejected by 1 SD; .6 of it where others made it, .15 where nobody did; one rejected
    weighs 1.6; a verdict .4, at most 2.8 points.
    """
    holds, torn_two_ways = person(endorsement=(1.0, 0.0)), person(endorsement=(1.0, -1.0))
    assert agrees(holds, says(1)) == pytest.approx(4 + moved(0.6 * 0.664), abs=1e-3)
    assert agrees(holds, says(1), voiced=()) == pytest.approx(4 + moved(0.15 * 0.664), abs=1e-3)
    assert agrees(holds, says(1), own=(0,)) == pytest.approx(4 + moved(0.664) + 0.8, abs=1e-3)
    assert agrees(holds, says(1), own=(0, 1)) == pytest.approx(4 + moved(0.664) + 0.4, abs=1e-3)
    assert agrees(holds, says((1, 0.5)), own=(0,)) == pytest.approx(4 + moved(0.332) + 0.4, abs=1e-3)
    assert agrees(holds, says(-1)) == pytest.approx(4 + moved(objection=1.6 * 0.664), abs=1e-3)
    assert agrees(torn_two_ways, says(1, 1)) == pytest.approx(4 + moved(0.6 * 0.664, 1.6 * 0.664), abs=1e-3)
    assert agrees(torn_two_ways, says((1, 0.5), (1, 0.5))) == pytest.approx(
        4 + moved(0.3 * 0.664, 0.4 * 0.664), abs=1e-3
    )
    assert agrees(person(5.0, (1.0, 0.0)), says(1, verdict=1.0)) == pytest.approx(
        4 + 0.4 + moved(0.6 * 0.664), abs=1e-3
    )
    assert agrees(person(6.9), says(verdict=1.0)) == pytest.approx(4 + 0.4 * 2.8)
    assert agrees(person(6.9), says(verdict=-1.0)) == pytest.approx(4 - 0.4 * 2.8)
    assert agrees(person(4.0), says(verdict=0.0)) == pytest.approx(4.4)
    assert agrees(person(6.9), says(verdict=0.0)) == pytest.approx(4 + 0.4 * (1 - 0.4 * 2.8))
    assert agrees(holds, says(-1), own=(0,)) == agrees(holds, says(-1))  # denying one's point is not hearing it


@given(
    position=st.floats(1, 7),
    endorsement=st.tuples(st.floats(-4, 4), st.floats(-4, 4)),
    own=st.sets(st.sampled_from([0, 1])),
)
def test_who_gives_no_verdict_is_heard_as_torn_at_best(position, endorsement, own):
    conviction = person(position, endorsement)
    assert agrees(conviction, says(1, 1), own) <= agrees(conviction, says(1, 1, verdict=0.0), own)
    assert agrees(conviction, says(1, 1), own) <= 4 + 1.68 + 0.8


@given(
    endorsement=st.floats(0, 4),
    other=st.floats(-4, 4),
    own=st.sets(st.sampled_from([0, 1])),
    verdict=st.none() | VERDICTS,
)
def test_a_point_more_that_one_holds_never_hurts(endorsement, other, own, verdict):
    conviction = person(5.0, (other, endorsement))
    assert (
        agrees(conviction, says(1, 1, verdict=verdict), own) >= agrees(conviction, says(1, verdict=verdict), own) - 1e-9
    )


def test_one_point_is_not_five():
    """The first of five held points moves agreement by less than two fifths of what all five do, and each more by less."""
    conviction = Conviction(4.0, (2.0,) * 5, (2.0,) * 5, (0.0,) * 6)
    levels = np.array([agrees(conviction, says(*[1] * n), voiced=range(5)) - 4 for n in range(1, 6)])
    assert levels[0] < 0.4 * levels[-1]
    assert (np.diff(levels, 2) < 0).all()


def test_what_is_only_reported_weighs_less():
    rejects_second = person(endorsement=(1.0, -1.0))
    assert agrees(rejects_second, says(1, (1, 0.5))) > agrees(rejects_second, says(1, 1))


def test_what_nobody_in_the_group_has_said_counts_less():
    holds = person(endorsement=(1.0, 0.0))
    assert agrees(holds, says(1), own=(0,)) > agrees(holds, says(1), voiced=(0,)) > agrees(holds, says(1), voiced=())


def test_saying_nothing_is_under_the_midpoint():
    nothing = says()
    assert agrees(person(), nothing) < 4
    assert agrees(person(6.9, (4.0, 4.0)), nothing) < 4


@given(
    endorsement=st.tuples(st.floats(-4, 4), st.floats(-4, 4)),
    more=st.floats(0, 3),
    polarity=st.sampled_from([-1, 1]),
    verdict=st.none() | VERDICTS,
)
def test_who_holds_a_claim_more_agrees_no_less_with_what_makes_it(endorsement, more, polarity, verdict):
    reading = says(polarity, 1, verdict=verdict)
    before, after = (agrees(person(5.0, (e, endorsement[1])), reading) for e in (endorsement[0], endorsement[0] + more))
    assert (after - before) * polarity >= -1e-9


@given(position=st.floats(1, 7), more=st.floats(0, 4), verdict=st.sampled_from([-1.0, -0.5, 0.5, 1.0]))
def test_who_is_more_in_favour_agrees_no_less_with_a_verdict_in_favour(position, more, verdict):
    before, after = (agrees(person(p), says(verdict=verdict)) for p in (position, position + more))
    assert (after - before) * np.sign(verdict) >= -1e-9


def test_people_like_what_says_what_they_hold(everyone):
    """Over 5,600 pairs: the claim held most, with the verdict of one's side, scores over the midpoint; the one most rejected,
    with the other verdict, under it.
    """
    held, rejected = [], []
    for group in everyone:
        for conviction in group.convictions:
            best, worst = np.argmax(conviction.endorsement), np.argmin(conviction.endorsement)
            side = np.sign(conviction.favour)
            held.append(
                agrees(conviction, replace(says(), mentions=(Mention(best, 1, 0, 1.0),), verdict=side), voiced=(best,))
            )
            if conviction.endorsement[worst] < -0.5:
                against = replace(says(), mentions=(Mention(worst, 1, 0, 1.0),), verdict=-side)
                rejected.append(agrees(conviction, against, voiced=(worst,)))
    assert 4.8 < np.mean(held) < 6
    assert 2 < np.mean(rejected) < 3.2
    assert np.mean(np.array(held) > 4.2) > 0.98
    assert np.mean(np.array(rejected) < 3.5) > 0.95


# --- how it is put -------------------------------------------------------------------------------------------------

WAYS = {
    "as keywords": {"fluency": 0.1},
    "off the topic": {"on_topic": 0.4},
    "over and over": {"repetition": 0.6},
    "speaking to the rater": {"directed": True},
    "contradicting itself": {"n_contradicted": 2},
    "for ever": {"n_words": 500},
    "in one breath": {"complete": False},
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_put_badly_is_agreed_with_less_whatever_it_says(way):
    sides = {0: 1, 1: -1}
    assert (
        blemish(replace(GOOD, **WAYS[way]), sides=sides, voices=None, copied=0.0)
        > blemish(GOOD, sides=sides, voices=None, copied=0.0) + 0.2
    )
    assert blemish(GOOD, sides=sides, voices=None, copied=1.0) > 0.9


def test_a_verdict_against_its_own_claims_costs_agreement():
    """What is only reported as the other side's view does not count as the statement's own."""
    sides = {0: 1, 1: -1}
    fits, concedes, contradicts = says(1, verdict=1.0), says(1, (1, 0.5), verdict=1.0), says(1, verdict=-1.0)
    assert (
        blemish(fits, sides=sides, voices=None, copied=0.0)
        == blemish(concedes, sides=sides, voices=None, copied=0.0)
        == 0
    )
    assert blemish(contradicts, sides=sides, voices=None, copied=0.0) == pytest.approx(1.0)


def test_words_put_into_the_groups_mouth_cost_agreement():
    sides, voices = {0: 1, 1: -1}, Voices(claims={0: 2}, verdict=1.0)
    assert blemish(says(1), sides=sides, voices=voices, copied=0.0) == 0
    assert blemish(says(1, 1), sides=sides, voices=voices, copied=0.0) == pytest.approx(0.25)
    assert blemish(says(1, 1), sides=sides, voices=None, copied=0.0) == 0


PLEASERS = ["a list of keywords", "all opinions in a row", "an order to the rater", "a good statement with an order"]


@pytest.mark.parametrize("game", PLEASERS)
def test_cheap_texts_are_agreed_with_less_than_a_statement(groups, game):
    won = [group.agreement(statement(group)) > group.agreement(GAMES[game](group)) for group in groups]
    assert np.mean(won) > 0.9


# --- the scale's ends ----------------------------------------------------------------------------------------------


@given(points=st.floats(-20, 30), more=st.floats(0.001, 5))
def test_what_is_felt_stays_between_the_scales_ends_in_its_order(points, more):
    assert 1 < bounded(points) < 7
    assert bounded(points) < bounded(points + more)
    assert bounded(points) - 4 == pytest.approx(4 - bounded(8 - points))


@given(points=st.floats(2, 6))
def test_within_two_points_of_the_midpoint_the_bound_is_hardly_felt(points):
    assert bounded(points) == pytest.approx(points, abs=0.1)


def test_no_appraisal_lies_beyond_the_scale_and_none_piles_up_at_its_ends(groups):
    appraisals = [
        appraisal for group in groups for text in (statement(group), *group.texts) for appraisal in group.judge(text)
    ]
    for scale in (AGREEMENT, QUALITY):
        values = np.array([appraisal[scale] for appraisal in appraisals])
        assert ((values > 1) & (values < 7)).all()
        assert np.mean((values < 1.05) | (values > 6.95)) < 0.01


# --- being represented ---------------------------------------------------------------------------------------------


def represents(conviction, reading, own=()):
    return true_representation(conviction, reading, own_claims=own)


def test_hand_worked_representation():
    """3 for what says nothing of mine; 2.2 for all my points, 1.2 for my verdict (2.8 points in favour and more), less 2
    times tanh(.8) = .664 for a claim that is rejected by 1 SD.
    """
    assert represents(person(), says()) == pytest.approx(3.0)
    assert represents(person(), replace(says(), on_topic=0.0)) == pytest.approx(2.2)
    assert represents(person(), says(1), own=(0,)) == pytest.approx(5.2)
    assert represents(person(), says(1), own=(0, 1)) == pytest.approx(4.1)
    assert represents(person(9.0), says(verdict=1.0)) == pytest.approx(4.2)
    assert represents(person(-1.0), says(verdict=1.0)) == pytest.approx(1.8)
    assert represents(person(endorsement=(-1.0, 0.0)), says(1)) == pytest.approx(3 - 2 * 0.66404, abs=1e-4)
    assert represents(person(endorsement=(-1.0, 0.0)), says(1, 1)) == pytest.approx(3 - 0.66404, abs=1e-4)
    assert represents(person(9.0, (1.0, 1.0)), says(1, 1, verdict=1.0), own=(0, 1)) == pytest.approx(6.4)


def test_one_can_agree_with_what_does_not_represent_one():
    """Every word of it is held, and none of what the person had to say is there."""
    holds, reading = person(6.5, (2.0, 2.0)), says(1, verdict=1.0)
    assert agrees(holds, reading, own=(1,)) > 5
    assert represents(holds, reading, own=(1,)) < 4.2
    assert represents(holds, reading, own=(0,)) > 6


@given(
    endorsement=st.tuples(st.floats(-4, 4), st.floats(-4, 4)),
    more=st.floats(0, 3),
    position=st.floats(0, 9),
    verdict=st.none() | st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]),
)
def test_who_rejects_a_claim_more_is_represented_no_better_by_it(endorsement, more, position, verdict):
    before, after = (
        represents(person(position, (held, endorsement[1])), says(1, 1, verdict=verdict), own=(1,))
        for held in (endorsement[0], endorsement[0] - more)
    )
    assert after <= before + 1e-9
    assert 3 - 1.2 - 2 <= after <= 3 + 2.2 + 1.2


# --- taste ---------------------------------------------------------------------------------------------------------


def test_the_same_text_is_liked_the_same_wherever_it_appears(groups):
    group, other = groups[0], groups[1]
    text = statement(group)
    assert group.judge(text) == group.judge(text)
    reading = group.reader.read(text)

    def judged(group, taste, *, text=text):
        ready = group.prepared(text, replace(reading, mentions=()))
        return appraise(replace(groups[0].convictions[0], taste=taste), ready, own_claims=(), mind=MIND, scales=USUAL)

    taste = group.convictions[0].taste
    assert judged(group, taste) == judged(group, taste)
    assert judged(group, taste)[AGREEMENT] != judged(other, taste)[AGREEMENT]
    assert judged(group, taste)[AGREEMENT] != judged(group, taste, text=text + " ")[AGREEMENT]
    assert judged(group, (0.0,) * 6)[QUALITY] == bounded(group.prepared(text, replace(reading, mentions=())).form)


def test_tastes_differ_between_people_as_much_as_stated(everyone):
    """SD .45 for quality, near the midpoint: of people about one text, in SDs of a chi-distribution with 100 x 56 draws."""
    judged = []
    for group in everyone:
        ready = replace(group.prepared("We want this.", says()), form=4.0)
        judged.append(np.std([appraisal[QUALITY] for appraisal in group.judge_ready(ready)]))
    assert np.sqrt(np.mean(np.square(judged))) == pytest.approx(0.45, abs=0.08)
