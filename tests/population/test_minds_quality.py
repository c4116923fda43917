"""The quality of a statement: what it does for its group, less its faults, in the order of a careful human."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from statements import GAMES, statement

from simcons.languages.en_gb import EN_GB
from simcons.population.minds.quality import contradiction, form_quality
from simcons.population.minds.voices import Voices, voices_of
from simcons.population.minds.writer import WrittenOpinion
from simcons.questions.bank import SIGN, load_bank
from simcons.questions.reader import QuestionReader
from simcons.questions.reading import Mention, Reading
from simcons.scale import bounded
from simcons.scenario.shipped import find_bank

SIDES = {0: 1, 1: -1, 2: 0, 3: 1}
VOICES = Voices(claims={0: 3, 1: 1, 2: 1}, verdict=1.0)
GOOD = Reading(
    mentions=tuple(Mention(claim, 1, claim, 1.0) for claim in (0, 2)),
    verdict=1.0,
    n_words=60,
    n_sentences=3,
    on_topic=1.0,
    repetition=0.0,
    fluency=1.0,
    first_person=0.0,
    directed=False,
    complete=True,
)


def quality(reading, *, voices=VOICES, copied=0.0):
    return form_quality(reading, sides=SIDES, voices=voices, copied=copied)


def says(*claims, strength=1.0, **changes):
    mentions = tuple(Mention(claim, 1, place, strength) for place, claim in enumerate(claims))
    return replace(GOOD, mentions=mentions, **changes)


# --- merits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (GOOD, replace(GOOD, verdict=None)),  # answers
        (GOOD, replace(GOOD, verdict=0.0)),  # says where the group comes down
        (replace(GOOD, verdict=0.0), replace(GOOD, verdict=-1.0)),
        (says(0, 2), says(0)),  # says what the group thinks
        (says(0), says(1)),  # and first what most think
        (says(0, 2), says(0, 3)),  # and not what nobody has said
        (says(0, 1), says(0, 2)),  # balanced where the group has two sides
        (GOOD, replace(GOOD, n_words=119)),  # specific
    ],
)
def test_what_a_statement_does_for_its_group_gains(better, worse):
    assert quality(better) > quality(worse) + 0.1


@given(said=st.sets(st.sampled_from([0, 1, 2])), more=st.sampled_from([0, 1, 2]))
def test_a_point_more_of_the_groups_never_costs_quality(said, more):
    """Without a verdict, which some points may speak against."""
    before, after = says(*sorted(said), verdict=None), says(*sorted(said | {more}), verdict=None)
    assert quality(after) >= quality(before) - 1e-9


def test_one_persons_opinion_is_not_held_against_the_group():
    assert quality(GOOD, voices=None) == quality(says(3, 2), voices=None)
    assert quality(says(3), voices=None) > quality(says(3))


# --- faults --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "worse",
    [
        {"fluency": 0.4}, {"on_topic": 0.5}, {"repetition": 0.4}, {"first_person": 0.5}, {"directed": True},
        {"complete": False}, {"n_words": 6, "n_sentences": 1}, {"n_words": 400, "n_sentences": 20}, {"n_sentences": 1},
        {"n_contradicted": 1}, {"mentions": ()},
    ],
)  # fmt: skip
def test_every_fault_costs_quality(worse):
    assert quality(replace(GOOD, **worse)) < quality(GOOD) - 0.3


def test_copying_costs():
    assert quality(GOOD) - 3 < quality(GOOD, copied=1.0) < quality(GOOD, copied=0.2) - 1 < quality(GOOD) - 1.4


def test_what_contradicts_itself():
    assert contradiction(GOOD, SIDES) == 0
    assert contradiction(replace(GOOD, verdict=-1.0), SIDES) == 1
    assert contradiction(replace(GOOD, verdict=-0.5), SIDES) == 0.5
    assert contradiction(says(1, strength=0.5), SIDES) == 0.25  # what some think, and nothing else
    assert contradiction(replace(GOOD, n_contradicted=1), SIDES) == 0.5


def test_a_claim_both_asserted_and_denied_is_noticed(groups):
    claim = groups[0].question.claims[0]
    says_both = f"We think {claim.point}. It is not true that {claim.point}."
    assert groups[0].reader.read(says_both).n_contradicted == 1
    assert (
        groups[0]
        .reader.read(f"Some people think that {claim.point}. We do not think that {claim.point}.")
        .n_contradicted
        == 0
    )


def test_a_good_statement_is_a_good_statement(groups):
    form = [group.ready(statement(group)).form for group in groups]
    assert np.mean(form) > 5
    assert min(form) > 3.8  # some quote a member, word for word


@pytest.mark.parametrize("game", GAMES)
def test_what_only_looks_like_a_statement_is_no_good_one(groups, game):
    """Before taste, which has no reason."""
    assert max(group.ready(GAMES[game](group)).form for group in groups) < 3.8


def test_a_statement_on_another_question_is_off_the_topic(groups):
    """The reader finds a stray claim in one of ten, so not every single one is low."""
    form = np.array([group.ready(statement(groups[k - 11])).form for k, group in enumerate(groups)])
    assert form.mean() < 2.3
    assert (form < 3.5).mean() > 0.9


# --- grades --------------------------------------------------------------------------------------------------------

GRADED = yaml.safe_load((Path(__file__).parents[2] / "benchmarks" / "quality_grades.yaml").read_text(encoding="utf-8"))
GRADES = ("terrible", "poor", "middling", "good", "excellent")
STANCES = {-1.0: "against", -0.5: "lean_against", 0.0: "torn", 0.5: "lean_for", 1.0: "for"}


@cache
def graded(*, held_out: bool) -> list[tuple[int, float]]:
    """Grade (0 terrible to 4 excellent) and quality of each graded statement: read by hand, its style by the reader."""
    questions = {question.id: question for question in load_bank(find_bank("core"))}
    return [
        (GRADES.index(told["grade"]), bounded(_graded(told, group, questions[group["question"]])))
        for group in GRADED["groups"]
        if (group["question"] in GRADED["held_out"]) == held_out
        for told in group["statements"]
    ]


def _graded(told, group, question):
    place = {claim.id: k for k, claim in enumerate(question.claims)}
    opinions = [
        WrittenOpinion(said["text"], tuple(place[claim] for claim in said["claims"]), STANCES[float(said["verdict"])])
        for said in group["opinions"]
    ]
    mentions = tuple(
        Mention(place[claim], polarity, 0, 0.5 if claim in told.get("reported", ()) else 1.0)
        for claim, polarity in told["claims"].items()
    )
    read = QuestionReader(question, EN_GB).read(told["text"])
    on_topic = read.on_topic if told["grade"] == "terrible" else 1.0
    reading = replace(read, mentions=mentions, verdict=told["verdict"], n_contradicted=0, on_topic=on_topic)
    sides = {k: SIGN[claim.side] for k, claim in enumerate(question.claims)}
    return form_quality(reading, sides=sides, voices=voices_of(opinions), copied=0.0)


@pytest.mark.parametrize("held_out", [False, True])
def test_grades_come_out_in_their_order_with_clear_steps(held_out):
    statements = graded(held_out=held_out)
    means = [np.mean([quality for grade, quality in statements if grade == level]) for level in range(5)]
    assert (np.diff(means) > 0.4).all()
    assert spearmanr(*zip(*statements, strict=True)).statistic > 0.85


def test_the_ends_of_the_scale_can_be_reached():
    statements = graded(held_out=False) + graded(held_out=True)
    assert np.mean([quality for grade, quality in statements if grade == 4]) > 6
    assert np.mean([quality for grade, quality in statements if grade == 0]) < 1.6


def test_statements_differ_in_quality(groups):
    """None of the values, to a tenth, is that of more than a third of statements that one program has composed."""
    tenths = [round(group.ready(statement(group)).form, 1) for group in groups]
    assert max(np.bincount([round(10 * value) for value in tenths])) < len(tenths) / 3
