"""Sweeps: their settings, and tasks that fail, are skipped, or lose their process."""

from __future__ import annotations

import json

import pytest

from simcons.errors import RunFolderError, ScenarioError
from simcons.experiments.sweep.executor import Attempt
from simcons.experiments.sweep.failures import read_failures
from simcons.experiments.sweep.folder import make_sweep_folder, task_states
from simcons.experiments.sweep.local import Processes
from simcons.experiments.sweep.run import run_tasks
from simcons.experiments.sweep.table import sweep_tables
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


@pytest.mark.parametrize(
    "vary",
    [
        {"kind": "grid", "values": {"design.rounds": [1, 2, 1]}},
        {"kind": "listed", "values": 2 * [{"design.rounds": 1}]},
    ],
)
def test_a_setting_that_is_there_twice_is_refused(vary):
    with pytest.raises(ValueError, match="is given twice; expected different"):
        sweep(vary)


def test_a_key_that_the_scenario_does_not_have_is_named():
    listed = {"kind": "listed", "values": [{"design.rounds": 2}, {"design.round": 2}]}
    with pytest.raises(ScenarioError, match=r"setting round 2: .*design\.round: unknown key"):
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
    failed, finished = run_in_processes(tasks, tmp_path, retries=1)
    assert "expected a folder" in failed.error
    assert finished.error == ""
    assert not finished.skipped
    assert [state.name for state in task_states(tasks, tmp_path)] == ["failed", "finished"]
    tables = sweep_tables([finished.task], tmp_path)
    assert set(tables.runs["design.passes"]) == {2}
    assert {"agreement", "cost_gbp", "complete_groups"} <= set(tables.runs["measure"])
    assert set(tables.runs.loc[tables.runs["measure"] == "shown", "value"]) == {1}
    assert [end.skipped for end in run_in_processes(tasks[1:], tmp_path)] == [True]


def test_a_process_that_is_killed_costs_its_own_task_an_attempt_and_no_other(tmp_path):
    """Both are at work when it is killed, and the other one ends later."""
    ours = {"kind": "python", "call": "pipelines_of_ours:killing"}
    ways = [{**ours, "settings": {"killed": str(tmp_path / "killed"), "itself": itself}} for itself in (True, False)]
    arms = [{"mediators": [{"arm": "ours", "mediator": way, "select": 1}]} for way in ways]
    tasks, events = tasks_of(sweep({"kind": "listed", "values": arms})), []
    with Processes(tmp_path, jobs=2) as processes:
        ends = run_tasks(tasks, tmp_path, processes, retries=1, on_event=events.append)
    assert [end.error for end in ends] == ["", ""]
    [killed] = [event for event in events if event.error]
    assert (killed.number, killed.kind) == (1, "again")
    assert "its process was killed" in killed.error


def run_in_processes(tasks, folder, *, retries=0):
    with Processes(folder, jobs=1) as processes:
        return run_tasks(tasks, folder, processes, retries=retries)


class Planned:
    """An executor of two at a time, with attempts that end as planned: by task, the errors in turn."""

    def __init__(self, plan, *, lost=()):
        self.plan = plan
        self.lost = lost
        self.at_work = []
        self.started = []

    @property
    def is_idle(self):
        return not self.at_work

    def has_room(self, task):
        return len(self.at_work) < 2

    def start(self, task):
        self.started.append(task.number)
        self.at_work.append(task)

    def ended(self):
        task = self.at_work.pop(0)
        yield Attempt(task, next(self.plan[task.number]), is_lost=task.number in self.lost)


def test_retries_are_for_what_fails_and_not_for_what_loses_its_node(tmp_path):
    tasks = tasks_of(sweep())[:4]
    plan = {1: iter([""]), 2: iter(["bad", ""]), 3: iter(["bad", "worse"]), 4: iter(["gone"] * 3 + [""])}
    executor, events = Planned(plan, lost=(4,)), []
    ends = run_tasks(tasks, tmp_path, executor, retries=1, on_event=events.append)
    assert [end.error for end in ends] == ["", "", "worse", ""]
    assert [executor.started.count(number) for number in (1, 2, 3, 4)] == [1, 2, 2, 4]
    assert [(event.number, event.error) for event in events if event.kind == "failed"] == [(3, "worse")]
    assert read_failures(tmp_path) == {3: "worse"}
    assert run_tasks(tasks[2:3], tmp_path, Planned({3: iter([""])}), retries=0)[0].error == ""
    assert read_failures(tmp_path) == {}


def test_a_node_that_goes_away_for_ever_ends_the_task(tmp_path):
    executor = Planned({1: iter(["gone"] * 50)}, lost=(1,))
    (end,) = run_tasks(tasks_of(sweep())[:1], tmp_path, executor, retries=0)
    assert (end.error, len(executor.started)) == ("gone", 10)


def test_a_folder_is_of_one_sweep(tmp_path):
    assert make_sweep_folder(sweep(), tmp_path) == tmp_path == make_sweep_folder(sweep(), tmp_path)
    with pytest.raises(RunFolderError, match="holds another sweep, or this one before it was edited"):
        make_sweep_folder(sweep(replications=2), tmp_path)
    (tmp_path / "sweep.json").unlink()
    (tmp_path / "other").touch()
    with pytest.raises(RunFolderError, match="is not empty, and no sweep"):
        make_sweep_folder(sweep(), tmp_path)


@pytest.mark.parametrize(
    ("scenario", "base", "loads"),
    [
        ("polarised", {}, False),
        ("llm_writer", {}, True),
        (
            "llm_writer",
            {"engines.writer": {"kind": "openai", "base_url": "http://localhost:1/v1", "model": "m"}},
            False,
        ),
    ],
)
def test_runs_that_load_models_of_their_own_are_known(scenario, base, loads):
    listed = {"kind": "listed", "values": [{"design.rounds": 1}]}
    (task,) = tasks_of(sweep(listed, scenario=scenario, base=base))
    assert task.scenario.loads_models == loads
