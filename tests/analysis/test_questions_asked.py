"""The analyses against the same numbers worked out another way, and against effects that the simulator planted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simcons.analysis.agreement import by_arm, divisiveness, scale_result
from simcons.analysis.analyse import analyse
from simcons.analysis.people import cost, duration, flow
from simcons.analysis.reliability import retest
from simcons.analysis.resampling import mean
from simcons.analysis.round_in_full import round_in_full
from simcons.errors import RunFolderError

SKILLED = {"kind": "scripted", "samples": 8, "skill": 1.0}
UNSKILLED = {"kind": "scripted", "samples": 8, "skill": 0.0}
ARMS = [
    {"arm": "skilled", "generator": SKILLED, "select": 1},
    {"arm": "unskilled", "generator": UNSKILLED, "select": 1},
    {"arm": "bound", "generator": UNSKILLED, "scorer": "oracle", "select": 1},
]


@pytest.fixture(scope="module")
def study(simulate):
    return simulate(mediators=ARMS, design={"groups": 16, "rounds": 2}, seed=5)


@pytest.fixture(scope="module")
def run(study):
    return study.run


def test_flow_counts_everybody_once(run):
    people, found = run.participants, flow(run)
    assert found.recruited == len(people) == sum(found.outcomes.values())
    assert found.arrived == people["arrived_at"].notna().sum()
    assert found.started == people["session_id"].notna().sum() == run.sessions["group_size"].sum()
    assert found.finished == (people["outcome"] == "finished").sum()


def test_cost_is_time_times_rate_and_the_fee_on_it(run):
    paid = run.participants["paid_seconds"].sum() / 3600 * 15
    assert cost(run).pay == pytest.approx(paid)
    assert cost(run).total == pytest.approx(paid * 1.333)


def test_duration(run):
    sessions, screens = run.sessions, run.screens.dropna(subset=["session_id"])
    seconds = screens["left_at"] - screens["entered_at"]
    waiting = screens["screen"].str.startswith("wait")
    found = duration(run)
    assert found.study == sessions["ended_at"].max()
    assert found.median_session == pytest.approx((sessions["ended_at"] - sessions["started_at"]).median())
    assert found.waiting_share == pytest.approx(seconds[waiting].sum() / seconds.sum())


def test_means_by_arm_against_pandas(run):
    shown = run.selections[["arm", "candidate_id"]].drop_duplicates()
    expected = run.ratings.merge(shown, on="candidate_id").groupby("arm")[["agreement", "quality"]].mean()
    found = {result.arm: result for result in by_arm(run)}
    assert set(found) == {"skilled", "unskilled", "bound"}
    for arm, row in expected.iterrows():
        for scale in ("agreement", "quality"):
            assert found[arm].scales[scale].mean.value == pytest.approx(row[scale])
    assert [found[arm].upper_bound for arm in ("skilled", "unskilled", "bound")] == [False, False, True]


def test_shares_by_arm_against_a_loop(run):
    shown = run.selections[["arm", "candidate_id"]].drop_duplicates()
    for result in by_arm(run):
        rated = run.ratings.merge(shown[shown["arm"] == result.arm], on="candidate_id").dropna(
            subset=["agreement", "quality"]
        )
        for scale in ("agreement", "quality"):
            expected = sum(rating >= 5 for rating in rated[scale]) / len(rated)
            favourable = result.scales[scale].favourable
            assert favourable.value == pytest.approx(expected)
            sessions = rated.merge(run.rounds, on="round_id")["session_id"].factorize()[0]
            assert favourable.interval == pytest.approx(mean(rated[scale] >= 5, sessions, share=True).interval)


def test_no_end_of_an_interval_of_a_mean_is_off_the_scale():
    ratings, groups = pd.Series([7.0, 7.0, 7.0, 5.0]), pd.Series(["s1", "s2", "s3", "s4"])
    low, high = scale_result(ratings, groups).mean.interval
    assert low < 6
    assert high == 7


def test_a_planted_difference_is_found(run):
    """Skill raises quality by far more than the interval's width; knowing the truth raises agreement."""
    agreement, quality = (
        {result.arm: result.scales[scale].mean for result in by_arm(run)} for scale in ("agreement", "quality")
    )
    assert quality["skilled"].interval[0] > quality["unskilled"].interval[1]
    assert agreement["bound"].value > agreement["unskilled"].value


