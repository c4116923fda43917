"""How rankings go with ratings: tau-b against SciPy's, and a run worked by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

import simcons
from simcons.analysis.rankings import kendall_tau_b, rankings
from simcons.analysis.resampling import Estimate
from simcons.records import RankingRecord, RatingRecord, RoundRecord
from simcons.report.stage_notes import ranking_sentence
from simcons.storage.load import Run
from simcons.storage.writer import RunWriter

PAIRS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 7)), min_size=2, max_size=12)


@given(PAIRS)
def test_tau_b_is_that_of_scipy(pairs):
    first, second = np.array(pairs, dtype=float).T
    expected = kendalltau(first, second).statistic if np.ptp(first) and np.ptp(second) else None
    assert kendall_tau_b(first, second) == (None if expected is None else pytest.approx(expected))


def run_of(folder: Path, *people: tuple[str, list[int | None], list[list[int | None]]]) -> Run:
    """A round a person, named for their session: ranks of statements, and their ratings in each pass."""
    with RunWriter(folder, row_group_rows=1000) as writer:
        for session, ranks, passes in people:
            round_id = f"{session}-r1"
            writer.write(
                [RoundRecord(round_id, session, 0, "q", "t", "train", "Q?", "P.", 0.0, 1.0, 2.0, 3.0, 1, True)]
            )
            for k, rank in enumerate(ranks):
                missing = None if rank else "time_limit"
                writer.write([RankingRecord(round_id, "p", f"{round_id}-c{k}", rank, k + 1, missing, 0.0, 1.0)])
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
