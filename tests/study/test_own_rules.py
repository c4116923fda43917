"""Rules of a user's own as arms of a study: what they may not do is told before a study begins, in one line."""

from __future__ import annotations

import pytest
from commands import typed
from playing import SCRIPTED_ARM, scenario_with, tables

import simcons
from simcons.analysis.best_of_n import best_of_n
from simcons.analysis.reselect.reselection import ReselectionSettings, reselect
from simcons.analysis.weighings import weighings
from simcons.errors import RunFolderError, ScenarioError
from simcons.experiments.compare.pairing import given_pairing
from simcons.mediator.own_rules import own_rules
from simcons.report.answer_notes import answer_notes
from simcons.scenario.mediators import MediatorSettings, ScriptedGeneratorSettings
from simcons.scenario.welfare import WelfareSettings

OURS = """
from itertools import count
from time import sleep

calls = count()

def half_and_half(u):
    return (u.mean(axis=-1) + u.min(axis=-1)) / 2

def of_all(u):
    return u.mean()

def standardised(u):
    return ((u - u.mean()) / u.std()).min(axis=-1)

def of_two(u):
    return u[:, 0] + u[:, 1]

def fickle(u):
    return u.mean(axis=-1) + next(calls)

def hangs(u):
    sleep(60)

def of_round_scores(u):
    if (u != u.round(1)).any():
        raise RuntimeError("unrounded \\udc80")
    return u.mean(axis=-1)

def of_scores_below_five(u):
    return u.mean(axis=-1) if (u == u.round(1)).all() or u[0, 0] < 5 else u[:, :1]
"""


@pytest.fixture(scope="module")
def code(tmp_path_factory):
    file = tmp_path_factory.mktemp("code") / "ours.py"
    file.write_text(OURS, encoding="utf-8")
    return file


def arm(code, name, **settings):
    generator = ScriptedGeneratorSettings(samples=3)
    return MediatorSettings(
        arm="a", generator=generator, scorer="reader", welfare=WelfareSettings(rule=f"{code}:{name}", **settings)
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("median", "arm 'a': rule 'ours.py:median': function 'median' is not there; "),
        ("of_all", "arm 'a': ours.py:of_all: the rule returned shape () for utilities of shape (3, 4) "),
        ("standardised", "ours.py:standardised returned nan for the utilities [[7.0, 7.0, 7.0, 7.0], "),
        (
            "of_two",
            "ours.py:of_two: the rule raised IndexError: index 1 is out of bounds for axis 1 with size 1 (ours.py, ",
        ),
        ("fickle", "ours.py:fickle: the rule gives other values when it is asked the same again"),
        ("hangs", "ours.py:hangs: the rule came to nothing within 0.2 s"),
    ],
)
def test_what_it_may_not_do_is_told_before_a_study_begins(code, name, said):
    with pytest.raises(ScenarioError) as caught:
        own_rules([arm(code, name)], people=4, seconds=0.2)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def study(code, rule="half_and_half", groups=2):
    welfare = {"rule": f"{code}:{rule}"}
    arms = [
        {
            "arm": "ours",
            "generator": {"kind": "scripted", "samples": 3},
            "scorer": "reader",
            "welfare": welfare,
            "select": 1,
        }
    ]
    return scenario_with(mediators=[*arms, SCRIPTED_ARM], engines={}, design={"groups": groups})


@pytest.fixture(scope="module")
def run(code, tmp_path_factory):
    return simcons.run(study(code), out=tmp_path_factory.mktemp("ours") / "run")


def test_where_it_fails_its_arm_shows_nothing_and_the_study_goes_on(code, tmp_path):
    run = simcons.run(study(code, "of_scores_below_five", groups=6), out=tmp_path / "run")
    first = run.scores.groupby("candidate_id", sort=False)["score"].first()
    of_first_candidates = first[first.index.str.endswith("-c001")]
    failing = {name.removesuffix("-c001") for name in of_first_candidates[of_first_candidates >= 5].index}
    assert 0 < len(failing) < len(run.rounds)
    assert set(run.failed_selections["round_id"]) == failing
    assert set(run.selections.query("arm == 'ours'")["round_id"]) == set(run.rounds["round_id"]) - failing
    assert set(run.selections.query("arm == 'scripted'")["round_id"]) == set(run.rounds["round_id"])
    assert set(run.failed_selections["rule"]) == {"ours.py:of_scores_below_five"}
    assert "the rule returned shape (3, 1) for utilities of shape (3, 3)" in run.failed_selections["why"].iloc[0]
    [note] = [note for label, note in answer_notes(run) if label == "Attention"]
    assert note.startswith(f"the rule of arm ours failed {len(failing)} times and chose nothing then; first in ")
    assert tables(simcons.replay(run.folder, out=tmp_path / "again").folder) == tables(run.folder)


def test_one_that_only_fails_ends_the_study_and_what_was_recorded_is_kept(code, tmp_path):
    scenario = study(code, "of_round_scores", groups=8)
    said = r"arm 'ours': its rule failed each of the first 10 times, .*: the rule raised RuntimeError: unrounded \?"
    with pytest.raises(ScenarioError, match=said):
        simcons.run(scenario, out=tmp_path / "run")
    kept = simcons.load(tmp_path / "run", partial=True)
    assert len(kept.failed_selections) == 2 * len(kept.sessions) > 0


def test_a_run_knows_the_code_by_its_content(code, run, tmp_path):
    assert f"rule {code}:half_and_half" in run.manifest["inputs"]
    assert set(run.selections["rule"].dropna()) == {"ours.py:half_and_half"}
    assert tables(simcons.replay(run.folder, out=tmp_path / "again").folder) == tables(run.folder)
    try:
        code.write_text(f"{OURS}\n# another version\n", encoding="utf-8")
        with pytest.raises(RunFolderError, match=r"rule .*ours\.py:half_and_half has changed since this run began"):
            simcons.replay(run.folder, out=tmp_path / "other")
    finally:
        code.write_text(OURS, encoding="utf-8")


def test_no_analysis_runs_code_that_a_run_folder_names(code, run):
    moved = code.rename(code.with_suffix(".moved"))
    try:
        assert best_of_n(run) == []
        assert reselect(run, ReselectionSettings(rules=(0.0,))).checks == ()
        weighed = weighings(run, list(run.sessions["session_id"]))
    finally:
        moved.rename(code)
    assert weighed.welfare.num_rows == 0
    assert weighed.utilities.num_rows == len(run.frame("scores"))


def test_a_comparison_looks_for_the_rule_of_its_change_first(code):
    with pytest.raises(ScenarioError, match=r"arm 'ours': ours\.py:of_all: the rule returned shape \(\)"):
        given_pairing(study(code), study(code, "of_all"))


def test_a_rule_without_a_scorer_is_told_to_be_of_no_use(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text("name: s\nmediators: [{arm: first, welfare: {rule: nash}}]\n", encoding="utf-8")
    said = "  mediators.0.welfare (of arm 'first', which has no scorer): nothing uses it.\n"
    assert said in typed("check", file, columns=120).stdout
