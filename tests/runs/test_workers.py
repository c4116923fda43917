"""A study on several processes: the same bytes as on one, whatever their number, and after an interruption too."""

from __future__ import annotations

import gzip
import os
import pickle
import re
import signal
from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path

import pytest

import simcons
from simcons.errors import ArgumentError, ProcessesEnded
from simcons.languages.shipped import find_language
from simcons.records import TABLES, TRUTH_TABLES
from simcons.runs.workers import workers_for
from simcons.storage.journal import read_journal
from simcons.storage.layout import JOURNAL, START
from simcons.storage.provenance import versions
from simcons.storage.writer import RunWriter
from simcons.study.plan import make_plan
from simcons.study.portions import portions, run_portion
from simcons.study.run import launches_of

NAMES = [*TABLES, *(f"truth/{name}" for name in TRUTH_TABLES)]
ORACLE = {"arm": "oracle", "generator": {"kind": "scripted", "samples": 3}, "scorer": "oracle", "select": 2}
SCENARIOS = {
    "usual": {"design": {"groups": 5, "group_sizes": [3, 5], "rounds": 2, "launch_groups": 3}},
    "many_leave": {
        "seed": 3,
        "design": {"groups": 4, "rounds": 1, "launch_groups": 1, "others_opinions": True},
        "participants": {"behaviour": {"no_show": 0.3, "dropout_per_hour": 0.8}, "hostility": {"share": 0.3}},
        "mediators": [ORACLE],
        "output": {"row_group_rows": 100},
    },
}
SHORT = {"design": {"groups": 4, "rounds": 1}}
OURS = {"arm": "ours", "mediator": {"kind": "python", "call": "pipelines_of_ours:joined"}, "select": 1}
REFUSED = {
    "asks the engine 'm'": {"model": True},
    "wait for one another at the mediator's service": {"latency": {"kind": "service"}},
    "has a pipeline of your own (arm ours)": {"mediators": [OURS]},
    "has a sentence encoder": {"readers": {"reader": {"matching": "both"}}},
}


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / f"{name}.parquet").read_bytes() for name in NAMES}


@pytest.fixture(scope="module")
def scenarios(make_scenario):
    return {name: make_scenario(**parts) for name, parts in SCENARIOS.items()}


@pytest.fixture(scope="module")
def alone(scenarios, tmp_path_factory):
    """The tables of a scenario run in one process."""
    folders: dict[str, Path] = {}

    def tables_of(name: str) -> dict[str, bytes]:
        if name not in folders:
            folders[name] = simcons.run(scenarios[name], out=tmp_path_factory.mktemp(name)).folder
        return tables(folders[name])

    return tables_of


@pytest.mark.parametrize("size", [1, 2, 100])
@pytest.mark.parametrize("name", SCENARIOS)
def test_portions_simulated_apart_have_the_records_of_the_whole(tmp_path, scenarios, alone, name, size):
    """Backwards, each sent as to another process and simulated by a plan that knows nobody."""
    scenario = scenarios[name]
    plan, elsewhere = make_plan(scenario), make_plan(scenario, pool=1)
    given = [pickle.dumps(portion) for portion in portions(launches_of(plan), size)]
    ends = [pickle.dumps(run_portion(elsewhere, pickle.loads(portion))) for portion in reversed(given)]
    with RunWriter(tmp_path, row_group_rows=scenario.output.row_group_rows) as writer:
        for end in reversed(ends):
            writer.write_packed(pickle.loads(end).records)
        journal = list(read_journal(tmp_path / JOURNAL, writer.widths))
    assert tables(tmp_path) == alone(name)
    assert len(given) >= scenario.design.groups / (2 * size)
    assert sum(any(table == "sessions" for table, _ in rows) for rows in journal) == scenario.design.groups


def test_a_run_is_interrupted_and_goes_on_with_another_number_of_processes(tmp_path, scenarios, alone):
    def interrupt(progress) -> None:
        if progress.sessions:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simcons.run(scenarios["usual"], out=tmp_path / "run", workers=1, on_progress=interrupt)
    seen = []
    resumed = simcons.resume(tmp_path / "run", workers=2, on_progress=lambda now: seen.append(now.sessions))
    assert tables(resumed.folder) == alone("usual")
    assert (seen[0], seen[-1]) == (1, 5)
    assert resumed.manifest["n_events"] > 0


