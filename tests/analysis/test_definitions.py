"""Definitions of the analyses, on tables small enough to work out by hand; and what must not matter to any of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from recorded import Round, participant, written
from scipy.stats import binomtest

import simcons
from simcons.analysis.analyse import ANALYSES, analyse
from simcons.analysis.rated import Rated
from simcons.analysis.results import Result, Row
from simcons.records import ParticipantRecord, ScreenRecord, SessionRecord
from simcons.storage.load import Run
from simcons.storage.writer import RunWriter

ARM = {"arm": "arm", "generator": {"kind": "scripted", "samples": 2}, "scorer": "reader", "select": 1}
OTHER = {**ARM, "arm": "other"}
MANIFEST = {"scenario": {"mediators": [ARM, OTHER]}}


def result(run: Run, name: str) -> Result:
    return analyse(run, only=[name])[name]


def value(of: Result, **keys: Any) -> float:
    estimate = of.only(**keys).estimate
    assert estimate is not None
    return estimate.value


# --- the weight of the minority -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sided(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two rounds in which one of three people is against, and one without a smaller side.

    Chosen, candidate 0: predicted, the minority is 4 and 2 short of 7, the majority 2 and 1 on average; both candidates: the
    minority is 3.5 and 2, the majority 2 and 2. Rated, 5 and 3 against 1 and 2. Truly 0 and 2 against 1 and 1, as 8 is kept to 7.
    """
    rounds = (
        Round(
            "r1", "s1", [[3, 5, 5], [4, 4, 6]], [[8, 6, 6], [7, 7, 7]], [[2, 6, 6], [None] * 3],
            positions=[2, 6, 7], picked={"arm": 0}, without=[(), ()],
        ),
        Round(
            "r2", "s2", [[5, 6, 6], [5, 4, 4]], [[5, 6, 6], [7, 7, 7]], [[4, 4, 6], [None] * 3],
            positions=[5, 3, 3], picked={"arm": 0}, without=[(), ()],
        ),
        Round("r3", "s3", [[5, 6], [5, 4]], [[5, 6], [7, 7]], [[1, 7], [1, 1]], positions=[2, 6], picked={"arm": 0}),
    )  # fmt: skip
    return written(tmp_path_factory.mktemp("sided") / "run", *rounds, manifest=MANIFEST)


def test_the_weight_of_the_minority_is_the_majoritys_share_of_both_distances(sided):
    weights = result(sided, "minority_weight")
    assert value(weights, stage="opinions", measure="share") == pytest.approx(2 / 6)
    expected = {
        ("chosen", "predicted"): (2 + 1) / (2 + 1 + 4 + 2),
        ("candidates", "predicted"): (2 + 2) / (2 + 2 + 3.5 + 2),
        ("chosen", "rated"): (1 + 2) / (1 + 2 + 5 + 3),
        ("chosen", "truth"): (1 + 1) / (1 + 1 + 0 + 2),
        ("candidates", "truth"): (0.5 + 0.5) / (0.5 + 0.5 + 0 + 1),
    }
    for (stage, by), weight in expected.items():
        row = weights.only(arm="arm", stage=stage, by=by, measure="weight")
        assert row.estimate.value == pytest.approx(weight), (stage, by)
        assert (row.n, row.estimate.n) == (2, 2)
    assert value(weights, arm="arm", stage="chosen", by="rated", measure="gap") == pytest.approx((1 - 5 + 2 - 3) / 2)


def test_on_a_line_the_weight_is_the_place_and_the_middle_of_all_people_has_their_share(tmp_path):
    """Sides at 0 and 4, one person of four on the smaller: texts at 0, 1 (the mean of all), 2 and 4 of it."""
    for place, weight in ((0, 0), (1, 1 / 4), (2, 1 / 2), (4, 1)):
        ratings = [[7 - abs(place - home) for home in (4, 0, 0, 0)]]
        rounds = [
            Round(f"r{k}", f"s{k}", [[4] * 4], (), ratings, positions=[1, 7, 7, 7], picked={"arm": 0}, without=[()])
            for k in range(2)
        ]
        run = written(tmp_path / f"run{place}", *rounds, manifest={"scenario": {"mediators": [ARM]}})
        weights = result(run, "minority_weight")
        assert value(weights, stage="chosen", by="rated", measure="weight") == pytest.approx(weight)
    assert value(weights, stage="opinions", measure="share") == 1 / 4


