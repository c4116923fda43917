"""A whole analysis: of runs of every kind, side by side, and of what cannot be analysed."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from commands import typed
from recorded import Round, written

from simcons.analysis.analyse import ANALYSES, analyse
from simcons.analysis.rated import Rated
from simcons.analysis.results import mean_rows, summed_rows
from simcons.errors import InputError
from simcons.report.analysis import first_rows, result_table

ARMS = [
    {
        "arm": "ours",
        "generator": {"kind": "scripted", "samples": 4},
        "scorer": "reader",
        "welfare": {"alpha": 0},
        "select": 1,
    },
    {"arm": "theirs", "generator": {"kind": "scripted", "samples": 1, "skill": 0.1}, "scorer": "none", "select": 1},
]


@pytest.fixture(scope="module")
def run(simulate):
    design = {"groups": 4, "rounds": 2, "omissions": [0, 1, 2], "others_opinions": True}
    stages = ["position", "opinion", "rating", "ranking"]
    return simulate(mediators=ARMS, design={**design, "stages": stages}, seed=3).run


@pytest.fixture(scope="module")
def whole(run):
    return analyse(run)


def test_every_analysis_has_rows_with_all_that_a_row_needs(whole):
    assert list(whole.results) == list(ANALYSES)
    for name, result in whole.results.items():
        assert result.rows, name
        frame = result.frame()
        assert (frame["run"] == whole.labels[0]).all()
        assert {"measure", "value", "low", "high", "groups", "n", "n_excluded"} <= set(frame.columns)
        there = frame.dropna(subset=["low", "high"])
        assert (there["low"] <= there["value"] + 1e-9).all(), name
        assert (there["value"] <= there["high"] + 1e-9).all(), name
        keys = {key for row in result.rows for key in row.keys} | {"measure"}
        assert not frame[sorted(keys)].duplicated().any(), name


def test_nothing_is_a_difference_by_accident_of_order(run, whole):
    assert analyse(run, only=["win_rates"])["win_rates"] == whole["win_rates"]


def test_cases_summed_by_group_have_the_means_and_intervals_of_the_cases(run):
    rated = Rated.of_run(run)
    cases = "SELECT session_id, arm, quality, nullif(agreement, 4) AS agreement FROM whole"
    measures, table = ("agreement", "quality"), rated.frame(f"{cases} ORDER BY ALL")
    summed = summed_rows(rated.sums(cases, measures, by=["arm"]), measures, keys={}, tested=True, n_excluded=3)
    for row, single in zip(summed, mean_rows(table, measures, keys={}, tested=True, n_excluded=3), strict=True):
        assert (row.measure, row.n, row.n_excluded) == (single.measure, single.n, single.n_excluded)
        assert (row.estimate.value, *row.estimate.interval, row.p_value) == pytest.approx(
            (single.estimate.value, *single.estimate.interval, single.p_value)
        )


def test_groups_read_some_at_a_time_give_what_all_at_once_do(run):
    whole, portions = Rated.of_run(run), Rated.of_run(run, at_a_time=2)
    for name, of in ANALYSES.items():
        pd.testing.assert_frame_equal(of(run, portions).frame(), of(run, whole).frame(), obj=name)


def test_people_in_an_exclusion_are_used_or_left_out_never_both(run, whole):
    """By hand, over pandas: each statement's mean over those used less that over those left out."""
    rows = run.ratings_by_arm.query("omitted > 0 and arm == 'ours'").dropna(subset=["agreement"])
    people = rows.groupby(["omitted", "candidate_id", "round_id", "participant_id"])["agreement"].mean().reset_index()
    opinions = run.opinions.set_index(["round_id", "participant_id"])["opinion_id"]
    made_from = run.candidates.set_index("candidate_id")["opinion_ids"]
    differences = {1: [], 2: []}
    for (omitted, candidate), of in people.groupby(["omitted", "candidate_id"]):
        own = [opinions.get((r.round_id, r.participant_id)) for r in of.itertuples()]
        used = np.array([o in set(made_from[candidate]) if o else np.nan for o in own], dtype=float)
        values = of["agreement"].to_numpy()
        if (used == 1).any() and (used == 0).any():
            differences[int(omitted)].append(values[used == 1].mean() - values[used == 0].mean())
    for omitted, expected in differences.items():
        row = whole["exclusion_effect"].only(arm="ours", omitted=omitted, measure="agreement")
        assert row.estimate.value == pytest.approx(np.mean(expected))
        assert row.n == len(expected)


def test_runs_stand_side_by_side_each_by_itself(run, simulate, whole):
    other = simulate(mediators=ARMS, design={"groups": 2, "rounds": 1}, seed=4).run
    both = analyse([run, other], only=["arm_differences"])["arm_differences"]
    assert [row for row in both.rows if row.keys["run"] == run.folder.name] == list(whole["arm_differences"].rows)
    assert any(row.keys["run"] == other.folder.name for row in both.rows)


