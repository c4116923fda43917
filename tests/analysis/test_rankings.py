"""How rankings go with ratings: tau-b against SciPy's, and a run worked by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kendalltau

import simcons
from simcons.analysis.analyse import analyse
from simcons.analysis.rankings import ranked_statements, rankings
from simcons.analysis.rated import Rated
from simcons.analysis.resampling import Estimate
from simcons.records import RankingRecord, RatingRecord, RoundRecord, SelectionRecord
from simcons.report.stage_notes import ranking_sentence
from simcons.storage.load import Run
from simcons.storage.writer import RunWriter

_PICKED = (None, None, "identity", None, 1, "random", None, 0)  # what selections say of welfare and ties


def run_of(folder: Path, *people: tuple[str, list[int | None], list[list[int | None]]], arms: str = "") -> Run:
    """A round a person, named for their session: ranks of statements, and their ratings in each pass.

    arms: a letter a statement, of the arm that showed it.
    """
    with RunWriter(folder, row_group_rows=1000) as writer:
        for session, ranks, passes in people:
            round_id = f"{session}-r1"
            writer.write(
                [RoundRecord(round_id, session, 0, "q", "t", "train", "Q?", "P.", 0.0, 1.0, 2.0, 3.0, 1, True)]
            )
            for k, rank in enumerate(ranks):
                missing = None if rank else "time_limit"
                writer.write([RankingRecord(round_id, "p", f"{round_id}-c{k}", rank, k + 1, missing, 0.0, 1.0)])
            for k, arm in enumerate(arms):
                shown = f"{round_id}-c{k}"
                writer.write([SelectionRecord(round_id, arm, False, 0, 1, shown, *_PICKED)])
            for pass_index, ratings in enumerate(passes, start=1):
                for k, rating in enumerate(ratings):
                    answers, missing = {"agreement": rating, "quality": 4}, None if rating else "time_limit"
                    candidate = f"{round_id}-c{k}"
                    writer.write(
                        [RatingRecord(round_id, "p", candidate, pass_index, k + 1, answers, missing, 0.0, 1.0)]
                    )
        writer.finish({})
    return simcons.load(folder)


def test_a_run_worked_by_hand(tmp_path):
    """s1: ranks 1, 2, 2 and mean ratings 6, 5.5, 4: of three pairs one is tied in rank and two agree: 2 / sqrt(2 x 3).

    s2: ranks 2, 1 and ratings 6, 4: -1. s3: nobody rated; one of one pair tied. Tied are 1/3, 0/1 and 1/1 of the pairs.
    """
    run = run_of(
        tmp_path / "run",
        ("s1", [1, 2, 2], [[6, 5, 4], [6, 6, None]]),
        ("s2", [2, 1, None], [[6, 4, 7]]),
        ("s3", [1, 1], []),
    )
    found = rankings(run)
    assert (found.n_rankings, found.n_with_tau) == (3, 2)
    assert found.tied.value == pytest.approx(2 / 5)
    assert found.tied.n == 3
    assert found.tau.value == pytest.approx((2 / np.sqrt(6) - 1) / 2)
    assert found.tau.n == 2


def test_rankings_without_ratings_have_ties_alone(tmp_path):
    found = rankings(run_of(tmp_path / "run", ("s1", [1, 2, 2], []), ("s2", [1, 1], [])))
    assert found.tau is None
    assert ranking_sentence(found).startswith("2 rankings, 50% [")
    assert "tau" not in ranking_sentence(found)


def test_a_single_statement_has_neither(tmp_path):
    found = rankings(run_of(tmp_path / "run", ("s1", [1], [[6]])))
    assert (found.n_rankings, found.tied, found.n_with_tau, found.tau) == (1, None, 0, None)
    assert ranking_sentence(found) == "1 ranking"


def test_no_rankings_are_none(tmp_path):
    assert rankings(run_of(tmp_path / "run", ("s1", [], [[6, 5]]))) is None


def test_rankings_that_nobody_gave_in_time_are_counted(tmp_path):
    none_in_time = rankings(run_of(tmp_path / "none", ("s1", [None, None], [[6, 5]])))
    assert (none_in_time.n_rankings, none_in_time.n_missing, none_in_time.tied) == (0, 1, None)
    assert ranking_sentence(none_in_time) == "0 rankings + 1 missing"
    some = rankings(run_of(tmp_path / "some", ("s1", [1, 2], [[6, 5]]), ("s2", [None, None], [])))
    assert ranking_sentence(some).startswith("1 ranking + 1 missing, 0% of pairs of statements tied; ")


def test_no_end_of_an_interval_of_tau_is_beyond_one(tmp_path):
    ranked = [("s1", [1, 2, 3], [[6, 5, 4]]), ("s2", [1, 2, 3], [[6, 5, 4]]), ("s3", [1, 2, 3], [[5, 6, 4]])]
    low, high = rankings(run_of(tmp_path / "run", *ranked)).tau.interval
    assert low < 0.9
    assert high == 1


def test_the_sentence_has_both(tmp_path):
    found = rankings(run_of(tmp_path / "run", ("s1", [1, 2], [[6, 5]]), ("s2", [1, 2], [[3, 5]])))
    assert isinstance(found.tau, Estimate)
    assert "of pairs of statements tied; Kendall’s tau-b 0.00 [" in ranking_sentence(found)
    assert ranking_sentence(found).endswith("with the same person’s ratings of agreement, over 2")


def test_tau_b_is_that_of_scipy(tmp_path):
    """Forty people who rank and rate five statements at random, some of which they do not rank, or not rate."""
    rng = np.random.default_rng(5)
    ranks, ratings = rng.integers(0, 4, (40, 5)).tolist(), rng.integers(0, 5, (40, 5)).tolist()
    people = [
        (f"s{k:02}", [rank or None for rank in of], [[rating or None for rating in rated]])
        for k, (of, rated) in enumerate(zip(ranks, ratings, strict=True))
    ]
    expected = []
    for _, of, [rated] in people:
        both = [(-rank, rating) for rank, rating in zip(of, rated, strict=True) if rank and rating]
        expected.append(kendalltau(*zip(*both, strict=True)).statistic if len(both) > 1 else np.nan)
    found = rankings(run_of(tmp_path / "run", *people))
    assert found.n_with_tau == np.isfinite(expected).sum() < 40
    assert found.tau.value == pytest.approx(np.nanmean(expected))


def test_arms_by_the_pairs_of_their_statements_worked_by_hand(tmp_path):
    """a has the first two statements, b the third. s1: one of two pairs won, one tied. s2: both lost. s3: one won."""
    people = ("s1", [1, 2, 2], [[6, 5, 4]]), ("s2", [2, 3, 1], [[6, 5, 4]]), ("s3", [1, None, 2], [[6, 5, 4]])
    result = ranked_statements(Rated.of_run(run_of(tmp_path / "run", *people, arms="aab")))
    ahead, decided = (result.only(arm="a", against="b", measure=name) for name in ("ahead", "ahead_without_ties"))
    assert (ahead.estimate.value, ahead.n, ahead.n_excluded, ahead.counts["n_ties"]) == (2.5 / 5, 5, 1, 1)
    assert (decided.estimate.value, decided.n, decided.n_excluded, decided.counts["n_ties"]) == (2 / 4, 4, 1, 1)
    assert ahead.estimate.n == 3
    assert ahead.p_holm == ahead.p_value == pytest.approx(1.0)
    tau = result.only(measure="tau")
    assert (tau.n, tau.n_excluded) == (3, 0)


def test_a_study_that_ranks_in_place_of_rating_has_its_arms_compared(simulate):
    """What people rank higher is what the script of more skill wrote, by more than chance: p is 1e-6 and less."""
    arms = [
        {"arm": arm, "generator": {"kind": "scripted", "samples": 1, "skill": skill}, "select": 1}
        for arm, skill in (("good", 1.0), ("poor", 0.0))
    ]
    design = {"groups": 6, "rounds": 3, "stages": ["position", "opinion", "ranking"]}
    analysis = analyse(simulate(mediators=arms, design=design).run, only=["rankings", "win_rates"])
    assert not analysis["win_rates"].rows
    row = analysis["rankings"].only(arm="good", against="poor", measure="ahead")
    assert row.estimate.interval[0] > 0.5
    assert row.p_holm < 0.05
    assert analysis["rankings"].only(measure="tau").estimate is None
