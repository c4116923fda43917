"""Effects planted in whole simulated studies, and none planted, as the analysis tells them of hundreds of small ones."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd
import pytest

from simcons.analysis.arm_odds import arm_odds
from simcons.analysis.comparisons import arm_differences, win_rates
from simcons.analysis.exclusion import exclusion_effect
from simcons.analysis.rated import Rated
from simcons.analysis.repeats import reliability
from simcons.analysis.reselect.pools import PoolReader
from simcons.analysis.scorer_accuracy import scorer_quality
from simcons.questions.bank import load_bank
from simcons.scenario.shipped import find_bank

N_GROUPS = 1200  # of either run, which are many small studies
# Scripts that are alike share their candidates. So near, they are alike in all but that.
SKILLS = {"good": 1.0, "poor": 0.0, "like": 0.5, "alike": 0.500001}


@pytest.fixture(scope="module")
def run(simulate):
    arms = [
        {"arm": arm, "generator": {"kind": "scripted", "samples": 1, "skill": skill}, "select": 1}
        for arm, skill in SKILLS.items()
    ]
    design = {"groups": N_GROUPS, "rounds": 1, "passes": 1}
    return simulate(mediators=arms, design=design, seed=11).run


@pytest.fixture(scope="module")
def statements(run):
    return Rated.of_run(run).statements()


def studies(statements, n_groups: int):
    """Groups are recruited and play apart from one another, so any of them are a study of their own."""
    study = statements["session_id"].factorize()[0] % (N_GROUPS // n_groups)
    return [rows for _, rows in statements.groupby(study)]


def compared(function, statements: pd.DataFrame, arm: str, against: str):
    pair = statements[statements["arm"].isin([arm, against])]
    return function(pair, arms=[arm, against], measures=["mean"]).only(subset="all", measure="mean")


@pytest.mark.slow
def test_a_planted_difference_is_covered_by_the_intervals_of_small_studies(statements):
    """100 studies of 12 groups, each against all 1,200. At .94 fewer than 86 would cover it in .1% of cases."""
    for function in (arm_differences, win_rates):
        true = compared(function, statements, "good", "poor").estimate.value
        found = [compared(function, rows, "good", "poor") for rows in studies(statements, 12)]
        intervals = [one.estimate.interval for one in found]
        assert sum(low <= true <= high for low, high in intervals) >= 86, function.__name__


@pytest.mark.slow
def test_ratings_tell_a_difference_in_what_people_truly_hold(run, statements):
    """Appraisals have no bounds and no noise, and ratings have styles: in points they differ, by a third at most."""
    picks = run.selections[["round_id", "arm", "candidate_id"]]
    true = run.truth("appraisals").merge(picks).groupby(["round_id", "arm"])["agreement"].mean().unstack()
    for arm, against in (("good", "poor"), ("good", "like"), ("like", "poor")):
        planted = float((true[arm] - true[against]).mean())
        rated = compared(arm_differences, statements, arm, against)
        assert rated.p_value < 1e-3, (arm, against)
        assert rated.estimate.value == pytest.approx(planted, rel=1 / 3), (arm, against)


@pytest.mark.slow
def test_scripts_of_like_skill_are_told_apart_as_often_as_chance_has_it(run, statements):
    """Of 200 studies of 6 groups at .05: more than 21 in .03% of cases, none in .004%, or in .2% of win rates, where only six of
    six rounds are told.
    """
    assert compared(arm_differences, statements, "like", "alike").estimate.error > 0  # their texts differ
    for function in (arm_differences, win_rates):
        found = [compared(function, rows, "like", "alike") for rows in studies(statements, 6)]
        p_values = np.array([one.p_value for one in found], dtype=float)
        assert np.isfinite(p_values).all(), function.__name__
        assert 1 <= (p_values <= 0.05).sum() <= 21, function.__name__
    pairs = parts(run, 6, arms=("like", "alike"))
    odds = [arm_odds(pair).only(scale="agreement", arm="alike").p_value for pair in pairs]
    assert 1 <= sum(p <= 0.05 for p in odds) <= 21


# --- people left out, second ratings and scores --------------------------------------------------------------------


@dataclass
class Part:
    """The ratings of some groups of a run, in place of `Rated`. read: results of queries, each made once."""

    rated: Rated
    groups: Collection[str]
    read: dict[tuple[str, str], pd.DataFrame]
    arms: Collection[str]

    @property
    def scales(self):
        return self.rated.scales

    def known(self, scale):
        return self.rated.known(scale)

    def frame(self, query, parameters=None):
        key = query, str(parameters)
        if key not in self.read:
            self.read[key] = self.rated.frame(query, parameters)
        table = self.read[key]
        for name, wanted in (("session_id", self.groups), ("group", self.groups), ("arm", self.arms)):
            table = table[table[name].isin(wanted)] if name in table else table
        return table

    by_group = frame


def parts(run, n_groups, arms=None):
    """Studies of so many groups."""
    rated, groups, read = Rated.of_run(run), sorted(run.rounds["session_id"].unique()), {}
    n_studies = N_GROUPS // n_groups
    return [Part(rated, set(groups[k::n_studies]), read, arms or rated.arms) for k in range(n_studies)]


@pytest.fixture(scope="module")
def omitting(simulate):
    """A script that says what the opinions have in common, and texts that are there before any is written.

    Ratings have noise of SD .8, of which nothing is common to two of them, and nobody is careless.
    """
    texts = {question.id: [question.position] for question in load_bank(find_bank("core"))}
    arms = [
        {
            "arm": "script",
            "generator": {"kind": "scripted", "samples": 1, "skill": 1.0},
            "scorer": "oracle",
            "select": 1,
        },
        {"arm": "fixed", "generator": {"kind": "fixed", "texts": texts, "samples": 1}, "select": 1},
    ]
    design = {"groups": N_GROUPS, "group_sizes": [5], "rounds": 1, "passes": 2, "omissions": [0, 1, 2]}
    style = {"noise_median": 0.8, "retest_correlation": 0.0}
    style |= dict.fromkeys(("noise_log_sd", "careless_share", "careless_onset_per_hour", "fatigue_noise"), 0.0)
    questions = {"kind": "bank", "bank": "core"}
    participants = {"response_style": style}
    return simulate(mediators=arms, design=design, questions=questions, participants=participants, seed=12).run


@pytest.mark.slow
def test_being_left_out_of_a_text_that_nobody_had_a_part_in_seems_to_matter_as_often_as_chance_has_it(omitting):
    """Of 200 studies of 6 groups at .05: more than 21 in .03% of cases, none in .004%."""
    results = [exclusion_effect(part) for part in parts(omitting, 6)]
    for measure in ("agreement", "agreement_less_quality"):
        p_values = [result.only(arm="fixed", omitted=2, measure=measure).p_value for result in results]
        assert 1 <= sum(p is not None and p <= 0.05 for p in p_values) <= 21, measure
    slopes = [result.only(arm="fixed", measure="agreement_per_opinion").p_value for result in results]
    assert 1 <= sum(p is not None and p <= 0.05 for p in slopes) <= 21


@pytest.mark.slow
def test_what_being_left_out_costs_is_that_in_true_agreement_and_small_studies_cover_it(omitting):
    """Ratings have styles, so that in points they differ from true agreement, by a third at most."""
    keys = {"arm": "script", "omitted": 1, "measure": "agreement"}
    whole = exclusion_effect(Rated.of_run(omitting)).only(**keys)
    assert whole.p_value < 1e-6
    assert whole.estimate.value == pytest.approx(true_effect(omitting), rel=1 / 3)
    intervals = [exclusion_effect(part).only(**keys).estimate.interval for part in parts(omitting, 12)]
    assert sum(low <= whole.estimate.value <= high for low, high in intervals) >= 86


def true_effect(run) -> float:
    """In true agreement, of scripts made without one opinion, by another way than the analysis takes: in pandas."""
    chosen = run.selections.query("arm == 'script' and omitted == 1")[["round_id", "candidate_id"]]
    made = run.table("candidates").to_pandas().merge(chosen)[["candidate_id", "opinion_ids"]].explode("opinion_ids")
    writers = run.table("opinions").to_pandas()[["opinion_id", "round_id", "participant_id"]]
    true = run.truth("appraisals").merge(chosen).merge(writers, on=["round_id", "participant_id"])
    used = true.merge(
        made, left_on=["candidate_id", "opinion_id"], right_on=["candidate_id", "opinion_ids"], how="left"
    )
    sides = used.groupby(["candidate_id", used["opinion_ids"].notna()])["agreement"].mean().unstack()
    return float((sides[True] - sides[False]).mean())


@pytest.mark.slow
def test_planted_noise_is_what_second_ratings_differ_by_and_small_studies_cover_their_agreement(omitting):
    """The variance of what two ratings differ by is 2 * .8^2, and 1/6 by rounding: its root is 1.2, and they are .96 apart on
    average, or somewhat less where the ends of the scale are near."""
    keys = {"scale": "agreement", "cell": "everybody"}
    whole = reliability(Rated.of_run(omitting))
    assert 0.8 < whole.only(**keys, measure="difference").estimate.value / 0.96 < 1
    found = [reliability(part) for part in parts(omitting, 12)]
    for measure in ("icc", "alpha", "exact"):
        true = whole.only(**keys, measure=measure).estimate.value
        intervals = [one.only(**keys, measure=measure).estimate.interval for one in found]
        assert sum(low <= true <= high for low, high in intervals) >= 86, measure


@pytest.mark.slow
@pytest.mark.parametrize("off", [0.0, 0.6])
def test_scores_too_far_from_the_middle_have_that_calibration_error_and_small_studies_cover_it(omitting, off):
    """True agreement as a score, moved away from 4: against the truth it is off by that. Against ratings it may be off by what
    styles make of them more or less, which is .155 where it is unmoved.
    """
    reader = PoolReader(omitting)
    blocks = [moved(block, off) for portion in reader.portions("oracle") for block in portion.blocks]
    quality = scorer_quality("oracle", blocks, reader.group)
    assert quality.true_calibration.ece.value == pytest.approx(off, abs=1e-6)
    whole = quality.calibration.ece
    assert whole.value == pytest.approx(off, abs=0.16)
    study = np.arange(reader.group.max() + 1) % 200
    held = 0
    for k in range(200):
        some = [rows(block, study[reader.group[block.pool]] == k) for block in blocks]
        low, high = scorer_quality("oracle", some, reader.group).calibration.ece.interval
        held += low <= whole.value <= high
    assert held >= 180


def moved(block, off):
    return replace(block, scores=block.scores + np.where(block.scores > 4, off, -off))


def rows(block, there):
    return replace(block, **{name.name: getattr(block, name.name)[there] for name in fields(block)})