def stopped(scenario, folder, *, after):
    """A run that stopped once so many sessions were over, in the middle of writing down one more."""

    def interrupt(progress) -> None:
        if progress.sessions == after:
            raise KeyboardInterrupt

    def play() -> None:
        if folder.exists():
            simcons.resume(folder, on_progress=interrupt)
        else:
            simcons.run(scenario, out=folder, on_progress=interrupt)

    with pytest.raises(KeyboardInterrupt):
        play()
    with (folder / JOURNAL).open("ab") as journal:
        journal.write(gzip.compress(b'[["sessions",["s00004",1,3,0.5]]]')[:-9])
    return folder


@pytest.mark.parametrize("name", SCENARIOS)
def test_sessions_that_are_over_are_kept_however_often_a_run_stops(tmp_path, scenarios, alone, name):
    for n_over in (1, 3):
        stopped(scenarios[name], tmp_path / "run", after=n_over)
    seen = []
    resumed = simcons.resume(tmp_path / "run", on_progress=lambda now: seen.append(now.sessions))
    assert tables(resumed.folder) == alone(name)
    assert seen == list(range(3, scenarios[name].design.groups + 1))
    assert not (resumed.folder / JOURNAL).exists()


def test_sessions_of_another_version_are_simulated_anew(tmp_path, scenarios, alone):
    folder = stopped(scenarios["usual"], tmp_path / "run", after=3)
    start = (folder / START).read_text()
    (folder / START).write_text(start.replace(f'"simcons": "{versions()["simcons"]}"', '"simcons": "0.0.1"'))
    seen = []
    resumed = simcons.resume(folder, on_progress=lambda now: seen.append(now.sessions))
    assert tables(resumed.folder) == alone("usual")
    assert seen[0] == 0


@pytest.mark.slow
@pytest.mark.parametrize("workers", [2, 3])
@pytest.mark.parametrize("name", ["paper_baselines", "paper_collection_1", "paper_exclusion"])
def test_shipped_studies_are_the_same_to_the_byte(tmp_path, name, workers):
    changes = {"design.groups": 5, "design.rounds": 2, "participants.behaviour.no_show": 0.25}
    run = simcons.run(name, overrides=changes, out=tmp_path / "1")
    shared = simcons.run(name, overrides=changes, out=tmp_path / "n", workers=workers)
    assert tables(shared.folder) == tables(run.folder)
    assert shared.manifest["n_events"] == run.manifest["n_events"]


@pytest.mark.slow
def test_a_process_that_is_killed_ends_the_run_which_goes_on(tmp_path, scenarios, alone):
    before = set(active_children())

    def kill(progress) -> None:
        if progress.sessions:
            for process in set(active_children()) - before:
                os.kill(process.pid, signal.SIGKILL)

    with pytest.raises(ProcessesEnded, match=r"was killed; expected enough memory: use fewer --workers") as caught:
        simcons.run(scenarios["usual"], out=tmp_path / "run", workers=2, on_progress=kill)
    assert any("go on with" in note for note in caught.value.__notes__)
    assert not set(active_children()) - before
    assert tables(simcons.resume(tmp_path / "run", workers=3).folder) == alone("usual")


@pytest.mark.parametrize("reason", REFUSED)
def test_a_study_that_one_process_has_to_run_is_refused_in_a_line(tmp_path, make_scenario, reason):
    with pytest.raises(ArgumentError, match=f"workers 2: .*{re.escape(reason)}.*; expected 1$") as caught:
        simcons.run(make_scenario(**SHORT, **REFUSED[reason]), out=tmp_path / "run", workers=2)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_a_language_of_ones_own_stays_in_its_process(tmp_path, scenarios):
    ours = replace(find_language("en_GB"), code="en_US")
    scenario = scenarios["usual"].model_copy(update={"language": "en_US"})
    with pytest.raises(ArgumentError, match=r"workers 2: languages of your own .*; expected 1$"):
        simcons.run(scenario, out=tmp_path / "run", workers=2, languages=[ours])


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "2"])
def test_a_number_of_processes_that_is_none(tmp_path, scenarios, workers):
    with pytest.raises(ArgumentError, match=r"workers .*: expected a whole number from 1 up"):
        simcons.run(scenarios["usual"], out=tmp_path / "run", workers=workers)


def test_a_study_is_worth_as_many_processes_as_it_has_portions(make_scenario) -> None:
    """16 sessions are a portion; a study that asks a model stays in one process."""
    assert [workers_for(make_scenario(design={"groups": groups}), 4) for groups in (10, 16, 40, 1000)] == [1, 1, 2, 4]
    assert workers_for(make_scenario(design={"groups": 1000}, model=True), 4) == 1
