"""Sweeps: their settings, and tasks that fail, are skipped, or lose their process."""

from __future__ import annotations

import json

import pytest

from simcons.errors import ScenarioError
from simcons.experiments.sweep.run import run_tasks
from simcons.experiments.sweep.table import sweep_table
from simcons.experiments.sweep.tasks import tasks_of
from simcons.scenario.sweep import RandomSettings, RangeSettings, StudySweepSettings, load_sweep

SMALL = {"design.groups": 1, "design.rounds": 1, "design.passes": 1, "questions.count": 3}
GRID = {"kind": "grid", "values": {"mediators.0.generator.samples": [2, 4], "design.group_sizes": [[4], [5]]}}


def sweep(vary=GRID, **changes):
    given = {"kind": "sweep", "name": "test", "scenario": "polarised", "base": SMALL, "vary": vary, **changes}
    return StudySweepSettings.model_validate(given)


def test_a_grid_is_every_combination_on_the_same_seeds():
    tasks = tasks_of(sweep(replications=2))
    assert [task.label for task in tasks[::2]] == [
        f"samples {n}, group_sizes {sizes}" for n in (2, 4) for sizes in ("[4]", "[5]")
    ]
    first = tasks[0].scenario
    assert [task.scenario.seed - first.seed for task in tasks] == [0, 1] * 4
    assert [task.scenario.mediators[0].generator.samples for task in tasks[::2]] == [2, 2, 4, 4]
    assert first.design.group_sizes == [4]


def test_drawn_settings_stay_within_their_ranges_and_do_not_depend_on_their_number():
    values = {
        "design.rounds": {"low": 1, "high": 5, "whole": True},
        "x": {"low": 0.01, "high": 1, "log": True},
        "y": ["a"],
    }
    few, many = (list(RandomSettings(kind="random", number=n, values=values).settings(seed=3)) for n in (5, 200))
    assert many[:5] == few
    assert {settings["design.rounds"] for settings in many} == {1, 2, 3, 4, 5}
    below = sum(settings["x"] < 0.1 for settings in many)  # half of the logarithms; false alarm 1e-6
    assert 65 < below < 135
    assert {settings["y"] for settings in many} == {"a"}


@pytest.mark.parametrize("wrong", [{"low": 2, "high": 1}, {"low": 0, "high": 1, "log": True}])
def test_ranges_go_up(wrong):
    with pytest.raises(ValueError, match="a low below the high"):
        RangeSettings(**wrong)


def test_a_key_that_the_scenario_does_not_have_is_named():
    listed = {"kind": "listed", "values": [{"design.rounds": 2}, {"design.round": 2}]}
    with pytest.raises(ScenarioError, match=r"design\.round"):
        tasks_of(sweep(listed))


def test_a_scenario_lies_beside_its_sweep(tmp_path):
    path = tmp_path / "sweep.yaml"
    (tmp_path / "mine.yaml").write_text("name: mine", encoding="utf-8")
    path.write_text(json.dumps(json.loads(sweep(scenario="mine.yaml").model_dump_json())), encoding="utf-8")
    assert load_sweep(path, []).scenario == str(tmp_path / "mine.yaml")


def test_what_fails_stops_nothing_else_and_what_is_finished_is_skipped(tmp_path):
    """One pool of processes for it all, as each takes seconds to start."""
    tasks = tasks_of(sweep({"kind": "listed", "values": [{"design.passes": 1}, {"design.passes": 2}]}))
    (tmp_path / tasks[0].name).write_text("a file in the place of its folder", encoding="utf-8")
    failed, finished = run_tasks(tasks, tmp_path, jobs=1, retries=1)
    assert "expected a folder" in failed.error
    assert finished.error == ""
    assert not finished.skipped
    table = sweep_table([finished.task], tmp_path)
    assert set(table["design.passes"]) == {2}
    assert {"agreement", "cost_gbp", "complete_groups"} <= set(table["measure"])
    assert [end.skipped for end in run_tasks(tasks[1:], tmp_path, jobs=1, retries=0)] == [True]