# --- statements against opinions -------------------------------------------------------------------------------------


def test_each_person_compares_statements_with_the_opinions_of_others_alone(tmp_path):
    """One arm shows two statements. Person 0: statements 6 and 4, others' opinions 5 and 3 (their own 7 does not count): ahead by
    1 on average and by 1 at best. Person 1: 2 and 2 against 2 and 4: behind by 1 and by 2. Person 2: 5 and 5 against 5 and 5.
    """
    opinions = [[7, 2, 5], [5, 7, 5], [3, 4, 7]]
    ratings = [[6, 2, 5], [4, 2, 5]]
    rounds = [
        Round(f"r{k}", f"s{k}", [[4] * 3] * 2, (), ratings, picked={"arm": 0}, opinion_ratings=opinions)
        for k in range(2)
    ]
    both = [replace(one, picked={"arm": k}) for k, one in enumerate(rounds)]
    compared = result(written(tmp_path / "run", *both, manifest=MANIFEST), "statements_against_opinions")
    keys = {"scale": "agreement", "arm": "arm"}
    first, second = np.array([6 - 4, 2 - 3, 5 - 5]), np.array([4 - 4, 2 - 3, 5 - 5])
    assert value(compared, **keys, measure="mean_difference") == pytest.approx((first.sum() + second.sum()) / 6)
    assert value(compared, **keys, measure="mean_ahead") == pytest.approx((1 + 0 + 0.5 + 0.5 + 0 + 0.5) / 6)
    assert value(compared, **keys, measure="best_difference") == pytest.approx((1 - 2 + 0 - 1 - 2 + 0) / 6)
    assert value(compared, **keys, measure="best_ahead") == pytest.approx((1 + 0 + 0.5 + 0 + 0 + 0.5) / 6)
    assert value(compared, scale="quality", arm="arm", measure="mean_difference") == 0


# --- being left out ------------------------------------------------------------------------------------------------


def test_exclusion_is_of_those_whose_opinion_a_statement_was_made_from_less_those_left_out(tmp_path):
    """Without person 0: 2 against 6 and 5, so 5.5 - 2. Without 0 and 1: 3 and 4 against 7, so 7 - 3.5. Quality is 4 for all."""
    rounds = [
        Round(
            f"r{k}", f"s{k}", [[4] * 3] * 3, (), [[5, 5, 5], [2, 6, 5], [3, 4, 7]],
            picked={"whole": 0, "arm": 1, "other": 2}, without=[(), (0,), (0, 1)],
        )
        for k in range(2)
    ]  # fmt: skip
    effect = result(written(tmp_path / "run", *rounds, manifest=MANIFEST), "exclusion_effect")
    for arm, omitted, expected in (("arm", 1, 3.5), ("other", 2, 3.5)):
        for measure in ("agreement", "agreement_by_medians", "agreement_less_quality"):
            assert value(effect, arm=arm, omitted=omitted, measure=measure) == pytest.approx(expected)
        assert value(effect, arm=arm, omitted=omitted, measure="quality") == 0
    assert value(effect, arm="whole", omitted=0, measure="agreement_of_used") == 5
    assert value(effect, arm="arm", omitted=1, measure="agreement_of_used") == 5.5
    assert value(effect, arm="arm", omitted=1, measure="agreement_of_left_out") == 2