@pytest.mark.parametrize(
    ("parts", "differs"),
    [
        ({"population": {"kind": "margins", "name": "uk"}}, "population differs (name: 'uk_crowd' and 'uk')"),
        ({"participants": {"scales": ["agreement"]}}, "rated on agreement, quality and agreement"),
    ],
)
def test_runs_that_cannot_be_compared_are_told_in_a_line(run, simulate, parts, differs):
    other = simulate(design={"groups": 1, "rounds": 1}, **parts).run
    with pytest.raises(InputError) as told:
        analyse([run, other])
    assert differs in str(told.value)
    assert "\n" not in str(told.value)


def test_what_cannot_be_analysed_is_told_in_a_line(run):
    with pytest.raises(InputError, match="given twice; expected different runs"):
        analyse([run, run])
    with pytest.raises(InputError, match="analysis 'wins': expected one of win_rates, arm_differences"):
        analyse(run, only=["wins"])
    with pytest.raises(InputError, match="runs: none; expected at least one"):
        analyse([])


def test_one_group_has_numbers_and_no_intervals(simulate):
    analysis = analyse(simulate(mediators=ARMS, design={"groups": 1, "rounds": 2}).run)
    assert any("has one group" in note for note in analysis.notes)
    for name in ("win_rates", "arm_differences", "rating_distributions", "realised_welfare"):
        assert analysis[name].rows
        assert all(row.estimate.interval is None for row in analysis[name].rows if row.estimate)


def test_a_run_by_hand_with_an_arm_that_nobody_rated_and_constant_ratings(tmp_path):
    rounds = [
        Round(
            f"r{k}",
            f"s{k}",
            [[4.0] * 3] * 2,
            ratings=[[4] * 3, [None] * 3],
            positions=[2, 6, 6],
            picked={"a": 0, "b": 1},
        )
        for k in range(3)
    ]
    manifest = {"scenario": {"mediators": [{"arm": "a"}, {"arm": "b"}]}}
    analysis = analyse(
        written(tmp_path / "run", *rounds, manifest=manifest), only=["win_rates", "rating_distributions", "reliability"]
    )
    assert [note.split(": ", 1)[1] for note in analysis.notes] == [
        "arm b has no ratings",
        "none, as there are not two arms with ratings to compare",
        "none, as no statement was rated twice by one person",
    ]
    mean = analysis["rating_distributions"].only(scale="agreement", arm="a", measure="mean")
    assert (mean.estimate.value, mean.estimate.interval) == (4.0, None)


def test_ratings_that_are_all_the_same_are_told_as_such(tmp_path):
    given = {"ratings": [[4] * 3] * 2, "positions": [2, 6, 6], "picked": {"a": 0, "b": 1}}
    rounds = [Round(f"r{k}", f"s{k}", [[4.0] * 3] * 2, **given) for k in range(3)]
    analysis = analyse(written(tmp_path / "run", *rounds), only=["arm_odds", "variance_shares", "win_rates"])
    assert analysis.notes == (
        "arm_odds: none, as all ratings are 4",
        "variance_shares: none, as all ratings are the same",
    )
    tie = analysis["win_rates"].only(subset="all", measure="mean", scale="agreement")
    assert (tie.estimate.value, tie.counts["n_ties"]) == (0.5, 3)


def test_welfare_and_inequality_by_hand(tmp_path):
    """Ratings 1 and 7 in two groups: mean 4, geometric mean sqrt 7, minimum 1; Gini (6 + 6) / (2 * 4 * 8 / 2) = 3/8."""
    rounds = [
        Round(f"r{k}", f"s{k}", [[4.0] * 2], ratings=[[1, 7]], positions=[1, 7], picked={"a": 0}) for k in range(2)
    ]
    result = analyse(written(tmp_path / "run", *rounds), only=["realised_welfare"])["realised_welfare"]
    values = {
        alpha: result.only(arm="a", alpha=alpha, measure="welfare").estimate.value for alpha in (0.0, 1.0, float("inf"))
    }
    assert values == pytest.approx({0.0: 4.0, 1.0: 7**0.5, float("inf"): 1.0})
    assert result.only(arm="a", measure="gini").estimate.value == pytest.approx(3 / 8)