def test_retest_against_numpy(run):
    ratings = run.ratings.pivot(
        index=["participant_id", "candidate_id"], columns="pass_index", values="agreement"
    ).dropna()
    first, second = ratings[1].to_numpy(float), ratings[2].to_numpy(float)
    found = retest(run)
    assert found.n_pairs == len(first)
    assert found.r.value == pytest.approx(np.corrcoef(first, second)[0, 1])
    low, high = found.r.interval
    assert -1 <= low < found.r.value < high <= 1
    assert found.r.n == len(run.sessions)
    assert found.exact == pytest.approx((first == second).mean())
    assert found.within_one == pytest.approx((abs(first - second) <= 1).mean())
    assert found.mean_abs_difference == pytest.approx(abs(first - second).mean())
    with pytest.raises(ValueError, match="'height'"):
        retest(run, "height")


def test_nothing_to_compare_without_a_second_pass(simulate):
    assert retest(simulate(design={"groups": 1, "rounds": 1, "passes": 1}).run) is None


def test_divisive_rounds_against_a_loop(run):
    both, with_middle = 0, 0
    for _, ratings in run.positions.dropna(subset=["rating"]).groupby("round_id")["rating"]:
        signs = {int(np.sign(rating - 4)) for rating in ratings}
        both += {-1, 1} <= signs
        with_middle += len(signs) > 1
    assert divisiveness(run).n_divisive == both
    assert 0 < both < with_middle
    for neutral, n_divisive in (("neither", both), ("own_side", with_middle)):
        rates = analyse(run, only=["win_rates", "divisiveness"], neutral=neutral)
        assert rates["win_rates"].frame().query("subset == 'divisive' and measure == 'mean'")["n"].max() == n_divisive
        assert (
            rates["divisiveness"].frame().query("subset == 'divisive' and measure == 'spread'")["n"].max() == n_divisive
        )


def test_a_round_as_a_story(run):
    shown = round_in_full(run)
    members = run.positions.query("round_id == @shown.round_id")
    assert {voice.participant_id for voice in shown.voices} == set(members["participant_id"])
    means = [statement.means["agreement"] for statement in shown.statements]
    assert means == sorted(means, reverse=True)
    best = run.ratings.query("candidate_id == @shown.statements[0].candidate_id").set_index(
        ["participant_id", "pass_index"]
    )
    for voice in shown.voices:
        for pass_index, answer in enumerate(voice.ratings["agreement"], start=1):
            assert best.loc[(voice.participant_id, pass_index), "agreement"] == answer
    spread = run.positions.groupby("round_id")["rating"].std(ddof=0)
    complete = run.rounds.query("complete")["round_id"]
    assert spread[shown.round_id] == pytest.approx(spread[complete].max())
    with pytest.raises(RunFolderError, match="no round 'nowhere'"):
        round_in_full(run, "nowhere")


QUESTIONS = Path(__file__).parents[2].parent / "shared" / "data" / "debate_questions_uk.json"


@pytest.mark.skipif(not QUESTIONS.exists(), reason="the list of 5,645 questions is not here")
def test_a_study_over_200_questions_without_a_bank_finishes(simulate):
    study = simulate(
        questions={"kind": "file", "path": str(QUESTIONS), "count": 200},
        design={"groups": 66, "rounds": 3, "passes": 1},
    )
    rounds = study.run.rounds
    assert len(study.run.sessions) == 66
    assert rounds["question_id"].nunique() >= 195
    assert by_arm(study.run)[0].scales["agreement"].mean.value > 4