def test_the_effect_per_opinion_left_out_is_the_slope_of_least_squares(tmp_path):
    """Without one and two opinions the effect is 1 and 3 points in one group, 2 and 6 in the other: slopes of 2 and of 4, and of
    4.5 - 1.5 in both. Leaving out either has an error of sqrt(1/2 (1 + 1)); t(.975, 1) is 12.706205, and p = 1 - 2/pi atan(3).
    """
    ratings = {"s1": [[4, 5, 5], [3, 3, 6]], "s2": [[3, 5, 5], [1, 1, 7]]}
    rounds = [
        Round(f"{session}{k}", session, [[4] * 3] * 2, (), of, picked={"arm": k}, without=[(0,), (0, 1)])
        for session, of in ratings.items()
        for k in range(2)
    ]
    effect = result(written(tmp_path / "run", *rounds, manifest=MANIFEST), "exclusion_effect")
    row = effect.only(arm="arm", measure="agreement_per_opinion")
    assert (row.n, row.n_excluded) == (4, 0)
    assert row.estimate.value == pytest.approx(3)
    assert row.estimate.interval == pytest.approx((3 - 12.706205, 3 + 12.706205))
    assert row.p_value == pytest.approx(1 - 2 / np.pi * np.arctan(3))
    level = effect.only(arm="arm", measure="quality_per_opinion")
    assert (level.estimate.value, level.estimate.interval, level.p_value) == (0, None, None)


# --- inequality ----------------------------------------------------------------------------------------------------


def test_the_interval_of_inequality_is_that_of_its_logarithm(tmp_path):
    """Ratings 2 and 6 have Gini's index 4 / (2 * 8), 3 and 5 half of it: .25 and .125, .1875 in the mean. The logs of each alone
    deviate by ln(2) / 2 either way, and so the error is ln(2) / 2."""
    rounds = [Round(f"r{k}", f"s{k}", [[4, 4]], (), [of], picked={"arm": 0}) for k, of in enumerate(([2, 6], [3, 5]))]
    row = result(written(tmp_path / "run", *rounds, manifest=MANIFEST), "realised_welfare").only(measure="gini")
    assert row.estimate.value == pytest.approx(0.1875)
    assert row.estimate.interval == pytest.approx((0.1875 * 2 ** (-12.706205 / 2), 1))


# --- people --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def attended(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two groups of two, one of whom drops out, one person who never came, and one for whom no place was left.

    Waiting takes 30 of 100 and 10 of 100 seconds.
    """
    people = [
        *(("s1", "finished"),) * 2,
        ("s2", "finished"),
        ("s2", "dropped_out"),
        (None, "no_show"),
        (None, "turned_away"),
    ]
    folder = tmp_path_factory.mktemp("attended") / "run"
    with RunWriter(folder, row_group_rows=100) as writer:
        writer.write(participant(f"p{k}", session, outcome=outcome) for k, (session, outcome) in enumerate(people))
        for session, who, waiting in (("s1", "p0", 30.0), ("s2", "p2", 10.0)):
            writer.write([SessionRecord(session, 0, 2, 0.0, 100.0, "finished", 1, 0)])
            writer.write(
                [
                    ScreenRecord(session, "r", who, "wait_slate", None, None, 0.0, waiting, False),
                    ScreenRecord(session, "r", who, "opinion", None, None, waiting, 100.0, session == "s2"),
                ]
            )
        writer.finish({})
    return simcons.load(folder)


def test_participation_by_hand(attended):
    went = result(attended, "participation")
    shares = {row.keys["outcome"]: row.estimate.value for row in went.rows if "outcome" in row.keys}
    assert shares == {"finished": 3 / 6, "dropped_out": 1 / 6, "no_show": 1 / 6, "turned_away": 1 / 6}
    by_itself = went.only(outcome="no_show", measure="share").estimate
    assert by_itself.interval == pytest.approx(binomtest(1, 6).proportion_ci(method="wilson"))
    assert went.only(outcome="turned_away", measure="share").estimate.interval is None
    expected = {
        "members_finished": 3 / 4,
        "members_dropped_out": 1 / 4,
        "gbp_a_member": 8,
        "waiting": 0.2,
        "total_gbp": 32,
    }
    for measure, number in expected.items():
        assert value(went, measure=measure) == pytest.approx(number), measure


def test_response_times_by_hand(attended):
    times = result(attended, "response_times")
    assert value(times, screen="opinion", measure="seconds") == pytest.approx(80)
    assert value(times, screen="wait_slate", measure="seconds") == pytest.approx(20)
    assert value(times, screen="opinion", measure="timed_out") == 0.5


def test_spread_of_answers_by_hand(tmp_path):
    """Positions 1 and 7 have SD 6 / sqrt 2, and 4 and 4 have none. One person answers 1 and 7, one 4 and 4, in both rounds."""
    rounds = [
        Round(
            f"r{k}", f"s{k}", [[4] * 2] * 2, (), [[1, 4], [7, 4]], [[4, 4], [4, 4]], positions=at,
            picked={"arm": 0, "other": 1},
        )
        for k, at in enumerate(([1, 7], [4, 4]))
    ]  # fmt: skip
    spread = result(written(tmp_path / "run", *rounds, manifest=MANIFEST), "spread_of_answers")
    expected = {
        "spread_in_group": 6 / 2**0.5 / 2,
        "positions_at_ends": 0.5,
        "positions_at_midpoint": 0.5,
        "ratings_spread": 6 / 2**0.5 / 2,
        "ratings_at_ends": 0.5,
        "ratings_at_midpoint": 0.5,
        "always_the_same": 0.5,
    }
    assert {row.measure: row.estimate.value for row in spread.rows} == pytest.approx(expected)


# --- what must not matter --------------------------------------------------------------------------------------------


def drawn_rounds(seed: int = 4) -> list[Round]:
    """A round of each of eight groups, everything drawn; one statement without one of the opinions."""
    rng = np.random.default_rng(seed)

    def table(rows: int) -> list[list[int]]:
        return rng.integers(1, 8, (rows, 5)).tolist()

    return [
        Round(
            f"r{k}", f"s{k}", table(3), table(3), table(3), table(3), positions=table(1)[0],
            picked={"arm": 0, "other": 1, "third": 2}, without=[(), (), (k % 5,)], opinion_ratings=table(5),
        )
        for k in range(8)
    ]  # fmt: skip


def relabelled(one: Round) -> Round:
    """The same round with its people, and so its rows, in the opposite order and under one another's names."""
    turned: dict[str, Any] = {
        field.name: [row[::-1] for row in getattr(one, field.name)]
        for field in fields(Round)
        if field.name in ("scores", "truth", "ratings", "second_ratings")
    }
    return replace(
        one,
        **turned,
        positions=one.positions[::-1],
        opinion_ratings=[row[::-1] for row in one.opinion_ratings][::-1],
        without=[[4 - person for person in left_out] for left_out in one.without],
    )