def test_intervals_of_welfare_stay_on_the_scale_however_few_the_groups(tmp_path):
    """Two groups, one all against a statement and one divided: t intervals with one degree of freedom reach beyond all bounds."""
    rounds = [
        Round(f"r{k}", f"s{k}", [[4.0] * 2], ratings=[ratings], positions=[1, 7], picked={"a": 0})
        for k, ratings in enumerate(([1, 1], [1, 7]))
    ]
    result = analyse(written(tmp_path / "run", *rounds), only=["realised_welfare"])["realised_welfare"]
    assert result.only(arm="a", alpha=1.0, measure="welfare").estimate.interval == (1.0, 7.0)
    assert result.only(arm="a", measure="gini").estimate.interval is None  # without the divided group there is none


def test_people_who_met_nobody_have_no_inequality(tmp_path):
    rounds = [Round(f"r{k}", f"s{k}", [[4.0]], ratings=[[5]], positions=[5], picked={"a": 0}) for k in range(2)]
    analysis = analyse(written(tmp_path / "run", *rounds), only=["realised_welfare"])
    assert analysis["realised_welfare"].rows == ()
    assert analysis.notes == ("realised_welfare: none, as in no round did two people rate statements of one arm",)


def test_less_spread_than_the_positions_by_hand(tmp_path):
    """Positions 1 and 7 have SD 6 / sqrt 2; ratings 4 and 6 have 2 / sqrt 2, and 7 and 7 none."""
    rounds = [
        Round("r0", "s0", [[4.0] * 2], ratings=[[4, 6]], positions=[1, 7], picked={"a": 0}),
        Round("r1", "s1", [[4.0] * 2], ratings=[[7, 7]], positions=[1, 7], picked={"a": 0}),
    ]
    result = analyse(written(tmp_path / "run", *rounds), only=["divisiveness"])["divisiveness"].where(
        subset="all", arm="a"
    )
    values = {row.measure: row.estimate.value for row in result.rows}
    assert values["spread"] == pytest.approx(2**0.5 / 2)
    assert values["position_spread"] == pytest.approx(6 / 2**0.5)
    assert (values["less_spread"], values["divided"], values["position_divided"], values["unanimous"]) == (1, 0, 1, 0.5)


def test_what_a_four_counts_as_changes_which_rounds_are_divisive_and_is_written_down(tmp_path):
    """Positions of 2 and 6 divide a group, those of 4 and 6 where a 4 is a side, and those of 5 and 6 never."""
    rounds = [
        Round(f"r{k}", f"s{k}", [[4.0] * 2], ratings=[[5, 6]], positions=[first, 6], picked={"a": 0})
        for k, first in enumerate((2, 4, 5))
    ]
    run, n_divisive = written(tmp_path / "run", *rounds).folder, {}
    for neutral in ("neither", "own_side"):
        done = typed("analyse", run, "--only", "divisiveness", "--neutral", neutral, "--out", tmp_path / neutral)
        assert (done.returncode, done.stderr) == (0, "")
        assert ("4 counts as a side of its own" in " ".join(done.stdout.split())) == (neutral == "own_side")
        assert json.loads((tmp_path / neutral / "manifest.json").read_text())["neutral"] == neutral
        table = pd.read_csv(tmp_path / neutral / "divisiveness.csv").query(
            "subset == 'divisive' and measure == 'spread'"
        )
        n_divisive[neutral] = int(table["n"].sum())
    assert n_divisive == {"neither": 1, "own_side": 2}


def test_rates_without_ties_are_read_first_where_there_are_ties_and_there_of_all(tmp_path):
    """Rounds that a wins, and that are level; b and c are never level."""
    rounds = [
        Round(f"r{k}", f"s{k}", [[4.0] * 2] * 3, ratings=[[a] * 2, [5] * 2, [6] * 2], picked={"a": 0, "b": 1, "c": 2})
        for k, a in enumerate((6, 6, 5, 7))
    ]
    rates = analyse(written(tmp_path / "run", *rounds), only=["win_rates"])["win_rates"].where(scale="agreement")
    first = result_table(first_rows(rates), single_run=True)
    assert [label for label, *_ in first.rows] == [
        "a over b, mean",
        "a over b, mean without ties",
        "a over c, mean",
        "a over c, mean without ties",
        "b over c, mean",
    ]
    values = rates.where(subset="all", arm="a", against="b").frame().set_index("measure")["value"]
    assert (values["mean"], values["mean_without_ties"]) == (3.5 / 4, 1.0)
    assert len(rates.where(subset="all", measure="mean_without_ties").rows) == 3


def test_tables_of_arms_say_what_is_tested_in_them_and_what_is_not(whole):
    def note(name):
        return result_table(whole[name], single_run=True).note

    for name in ("rating_distributions", "divisiveness", "realised_welfare"):
        assert note(name).endswith("no difference between arms is tested here."), name
    for name in ("win_rates", "rankings", "exclusion_effect"):
        assert "adjusted over all" in note(name), name
    assert "tested" not in note("reliability"), "it has no arms"
