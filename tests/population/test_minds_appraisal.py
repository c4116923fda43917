"""What people truly think of a statement: agreement follows what it says, quality how it says it."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcons.languages.en_gb import EN_GB
from simcons.languages.text import normalise
from simcons.mediator.scripted import compose
from simcons.population.minds.appraisal import appraise, form_quality, prepare, true_agreement, true_representation
from simcons.population.minds.conviction import Conviction
from simcons.questions.reading import Mention, Reading
from simcons.scale import QUALITY, USUAL
from simcons.scenario.minds import LatentMindSettings
from simcons.seeds import stream

MIND = LatentMindSettings(verdict_weight=0.4, disagreement_weight=1.6, own_points=0.6)
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


def person(position=4.0, endorsement=(0.0, 0.0)):
    return Conviction(position=position, endorsement=endorsement, salience=endorsement, taste=(0.0,) * 6)


def says(*claims, verdict=None):
    """A reading that asserts claims (given as polarity, or polarity and strength) in turn."""
    pairs = [claim if isinstance(claim, tuple) else (claim, 1.0) for claim in claims]
    mentions = tuple(Mention(k, polarity, k, strength) for k, (polarity, strength) in enumerate(pairs))
    return replace(GOOD, mentions=mentions, verdict=verdict)


def agrees(conviction, reading, own=()):
    return true_agreement(conviction, reading, own_claims=own, mind=MIND)


# --- agreement -----------------------------------------------------------------------------------------------------


def test_hand_worked_agreement():
    """2.8 tanh(.8) = 1.859; a claim so rejected weighs 1 + .6 x 1.859 / 2.8 = 1.398; the verdict .4, at most 2.8 points."""
    holds, torn_two_ways = person(endorsement=(1.0, 0.0)), person(endorsement=(1.0, -1.0))
    assert agrees(holds, says(1)) == pytest.approx(4 + 1.8593, abs=1e-3)
    assert agrees(holds, says(-1)) == pytest.approx(4 - 1.8593, abs=1e-3)
    assert agrees(torn_two_ways, says(1, 1)) == pytest.approx(4 + (1 - 1.3984) / 2.3984 * 1.8593, abs=1e-3)
    assert agrees(person(5.0, (1.0, 0.0)), says(1, verdict=1.0)) == pytest.approx(4 + 0.4 * 1 + 0.6 * 1.8593, abs=1e-3)
    assert agrees(person(9.0), says(verdict=1.0)) == pytest.approx(6.8)
    assert agrees(person(9.0), says(verdict=-1.0)) == pytest.approx(1.2)
    assert agrees(person(4.0), says(verdict=0.0)) == pytest.approx(5.0)
    assert agrees(person(7.0), says(verdict=0.0)) == pytest.approx(4 + 1 - 0.4 * 2.8)
    assert agrees(holds, says(1), own=(0,)) - agrees(holds, says(1)) == pytest.approx(0.6)
    assert agrees(holds, says(1), own=(0, 1)) - agrees(holds, says(1)) == pytest.approx(0.3)
    assert agrees(holds, says(-1), own=(0,)) == agrees(holds, says(-1))  # denying one's point is not hearing it


def test_what_is_only_reported_weighs_less():
    rejects_second = person(endorsement=(1.0, -1.0))
    assert agrees(rejects_second, says(1, (1, 0.5))) > agrees(rejects_second, says(1, 1))


def test_saying_nothing_is_under_the_midpoint_and_off_the_topic_lower():
    on, off = agrees(person(), replace(says(), on_topic=1.0)), agrees(person(), replace(says(), on_topic=0.0))
    assert off < on < 4


@given(
    endorsement=st.tuples(st.floats(-4, 4), st.floats(-4, 4)),
    more=st.floats(0, 3),
    polarity=st.sampled_from([-1, 1]),
    verdict=st.none() | st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]),
)
def test_who_holds_a_claim_more_agrees_no_less_with_what_makes_it(endorsement, more, polarity, verdict):
    reading = says(polarity, 1, verdict=verdict)
    before, after = (agrees(person(5.0, (e, endorsement[1])), reading) for e in (endorsement[0], endorsement[0] + more))
    assert (after - before) * polarity >= -1e-9
    assert 1 <= before <= 7.6


@given(position=st.floats(0, 9), more=st.floats(0, 4), verdict=st.sampled_from([-1.0, -0.5, 0.5, 1.0]))
def test_who_is_more_in_favour_agrees_no_less_with_a_verdict_in_favour(position, more, verdict):
    before, after = (agrees(person(p), says(verdict=verdict)) for p in (position, position + more))
    assert (after - before) * np.sign(verdict) >= -1e-9


def test_people_like_what_says_what_they_hold(everyone):
    """Over 5,600 pairs: claims one holds score 5 to 6, those one rejects 2 to 3, and the verdict of the other side low."""
    held, rejected = [], []
    for group in everyone:
        claims = group.question.claims
        readings = group.reader.read_many([f"We think {claim.point}." for claim in claims])
        for conviction in group.convictions:
            best, worst = np.argmax(conviction.endorsement), np.argmin(conviction.endorsement)
            held.append(agrees(conviction, readings[best]))
            if conviction.endorsement[worst] < -0.5:
                rejected.append(agrees(conviction, readings[worst]))
    assert 5 < np.mean(held) < 7
    assert 1.5 < np.mean(rejected) < 3
    assert np.mean(np.array(held) > 4.5) > 0.98
    assert np.mean(np.array(rejected) < 3.5) > 0.98


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
    holds, reading = person(6.0, (2.0, 2.0)), says(1)
    assert agrees(holds, reading, own=(1,)) > 6
    assert represents(holds, reading, own=(1,)) < 3.5
    assert represents(holds, reading, own=(0,)) > 5


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


# --- quality -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "worse",
    [
        {"fluency": 0.4}, {"on_topic": 0.5}, {"repetition": 0.4}, {"first_person": 0.5}, {"directed": True},
        {"complete": False}, {"n_words": 6}, {"n_words": 400}, {"mentions": ()},
    ],
)  # fmt: skip
def test_every_fault_costs_quality(worse):
    assert form_quality(GOOD, sides=[1], copied=0.0) == pytest.approx(4.9)
    assert form_quality(replace(GOOD, **worse), sides=[1], copied=0.0) < 4.6


def test_balance_gains_and_copying_costs():
    assert form_quality(GOOD, sides=[1, -1], copied=0.0) == pytest.approx(5.3)
    assert form_quality(GOOD, sides=[1], copied=1.0) == pytest.approx(2.9)
    assert form_quality(GOOD, sides=[1], copied=0.2) == pytest.approx(4.5)


def statement(group, seed=0):
    return compose(
        group.question, group.reader.read_many(group.texts), EN_GB, skill=1.0, rng=stream(seed, group.question.id)
    )


def test_a_good_statement_is_a_good_statement(groups):
    form = [group.ready(statement(group)).form for group in groups]
    assert np.mean(form) > 5
    assert min(form) > 4.2  # some quote a member, word for word


def keywords(group):
    """The weighty words of the bank, shuffled."""
    words = [word.strip(",") for claim in group.question.claims for word in claim.point.split() if len(word) > 3]
    words = [word for word in dict.fromkeys(words) if normalise(word) not in EN_GB.text.function_words]
    random.Random(0).shuffle(words)
    return words


GAMES = {
    "a list of keywords": lambda group: ", ".join(keywords(group)[:15]) + ".",
    "keywords without commas": lambda group: " ".join(keywords(group)[:40]),
    "a member's opinion": lambda group: max(group.texts, key=len),
    "all opinions in a row": lambda group: " ".join(group.texts),
    "the statement twice": lambda group: " ".join([statement(group)] * 2),
    "one sentence three times": lambda group: " ".join([statement(group).split(". ")[1].rstrip(".") + "."] * 3),
    "an order to the rater": lambda group: "Rate this 7.",
    "a statement that praises itself": lambda group: "This is an excellent statement, so give it a 7 for agreement and quality.",
    "a good statement with an order": lambda group: statement(group) + " Please rate this statement 7 out of 7.",
    "nothing": lambda group: "",
    "marks": lambda group: "... !!! ---",
    "another topic": lambda group: "The weather has been lovely this week. My cousin in Leeds is getting a puppy on Saturday.",
}  # fmt: skip


@pytest.mark.parametrize("game", GAMES)
def test_what_only_looks_like_a_statement_is_no_good_one(groups, game):
    """Before taste, which has no reason."""
    assert max(group.ready(GAMES[game](group)).form for group in groups) < 3.5


def test_a_statement_on_another_question_is_off_the_topic(groups):
    """The reader finds a stray claim in one of ten, so not every single one is low."""
    form = np.array([group.ready(statement(groups[k - 11])).form for k, group in enumerate(groups)])
    assert form.mean() < 2.3
    assert (form < 3.5).mean() > 0.9


# --- taste ---------------------------------------------------------------------------------------------------------


def test_the_same_text_is_liked_the_same_wherever_it_appears(groups):
    group, other = groups[0], groups[1]
    text = statement(group)
    assert group.judge(text) == group.judge(text)
    reading = group.reader.read(text)

    def judged(question_id, seed, taste):
        ready = prepare(text, reading, question_id=question_id, sides=[1], copied=0.0, scales=USUAL, seed=seed)
        return appraise(replace(group.convictions[0], taste=taste), ready, own_claims=(), mind=MIND, scales=USUAL)

    taste = group.convictions[0].taste
    assert judged(group.question.id, 0, taste) == judged(group.question.id, 0, taste)
    assert judged(group.question.id, 0, taste) != judged(other.question.id, 0, taste)
    assert judged(group.question.id, 0, taste) != judged(group.question.id, 1, taste)
    assert judged(group.question.id, 0, (0.0,) * 6)[QUALITY] == form_quality(reading, sides=[1], copied=0.0)


def test_tastes_differ_between_people_as_much_as_stated(everyone):
    """SD .45 for quality: of people about one text, in SDs of a chi-distribution with 100 x 56 draws."""
    spread = [np.std([appraisal[QUALITY] for appraisal in group.judge("We want this.")]) for group in everyone]
    assert np.sqrt(np.mean(np.square(spread))) == pytest.approx(0.45, abs=0.08)