def people_of(rounds: Sequence[Round], *, turned: bool = False) -> Iterator[ParticipantRecord]:
    """Of five the first three are women, or the last three under the other names."""
    for one in rounds:
        for k in range(5):
            female = (4 - k if turned else k) < 3
            yield participant(f"{one.name}-p{k}", one.session, sex="female" if female else "male")


def numbers(row: Row) -> list[float]:
    estimate = row.estimate
    told = [] if estimate is None else [estimate.value, *(estimate.interval or ()), estimate.n]
    return [*told, row.n, row.n_excluded, *([] if row.p_value is None else [row.p_value])]


def test_who_is_who_and_the_order_of_rows_change_nothing(tmp_path):
    manifest = {"scenario": {"mediators": [ARM, OTHER, {**ARM, "arm": "third"}]}}
    rounds = drawn_rounds()
    turned = [relabelled(each) for each in rounds[::-1]]
    one = analyse(written(tmp_path / "one", *rounds, manifest=manifest, more=people_of(rounds)))
    other = analyse(written(tmp_path / "other", *turned, manifest=manifest, more=people_of(turned, turned=True)))
    compared = set()
    for name in ANALYSES:
        assert len(one[name].rows) == len(other[name].rows)
        for row in one[name].rows:
            keys = {key: of for key, of in row.keys.items() if key != "run"}
            twin = other[name].only(**keys, measure=row.measure)
            assert numbers(twin) == pytest.approx(numbers(row), nan_ok=True), (name, keys, row.measure)
            compared.add(name)
    assert compared == set(ANALYSES) - {"response_times", "rankings"}  # of screens and of rankings there are none


def test_a_frame_of_ratings_may_be_in_any_order(simulate):
    ratings = simulate(design={"groups": 3, "rounds": 2}).run.ratings_by_arm
    shuffled = ratings.sample(frac=1, random_state=1).reset_index(drop=True)
    of = [Rated.of_frame(frame).statements() for frame in (ratings, shuffled)]
    assert of[0].equals(of[1])
